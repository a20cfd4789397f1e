// gen~ names that remember something from frame to frame.

#include <cmath>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "lang/delay_read.h"
#include "lang/fold.h"
#include "lang/gen_expansions.h"

namespace dgen::lang {

constexpr double largest_delay = 1 << 26;       ///< frames
constexpr double highest_sample_rate = 192000;  ///< Hz, for a delay whose length depends on the sample rate

/// A memory of one frame. Only for states that the expansion itself closes.
static Signal cell(GenCall& c, double initial = 0) { return ops::cell(c.graph.constant(initial)); }

static Signal rate(GenCall& c) { return sample_rate(c.graph); }

// States

Values change_of(GenCall& c) {
  const Signal before = cell(c);
  c.graph.close(before, c.x[0]);
  return {sign(c.x[0] - before)};
}

Values delta_of(GenCall& c) {
  const Signal before = cell(c);
  c.graph.close(before, c.x[0]);
  return {c.x[0] - before};
}

Values dc_block(GenCall& c) {
  const Signal x = cell(c), y = cell(c);
  const Signal blocked = c.x[0] - x + 0.9997 * y;
  c.graph.close(x, c.x[0]);
  c.graph.close(y, blocked);
  return {blocked};
}

Values latch_of(GenCall& c) {
  const Signal held = cell(c);
  const Signal shown = choose(c.x[1], c.x[0], held);
  c.graph.close(held, shown);
  return {shown};
}

Values sample_and_hold(GenCall& c) {
  const Signal trigger = cell(c), held = cell(c);
  const Signal crossed = logical_and(lte(trigger, c.x[2]), gt(c.x[1], c.x[2]));
  const Signal shown = choose(crossed, c.x[0], held);
  c.graph.close(trigger, c.x[1]);
  c.graph.close(held, shown);
  return {shown};
}

Values slide_to(GenCall& c) {
  const auto part = [](Signal frames) { return folded(1.0 / max(abs(frames), 1.0)); };
  const Signal y = cell(c);
  const Signal next = y + (c.x[0] - y) * choose(gt(c.x[0], y), part(c.x[1]), part(c.x[2]));
  c.graph.close(y, next);
  return {next};
}

/// sum or product: the state after this frame, brought between min and max where the patch gives a max.
static Values running(GenCall& c, Signal state, Signal next) {
  if (c.given > 3) next = wrap(next, c.x[2], c.x[3]);
  const Signal shown = choose(c.x[1], c.x[2], next);
  c.graph.close(state, shown);
  return {shown};
}

Values running_sum(GenCall& c) {
  const Signal state = cell(c);
  return running(c, state, state + c.x[0]);
}

Values running_product(GenCall& c) {
  const Signal state = ops::cell(c.x[2]);
  return running(c, state, state * c.x[0]);
}

Values counter_of(GenCall& c) {
  const Signal zero = c.graph.constant(0);
  const Signal count = cell(c), carries = cell(c);
  const Signal next = count + c.x[0];
  const Signal up = logical_and(gt(c.x[0], 0.0), gte(next, c.x[2])), down = logical_and(lt(c.x[0], 0.0), lte(next, c.x[2]));
  const Signal full = logical_and(neq(c.x[2], 0.0), logical_or(up, down));
  const Signal carry = choose(c.x[1], zero, full);
  const Signal shown = choose(c.x[1], zero, choose(full, zero, next));
  const Signal carried = choose(c.x[1], zero, carries + carry);
  c.graph.close(count, shown);
  c.graph.close(carries, carried);
  return {shown, carry, carried};
}

// Waveforms

Values phasor_of(GenCall& c) {
  const Signal phase = cell(c);
  const Signal next = choose(c.x[1], c.graph.constant(0), wrap(phase + c.x[0] / rate(c), 0.0, 1.0));
  c.graph.close(phase, next);
  return {next};
}

Values cycle_of(GenCall& c) {
  const std::string_view index = c.option("index", "freq");
  if (index == "phase") return {cos(two_pi * (c.x[0] + c.x[1])), wrap(c.x[0], 0.0, 1.0)};
  if (index != "freq")
    throw Error(ErrorCode::bad_value, "index=\"" + std::string(index) + "\" is not known; it is freq or phase");
  const Signal phase = cell(c), next = wrap(phase + c.x[0] / rate(c), 0.0, 1.0);
  c.graph.close(phase, next);
  return {cos(two_pi * (phase + c.x[1])), next};
}

Values triangle_of(GenCall& c) {
  const Signal phase = wrap(c.x[0], 0.0, 1.0), peak = folded(clamp(c.x[1], 0.0, 1.0));
  const Signal rise = safe_divide(phase, peak), fall = safe_divide(1.0 - phase, folded(1.0 - peak));
  return {folded(choose(folded(lt(phase, peak)), rise, choose(folded(eq(peak, 1.0)), phase, fall)))};
}

Values train_of(GenCall& c) {
  const Signal zero = c.graph.constant(0), one = c.graph.constant(1);
  const Signal phase = cell(c), on = cell(c);
  const Signal begin = folded(clamp(c.x[2], 0.0, 1.0)), end = folded(begin + c.x[1]);
  const Signal next = phase + folded(1.0 / max(c.x[0], 1.0));
  const Signal ends = logical_and(on, gt(next, end));
  const Signal pulse = choose(on, lte(next, end), gt(next, begin));
  const Signal silent = folded(lte(c.x[1], 0.0)), full = folded(gte(c.x[1], 1.0));
  const Signal shown = choose(silent, zero, choose(full, one, pulse));
  c.graph.close(phase, choose(folded(logical_or(silent, full)), phase, choose(ends, next - trunc(1.0 + next - end), next)));
  c.graph.close(on, shown);
  return {shown};
}

/// Locks to the incoming ramp at the first jump of it after the multiplier has changed.
Values rate_of(GenCall& c) {
  const Signal zero = c.graph.constant(0);
  const Signal phase = cell(c), before = cell(c), multiplier = cell(c, 1), waiting = cell(c, 1);
  const Signal inverse = safe_divide(c.graph.constant(1), c.x[1]);
  const Signal difference = c.x[0] - before;
  const Signal fell = lt(difference, -0.5), rose = gt(difference, 0.5);
  const Signal wants = logical_or(neq(c.x[1], multiplier), waiting);
  const Signal locks = logical_and(wants, logical_or(fell, rose));
  const Signal step = difference + choose(fell, c.graph.constant(1), choose(rose, c.graph.constant(-1), zero));
  const Signal moved = choose(locks, c.x[0] * inverse, phase + step * inverse);
  const Signal shown = choose(logical_or(gt(moved, 1.0), lt(moved, 0.0)), moved - trunc(moved), moved);
  c.graph.close(phase, shown);
  c.graph.close(before, c.x[0]);
  c.graph.close(multiplier, c.x[1]);
  c.graph.close(waiting, choose(locks, zero, wants));
  return {shown};
}

Values phase_wrap(GenCall& c) {
  const Signal turns = c.x[0] / two_pi;
  const Signal angle = two_pi * (turns - trunc(turns));
  return {folded(choose(folded(gt(angle, pi)), angle - two_pi, choose(folded(lt(angle, -pi)), angle + two_pi, angle)))};
}

Values delay_of(GenCall& c) {
  const bool bounded = c.given > 2;
  const Signal most = bounded ? c.x[2] : known_value(c.x[1]) ? folded(max(c.x[1], 1.0)) : rate(c);
  const auto longest = known_value(most, highest_sample_rate);
  if (!longest || !(*longest >= 0 && *longest <= largest_delay)) {
    throw Error(ErrorCode::bad_value, "delay: max must be a number known when the patch is built, in 0 … 67108864 frames");
  }
  const std::int64_t size = static_cast<std::int64_t>(std::ceil(*longest)) + 2;
  const Signal line = c.graph.add(ops::line, {}, {.size = size});
  c.graph.close(line, c.x[0]);
  const Interpolation how = interpolation(c.option("interp", "linear"));
  return {read_delay({.line = line, .head = c.x[0], .time = c.x[1], .most = most, .size = size, .how = how})};
}

}  // namespace dgen::lang
