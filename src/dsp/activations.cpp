#include "dgen/activations.h"

#include <array>
#include <cmath>

#include "dgen/axes.h"
#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/policies.h"
#include "dsp/build_time.h"
#include "dsp/families.h"
#include "ops/axes.h"

namespace dgen {

namespace {

/// The axis that input `which` names, checked where the caller's op is named.
int axis_of(std::span<const Signal> x, std::size_t which, const char* op) {
  const auto axis = static_cast<int>(dsp::whole_number(x[which], std::string(op) + ": axis", -6, 5));
  return ops::TensorArgument(op, ops::placed(x[0], {})).axis(axis);
}

/// x minus the largest along the axis, so that no exponential overflows; the value does not depend on it, nor do gradients.
Signal lowered(Signal x, int axis) { return x - detach(max_over(x, axis, Reduced::kept)); }

}  // namespace

namespace ops {

constexpr OpDef relu{
    .name = "relu",
    .doc = "x where it is above 0, else 0; gradient 0 at 0",
    .inputs = "x",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return select(lte(x[0], 0.0), 0.0, x[0]); },
};

constexpr OpDef gelu{
    .name = "gelu",
    .doc =
        "x times the chance that a normal variable is below it, in its tanh form: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))",
    .inputs = "x",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const Signal inner = x[0] * (1.0 + 0.044715 * (x[0] * x[0]));
          return 0.5 * x[0] * (1.0 + tanh(std::sqrt(2 / pi) * inner));
        },
    .source = "Hendrycks and Gimpel 2016",
};

constexpr OpDef softmax{
    .name = "softmax",
    .doc = "e^x over the sum of e^x along an axis, without overflow: positive numbers whose sum is 1",
    .inputs = "vector, axis = -1",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const int axis = axis_of(x, 1, "softmax");
          const Signal each = exp(lowered(x[0], axis));
          return each / sum(each, axis, Reduced::kept);
        },
};

constexpr OpDef log_softmax{
    .name = "log_softmax",
    .doc = "logarithm of softmax along an axis, exact where that is near 0",
    .inputs = "vector, axis = -1",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const int axis = axis_of(x, 1, "log_softmax");
          const Signal low = lowered(x[0], axis);
          return low - log(sum(exp(low), axis, Reduced::kept));
        },
};

constexpr OpDef layer_norm{
    .name = "layer_norm",
    .doc = "x minus its mean along an axis, over its deviation there: (x - mean) / sqrt(variance + epsilon)",
    .inputs = "vector, epsilon = 1e-5, axis = -1",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const int axis = axis_of(x, 2, "layer_norm");
          const Signal centred = x[0] - mean(x[0], axis, Reduced::kept);
          return centred * rsqrt(mean(centred * centred, axis, Reduced::kept) + x[1]);
        },
    .source = "Ba, Kiros and Hinton 2016",
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_NETWORK_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> network_family{entries};

}  // namespace ops

}  // namespace dgen
