#include "render/compiled.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace dgen::render {

namespace {

/// A folder of this process, removed at exit.
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dgen-render-XXXXXX").string();
    if (mkdtemp(pattern.data()) != nullptr) path = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
};

const Folder& folder() {
  static const Folder made;
  return made;
}

}  // namespace

bool succeeds(const std::string& command, std::string& messages) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return false;
  std::array<char, 4096> part{};
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), pipe)) messages.append(part.data(), n);
  const int status = pclose(pipe);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string temporary_file(const std::string& name, const std::string& text) {
  const std::string path = (folder().path / name).string();
  std::ofstream(path) << text;
  return path;
}

Compiled::Compiled(const std::string& source, std::string_view compiler, std::string_view flags) {
  static std::atomic<int> count{0};
  const std::string name = "unit" + std::to_string(count++);
  const std::string path = temporary_file(name + ".c", source), library = (folder().path / (name + ".so")).string();
  std::string messages;
  const std::string command = std::string(compiler) + " " + std::string(flags) + " -shared -fPIC -o " + library + " " + path;
  if (!succeeds(command, messages)) ADD_FAILURE() << command << "\n" << messages;
  library_ = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library_ == nullptr) throw std::runtime_error(dlerror());
}

Compiled::~Compiled() { dlclose(library_); }

void* Compiled::symbol(const std::string& name) const { return dlsym(library_, name.c_str()); }

const abi::Descriptor& Compiled::descriptor(const std::string& program) const {
  void* const found = symbol("dgen_" + program + "_descriptor");
  if (found == nullptr) throw std::runtime_error("no descriptor of " + program);
  return *static_cast<const abi::Descriptor*>(found);
}

void Running::Free::operator()(void* memory) const { std::free(memory); }

Running::Running(const abi::Descriptor& descriptor, double sample_rate)
    : descriptor_(descriptor), memory_(std::aligned_alloc(static_cast<std::size_t>(descriptor.alignment),
                                                          static_cast<std::size_t>(descriptor.memory_bytes))) {
  for (int k = 0; k < descriptor.params; ++k) params.push_back(static_cast<float>(descriptor.param_list[k].initial));
  descriptor.init(memory_.get(), sample_rate);
}

int Running::process(const float* const* in, float* const* out, std::int64_t frames) {
  return descriptor_.process(memory_.get(), params.data(), in, out, frames);
}

std::vector<std::vector<float>> Running::run(const std::vector<std::vector<float>>& in, std::int64_t frames, std::int64_t block) {
  const auto outputs = static_cast<std::size_t>(descriptor_.outputs);
  std::vector<std::vector<float>> out(outputs, std::vector<float>(static_cast<std::size_t>(frames)));
  for (std::int64_t at = 0; at < frames; at += block) {
    std::vector<const float*> from;
    std::vector<float*> to;
    for (const std::vector<float>& channel : in) from.push_back(channel.empty() ? nullptr : channel.data() + at);
    for (std::vector<float>& channel : out) to.push_back(channel.data() + at);
    EXPECT_EQ(process(from.data(), to.data(), std::min(block, frames - at)), 0);
  }
  return out;
}

std::vector<std::string> compilers() {
  std::vector<std::string> found;
  for (const char* name : {"gcc", "clang"}) {
    std::string messages;
    if (succeeds(std::string(name) + " --version", messages)) found.emplace_back(name);
  }
  return found;
}

