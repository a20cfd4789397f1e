#include "lower/pack_matrices.h"

#include "ir/builder.h"
#include "lower/access.h"
#include "lower/rows.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

/// For each input a row of outputs, padded to whole vectors: what lies behind the last output is never read as one.
void pack(ir::Builder& b, const Graph& g, const Buffers& buffers, const PackedMatrix& packed) {
  const Shape& shape = g[packed.given].type.shape;
  const std::int64_t rows = shape.extent[0], columns = shape.extent[1];
  const bool transposed = packed.transposed;
  const std::int64_t outputs = transposed ? columns : rows;
  const std::int64_t width = padded(outputs);
  const auto [from, first] = buffers.control_elements(g, packed.given);
  const auto count = [&](std::int64_t n) { return whole(b, n); };
  b.loop(count(0), count(rows), false, [&, source = from, offset = first](Value r) {
    const Value row = count(offset) + r * count(columns);
    b.loop(count(0), count(columns), transposed, [&](Value c) {
      const Value place = transposed ? r * count(width) + c : c * count(width) + r;
      b.store(packed.buffer, place, b.load(source, row + c, transposed));
    });
  });
}

}  // namespace

void add_matrix_kernel(const Graph& graph, const Buffers& buffers, ir::Module& module) {
  if (buffers.packed.empty()) return;
  ir::Function function{.name = "matrices",
                        .arguments = {{Scalar::i32, false}, {Scalar::i64, false}},
                        .when = ir::When::change,
                        .why = "matrices that are no constants, a row of outputs for each input"};
  ir::Builder b(module, function);
  for (const PackedMatrix& packed : buffers.packed) pack(b, graph, buffers, packed);
  module.kernels.push_back(std::move(function));
}

}  // namespace dgen::lower
