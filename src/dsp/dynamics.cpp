#include "dgen/dynamics.h"

#include <array>
#include <cmath>

#include "dgen/compare.h"
#include "dgen/conversions.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/families.h"
#include "dsp/state.h"

namespace dgen {

namespace {

/// dB by which `level_db` lies over the threshold, rounded by a parabola over the knee.
Signal over_threshold(Signal level_db, Signal threshold_db, Signal knee_db) {
  const Signal width = max(knee_db, 1e-6);
  const Signal into_knee = level_db - threshold_db + 0.5 * width;
  const Signal inside = clamp(into_knee, 0.0, width);
  return inside * inside / (2.0 * width) + max(into_knee - width, 0.0);
}

/// What is left of a difference one frame later, when 1 % is left after `seconds`.
Signal smoothing(Graph& g, Signal seconds) { return exp(std::log(0.01) / (max(seconds, 1e-6) * sample_rate(g))); }

Signal compressor_nodes(Graph& g, std::span<const Signal> x) {
  if (x.size() > 7) throw Error(ErrorCode::bad_arity, "compressor: takes at most 7 inputs, got " + std::to_string(x.size()));
  const Signal sidechain = x.size() == 7 ? x[6] : x[0];
  const Signal level_db = atodb(max(abs(sidechain), 1e-5));
  const Signal wanted_db = (1.0 - 1.0 / max(x[1], 1.0)) * over_threshold(level_db, x[2], x[3]);
  const Signal before_db = dsp::state_of(g, x);
  const Signal keep = select(gt(wanted_db, before_db), smoothing(g, x[4]), smoothing(g, x[5]));
  const Signal reduction_db = wanted_db + keep * (before_db - wanted_db);
  g.close(before_db, reduction_db);
  return x[0] * dbtoa(-reduction_db);
}

}  // namespace

namespace ops {

constexpr OpDef compressor{
    .name = "compressor",
    .doc =
        "feed-forward compressor with a soft knee; the level is 20 log10(max(|sidechain|, 1e-5)) dB, sidechain: a seventh input, "
        "or x; "
        "ratio at least 1; the gain reduction in dB comes within 1 % in attack_s seconds as it grows, in release_s as it shrinks",
    .inputs = "x, ratio = 4, threshold_db = -20, knee_db = 6, attack_s = 0.005, release_s = 0.1, ...",
    .kind = Kind::composite,
    .expand = compressor_nodes,
    .source = "Giannoulis, Massberg, Reiss 2012, Digital Dynamic Range Compressor Design",
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_DYNAMICS_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> dynamics_family{entries};

}  // namespace ops

}  // namespace dgen
