#pragma once
// The arithmetic of a cascade's body.

#include <functional>
#include <map>
#include <vector>

#include "graph/cascade.h"
#include "ir/builder.h"
#include "lower/cascade_buffers.h"

namespace dgen::lower {

/// What gives the value of a body node, or no builder where it is to be computed of its inputs.
using GivenValue = std::function<ir::Value(int id)>;

/// Computes nodes of a cascade's body in one type, each once.
class CascadeBody {
 public:
  CascadeBody(const Graph& body, ir::Builder& builder, ir::Type type, GivenValue given)
      : body_(body), b_(builder), type_(type), given_(std::move(given)) {}

  ir::Value of(int id);

 private:
  const Graph& body_;
  ir::Builder& b_;
  const ir::Type type_;
  const GivenValue given_;
  std::map<int, ir::Value> value_;
};

/// One frame in double, scalar or wide: `states` in and out, in their own coordinates. kept: f64, the coefficients by argument.
/// Returns the outputs.
std::vector<ir::Value> step_cascade(const Recurrence& recurrence, int kept, ir::Builder& builder, ir::Value input,
                                    std::vector<ir::Value>& states);

/// Cosine and sine of a section's turn, f64.
std::vector<ir::Value> turn_of(ir::Builder& builder, const CascadeBuffers& buffers, std::size_t section);

/// All states, of any float type, into the coordinates of the blocks, or back.
std::vector<ir::Value> turned_states(ir::Builder& builder, const Cascade& system, const CascadeBuffers& buffers,
                                     const std::vector<ir::Value>& states, bool back);

/// The states after the last frame become those before the next vector, or the other way round.
void begin_vector_at_states(ir::Builder& builder, const Cascade& system, const CascadeBuffers& buffers,
                            const std::vector<ir::Value>& states);
void keep_states_of_base(ir::Builder& builder, const Cascade& system, const CascadeBuffers& buffers);

}  // namespace dgen::lower
