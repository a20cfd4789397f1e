#include "lower/device_sums.h"

#include "lower/access.h"
#include "lower/divided.h"

namespace dgen::lower {

using ir::Local;
using ir::Value;

namespace {

/// A sum and what it cannot hold, without double. Source: Knuth, The Art of Computer Programming 2, 4.2.2, theorem B.
class ExactSum {
 public:
  ExactSum(ir::Builder& b, Value sum, Value rest) : sum_(b.local("sum", sum)), rest_(b.local("rest", rest)) {}
  void add(Value x) {
    const Value before = sum_.get(), after = before + x, taken = after - before;
    rest_.set(rest_.get() + ((before - (after - taken)) + (x - taken)));
    sum_.set(after);
  }
  void add_rest(Value x) { rest_.set(rest_.get() + x); }
  Value sum() const { return sum_.get(); }
  Value rest() const { return rest_.get(); }

 private:
  Local sum_, rest_;
};

}  // namespace

void DeviceSumKernel::each_sum(const std::function<void(int)>& body) {
  each_row([](int) { return true; }, body);
}

void DeviceSumKernel::write_chunks() {
  each_sum([this](int reduce) {
    const Value chunk = divided(builder_, item_, stage_.elements), e = remainder(builder_, item_, stage_.elements);
    const Value begin = chunk * whole(builder_, sum_chunk), end = begin + whole(builder_, sum_chunk), count = tick_count();
    ExactSum total(builder_, number(0), number(0));
    builder_.loop(begin, ir::select(end < count, end, count), false, [&](Value tick) {
      go_to_tick(tick);
      total.add(element(g_[reduce].inputs[0], e));
    });
    const DeviceSum& memory = buffers_.sums.at(reduce);
    builder_.store(memory.chunks, item_, total.sum());
    builder_.store(memory.chunks_rest, item_, total.rest());
  });
}

void DeviceSumKernel::write_totals() {
  static_assert(sum_chunk == 1 << 3);
  each_sum([this](int reduce) {
    const DeviceSum& memory = buffers_.sums.at(reduce);
    const std::int64_t lanes = sum_lanes(stage_.elements);
    const Value chunks = (tick_count() + whole(builder_, sum_chunk - 1)) >> 3;
    const Value lane = divided(builder_, item_, stage_.elements), e = remainder(builder_, item_, stage_.elements);
    const Value its_chunks = divided(builder_, chunks + whole(builder_, lanes - 1) - lane, lanes);
    ExactSum total(builder_, builder_.load(memory.total, item_, false), builder_.load(memory.total_rest, item_, false));
    builder_.loop(whole(builder_, 0), its_chunks, false, [&](Value k) {
      const Value chunk = k * whole(builder_, lanes) + lane, place = chunk * whole(builder_, stage_.elements) + e;
      total.add(builder_.load(memory.chunks, place, false));
      total.add_rest(builder_.load(memory.chunks_rest, place, false));
    });
    builder_.store(memory.total, item_, total.sum());
    builder_.store(memory.total_rest, item_, total.rest());
  });
}

}  // namespace dgen::lower
