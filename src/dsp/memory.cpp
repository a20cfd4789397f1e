#include "dgen/memory.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "dgen/error.h"
#include "dgen/indexing.h"
#include "dsp/build_time.h"
#include "dsp/each_element.h"
#include "dsp/families.h"
#include "dsp/interpolate.h"
#include "graph/describe.h"

namespace dgen {

namespace {

constexpr std::size_t largest_table = std::size_t{1} << 26;

Signal read(Graph& g, Signal from, Signal index, Bound bound, int order) {
  const Type& type = g[from.id].type;
  if (type.dtype != DType::signal || type.shape.rank != 1) {  // a table, or what table_read refuses
    return dsp::each_element(g, std::array{index}, [&](std::span<const Signal> one) {
      return dsp::interpolate(order, one[0], [&](Signal k) {
        return g.add(ops::table_read, std::array{from, k}, {.bound = bound});
      });
    });
  }
  return dsp::interpolate(order, index, [&](Signal k) { return take(from, k, 0, bound); });
}

Signal memory_read_nodes(Graph& g, std::span<const Signal> x) {
  constexpr std::array bounds{Bound::clip, Bound::wrap, Bound::zero};
  const auto bound = static_cast<std::size_t>(dsp::whole_number(x[2], "memory_read: bound (0 clip, 1 wrap, 2 zero)", 0, 2));
  return read(g, x[0], x[1], bounds[bound], dsp::interpolation_order(x[3], "memory_read: interpolation"));
}

/// The table whose contents `x` is: itself, or what the writes that lead to this version began with.
Signal written_table(Graph& g, Signal x) {
  while (g[x.id].op->kind == Kind::scatter) x.id = g[x.id].inputs[0];
  if (g[x.id].op->kind == Kind::table) return x;
  throw Error(ErrorCode::bad_type, "memory_write: input 1 must be a table, got " + describe(g, x.id));
}

/// The writes of one frame are a chain of versions, in the order they are made; the last is what the next frame starts with.
Signal memory_write_nodes(Graph& g, std::span<const Signal> x) {
  const Signal written = written_table(g, x[0]);
  const int last = g[written.id].feedback;
  const Signal before = last < 0 ? written : Signal{&g, last};
  const Signal version = g.add(ops::table_write, std::array{before, x[1], x[2]}, {});
  g.close(written, version);
  return version;
}

}  // namespace

namespace ops {

constexpr OpDef memory_read{
    .name = "memory_read",
    .doc =
        "element index of a table (or of a vector, whose elements have gradients), from 0; outside, bound: 0 the nearest end "
        "(clip), 1 around (wrap), 2 zero; interpolation "
        "between "
        "elements: 0 none (floor), 1 linear, 3 cubic; sees the writes of earlier frames, and of this frame where seq puts it "
        "after them",
    .inputs = "table, index, bound = 0, interpolation = 0",
    .kind = Kind::composite,
    .expand = memory_read_nodes,
    .source = "cubic: Catmull & Rom 1974",
};

constexpr OpDef memory_write{
    .name = "memory_write",
    .doc =
        "the table after element floor(index) became value; an index outside changes nothing; of two writes in a frame the later "
        "made wins",
    .inputs = "table, index, value",
    .kind = Kind::composite,
    .expand = memory_write_nodes,
};

constexpr OpDef peek{
    .name = "peek",
    .doc = "element floor(index) of a table, from 0; 0 outside",
    .inputs = "table, index",
    .kind = Kind::composite,
    .expand = [](Graph& g, std::span<const Signal> x) { return read(g, x[0], x[1], Bound::zero, 0); },
};

#define DGEN_ENTRY(name) &name,
static constexpr std::array entries{DGEN_MEMORY_OPS(DGEN_ENTRY)};
#undef DGEN_ENTRY
static_assert(complete(entries), "a record of this file lacks its name, doc or expansion");

constexpr std::span<const OpDef* const> memory_family{entries};

}  // namespace ops

Signal table(Graph& graph, std::vector<double> contents, std::string_view name, const char* file, int line) {
  const std::string quoted = "table '" + std::string(name) + "'";
  if (contents.empty() || contents.size() > largest_table) {
    throw Error(ErrorCode::bad_value, quoted + ": holds " + std::to_string(contents.size()) + " numbers; 1 … " +
                                          std::to_string(largest_table) + " are allowed");
  }
  const auto odd = std::find_if_not(contents.begin(), contents.end(), [](double x) { return std::isfinite(x); });
  if (odd != contents.end()) {
    throw Error(ErrorCode::bad_value, quoted + ": element " + std::to_string(odd - contents.begin()) + " is not a finite number");
  }
  Attributes attributes{.name = std::string(name), .table = std::make_shared<const std::vector<double>>(std::move(contents))};
  return graph.add(ops::table, {}, std::move(attributes), {file, line, 0});
}

}  // namespace dgen
