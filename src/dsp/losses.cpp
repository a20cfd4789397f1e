#include "dgen/losses.h"

#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "dgen/compare.h"
#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/build_time.h"
#include "dsp/families.h"
#include "dsp/state.h"

namespace dgen {

namespace {

/// Energy a frame (-100 dB) below which a signal counts as silent, in the denominators of ratios.
constexpr double silence = 1e-10;

struct Pair {
  Signal error, target;
};

Signal emphasised(Graph& g, Signal x, double coefficient) {
  if (coefficient == 0) return x;
  const Signal before = dsp::state_of(g, std::array{x});
  g.close(before, x);
  return x - coefficient * before;
}

/// Inputs of every loss: x, target, pre_emphasis, reduction.
Pair pair_of(Graph& g, std::span<const Signal> x, std::string_view loss) {
  const std::string what = std::string(loss) + ": pre_emphasis";
  const double coefficient = constant_value(x[2], what);
  if (!(coefficient >= 0 && coefficient <= 1)) {
    char text[32];
    const std::string got(text, std::to_chars(text, text + sizeof text, coefficient).ptr);
    throw Error(ErrorCode::bad_value, what + " must be in 0 … 1, got " + got);
  }
  return {emphasised(g, x[0] - x[1], coefficient), emphasised(g, x[1], coefficient)};
}

Reduction reduction_of(std::span<const Signal> x, std::string_view loss) {
  return static_cast<Reduction>(dsp::whole_number(x[3], std::string(loss) + ": reduction", 0, 2));
}

Signal frames_of(Graph& g) { return ops::time_sum(g.constant(1)); }

Signal reduced(Signal per_frame, Reduction reduction) {
  switch (reduction) {
    case Reduction::mean: return time_mean(per_frame);
    case Reduction::sum: return ops::time_sum(per_frame);
    case Reduction::none: break;
  }
  return per_frame;
}

void expect_one_value(std::span<const Signal> x, std::string_view loss) {
  if (reduction_of(x, loss) == Reduction::mean) return;
  throw Error(ErrorCode::bad_value, std::string(loss) + ": is a ratio over the whole segment; only reduction mean fits it");
}

/// log(cosh(x)) without overflow, and exact to the last digits near 0.
Signal log_of_cosh(Signal x) {
  const Signal size = abs(x);
  const Signal half = sinh(0.5 * clamp(x, -1.0, 1.0));
  return select(lt(size, 1.0), log1p(2.0 * half * half), size - std::log(2.0) + log1p(exp(-2.0 * size)));
}

Signal si_sdr_nodes(Graph& g, std::span<const Signal> x) {
  expect_one_value(x, "si_sdr");
  const auto [error, target] = pair_of(g, x, "si_sdr");
  const Signal floor = silence * frames_of(g);
  const Signal energy = max(ops::time_sum(target * target), floor);
  // Of x, the part along the target is inner / energy times it. What is left is what is left of the error too; it is
  // computed from the smaller of the two, so that the digits of a small distortion are not lost.
  const Signal whole = error + target;
  const Signal inner = ops::time_sum(whole * target), along = ops::time_sum(error * target);
  const Signal of_whole = ops::time_sum(whole * whole), of_error = ops::time_sum(error * error);
  const Signal rest = select(lt(of_error, of_whole), of_error - along * along / energy, of_whole - inner * inner / energy);
  const Signal ratio = inner * inner / (energy * (max(rest, 0.0) + floor));
  return -10.0 * log10(ratio + silence);
}

Operand number_of(Reduction reduction) { return static_cast<double>(reduction); }

Signal loss_node(const OpDef& op, Operand x, Operand target, const LossOptions& options) {
  const std::array<Operand, 4> inputs{x, target, options.pre_emphasis, number_of(options.reduction)};
  return add_node(x.signal ? x.signal.graph : target.signal.graph, op, inputs);
}

constexpr std::string_view loss_inputs = "x, target, pre_emphasis = 0, reduction = 0";

}  // namespace

namespace ops {

constexpr OpDef mse{
    .name = "mse",
    .doc =
        "squared error (x - target)^2; reduction 0 mean over the frames of a segment, 1 sum, 2 none, a signal; pre_emphasis p in "
        "[0, 1]: both go through x[n] - p x[n-1] first",
    .inputs = loss_inputs,
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal error = pair_of(g, x, "mse").error;
          return reduced(error * error, reduction_of(x, "mse"));
        },
};

constexpr OpDef l1{
    .name = "l1",
    .doc = "absolute error |x - target|; gradient 0 where they are equal; reduction and pre_emphasis as mse",
    .inputs = loss_inputs,
    .kind = Kind::composite,
    .expand = [](Graph& g, std::span<const Signal> x) { return reduced(abs(pair_of(g, x, "l1").error), reduction_of(x, "l1")); },
};

constexpr OpDef log_cosh{
    .name = "log_cosh",
    .doc = "log(cosh(x - target)): half the squared error where small, absolute where large; reduction and pre_emphasis as mse",
    .inputs = loss_inputs,
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          return reduced(log_of_cosh(pair_of(g, x, "log_cosh").error), reduction_of(x, "log_cosh"));
        },
};

constexpr OpDef esr{
    .name = "esr",
    .doc =
        "error-to-signal ratio over a segment: sum (x - target)^2 / sum target^2, the denominator at least 1e-10 a frame; "
        "pre_emphasis as mse, reduction 0",
    .inputs = loss_inputs,
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          expect_one_value(x, "esr");
          const auto [error, target] = pair_of(g, x, "esr");
          return time_sum(error * error) / max(time_sum(target * target), silence * frames_of(g));
        },
    .source = "Wright, Damskägg, Välimäki 2019; pre-emphasis: Wright, Välimäki 2020",
};

constexpr OpDef si_sdr{
    .name = "si_sdr",
    .doc =
        "minus the scale-invariant signal-to-distortion ratio of a segment in dB, at most 100; distortion counts as at least "
        "1e-10 a frame; pre_emphasis as mse, reduction 0",
    .inputs = loss_inputs,
    .kind = Kind::composite,
    .expand = si_sdr_nodes,
    .source = "Le Roux, Wisdom, Erdogan, Hershey 2019, SDR - half-baked or well done?",
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_LOSS_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> loss_family{entries};

}  // namespace ops

Signal mse(Operand x, Operand target, const LossOptions& options) { return loss_node(ops::mse, x, target, options); }
Signal l1(Operand x, Operand target, const LossOptions& options) { return loss_node(ops::l1, x, target, options); }
Signal log_cosh(Operand x, Operand target, const LossOptions& options) { return loss_node(ops::log_cosh, x, target, options); }
Signal esr(Operand x, Operand target, const LossOptions& options) { return loss_node(ops::esr, x, target, options); }
Signal si_sdr(Operand x, Operand target, const LossOptions& options) { return loss_node(ops::si_sdr, x, target, options); }

}  // namespace dgen
