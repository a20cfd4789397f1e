#include "support/cross_aarch64.h"

#include <array>
#include <cstring>
#include <fstream>
#include <span>
#include <stdexcept>

#include "base/subprocess.h"
#include "render/abi.h"

namespace dgen::test {

namespace {

// Reads runs from standard input until it ends, and writes the output channels of each to standard output.
constexpr const char* driver = R"(
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct { int64_t program, block, frames; double sample_rate; } run;

static void need(int holds, const char* what) {
  if (holds) return;
  fprintf(stderr, "driver: %s\n", what);
  exit(3);
}

static float* read_floats(int64_t count) {
  float* floats = malloc((size_t)(count > 0 ? count : 1) * sizeof(float));
  need(fread(floats, sizeof(float), (size_t)count, stdin) == (size_t)count, "input ends early");
  return floats;
}

static void play(const dgen_descriptor* d, const run* r) {
  float* params = read_floats(d->params);
  float* in = read_floats(d->inputs * r->frames);
  float* out = calloc((size_t)(d->outputs * r->frames + 1), sizeof(float));
  const size_t alignment = (size_t)d->alignment;
  void* state = aligned_alloc(alignment, ((size_t)d->memory_bytes + alignment - 1) / alignment * alignment);
  const float** ins = malloc(sizeof(float*) * (size_t)(d->inputs + 1));
  float** outs = malloc(sizeof(float*) * (size_t)(d->outputs + 1));
  d->init(state, r->sample_rate);
  for (int64_t at = 0; at < r->frames; at += r->block) {
    const int64_t frames = r->frames - at < r->block ? r->frames - at : r->block;
    for (int k = 0; k < d->inputs; ++k) ins[k] = in + k * r->frames + at;
    for (int k = 0; k < d->outputs; ++k) outs[k] = out + k * r->frames + at;
    need(d->process(state, params, ins, outs, frames) == 0, "process failed");
  }
  fwrite(out, sizeof(float), (size_t)(d->outputs * r->frames), stdout);
  free(params), free(in), free(out), free(state), free(ins), free(outs);
}

int main(void) {
  for (run r; fread(&r, sizeof r, 1, stdin) == 1;) play(programs[r.program], &r);
  return 0;
}
)";

/// As the driver reads it.
struct Header {
  std::int64_t program, block, frames;
  double sample_rate;
};

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::string tool(const std::string& name) { return base::find_program(name); }

std::string emulator() {
  const std::string dynamic = tool("qemu-aarch64");
  return dynamic.empty() ? tool("qemu-aarch64-static") : dynamic;
}

std::string run_tool(const base::Command& command) {
  base::Completed completed = base::run(command);
  if (completed.succeeded()) return std::move(completed.output);
  throw std::runtime_error(command.program + ": " + base::describe_failure(completed, command) + "\n" + completed.errors);
}

template <class T>
void append(std::string& bytes, std::span<const T> values) {
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

std::string driver_source(const std::vector<std::string>& descriptors) {
  std::string text = render::abi_header();
  std::string list;
  for (const std::string& name : descriptors) {
    text += "extern const dgen_descriptor " + name + ";\n";
    list += "  &" + name + ",\n";
  }
  return text + "static const dgen_descriptor* const programs[] = {\n" + list + "};\n" + driver;
}

}  // namespace

std::string missing_for_aarch64() {
  if (tool("aarch64-linux-gnu-gcc").empty()) return "aarch64-linux-gnu-gcc is not here (Debian: gcc-aarch64-linux-gnu)";
  if (emulator().empty()) return "qemu-aarch64 is not here (Debian: qemu-user)";
  return {};
}

CrossProgram::CrossProgram(const std::string& source, const std::vector<Descriptor>& descriptors, std::filesystem::path folder)
    : folder_(std::move(folder)) {
  std::vector<std::string> names;
  for (const Descriptor& d : descriptors) {
    names.push_back(d.symbol);
    outputs_.push_back(d.outputs);
  }
  write(folder_ / "kernels.c", source);
  write(folder_ / "driver.c", driver_source(names));
  const std::string compiler = tool("aarch64-linux-gnu-gcc");
  const auto at = [&](const char* name) { return (folder_ / name).string(); };
  // As for this machine's own processor, without -march=native.
  run_tool({.program = compiler,
            .arguments = {"-std=gnu11", "-O2", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-w", "-c", "-o",
                          at("kernels.o"), at("kernels.c")}});
  // No mathematics library: kernels must not need it.
  run_tool(
      {.program = compiler, .arguments = {"-std=gnu11", "-O1", "-static", "-o", at("program"), at("driver.c"), at("kernels.o")}});
}

std::vector<Channels> CrossProgram::run(const std::vector<CrossRun>& runs, std::int64_t block) const {
  std::string input;
  for (const CrossRun& r : runs) {
    append<Header>(input, std::array{Header{r.program, block, r.frames, r.sample_rate}});
    append<float>(input, r.params);
    for (const std::vector<float>& channel : r.in) append<float>(input, channel);
  }
  const std::string output = run_tool(
      {.program = emulator(), .arguments = {(folder_ / "program").string()}, .input = std::move(input), .timeout_s = 300});

  std::vector<Channels> results;
  std::size_t at = 0;
  for (const CrossRun& r : runs) {
    const std::size_t bytes = static_cast<std::size_t>(r.frames) * sizeof(float);
    Channels channels(static_cast<std::size_t>(outputs_[static_cast<std::size_t>(r.program)]));
    for (std::vector<float>& channel : channels) {
      if (at + bytes > output.size()) throw std::runtime_error("the emulated program wrote too little");
      channel.resize(static_cast<std::size_t>(r.frames));
      std::memcpy(channel.data(), output.data() + at, bytes);
      at += bytes;
    }
    results.push_back(std::move(channels));
  }
  return results;
}

std::string CrossProgram::disassembly() const {
  return run_tool({.program = tool("aarch64-linux-gnu-objdump"),
                   .arguments = {"-d", "--no-show-raw-insn", (folder_ / "kernels.o").string()}});
}

}  // namespace dgen::test
