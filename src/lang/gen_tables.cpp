// gen~ names that read and write Data tables.

#include <array>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "lang/delay_read.h"
#include "lang/fold.h"
#include "lang/gen_expansions.h"

namespace dgen::lang {

/// Element `index` (floored) of a channel; outside by `bound`.
static Signal element(GenCall& c, Signal index, Signal channel, Bound bound) {
  const double size = static_cast<double>(c.data->size), channels = static_cast<double>(c.data->channels);
  const auto read = [&](Signal at) { return c.graph.add(ops::table_read, std::array{c.data->version, at}, {.bound = bound}); };
  if (channels == 1) {
    if (known_value(channel) == 0.0) return read(index);
    return choose(folded(logical_and(gte(channel, 0.0), lt(channel, 1.0))), read(index), c.graph.constant(0));
  }
  const Signal row = folded(floor(index)), column = folded(floor(channel));
  const Signal inside =
      folded(logical_and(logical_and(gte(row, 0.0), lt(row, size)), logical_and(gte(column, 0.0), lt(column, channels))));
  switch (bound) {
    case Bound::clip: return read(folded(clamp(row, 0.0, size - 1) * channels + clamp(column, 0.0, channels - 1)));
    case Bound::wrap: return read(folded(wrap(row, 0.0, size) * channels + wrap(column, 0.0, channels)));
    case Bound::zero: return read(choose(inside, folded(row * channels + column), c.graph.constant(-1)));
  }
  return {};
}

static Bound bound_option(GenCall& c, std::string_view usual) {
  const std::string_view name = c.option("boundmode", usual);
  if (name == "ignore") return Bound::zero;
  if (name == "clamp" || name == "clip") return Bound::clip;
  if (name == "wrap") return Bound::wrap;
  throw Error(ErrorCode::bad_value, "boundmode=\"" + std::string(name) + "\" is not known; it is ignore, clamp or wrap");
}

static Signal element_at(GenCall& c, Signal position, Signal channel, Bound bound, std::string_view usual) {
  const Interpolation how = interpolation(c.option("interp", usual));
  const Signal whole = folded(floor(position));
  const auto at = [&](double step) { return element(c, folded(whole + step), channel, bound); };
  if (how == Interpolation::none) return at(0);
  const Signal part = folded(position - whole);
  if (how == Interpolation::cubic || how == Interpolation::spline) return interpolate(how, part, at(-1), at(0), at(1), at(2));
  const Signal x = at(0), y = at(1);
  return interpolate(how, part, x, x, y, y);
}

Values peek_at(GenCall& c) { return {element_at(c, c.x[0], c.x[1], bound_option(c, "ignore"), "none")}; }

Values nearest_to(GenCall& c) {
  const Signal position = folded(floor(c.x[0] * static_cast<double>(c.data->size)));
  return {element_at(c, position, c.x[1], bound_option(c, "wrap"), "none")};
}

Values sample_at(GenCall& c) {
  return {element_at(c, folded(c.x[0] * static_cast<double>(c.data->size - 1)), c.x[1], bound_option(c, "ignore"), "linear")};
}

Values lookup_of(GenCall& c) {
  const Signal position = folded((c.x[0] + 1.0) * (0.5 * static_cast<double>(c.data->size - 1)));
  return {element_at(c, position, c.x[1], bound_option(c, "clamp"), "linear")};
}

Values wave_of(GenCall& c) {
  const double last = static_cast<double>(c.data->size - 1);
  const Signal start = folded(clamp(c.x[1], 0.0, last)),
               end = c.given > 2 ? folded(clamp(c.x[2], 0.0, last)) : c.graph.constant(last);
  return {element_at(c, folded(start + wrap(c.x[0], 0.0, 1.0) * (end - start)), c.x[3], Bound::clip, "linear")};
}

/// Writes inside a branch that is not taken go outside the table, where they change nothing.
static void write(GenCall& c, Signal value, Signal index, Signal channel) {
  const Signal outside = c.graph.constant(-1);
  Signal at = index;
  const bool known_channel = known_value(channel) == 0.0;
  if (c.data->channels > 1 || !known_channel) {
    const double channels = static_cast<double>(c.data->channels);
    const Signal row = folded(floor(index)), column = folded(floor(channel));
    at = choose(folded(logical_and(gte(column, 0.0), lt(column, channels))), folded(row * channels + column), outside);
  }
  if (c.condition) at = choose(c.condition, at, outside);
  c.data->version = c.graph.add(ops::table_write, std::array{c.data->version, at, value}, {});
}

Values poke_at(GenCall& c) {
  write(c, c.x[0], c.x[1], c.x[2]);
  return {};
}

/// Spreads the value over the two neighbours of the position, each moved towards it by its share.
Values splat_at(GenCall& c) {
  const Signal position = folded(c.x[1] * static_cast<double>(c.data->size - 1));
  const Signal whole = folded(floor(position)), part = folded(position - whole);
  const double size = static_cast<double>(c.data->size);
  const Signal first = folded(wrap(whole, 0.0, size)), second = folded(wrap(whole + 1.0, 0.0, size));
  const Signal x = element(c, first, c.x[2], Bound::zero), y = element(c, second, c.x[2], Bound::zero);
  write(c, x + (1.0 - part) * (c.x[0] - x), first, c.x[2]);
  write(c, y + part * (c.x[0] - y), second, c.x[2]);
  return {};
}

}  // namespace dgen::lang
