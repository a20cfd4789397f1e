#include "dgen/fit.h"

#include <array>
#include <charconv>

#include "audio/file_bytes.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_run.h"

namespace dgen::tool {

namespace {

Program compile_patch(const PatchText& patch, const CompileOptions& compile) {
  Graph graph;
  parse_patch(graph, patch.text, patch.path);
  return dgen::compile(graph, compile);
}

}  // namespace

PatchText with_text(const PatchText& patch, const std::string& text) {
  Graph graph;
  parse_patch(graph, text, patch.path);
  PatchText read{.path = patch.path, .text = text, .inputs = graph.inputs(), .outputs = static_cast<int>(graph.outputs().size())};
  for (const int id : graph.params()) read.params.push_back(*graph[id].attributes.param);
  return read;
}

PatchText read_patch(const std::string& path) { return with_text({.path = path}, audio::read_bytes(path)); }

FitProblem::FitProblem(const PatchText& patch, const LossSpec& loss, FitSounds sounds)
    : sounds_(std::move(sounds)), inputs_(patch.inputs), fewest_frames_(loss.fewest_frames()), graph_(std::make_unique<Graph>()) {
  parse_patch(*graph_, patch.text, patch.path);
  const std::vector<Output> outputs(graph_->outputs().begin(), graph_->outputs().end());
  for (std::size_t k = 0; k < outputs.size(); ++k) {
    const Signal target = graph_->input(inputs_ + static_cast<int>(k), "target" + std::to_string(k + 1));
    const Signal one = loss.of({graph_.get(), outputs[k].node}, target, sample_rate());
    loss_ = loss_ ? loss_ + one : one;
  }
  if (outputs.size() > 1) loss_ = loss_ / static_cast<double>(outputs.size());
  if (fewest_frames_ > frames()) {
    throw Error(ErrorCode::bad_value, "the first window of the spectral loss ends after " + count_of(fewest_frames_, "frame") +
                                          ", the sound after " + count_of(frames(), "frame") +
                                          ": choose a shorter one, such as --loss spectral:window=" +
                                          std::to_string(std::clamp<std::int64_t>(frames() / 4 / 2 * 2, 2, 1024)));
  }
}

std::vector<std::span<const float>> FitProblem::channels() const {
  std::vector<std::span<const float>> all(static_cast<std::size_t>(inputs_));
  for (std::size_t k = 0; k < all.size() && k < sounds_.input.channels.size(); ++k) all[k] = sounds_.input.channels[k];
  for (const auto& channel : sounds_.target.channels) all.emplace_back(channel);
  return all;
}

Audition::Audition(const PatchText& patch, const FitProblem& problem, const CompileOptions& compile)
    : sounds_(problem.sounds()), program_(compile_patch(patch, compile)),
      segment_(compile_segment(std::array{problem.loss()}, {.compile = compile}), problem.sample_rate(), problem.frames()) {
  for (const std::span<const float> channel : problem.channels()) channels_.push_back(channel.empty() ? nullptr : channel.data());
}

double Audition::loss(std::span<const double> values) {
  for (std::size_t k = 0; k < values.size(); ++k) segment_.set(static_cast<int>(k), values[k]);
  segment_.run(channels_.data(), segment_.max_frames());
  return segment_.value(0);
}

AudioBuffer Audition::sound(std::span<const double> values) const {
  ChannelPlan plan{.feeds = {{}}};
  const bool heard = !sounds_.input.channels.empty();
  for (int k = 0; k < program_.inputs(); ++k) plan.feeds[0].push_back(heard ? k : -1);
  std::vector<std::pair<int, double>> settings;
  for (std::size_t k = 0; k < values.size(); ++k) settings.emplace_back(static_cast<int>(k), values[k]);
  PatchRun run(program_, plan, sounds_.input, sounds_.target.sample_rate, settings);
  AudioBuffer out{.sample_rate = sounds_.target.sample_rate};
  out.channels.assign(static_cast<std::size_t>(run.channels()),
                      std::vector<float>(static_cast<std::size_t>(sounds_.target.frames())));
  std::vector<float*> pointers;
  for (auto& channel : out.channels) pointers.push_back(channel.data());
  run.process(pointers.data(), 0, out.frames());
  return out;
}

double tidy(double value, const ParamInfo& param) {
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, static_cast<float>(value)).ptr;
  double rounded = value;
  std::from_chars(text, end, rounded);
  const bool usable = rounded >= param.min && rounded <= param.max;
  return usable && static_cast<float>(rounded) == static_cast<float>(value) ? rounded : value;
}

}  // namespace dgen::tool
