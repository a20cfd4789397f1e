#pragma once
// n examples or candidates at once. Every value of a batch has a leading axis of lanes; ops work lane by lane, so that lanes
// never mix, and a lane's bits do not depend on what the others hold.
//
//   const Batch lanes = batch(g, 16);
//   const Signal cutoff = lanes.param("cutoff", initial::Uniform{200, 2000});  // [16]: a candidate each
//   const Signal error = f(lanes.windows(0, 512, 128), cutoff) - lanes.windows(1, 512, 128);
//   const Signal losses = lanes.losses(error * error);                         // [16]: Segment::values gives each
//   Trainer trainer(g, lanes.total(losses), …);                                // every lane goes down its own slope

#include <cstdint>
#include <string_view>

#include "dgen/graph.h"
#include "dgen/reduction.h"

namespace dgen {

class Batch {
 public:
  std::int32_t lanes() const { return lanes_; }

  /// A parameter for each lane: [lanes, shape …], control clock. The initialiser fills all of it, so that random ones begin
  /// differently in each lane. Throws as Graph::param does.
  Signal param(std::string_view name, const Initialiser& initial, const Shape& shape = {}, const ParamOptions& options = {},
               const char* file = __builtin_FILE(), int line = __builtin_LINE()) const;

  /// The same value in every lane: x: [...]; gives [lanes, ...].
  Signal same(Operand x) const;

  /// The number of the host channel that a lane hears as its input `input`: input · lanes + lane.
  int channel(int input, int lane) const;
  /// A signal for each lane, from the host: [lanes], frame clock. Throws bad_value for more channels than a host has.
  Signal input(int input = 0, const char* file = __builtin_FILE(), int line = __builtin_LINE()) const;
  /// Its windows: [lanes, size], hop clock. Throws as `window` does.
  Signal windows(int input, std::int64_t size, std::int64_t hop, const char* file = __builtin_FILE(),
                 int line = __builtin_LINE()) const;

  /// A loss for each lane: over all axes of x but the first, and over the frames (or ticks) of the segment. x: [lanes, ...];
  /// gives [lanes]. Throws `Error` bad_type where x has another first axis, bad_value for Reduction::none.
  Signal losses(Operand x, Reduction reduction = Reduction::mean) const;
  /// The sum of the lanes' losses: its derivative by a lane's parameter is that of the lane's own loss.
  Signal total(Operand losses) const;

 private:
  friend Batch batch(Graph& graph, std::int64_t lanes);
  Batch(Graph& graph, std::int32_t lanes) : graph_(graph), lanes_(lanes) {}
  Graph& graph_;
  std::int32_t lanes_;
};

/// Lanes of a graph. lanes: 1 … 65536. Throws `Error` bad_value.
Batch batch(Graph& graph, std::int64_t lanes);

}  // namespace dgen
