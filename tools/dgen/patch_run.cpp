#include "dgen/patch_run.h"

#include <cmath>

#include "dgen/error.h"
#include "dgen/messages.h"

namespace dgen::tool {

namespace {

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, why); }

std::vector<int> one_to_one(int inputs) {
  std::vector<int> feed;
  for (int k = 0; k < inputs; ++k) feed.push_back(k);
  return feed;
}

}  // namespace

ChannelPlan plan_channels(int inputs, int outputs, int file_channels) {
  if (outputs == 0) refuse("the patch has no output: assign something to out1");
  const auto many = static_cast<std::size_t>(inputs);
  if (file_channels == 0) {
    return {.feeds = {std::vector<int>(many, -1)},
            .remark = inputs > 0 ? "there is no input file (-i): the patch's inputs are silent" : ""};
  }
  if (inputs == 0) return {.feeds = {{}}, .remark = "the patch has no input: the input file gives only rate and length"};
  if (file_channels == 1) return {.feeds = {std::vector<int>(many, 0)}};
  if (inputs == 1 && outputs == 1) {
    ChannelPlan plan;
    for (int channel = 0; channel < file_channels; ++channel) plan.feeds.push_back({channel});
    return plan;
  }
  const std::string both = "the patch has " + count_of(inputs, "input") + " and " + count_of(outputs, "output") +
                           ", the input file " + count_of(file_channels, "channel");
  if (inputs == 1) refuse(both + ": give it a file of one channel (--channel N takes channel N of the file)");
  if (inputs > file_channels) refuse(both + ": give it a file of 1 or at least " + std::to_string(inputs) + " channels");
  return {.feeds = {one_to_one(inputs)}, .remark = inputs < file_channels ? both + ": the channels left over are not used" : ""};
}

PatchRun::PatchRun(const Program& program, const ChannelPlan& plan, const AudioBuffer& in, double sample_rate,
                   const std::vector<std::pair<int, double>>& settings, int threads)
    : in_(in), plan_(plan), pointers_(plan.feeds.size(), std::vector<const float*>(static_cast<std::size_t>(program.inputs()))),
      outputs_(program.outputs()), team_(base::useful_threads(threads, static_cast<int>(plan.feeds.size()))) {
  for (std::size_t k = 0; k < plan_.feeds.size(); ++k) {
    instances_.emplace_back(program, sample_rate);
    for (const auto& [param, value] : settings) instances_.back().set(param, value);
  }
}

int PatchRun::channels() const { return outputs_ * static_cast<int>(instances_.size()); }

void PatchRun::process(float* const* out, std::int64_t from, std::int64_t frames) noexcept {
  team_.run(static_cast<int>(instances_.size()), [&](int number) noexcept {
    const auto k = static_cast<std::size_t>(number);
    for (std::size_t input = 0; input < pointers_[k].size(); ++input) {
      const int channel = plan_.feeds[k][input];
      pointers_[k][input] = channel < 0 ? nullptr : in_.channels[static_cast<std::size_t>(channel)].data() + from;
    }
    instances_[k].process(pointers_[k].data(), out + k * static_cast<std::size_t>(outputs_), frames);
  });
}

std::string PatchRun::failure() const {
  for (const Instance& instance : instances_) {
    if (std::string why = instance.failure(); !why.empty()) return why;
  }
  return {};
}

std::string PatchRun::fallback() const {
  for (const Instance& instance : instances_) {
    if (std::string why = instance.fallback(); !why.empty()) return why;
  }
  return {};
}

AudioBuffer load_input(const std::string& path, double rate) {
  AudioBuffer in = read_audio(path);
  const AudioLevels levels = measure(in);
  if (levels.not_finite > 0) {
    say_warning("'" + path + "' holds " + count_of(levels.not_finite, "sample") + " that are NaN or infinite, first at frame " +
                std::to_string(levels.first_frame) + " of channel " + std::to_string(levels.first_channel + 1));
  }
  if (rate == 0 || rate == in.sample_rate) return in;
  say("'" + path + "' is converted from " + number(in.sample_rate, 8) + " to " + number(rate, 8) + " Hz");
  return resample(in, rate);
}

std::int64_t frames_in(double seconds, double sample_rate) {
  const double frames = std::round(seconds * sample_rate);
  if (!(frames <= 4294967296.0)) {
    throw Error(ErrorCode::limit_exceeded,
                number(seconds) + " s at " + number(sample_rate, 8) + " Hz are more than 2^32 frames: ask for less");
  }
  return static_cast<std::int64_t>(frames);
}

}  // namespace dgen::tool
