#include "dgen/fit_sounds.h"

#include <algorithm>

#include "dgen/error.h"
#include "dgen/messages.h"

namespace dgen::tool {

namespace {

[[noreturn]] void refuse(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::bad_value, "'" + path + "' " + why);
}

AudioBuffer load(const std::string& path) {
  AudioBuffer audio = read_audio(path);
  const AudioLevels levels = measure(audio);
  if (audio.frames() == 0) refuse(path, "holds no frames");
  if (levels.not_finite > 0) {
    refuse(path, "holds " + count_of(levels.not_finite, "sample") + " that " + (levels.not_finite == 1 ? "is" : "are") +
                     " NaN or infinite, first at frame " + std::to_string(levels.first_frame) + " of channel " +
                     std::to_string(levels.first_channel + 1) + ": no fit can come of it; repair the file first");
  }
  return audio;
}

class Loader {
 public:
  explicit Loader(const FitFiles& files) : files_(files) {}

  FitSounds run() {
    if (files_.outputs == 0) throw Error(ErrorCode::bad_value, "the patch has no output to fit: assign something to out1");
    sounds_.target = load(files_.target);
    if (measure(sounds_.target).peak == 0) refuse(files_.target, "is silent: there is nothing to fit the patch to");
    if (!files_.input.empty()) sounds_.input = load(files_.input);
    match_channels();
    match_rates();
    match_lengths();
    return std::move(sounds_);
  }

 private:
  void remark(const std::string& text) { sounds_.remarks.push_back(text); }

  static std::vector<float> mean(const AudioBuffer& audio) {
    std::vector<float> mixed(static_cast<std::size_t>(audio.frames()));
    for (std::size_t n = 0; n < mixed.size(); ++n) {
      double sum = 0;
      for (const auto& channel : audio.channels) sum += static_cast<double>(channel[n]);
      mixed[n] = static_cast<float>(sum / static_cast<double>(audio.channels.size()));
    }
    return mixed;
  }

  void match_channels() {
    auto& target = sounds_.target;
    const auto outputs = static_cast<std::size_t>(files_.outputs), inputs = static_cast<std::size_t>(files_.inputs);
    if (outputs == 1 && target.channels.size() > 1) {
      remark("the patch has one output: it is fitted to the mean of the " + std::to_string(target.channels.size()) +
             " channels of '" + files_.target + "'");
      target.channels = {mean(target)};
    }
    if (target.channels.size() != outputs) {
      refuse(files_.target, "has " + count_of(static_cast<std::int64_t>(target.channels.size()), "channel") + ", the patch " +
                                count_of(files_.outputs, "output") + ": give it a target of as many channels");
    }
    auto& input = sounds_.input;
    if (files_.input.empty()) {
      if (inputs > 0) remark("there is no input file (-i): the patch's inputs are silent");
      return;
    }
    if (inputs == 0) {
      remark("the patch has no input: '" + files_.input + "' gives only rate and length");
    } else if (inputs == 1 && input.channels.size() > 1) {
      remark("the patch has one input: it hears the mean of the " + std::to_string(input.channels.size()) + " channels of '" +
             files_.input + "'");
      input.channels = {mean(input)};
    } else if (input.channels.size() == 1) {
      input.channels.assign(inputs, input.channels.front());
    } else if (input.channels.size() < inputs) {
      refuse(files_.input, "has " + count_of(static_cast<std::int64_t>(input.channels.size()), "channel") + ", the patch " +
                               count_of(files_.inputs, "input") + ": give it a file of 1 or at least " + std::to_string(inputs) +
                               " channels");
    } else {
      if (input.channels.size() > inputs) remark("the channels of '" + files_.input + "' that are left over are not used");
      input.channels.resize(inputs);
    }
  }

  void convert(AudioBuffer& audio, const std::string& path, double rate) {
    if (audio.channels.empty() || audio.sample_rate == rate) return;
    remark("'" + path + "' is converted from " + number(audio.sample_rate, 8) + " to " + number(rate, 8) + " Hz");
    audio = resample(audio, rate);
  }

  void match_rates() {
    const double rate = files_.rate > 0        ? files_.rate
                        : files_.input.empty() ? sounds_.target.sample_rate
                                               : sounds_.input.sample_rate;
    convert(sounds_.target, files_.target, rate);
    convert(sounds_.input, files_.input, rate);
    sounds_.input.sample_rate = rate;
  }

  void match_lengths() {
    AudioBuffer &input = sounds_.input, &target = sounds_.target;
    if (input.channels.empty()) return;
    const std::int64_t frames = std::min(input.frames(), target.frames());
    if (frames == 0) refuse(files_.target, "has no frames left at this rate");
    if (input.frames() != target.frames()) {
      const bool longer = target.frames() > frames;
      remark("'" + (longer ? files_.target : files_.input) + "' is longer (" +
             number(static_cast<double>(std::max(input.frames(), target.frames())) / target.sample_rate) + " s) than '" +
             (longer ? files_.input : files_.target) + "': its first " +
             number(static_cast<double>(frames) / target.sample_rate) + " s are used");
    }
    for (AudioBuffer* audio : {&input, &target}) {
      for (auto& channel : audio->channels) channel.resize(static_cast<std::size_t>(frames));
    }
    if (measure(target).peak == 0) refuse(files_.target, "is silent where the input has sound: there is nothing to fit to");
  }

  const FitFiles& files_;
  FitSounds sounds_;
};

}  // namespace

FitSounds load_sounds(const FitFiles& files) { return Loader(files).run(); }

}  // namespace dgen::tool
