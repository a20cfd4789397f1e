#include "dgen/control.h"

#include <array>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/families.h"
#include "dsp/state.h"

namespace dgen::ops {

constexpr OpDef gswitch{
    .name = "gswitch",
    .doc = "a where c > 0, else b",
    .inputs = "c, a, b",
    .kind = Kind::composite,
    .expand = [](Graph&, std::span<const Signal> x) { return select(gt(x[0], 0.0), x[1], x[2]); },
};

constexpr OpDef selector{
    .name = "selector",
    .doc = "the input after mode of number ceil(mode), counted from 1; 0 where there is none",
    .inputs = "mode, x, ...",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal chosen = ceil(x[0]);
          Signal y = g.constant(0);
          for (std::size_t k = x.size() - 1; k > 0; --k) y = select(eq(chosen, static_cast<double>(k)), x[k], y);
          return y;
        },
};

constexpr OpDef latch{
    .name = "latch",
    .doc = "x as it was when trigger was last > 0, in the same frame too; 0 before that",
    .inputs = "x, trigger",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal held = dsp::state_of(g, x);
          const Signal y = select(gt(x[1], 0.0), x[0], held);
          g.close(held, y);
          return y;
        },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_CONTROL_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> control_family{entries};

}  // namespace dgen::ops
