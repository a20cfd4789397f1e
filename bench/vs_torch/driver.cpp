// DGen's side of bench/vs_torch. Reads commands from standard input and answers a line to each:
//   case NAME FOLDER   builds it on the recordings FOLDER/0.f32, FOLDER/1.f32, …    -> tape bytes of it
//   step COUNT         forward, backward and what belongs to a step                 -> microseconds of each
//   result             loss, gradients by parameters, energies of those by signals
// A step moves nothing by itself: the parameters are nudged and brought back, so that nothing that depends on them is kept.

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "network.h"

extern "C" double original_spectral_loss(const float* x, const float* target, std::int64_t frames, std::int64_t size,
                                         float* gradient);

namespace {

using Recordings = std::vector<std::vector<float>>;

Problem two_frequencies(Graph& g) {
  const Signal frequency = g.param("frequency", 237), lfo = g.param("lfo-frequency", 8.5);
  const Signal out = sin(two_pi * phasor(frequency)) * phasor(lfo);
  return {.loss = 100.0 * spectral_loss(out, g.input(0)), .sample_rate = 44100};
}

/// A sound that a parameter moves, as in training, so that only the target's spectra may be kept.
Signal moved(Graph& g) { return g.param("gain", 1) * g.input(0); }

Problem spectral_64(Graph& g) {
  const Signal x = moved(g);
  return {.loss = spectral_loss(x, g.input(1)), .inputs = {x}};
}

Problem multi_resolution(Graph& g, const MultiResolutionStftLoss& options) {
  const Signal x = moved(g);
  return {.loss = multi_resolution_stft_loss(x, g.input(1), options), .inputs = {x}};
}

Problem quarter_hops(Graph& g) {
  return multi_resolution(g, {.resolutions = {{512, 128, 512}, {1024, 256, 1024}, {2048, 512, 2048}}});
}

Problem auraloss_sizes(Graph& g) { return multi_resolution(g, {}); }

/// 64 harmonics of a learnable fundamental, each with a learnable amplitude.
Problem harmonics(Graph& g) {
  const Signal phase = phasor(g.param("f0", 110.3));
  Signal sound{};
  for (int k = 1; k <= 64; ++k) {
    const Signal partial = g.param("a" + std::to_string(k), 1.0 / k) * sin(two_pi * static_cast<double>(k) * phase);
    sound = sound ? sound + partial : partial;
  }
  return {.loss = mse(sound, g.input(0))};
}

Signal one_ago(Graph& g, Signal x) {
  const Signal past = ops::cell(g.constant(0));
  g.close(past, x);
  return past;
}

Problem one_pole(Graph& g) {
  const Signal before = ops::cell(g.constant(0)), y = g.input(0) + g.param("a", 0.9) * before;
  g.close(before, y);
  return {.loss = mse(y, g.input(1)), .inputs = {g.input(0)}};
}

Problem biquad_5(Graph& g) {
  const Signal b0 = g.param("b0", 0.2), b1 = g.param("b1", 0.3), b2 = g.param("b2", 0.1);
  const Signal a1 = g.param("a1", -0.5), a2 = g.param("a2", 0.3);
  const Signal x = g.input(0), x1 = one_ago(g, x), x2 = one_ago(g, x1);
  const Signal y1 = ops::cell(g.constant(0)), y2 = one_ago(g, y1);
  const Signal y = b0 * x + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;
  g.close(y1, y);
  return {.loss = mse(y, g.input(1)), .inputs = {x}};
}

Problem compressor_5(Graph& g) {
  const Signal x = g.input(0), ratio = g.param("ratio", 4), threshold = g.param("threshold", -20), knee = g.param("knee", 6);
  const Signal attack = g.param("attack", 0.005), release = g.param("release", 0.05);
  return {.loss = mse(compressor(x, ratio, threshold, knee, attack, release), g.input(1)), .inputs = {x}};
}

Problem comb(Graph& g) {
  const Signal back = g.add(ops::handle, {}, {});
  const Signal y = g.input(0) + g.param("g", 0.7) * delay(back, 1000.0, 1000.0, 0.0);
  g.close(back, y);
  return {.loss = mse(y, g.input(1)), .inputs = {g.input(0)}};
}

const std::map<std::string, std::function<Problem(Graph&)>> problems{
    {"two_frequencies", two_frequencies},
    {"mrstft", quarter_hops},
    {"mrstft_auraloss", auraloss_sizes},
    {"harmonics64", harmonics},
    {"one_pole", one_pole},
    {"biquad", biquad_5},
    {"compressor", compressor_5},
    {"comb", comb},
    {"original", spectral_64},
    {"ddsp", ddsp_1},
    {"ddsp16", ddsp_16},
};

Recordings read_recordings(const std::string& folder) {
  Recordings all;
  for (int k = 0;; ++k) {
    std::ifstream file(folder + "/" + std::to_string(k) + ".f32", std::ios::binary);
    if (!file) return all;
    const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const auto* first = reinterpret_cast<const float*>(bytes.data());
    all.emplace_back(first, first + bytes.size() / sizeof(float));
  }
}

/// What is measured.
class Case {
 public:
  virtual ~Case() = default;
  virtual void step() = 0;
  virtual std::vector<double> result() = 0;
  virtual std::int64_t tape_bytes() const { return 0; }
};

double energy(std::span<const float> x) {
  double sum = 0;
  for (const float v : x) sum += static_cast<double>(v) * static_cast<double>(v);
  return sum;
}

class SegmentCase final : public Case {
 public:
  SegmentCase(const std::string& name, Recordings recordings) : recordings_(std::move(recordings)) {
    Graph g;
    const Problem problem = problems.at(name)(g);
    std::vector<Signal> by;
    for (const int id : g.params()) by.push_back({&g, id});
    by.insert(by.end(), problem.inputs.begin(), problem.inputs.end());
    std::vector<Signal> wanted{problem.loss};
    for (const Signal d : gradient(problem.loss, by).of) wanted.push_back(d);
    for (const auto& recording : recordings_) in_.push_back(recording.data());
    frames_ = static_cast<std::int64_t>(recordings_.at(0).size());
    segment_ = std::make_unique<Segment>(compile_segment(wanted, {.compile = {.name = name}}), problem.sample_rate, frames_);
    segment_->run(in_.data(), frames_);
  }

