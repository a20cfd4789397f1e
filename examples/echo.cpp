// Sends a sound file through an echo whose repeats get darker: echo IN.wav OUT.wav [FEEDBACK 0…0.95]
#include <dgen/audio.h>
#include <dgen/dgen.h>

#include <cstdio>
#include <cstdlib>

namespace {

/// Adds the echo to `g`: one input, one output, parameters time_s, feedback and cutoff_hz.
void build_echo(dgen::Graph& g) {
  using namespace dgen;
  const Signal dry = g.input();
  const Signal time_s = g.param("time_s", 0.25, {.min = 0.01, .max = 1});
  const Signal amount = g.param("feedback", 0.5, {.min = 0, .max = 0.95});
  const Signal cutoff_hz = g.param("cutoff_hz", 2500, {.min = 20, .max = 18000});

  const Signal repeats = g.feedback();  // used first, closed below: the loop passes through the delay
  const Signal wet = delay(dry + repeats, time_s * sample_rate(g), 192000);
  g.close(repeats, biquad_lowpass(wet, cutoff_hz) * amount);
  g.output(dry + 0.7 * wet);
}

/// Every channel through an instance of its own.
dgen::AudioBuffer run(const dgen::Program& program, const dgen::AudioBuffer& in, double feedback) {
  dgen::AudioBuffer out = in;
  for (std::vector<float>& channel : out.channels) {
    dgen::Instance instance(program, in.sample_rate);
    instance.set("feedback", feedback);
    const float* from[] = {channel.data()};
    float* to[] = {channel.data()};
    instance.process(from, to, in.frames());
  }
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fputs("usage: echo IN.wav OUT.wav [FEEDBACK 0…0.95]\n", stderr);
    return 2;
  }
  try {
    dgen::Graph graph;
    build_echo(graph);
    const dgen::Program program = dgen::compile(graph);
    const dgen::AudioBuffer in = dgen::read_audio(argv[1]);
    const dgen::AudioBuffer out = run(program, in, argc == 4 ? std::strtod(argv[3], nullptr) : 0.5);
    dgen::write_audio(argv[2], out);
    const dgen::AudioLevels levels = dgen::measure(out);
    std::printf("%s: %lld frames, peak %.3f, RMS %.3f\n", argv[2], static_cast<long long>(out.frames()), levels.peak, levels.rms);
  } catch (const dgen::Error& error) {
    std::fprintf(stderr, "echo: %s\n", error.what());
    return 1;
  }
}
