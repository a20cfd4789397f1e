// Matrices that products take, and constants: once for equal ones.

#include "lower/buffers.h"
#include "lower/rows.h"

namespace dgen::lower {

void Buffers::add_matrix(const Graph& g, int linear) {
  matrix[linear] = matrix_of(g, g[linear].inputs[1], g[linear].attributes.size == 1);
}

int Buffers::matrix_of(const Graph& g, int given, bool transposed) {
  if (g[given].op->kind == Kind::tensor) return constant_matrix(g[given], transposed);
  const Shape& shape = g[given].type.shape;
  const std::int64_t outputs = shape.extent[transposed ? 1 : 0], inputs = shape.extent[transposed ? 0 : 1];
  const std::int64_t width = padded(outputs);
  const int made = add({.name = "matrix" + std::to_string(packed.size()), .size = inputs * width});
  packed.push_back({given, transposed, made});
  return made;
}

/// A padded row of outputs for each input.
int Buffers::constant_matrix(const Node& given, bool transposed) {
  const std::int64_t rows = given.type.shape.extent[0], columns = given.type.shape.extent[1];
  const std::int64_t outputs = transposed ? columns : rows, inputs = transposed ? rows : columns, width = padded(outputs);
  std::vector<double> numbers(static_cast<std::size_t>(inputs * width), 0.0);
  for (std::int64_t i = 0; i < inputs; ++i) {
    for (std::int64_t o = 0; o < outputs; ++o)
      numbers[static_cast<std::size_t>(i * width + o)] =
          (*given.attributes.table)[static_cast<std::size_t>(transposed ? i * columns + o : o * columns + i)];
  }
  const std::optional<BandedMatrix> runs = banded(numbers, inputs);
  return runs ? banded_matrix(std::move(numbers), inputs, *runs) : constant_row(numbers);
}

/// Once for equal matrices.
int Buffers::banded_matrix(std::vector<double> dense, std::int64_t inputs, const BandedMatrix& runs) {
  const auto [known, fresh] = banded_matrices_.try_emplace({inputs, std::move(dense)}, -1);
  if (!fresh) return known->second;
  std::vector<double> weights = runs.weights;
  if (weights.empty()) weights.assign(1, 0.0);  // of a matrix of zeros, whose runs are empty
  const int made = known->second = add({.name = "bands" + std::to_string(banded_matrices_.size()),
                                        .space = ir::Space::constant,
                                        .size = static_cast<std::int64_t>(weights.size()),
                                        .contents = weights});
  bands[made] = {.first = index_table(runs.first), .last = index_table(runs.last), .row = index_table(runs.row)};
  return made;
}

/// Of products in the body of a loop, whose matrices rest.
void Buffers::add_loop_matrices(const Graph& g, int recur) {
  const Graph& body = *g[recur].attributes.recurrence->body;
  for (int id = 0; id < body.size(); ++id) {
    if (body[id].op->kind != Kind::linear) continue;
    const Node& inner = body[body[id].inputs[1]];
    const bool transposed = body[id].attributes.size == 1, outside = inner.op->kind == Kind::argument;
    loop_matrix[{recur, id}] = outside
                                   ? matrix_of(g, g[recur].inputs[static_cast<std::size_t>(inner.attributes.size)], transposed)
                                   : constant_matrix(inner, transposed);
  }
}

int Buffers::index_table(const std::vector<std::int64_t>& index) {
  const auto [known, fresh] = index_tables_.try_emplace(index, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "index" + std::to_string(index_tables_.size()),
                              .space = ir::Space::constant,
                              .scalar = ir::Scalar::i32,
                              .size = static_cast<std::int64_t>(index.size()),
                              .contents = std::vector<double>(index.begin(), index.end())});
}

int Buffers::constant_row(const std::vector<double>& elements) {
  const auto [known, fresh] = constant_rows_.try_emplace(elements, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "row" + std::to_string(constant_rows_.size()),
                              .space = ir::Space::constant,
                              .size = static_cast<std::int64_t>(elements.size()),
                              .contents = elements});
}

int Buffers::exact_constant(const std::vector<double>& elements) {
  const auto [known, fresh] = exact_constants_.try_emplace(elements, -1);
  if (!fresh) return known->second;
  return known->second = add({.name = "exact_row" + std::to_string(exact_constants_.size()),
                              .space = ir::Space::constant,
                              .scalar = ir::Scalar::f64,
                              .size = static_cast<std::int64_t>(elements.size()),
                              .contents = elements});
}

}  // namespace dgen::lower
