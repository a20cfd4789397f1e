#include "runtime/interpreter_executor.h"

#include "dgen/interpreter.h"
#include "graph/clone.h"
#include "graph/latency.h"

namespace dgen::runtime {

namespace {

/// The rate at which the names and sizes of states are asked for; they do not depend on it.
constexpr double any_sample_rate = 48000;

class InterpreterExecutor final : public Executor {
 public:
  InterpreterExecutor(const Program& program, double sample_rate)
      : program_(program), interpreter_(*program.data().graph, sample_rate) {}

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    take(params);
    const auto count = static_cast<std::size_t>(frames);
    std::vector<std::vector<double>> inputs(static_cast<std::size_t>(program_.data().inputs));
    for (std::size_t c = 0; c < inputs.size(); ++c) {
      if (in && in[c]) inputs[c].assign(in[c], in[c] + count);
    }
    std::vector<std::vector<double>> outputs(static_cast<std::size_t>(program_.data().outputs));
    interpreter_.process(inputs, outputs, frames);
    for (std::size_t c = 0; c < outputs.size(); ++c) {
      if (!out || !out[c]) continue;
      for (std::size_t i = 0; i < count; ++i) out[c][i] = static_cast<float>(outputs[c][i]);
    }
  }

  void reset() noexcept override { interpreter_.reset(); }
  SavedState save(std::span<const std::atomic<float>>) const override { return interpreter_.save(); }
  void restore(const SavedState& state, std::span<const std::atomic<float>>) override { interpreter_.restore(state); }

 private:
  void take(std::span<const std::atomic<float>> params) {
    std::size_t next = 0;
    for (const ParamInfo& param : program_.data().params) {
      std::vector<double> values(static_cast<std::size_t>(param.elements()));
      for (double& value : values) value = static_cast<double>(params[next++].load(std::memory_order_relaxed));
      interpreter_.set(param.name, values);
    }
  }

  Program program_;
  Interpreter interpreter_;
};

}  // namespace

namespace {

std::shared_ptr<ProgramData> interpret_program(const Graph& graph, const std::string& name) {
  auto data = std::make_shared<ProgramData>();
  data->name = name;
  data->backend = Backend::interpreter;
  data->inputs = graph.inputs();
  data->outputs = static_cast<int>(graph.outputs().size());
  data->source = std::make_shared<const std::string>();
  for (const int id : graph.params()) data->params.push_back(*graph[id].attributes.param);
  data->latency = latency(graph);
  data->graph = clone(graph);
  const SavedState states = Interpreter(*data->graph, any_sample_rate).save();
  for (const auto& [state, values] : states) data->states.push_back({state, static_cast<std::int64_t>(values.size())});
  return data;
}

}  // namespace

std::vector<Program> interpret_programs(std::span<const Graph* const> graphs, std::span<const std::string> names,
                                        const CompileOptions&) {
  std::vector<Program> programs;
  for (std::size_t k = 0; k < graphs.size(); ++k) programs.emplace_back(interpret_program(*graphs[k], names[k]));
  return programs;
}

std::unique_ptr<Executor> make_interpreter_executor(const Program& program, double sample_rate) {
  return std::make_unique<InterpreterExecutor>(program, sample_rate);
}

}  // namespace dgen::runtime