namespace {

/// A main that reads all frames of all channels from the file of its first argument and writes to its second.
constexpr std::string_view batch_main = R"(
#include <stdio.h>
#include <stdlib.h>
int main(int count, char** paths) {
  const dgen_descriptor* const d = &DESCRIPTOR;
  const size_t frames = (size_t)atol(paths[3]), inputs = (size_t)d->inputs, outputs = (size_t)d->outputs;
  float* const x = calloc(frames * (inputs + outputs), sizeof(float));
  const float* in[64];
  float* out[64];
  for (size_t c = 0; c < inputs; ++c) in[c] = x + c * frames;
  for (size_t c = 0; c < outputs; ++c) out[c] = x + (inputs + c) * frames;
  FILE* const from = fopen(paths[1], "rb");
  FILE* const to = fopen(paths[2], "wb");
  if (count != 4 || !from || !to || fread(x, sizeof(float), frames * inputs, from) != frames * inputs) return 1;
  void* const state = aligned_alloc((size_t)d->alignment, (size_t)d->memory_bytes);
  d->init(state, 48000.0);
  float params[64] = {0};
  for (int k = 0; k < d->params; ++k) params[k] = (float)d->param_list[k].initial;
  if (d->process(state, params, in, out, (int64_t)frames) != 0) return 2;
  if (fwrite(out[0], sizeof(float), frames * outputs, to) != frames * outputs) return 3;
  return fclose(to);
}
)";

constexpr std::string_view cross_compile =
    "aarch64-linux-gnu-gcc -static -std=gnu11 -O2 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi -Wall -Wextra "
    "-Werror";

}  // namespace

bool has_aarch64() {
  std::string messages;
  return succeeds("aarch64-linux-gnu-gcc --version", messages) && succeeds("qemu-aarch64 --version", messages);
}

std::vector<std::vector<float>> run_on_aarch64(const std::string& source, const std::string& name,
                                               const std::vector<std::vector<float>>& in, std::size_t outputs) {
  std::string text = source + std::string(batch_main), bytes, messages;
  text.replace(text.find("DESCRIPTOR;"), 10, "dgen_" + name + "_descriptor");
  const std::size_t frames = in[0].size();
  for (const std::vector<float>& channel : in)
    bytes.append(reinterpret_cast<const char*>(channel.data()), frames * sizeof(float));
  const std::string path = temporary_file("batch.c", text), from = temporary_file("batch.in", bytes),
                    to = temporary_file("batch.out", "");
  const std::string compile = std::string(cross_compile) + " -o " + path + ".elf " + path;
  EXPECT_TRUE(succeeds(compile, messages)) << compile << messages;
  EXPECT_TRUE(succeeds("qemu-aarch64 " + path + ".elf " + from + " " + to + " " + std::to_string(frames), messages)) << messages;
  std::vector<std::vector<float>> out(outputs, std::vector<float>(frames));
  std::ifstream file(to, std::ios::binary);
  for (std::vector<float>& channel : out) {
    file.read(reinterpret_cast<char*>(channel.data()), static_cast<std::streamsize>(frames * sizeof(float)));
  }
  EXPECT_TRUE(file.good()) << "the program wrote too little";
  return out;
}

TEST(Abi, CAndCppAgreeOnTheLayout) {
  std::string probe = abi_header() +
                      "#include <stddef.h>\nconst int64_t layout[] = {sizeof(dgen_param), sizeof(dgen_state), "
                      "sizeof(dgen_descriptor), offsetof(dgen_descriptor, memory_bytes), offsetof(dgen_descriptor, name), "
                      "offsetof(dgen_descriptor, state_list), offsetof(dgen_descriptor, process), dgen_m64};\n";
  const Compiled compiled(probe, "gcc", "-std=gnu11 -Wall -Wextra -Werror");
  const auto* layout = static_cast<const std::int64_t*>(compiled.symbol("layout"));
  using abi::Descriptor;
  const std::int64_t expected[] = {sizeof(abi::Param),
                                   sizeof(abi::State),
                                   sizeof(Descriptor),
                                   offsetof(Descriptor, memory_bytes),
                                   offsetof(Descriptor, name),
                                   offsetof(Descriptor, state_list),
                                   offsetof(Descriptor, process),
                                   static_cast<int>(ir::Scalar::m64)};
  for (std::size_t k = 0; k < std::size(expected); ++k) EXPECT_EQ(layout[k], expected[k]) << k;
}

}  // namespace dgen::render
