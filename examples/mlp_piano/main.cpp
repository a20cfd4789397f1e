// Trains a network to play a synthesiser like a recorded piano note: mlp_piano NOTE.wav MIDI_NUMBER FOLDER [STEPS]
// Writes before.wav, after.wav, target.wav, weights.safetensors and report.html. examples/mlp_piano/piano_note makes a note.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/whole_file.h"
#include "dgen/audio.h"
#include "dgen/report/fit_report.h"
#include "model.h"

using namespace dgen;

namespace {

constexpr double rate = 16000;
constexpr std::int64_t frames = 16000;

/// One second of the note at the rate of the model, its peak at 0.5.
std::vector<float> note(const std::string& path) {
  AudioBuffer sound = resample(read_audio(path), rate);
  std::vector<float> mono(frames, 0.0f);
  float peak = 1e-9f;
  for (const std::vector<float>& channel : sound.channels) {
    for (std::size_t n = 0; n < mono.size() && n < channel.size(); ++n) mono[n] += channel[n];
  }
  for (const float x : mono) peak = std::fmax(peak, std::fabs(x));
  for (float& x : mono) x *= 0.5f / peak;
  return mono;
}

/// The synthesiser with these weights, as a program that runs.
AudioBuffer play(const mlp_piano::String& string, const Parameters& weights) {
  Graph g;
  g.output(mlp_piano::piano(g, string, rate, frames));
  Instance instance(compile(g, {.name = "piano"}), rate);
  for (int k = 0; k < weights.count(); ++k) instance.set(weights[k].name, weights.values(k));
  AudioBuffer sound{.sample_rate = rate, .channels = {std::vector<float>(frames)}};
  float* out = sound.channels[0].data();
  instance.process(nullptr, &out, frames);
  return sound;
}

int train_piano(const std::string& path, int midi, const std::filesystem::path& folder, int steps) {
  const AudioBuffer target{.sample_rate = rate, .channels = {note(path)}};
  const mlp_piano::String string = mlp_piano::find_string(target.channels[0], rate, 440 * std::exp2((midi - 69) / 12.0));
  std::printf("string: %.2f Hz, inharmonicity %.2g\n", string.f0_hz, string.inharmonicity);
  Graph g;
  const Signal out = mlp_piano::piano(g, string, rate, frames);
  const MultiResolutionStftLoss spectra{.resolutions = {{512, 128, 512}, {256, 64, 256}},
                                        .terms = {.log_magnitude = 0.1, .linear_magnitude = 1, .floor = 1e-3}};
  const Signal loss = multi_resolution_stft_loss(out, g.input(), spectra);
  Trainer trainer(
      g, loss, Adam{.learning_rate = 0.01},
      {.sample_rate = rate, .channels = {target.channels[0]}, .schedule = {.shape = CosineRate{.steps = steps, .floor = 0.05}}});
  const AudioBuffer before = play(string, trainer.parameters());
  report::FitReport page{.patch_name = "mlp_piano",
                         .target_name = path,
                         .command = "mlp_piano " + path + " " + std::to_string(midi) + " " + folder.string(),
                         .settings = {{"network", "3-64-64-33, tanh"}, {"optimiser", "adam, rate 0.01, cosine"}},
                         .loss_name = "multi-resolution STFT, 512 and 256 points"};
  double seconds = 0;
  for (int step = 0; step < steps; ++step) {
    const Metrics m = trainer.step();
    seconds += m.seconds;
    page.steps.push_back(step);
    page.loss.push_back(m.loss);
    if (step % 50 == 0 || step + 1 == steps) std::printf("step %3d  loss %9.5f\n", step, m.loss);
  }
  trainer.restore_best();
  std::printf("loss %.5f -> %.5f, %.1f %% of its start, in %d steps, %.1f ms each\n", page.loss.front(), trainer.best_loss(),
              100 * trainer.best_loss() / page.loss.front(), steps, 1e3 * seconds / steps);
  std::filesystem::create_directories(folder);
  save_weights(trainer.parameters(), (folder / "weights.safetensors").string());
  page.target = target, page.start = before, page.result = play(string, trainer.parameters());
  write_audio((folder / "target.wav").string(), page.target);
  write_audio((folder / "before.wav").string(), page.start);
  write_audio((folder / "after.wav").string(), page.result);
  base::replace_whole_file((folder / "report.html").string(), report::fit_report(page));
  return trainer.best_loss() <= 0.1 * page.loss.front() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::fprintf(stderr, "usage: mlp_piano NOTE.wav MIDI_NUMBER FOLDER [STEPS]\n");
    return 2;
  }
  try {
    return train_piano(arguments[1], std::atoi(arguments[2]), arguments[3], count > 4 ? std::atoi(arguments[4]) : 300);
  } catch (const Error& error) {
    std::fprintf(stderr, "mlp_piano: %s\n", error.what());
    return 1;
  }
}