  /// The inputs are what they were, as a trainer knows; the parameters are not.
  void step() override {
    nudge_ = -nudge_;
    const int params = static_cast<int>(segment_->program().params().size());
    for (int p = 0; p < params; ++p)
      segment_->set(p, segment_->program().params()[static_cast<std::size_t>(p)].initial * (1 + nudge_));
    segment_->run(in_.data(), frames_, From::reset, true);
  }

  std::vector<double> result() override {
    nudge_ = 0;
    step();
    nudge_ = 1e-7;
    std::vector<double> found;
    for (int w = 0; w < segment_->program().wanted(); ++w)
      found.push_back(segment_->program().is_frames(w) ? energy(segment_->frames(w)) : segment_->value(w));
    return found;
  }

  std::int64_t tape_bytes() const override { return segment_->tape_bytes(); }

 private:
  Recordings recordings_;
  std::vector<const float*> in_;
  std::unique_ptr<Segment> segment_;
  std::int64_t frames_ = 0;
  double nudge_ = 1e-7;
};

/// Steps of Adam, at a rate that leaves the weights where they are.
class TrainingCase final : public Case {
 public:
  TrainingCase(const std::string& name, Recordings recordings)
      : recordings_(std::move(recordings)), problem_(problems.at(name)(graph_)), parameters_(graph_),
        objective_(problem_.loss, {.frames = static_cast<std::int64_t>(recordings_.at(0).size()),
                                   .sample_rate = problem_.sample_rate,
                                   .compile = {.name = name}}),
        descent_(Adam{.learning_rate = 1e-12}, parameters_) {
    for (const auto& recording : recordings_) in_.push_back(recording.data());
    run(false);
  }

  void step() override { run(true); }

  std::vector<double> result() override {
    run(true);
    std::vector<double> found{objective_.loss()};
    found.insert(found.end(), parameters_.gradients().begin(), parameters_.gradients().end());
    return found;
  }

  std::int64_t tape_bytes() const override { return objective_.tape_bytes(); }

 private:
  void run(bool same_input) {
    parameters_.zero_grad();
    objective_.run(parameters_, in_.data(), objective_.max_frames(), From::reset, same_input);
    descent_.step(parameters_);
  }

  Recordings recordings_;
  std::vector<const float*> in_;
  Graph graph_;
  Problem problem_;
  Parameters parameters_;
  Objective objective_;
  Descent descent_;
};

class OriginalCase final : public Case {
 public:
  explicit OriginalCase(Recordings recordings) : recordings_(std::move(recordings)), gradient_(recordings_.at(0).size()) {}

  void step() override {
    loss_ = original_spectral_loss(recordings_[0].data(), recordings_[1].data(), static_cast<std::int64_t>(gradient_.size()), 64,
                                   gradient_.data());
  }
  std::vector<double> result() override { return step(), std::vector{loss_, energy(gradient_)}; }

 private:
  Recordings recordings_;
  std::vector<float> gradient_;
  double loss_ = 0;
};

std::string steps(Case& one, int count) {
  std::ostringstream text;
  for (int k = 0; k < count; ++k) {
    const auto begin = std::chrono::steady_clock::now();
    one.step();
    text << (k ? " " : "") << std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
  }
  return text.str();
}

}  // namespace

int main() {
  std::unique_ptr<Case> current;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command, name, folder;
    int count = 0;
    words >> command;
    try {
      if (command == "case" && words >> name >> folder) {
        if (name == "scalar_loops")
          current = std::make_unique<OriginalCase>(read_recordings(folder));
        else if (name.starts_with("ddsp"))
          current = std::make_unique<TrainingCase>(name, read_recordings(folder));
        else
          current = std::make_unique<SegmentCase>(name, read_recordings(folder));
        std::cout << current->tape_bytes() << std::endl;
      } else if (command == "step" && current && words >> count) {
        std::cout << steps(*current, count) << std::endl;
      } else if (command == "result" && current) {
        std::cout.precision(17);
        for (const double value : current->result()) std::cout << value << " ";
        std::cout << std::endl;
      } else {
        std::cout << "error: unknown command '" << line << "'" << std::endl;
      }
    } catch (const std::exception& error) {
      std::cout << "error: " << error.what() << std::endl;
    }
  }
}
