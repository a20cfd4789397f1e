#include "dgen/oscillators.h"

#include <array>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "dsp/families.h"
#include "dsp/state.h"

namespace dgen {

namespace ops {

constexpr OpDef phasor{
    .name = "phasor",
    .doc =
        "ramp from 0 to 1, freq times a second; the first output is 0; freq in Hz, of any sign; reset > 0: the next output is 0",
    .inputs = "freq, reset = 0",
    .kind = Kind::composite,
    .expand = [](Graph& g, std::span<const Signal> x) { return accum(x[0] / dgen::sample_rate(g), x[1], 0.0, 1.0); },
};

constexpr OpDef accum{
    .name = "accum",
    .doc =
        "running sum of incr, wrapped to [min, max), 0 first; the output is the sum before this frame's incr; reset > 0: the "
        "next "
        "output is min",
    .inputs = "incr, reset = 0, min = 0, max = 1",
    .kind = Kind::composite,
    .expand =
        [](Graph& g, std::span<const Signal> x) {
          const Signal sum = dsp::state_of(g, x);
          g.close(sum, select(gt(x[1], 0.0), x[2], wrap(sum + x[0], x[2], x[3])));
          return sum;
        },
};

constexpr OpDef triangle{
    .name = "triangle",
    .doc =
        "triangle wave of a phase in periods: rises from 0 to 1 over the fraction duty of the period, falls back over the rest; "
        "duty is "
        "clamped to [0, 1]",
    .inputs = "phase, duty = 0.5",
    .kind = Kind::composite,
    .expand =
        [](Graph&, std::span<const Signal> x) {
          const Signal phase = wrap(x[0], 0.0, 1.0), duty = clamp(x[1], 0.0, 1.0);
          return select(lt(phase, duty), phase / duty, (1.0 - phase) / (1.0 - duty));
        },
};

constexpr OpDef click{
    .name = "click",
    .doc = "1 on the first frame after reset, 0 on every other",
    .inputs = "",
    .kind = Kind::composite,
    .expand = [](Graph& g, std::span<const Signal>) { return eq(dgen::frame_index(g), 0.0); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_OSCILLATOR_OPS(DGEN_ENTRY) & click};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> oscillator_family{entries};

}  // namespace ops

Signal click(Graph& graph) { return graph.add(ops::click, {}, {}); }

}  // namespace dgen
