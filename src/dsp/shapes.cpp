#include "dgen/shapes.h"

#include <array>

#include "dgen/math.h"
#include "dsp/build_time.h"
#include "dsp/families.h"

namespace dgen::ops {

constexpr OpDef clip{
    .name = "clip",
    .doc = "x limited to [lo, hi]",
    .inputs = "x, lo = 0, hi = 1",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return clamp(x[0], x[1], x[2]); },
};

constexpr OpDef fold{
    .name = "fold",
    .doc = "x reflected at lo and hi until it lies between them",
    .inputs = "x, lo = 0, hi = 1",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const Signal range = x[2] - x[1];
          return x[2] - abs(wrap(x[0] - x[1], 0.0, 2.0 * range) - range);
        },
};

constexpr OpDef scale{
    .name = "scale",
    .doc =
        "maps in_lo … in_hi to out_lo … out_hi, without limits; u = (x - in_lo) / (in_hi - in_lo) is bent to sign(u) |u|^curve",
    .inputs = "x, in_lo = 0, in_hi = 1, out_lo = 0, out_hi = 1, curve = 1",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const Signal part = (x[0] - x[1]) / (x[2] - x[1]);
          const bool straight = dsp::is_constant(x[5]) && constant_value(x[5], "scale: curve") == 1;
          return x[3] + (straight ? part : sign(part) * pow(abs(part), x[5])) * (x[4] - x[3]);
        },
};

constexpr OpDef mix{
    .name = "mix",
    .doc = "a (1 - t) + b t",
    .inputs = "a, b, t",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return x[0] * (1.0 - x[2]) + x[1] * x[2]; },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_SHAPE_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> shape_family{entries};

}  // namespace dgen::ops
