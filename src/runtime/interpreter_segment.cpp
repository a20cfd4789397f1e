// Segments in the reference interpreter.

#include <limits>

#include "dgen/segment.h"
#include "graph/clone.h"
#include "passes/phase_levels.h"
#include "runtime/segment_data.h"
#include "runtime/segment_executor.h"

namespace dgen::runtime {

namespace {

std::vector<Signal> signals_of(const SegmentData& data) {
  std::vector<Signal> signals;
  // The interpreter reads the graph only; a Signal holds a pointer that could change it.
  for (const int id : data.wanted) signals.push_back({const_cast<Graph*>(data.graph.get()), id});
  return signals;
}

class InterpreterSegment final : public SegmentExecutor {
 public:
  InterpreterSegment(const SegmentProgram& program, double sample_rate, std::int64_t max_frames)
      : program_(program), interpreter_(*program.data().graph, signals_of(program.data()), sample_rate),
        values_(program.data().wanted.size()), frames_(values_.size()) {
    for (std::size_t k = 0; k < frames_.size(); ++k) {
      if (program.data().is_frames[k]) frames_[k].reserve(static_cast<std::size_t>(max_frames));
    }
  }

  void run(std::span<const float> params, const float* const* in, std::int64_t frames, From from, bool) noexcept override {
    const SegmentData& data = program_.data();
    std::size_t next = 0;
    for (const ParamInfo& param : data.params) {
      std::vector<double> values(static_cast<std::size_t>(param.elements()));
      for (double& value : values) value = static_cast<double>(params[next++]);
      interpreter_.set(param.name, values);
    }
    std::vector<std::vector<double>> inputs(static_cast<std::size_t>(data.inputs));
    for (std::size_t c = 0; c < inputs.size(); ++c) {
      if (in && in[c]) inputs[c].assign(in[c], in[c] + frames);
    }
    const std::vector<std::vector<double>> results = interpreter_.evaluate(inputs, frames, from);
    for (std::size_t k = 0; k < results.size(); ++k) {
      frames_[k].clear();
      if (data.is_frames[k]) {
        for (const double y : results[k]) frames_[k].push_back(static_cast<float>(y));
      } else {
        values_[k] = results[k];
      }
    }
  }

  std::span<const double> values(std::size_t wanted) const noexcept override { return values_[wanted]; }
  std::span<const float> frames(std::size_t wanted) const noexcept override { return frames_[wanted]; }
  std::int64_t tape_bytes() const noexcept override { return 0; }
  std::string save() const override { return interpreter_.save(); }
  void restore(std::string_view saved) override { interpreter_.restore(saved); }

 private:
  SegmentProgram program_;
  SegmentInterpreter interpreter_;
  std::vector<std::vector<double>> values_;
  std::vector<std::vector<float>> frames_;
};

}  // namespace

namespace {

std::shared_ptr<const SegmentData> interpret_segment(std::span<const Signal> wanted, const std::string& name) {
  auto data = std::make_shared<SegmentData>();
  const Graph& graph = *wanted[0].graph;
  data->name = name;
  data->backend = Backend::interpreter;
  data->inputs = graph.inputs();
  for (const int id : graph.params()) data->params.push_back(*graph[id].attributes.param);
  data->graph = clone(graph);
  data->source = std::make_shared<const std::string>();
  data->explained = "interpreted: every signal that a later run over the segment needs is kept, in double\n";
  for (const Signal s : wanted) data->wanted.push_back(s.id);
  const passes::PhaseLevels levels = passes::phase_levels(*data->graph, data->wanted);
  for (const int id : data->wanted) data->is_frames.push_back(levels.is_frame(id));
  SegmentInterpreter(*data->graph, signals_of(*data), 48000);  // throws what is wrong with the graph
  return data;
}

}  // namespace

std::vector<SegmentProgram> interpret_segments(std::span<const std::vector<Signal>> wanted, std::span<const std::string> names,
                                               const SegmentOptions&) {
  std::vector<SegmentProgram> programs;
  for (std::size_t k = 0; k < wanted.size(); ++k) programs.emplace_back(interpret_segment(wanted[k], names[k]));
  return programs;
}

std::unique_ptr<SegmentExecutor> make_interpreter_segment(const SegmentProgram& program, double sample_rate,
                                                          std::int64_t max_frames) {
  return std::make_unique<InterpreterSegment>(program, sample_rate, max_frames);
}

}  // namespace dgen::runtime
