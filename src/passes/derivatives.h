#pragma once
// In which of its inputs an op is affine, by what it computes: its gradient rule and its meaning.

#include <map>
#include <optional>
#include <span>
#include <vector>

#include "dgen/graph.h"

namespace dgen::passes {

/// The partial derivatives of one op, from its gradient rule, on placeholders.
class Derivatives {
 public:
  explicit Derivatives(const Node& node);

  /// Whether the derivative by input k is the same whatever the inputs of `varying` are.
  bool is_free_of(std::size_t k, const std::vector<bool>& varying) const;

  /// The derivative by input k in graph `out`, where the inputs are `x`.
  Signal write(std::size_t k, Graph& out, std::span<const Signal> x) const;

 private:
  Signal write(int id, Graph& out, std::span<const Signal> x, std::map<int, Signal>& made) const;

  mutable Graph graph_;
  std::vector<Signal> x_, dx_;
  Signal y_{};
};

/// Whether a pointwise op is affine in its inputs `varying` (a flag an input) together: the derivatives by them do not depend
/// on them, and the gradient rule is no policy that differs from the function's own derivative, as that of mod.
bool is_affine(const Node& node, const std::vector<bool>& varying);

/// Whether the value is 0 where all of `varying` are, whatever the other inputs are, as of a product; an input that `fixed` has
/// a number for is that number.
bool vanishes_at_zero(const OpDef& op, const std::vector<bool>& varying, std::span<const std::optional<double>> fixed = {});

}  // namespace dgen::passes
