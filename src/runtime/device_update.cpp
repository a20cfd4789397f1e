#include "runtime/device_update.h"

#include <array>

#include "ir/verify.h"
#include "ops/expand_exponential.h"
#include "ops/expand_logarithm.h"
#include "runtime/update_writer.h"

namespace dgen::runtime {

namespace {

constexpr double nepers_per_decibel = 0.11512925464970229;

}  // namespace

UpdateWriter::UpdateWriter(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin)
    : spec_(spec), places_(places), end_(begin), n_(spec.elements()), chunks_((n_ + update_chunk - 1) / update_chunk) {
  module_.name = name;
  module_.run = ir::Run::forward;
  made_.block = {.elements = n_, .slots = spec.slots};
  numbers_ = add("step", made_.block.numbers());
  given_ = add("given", spec.settings + n_);
  sums_ = add("sums", std::max<std::int64_t>(places.sums, 1));
  for (int* each : {&slopes_, &next_}) *each = add("work", n_);
  for (int* each : {&squares_, &clipped_, &largest_, &bad_}) *each = add("chunk", chunks_);
  add_tables();
}

DeviceUpdate UpdateWriter::write() {
  for (std::size_t r = 0; r < places_.runs.size(); ++r) {
    write_hand_over(places_.runs[r]);
    write_take_sums(places_.runs[r]);
  }
  made_.first_update = static_cast<int>(made_.lowered.block.size());
  write_slopes();
  write_slope_chunks();
  write_norm();
  write_moves();
  write_value_chunks();
  write_verdict();
  write_commit();
  ir::verify(module_);
  made_.block_offset = module_.buffers[at(numbers_)].offset;
  made_.given_offset = module_.buffers[at(given_)].offset;
  made_.end = end_;
  return std::move(made_);
}

Value UpdateWriter::wanted(UpdateKernel& k, const UpdatePlaces::Number& from, Value e) {
  if (from.is_sum) return k.load(sums_, e + static_cast<double>(from.first));
  if (from.constants.empty()) return convert(Scalar::f64, k.load(alias(from.buffer), e + static_cast<double>(from.first)));
  const int table = add("constants", static_cast<std::int64_t>(from.constants.size()), ir::Space::constant, from.constants);
  return k.load(table, e);
}

Value UpdateWriter::by_mapping(UpdateKernel& k, Value e, Value linear, Value log, Value decibel) {
  const Value mapping = k.load(mapping_, e);
  return select(mapping == static_cast<double>(Mapping::linear), linear,
                select(mapping == static_cast<double>(Mapping::log), log, decibel));
}

Value UpdateWriter::rate_of(UpdateKernel& k, Value e) { return k.load(given_, e + static_cast<double>(spec_.settings)); }

Value UpdateWriter::value_of(UpdateKernel& k, Value e) { return k.load(numbers_, e + static_cast<double>(made_.block.value())); }

void UpdateWriter::write_slopes() {
  UpdateKernel k(module_, "slopes", "gradients by the coordinates in which steps are taken: a work item an element");
  const Value e = k.item();
  const ir::Local gradient = k.b().local("gradient", k.number(0));
  std::int64_t first = 0;
  for (const UpdatedParameter& p : spec_.parameters) {
    if (p.gradient >= 0)
      part(k, first, p.elements, [&](Value own) { gradient.set(wanted(k, places_.wanted[at(p.gradient)], own)); });
    first += p.elements;
  }
  const Value value = value_of(k, e), by_value = gradient.get();
  k.b().store(numbers_, e + static_cast<double>(made_.block.gradient()), by_value);
  const Value slope = by_mapping(k, e, by_value, by_value * value, by_value * value * nepers_per_decibel);
  k.b().store(slopes_, e, select(rate_of(k, e) < 0.0, k.number(0), slope));
  launch(k, n_);
}

Value UpdateWriter::clipped(UpdateKernel& k, Value slope) {
  if (spec_.clip_value <= 0) return slope;
  return min(max(slope, k.number(-spec_.clip_value)), k.number(spec_.clip_value));
}

Value UpdateWriter::min_of(Value a, Value b) { return select(b < a, b, a); }

void UpdateWriter::note_first(const ir::Local& first, Value holds, Value e) {
  first.set(select(holds & (first.get() < 0.0), convert(Scalar::f64, e), first.get()));
}

/// x against what is largest of its kind; 0 where all are 0.
Value UpdateWriter::share(UpdateKernel& k, Value x, Value largest) {
  return select(largest > 0.0, x / select(largest > 0.0, largest, k.number(1)), k.number(0));
}

/// The largest that a slope can be once it is clipped.
Value UpdateWriter::largest_clipped(UpdateKernel& k, Value largest) {
  return spec_.clip_value > 0 ? min(largest, k.number(spec_.clip_value)) : largest;
}

/// Squares are of slopes against the largest: they neither overflow nor vanish.
void UpdateWriter::write_slope_chunks() {
  UpdateKernel k(module_, "slope_chunks", "squares of slopes, and the first that is not finite: a work item for 64 elements");
  const ir::Local sum = k.b().local("sum", k.number(0)), cut = k.b().local("cut", k.number(0));
  const ir::Local bad = k.b().local("bad", k.number(-1)), most = k.b().local("most", k.number(0));
  each_of_chunk(k, [&](Value e) {
    const Value slope = k.load(slopes_, e);
    note_first(bad, ~k.is_finite(slope), e);
    most.set(max(most.get(), abs(slope)));
  });
  const Value largest = most.get(), largest_cut = largest_clipped(k, largest);
  each_of_chunk(k, [&](Value e) {
    const Value slope = k.load(slopes_, e), all = share(k, slope, largest),
                short_slope = share(k, clipped(k, slope), largest_cut);
    sum.set(sum.get() + all * all);
    cut.set(cut.get() + short_slope * short_slope);
  });
  k.b().store(squares_, k.item(), sum.get());
  k.b().store(clipped_, k.item(), cut.get());
  k.b().store(largest_, k.item(), largest);
  k.b().store(bad_, k.item(), bad.get());
  launch(k, chunks_);
}

void UpdateWriter::write_norm() {
  UpdateKernel k(module_, "norm", "the norm of the slopes, whether the step goes on, and the loss");
  const ir::Local sum = k.b().local("sum", k.number(0)), cut = k.b().local("cut", k.number(0));
  const ir::Local bad = k.b().local("bad", k.number(-1)), most = k.b().local("most", k.number(0));
  k.b().loop(k.whole(0), k.whole(chunks_), false, [&](Value c) {
    most.set(max(most.get(), k.load(largest_, c)));
    bad.set(select(bad.get() < 0.0, k.load(bad_, c), bad.get()));
  });
  const Value largest = most.get(), largest_cut = largest_clipped(k, largest);
  k.b().loop(k.whole(0), k.whole(chunks_), false, [&](Value c) {
    const Value own = k.load(largest_, c);
    const Value all = share(k, own, largest), short_slopes = share(k, largest_clipped(k, own), largest_cut);
    sum.set(sum.get() + k.load(squares_, c) * (all * all));
    cut.set(cut.get() + k.load(clipped_, c) * (short_slopes * short_slopes));
  });
  const Value loss = wanted(k, places_.wanted[0], k.whole(0)), norm = largest_cut * sqrt(cut.get());
  k.store(numbers_, UpdateBlock::loss, loss);
  k.store(numbers_, UpdateBlock::norm, largest * sqrt(sum.get()));
  k.store(numbers_, UpdateBlock::bad_slope, bad.get());
  const Value scale = spec_.clip_norm > 0 ? select(norm > spec_.clip_norm, spec_.clip_norm / norm, k.number(1)) : k.number(1);
  k.store(numbers_, UpdateBlock::scale, scale);
  k.store(numbers_, UpdateBlock::goes, select(k.is_finite(loss) & (bad.get() < 0.0), k.number(1), k.number(0)));
  launch(k, 1);
}

Value UpdateWriter::coordinate(UpdateKernel& k, Value e, Value value) {
  const Value positive = select(k.load(mapping_, e) == 0.0, k.number(1), value);
  const Value log = ops::expand::log(std::array{positive});
  return by_mapping(k, e, value, log, log / nepers_per_decibel);
}

Value UpdateWriter::moved(UpdateKernel& k, Value e, Value value, Value move) {
  const Value nepers = by_mapping(k, e, k.number(0), move, move * nepers_per_decibel);
  const Value factor = ops::expand::exp(std::array{nepers});
  return by_mapping(k, e, value + move, value * factor, value * factor);
}

void UpdateWriter::write_moves() {
  UpdateKernel k(module_, "moves", "the optimiser's rule: a work item an element");
  const Value e = k.item(), value = value_of(k, e), factor = rate_of(k, e);
  k.b().store(next_, e, value);
  const Value goes = k.load(numbers_, UpdateBlock::goes);
  k.b().branch((goes > 0.0) & (factor >= 0.0), [&] {
    const auto slot_place = [&](int number) { return e + static_cast<double>(made_.block.slot(number)); };
    const Value move = spec_.move({.position = coordinate(k, e, value),
                                   .slope = clipped(k, k.load(slopes_, e)) * k.load(numbers_, UpdateBlock::scale),
                                   .rate = k.load(given_, 0) * factor,
                                   .setting = [&](int number) { return k.load(given_, number); },
                                   .slot = [&](int number) { return k.load(numbers_, slot_place(number)); },
                                   .keep = [&](int number, Value x) { k.b().store(numbers_, slot_place(number), x); }});
    k.b().store(next_, e, min(max(moved(k, e, value, move), k.load(least_, e)), k.load(most_, e)));
  });
  launch(k, n_);
}

void UpdateWriter::write_value_chunks() {
  UpdateKernel k(module_, "value_chunks", "the first value that would not be finite: a work item for 64 elements");
  const ir::Local bad = k.b().local("bad", k.number(-1));
  each_of_chunk(k, [&](Value e) { note_first(bad, ~k.is_finite(k.load(next_, e)), e); });
  k.b().store(bad_, k.item(), bad.get());
  launch(k, chunks_);
}

void UpdateWriter::write_verdict() {
  UpdateKernel k(module_, "verdict", "whether all values are finite");
  const ir::Local bad = k.b().local("bad", k.number(-1));
  k.b().loop(k.whole(0), k.whole(chunks_), false, [&](Value c) { bad.set(select(bad.get() < 0.0, k.load(bad_, c), bad.get())); });
  k.store(numbers_, UpdateBlock::bad_value, bad.get());
  launch(k, 1);
}

void UpdateWriter::write_commit() {
  UpdateKernel k(module_, "commit", "values that are all finite are taken: a work item an element");
  const Value e = k.item(), goes = k.load(numbers_, UpdateBlock::goes), bad = k.load(numbers_, UpdateBlock::bad_value);
  k.b().branch((goes > 0.0) & (bad < 0.0),
               [&] { k.b().store(numbers_, e + static_cast<double>(made_.block.value()), k.load(next_, e)); });
  launch(k, n_);
}

std::int64_t UpdateSpec::elements() const {
  std::int64_t sum = 0;
  for (const UpdatedParameter& p : parameters) sum += p.elements;
  return sum;
}

DeviceUpdate make_update(const UpdateSpec& spec, const UpdatePlaces& places, const std::string& name, std::int64_t begin) {
  return UpdateWriter(spec, places, name, begin).write();
}

}  // namespace dgen::runtime
