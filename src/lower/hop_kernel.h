#pragma once
// Writes the kernel of a stage on the ticks of a hop clock. A few ticks at a time go through all of the stage, so that
// what lies between its steps stays in the first-level cache; within a step lanes are elements.

#include <functional>
#include <map>
#include <vector>

#include "ir/builder.h"
#include "lower/buffers.h"
#include "schedule/schedule.h"

namespace dgen::lower {

class HopKernel {
 public:
  HopKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers, ir::Module& module);

  static ir::Function write(const schedule::Schedule& schedule, const schedule::Stage& stage, Buffers& buffers,
                            ir::Module& module, std::string name);

 private:
  /// Work that goes over the ticks and elements in loops of its own.
  struct Step {
    enum class Form { elements, linear, contract, add, copy };
    Form form = Form::elements;
    std::int64_t count = 1;  ///< elements: of every node
    std::vector<int> nodes{};
    std::vector<int> sums{};  ///< elements: contracts to one number of nodes of this step, or of earlier ones
  };

  /// The elements of a value at one tick: `buffer` from `base` on, or from there back.
  struct Row {
    int buffer = -1;
    ir::Value base{};
    bool back = false;
  };

  void plan();
  int step_after_inputs(int id, std::int64_t count) const;
  void join(int id, std::int64_t count, bool sums);
  void place_rows();
  bool is_element_wise(int id) const;
  bool is_full_sum(int id) const;
  std::int64_t elements(int id) const { return g_[id].type.shape.elements(); }
  std::int64_t stride(int id) const;

  void prepare();
  void count_ticks();
  void write_block(ir::Value block);
  void write_elements(const Step& step);
  void write_numbers(const Step& step);
  void write_linear(int id);
  void write_contract(int id);
  void write_add(int id);
  void write_copy(int id);
  void store_elements(int id, ir::Value e, ir::Value value);
  void finish_sum(int id, ir::Value partial);
  ir::Value spread(ir::Value x);
  void begin_held();
  void spread_held();

  /// Sets the tick that `of` and `row` speak of: number `g` of this block.
  void at_tick(ir::Value g);
  Row row(int id);
  ir::Value of(int id, ir::Value e, std::int64_t count);
  ir::Value compute(int id, ir::Value e, std::int64_t count);
  ir::Value hold(int id, ir::Value x);
  ir::Value tick_number();

  const schedule::Stage& stage_;
  const Graph& g_;
  Buffers& buffers_;
  ir::Module& module_;
  ir::Function function_;
  ir::Builder builder_;
  const bool backward_;
  const std::int32_t hop_;
  int group_ = 1;  ///< ticks of a block: 1, 4 or 8
  std::vector<Step> steps_;
  std::map<int, int> step_of_;  ///< by node
  std::map<int, int> scratch_;  ///< by node: rows of this block
  int lanes_ = -1;              ///< scratch: one vector, to sum its lanes
  ir::Value frames_, position_, first_;
  ir::Value ticks_{}, first_local_{};  ///< of the sub-block: how many, and the frame of the first in time
  ir::Value tick_{}, in_group_{}, in_time_{}, local_{}, frame_{};  ///< of this tick; frames in the order of processing
  std::map<int, ir::Value> prepared_;                              ///< control values as f32
  std::map<int, ir::Value> value_;                                 ///< of this step's loop
};

}  // namespace dgen::lower
