// What a program hands on from run to run, on the device: parameters and sums over time.

#include "runtime/update_writer.h"

namespace dgen::runtime {

void UpdateWriter::write_hand_over(const UpdatePlaces::Run& run) {
  made_.hand_over.push_back(run.params.size > 0 ? static_cast<int>(made_.lowered.block.size()) : -1);
  if (run.params.size == 0) return;
  UpdateKernel k(module_, "hand_over", "parameters of a run, and sums that it needs");
  const int params = alias(run.params);
  std::int64_t first = 0;
  for (const ParamSource& source : run.sources) {
    part(k, first, source.elements, [&](Value e) { k.b().store(params, k.item(), source_value(k, source, e)); });
    first += source.elements;
  }
  launch(k, first);
}

/// What a float cannot hold of x.
Value UpdateWriter::rest(UpdateKernel& k, Value x) {
  const Value first = convert(Scalar::f64, convert(Scalar::f32, x));
  return convert(Scalar::f32, select(k.is_finite(first), x - first, k.number(0)));
}

Value UpdateWriter::ticks(UpdateKernel& k, double hop) {
  const Value begin = convert(Scalar::f64, k.b().argument(1)), end = begin + convert(Scalar::f64, k.b().argument(0));
  const auto before = [&](Value frame) { return -floor(-(frame / hop)); };
  return before(end) - before(begin);
}

Value UpdateWriter::source_value(UpdateKernel& k, const ParamSource& source, Value e) {
  using From = ParamSource::From;
  const auto first = static_cast<double>(source.number);
  const auto sum = [&] { return k.load(sums_, e + first); };
  const auto frames = [&] { return convert(Scalar::f64, k.b().argument(0)); };
  switch (source.from) {
    case From::host: {
      const Value element = e + first, value = value_of(k, element);
      return convert(Scalar::f32, min(max(value, k.load(least_, element)), k.load(most_, element)));
    }
    case From::sum: return convert(Scalar::f32, sum());
    case From::sum_rest: return rest(k, sum());
    case From::frames: return convert(Scalar::f32, frames());
    case From::frames_rest: return rest(k, frames());
    case From::ticks: return convert(Scalar::f32, ticks(k, first));
    case From::ticks_rest: return rest(k, ticks(k, first));
  }
  return k.b().number({Scalar::f32, false}, 0);
}

/// As the host adds them up: each lane and what it could not hold, in order.
void UpdateWriter::write_take_sums(const UpdatePlaces::Run& run) {
  made_.take_sums.push_back(run.sums.empty() ? -1 : static_cast<int>(made_.lowered.block.size()));
  if (run.sums.empty()) return;
  UpdateKernel k(module_, "take_sums", "sums over time, in double");
  std::int64_t first = 0;
  for (const UpdatePlaces::Run::Sum& sum : run.sums) {
    const int total = alias(sum.total), more = alias(sum.rest);
    part(k, first, sum.elements, [&](Value e) {
      const ir::Local added = k.b().local("sum", k.number(0));
      k.b().loop(k.whole(0), k.whole(sum.total.size / sum.elements), false, [&](Value lane) {
        const Value place = lane * k.whole(sum.elements) + e;
        const Value x = convert(Scalar::f64, k.load(total, place)), y = convert(Scalar::f64, k.load(more, place));
        added.set(added.get() + select(k.is_finite(x), x + y, x));
      });
      k.b().store(sums_, e + static_cast<double>(sum.number), added.get());
    });
    first += sum.elements;
  }
  launch(k, first);
}

}  // namespace dgen::runtime
