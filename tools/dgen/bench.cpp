// `dgen bench`: how fast a patch compiles and runs.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "base/private_folder.h"
#include "dgen/build_notice.h"
#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"
#include "dgen/program.h"

namespace dgen::tool {

namespace {

constexpr int runs = 9;

struct BenchOptions {
  PatchOptions patch{};
  SetOptions set{};
  double seconds = 1, rate = 48000;
  int block = 256;
  bool json = false;
};

struct Measured {
  double cold_s = 0, cached_s = 0;    ///< of compile
  std::vector<double> nanoseconds{};  ///< a frame, of each run, ascending
  double median() const { return nanoseconds[nanoseconds.size() / 2]; }
};

/// A folder of its own for compiled code, so that the first compile is cold.
class EmptyCache {
 public:
  EmptyCache() : path_(base::make_temporary_folder("dgen_bench")) {}
  ~EmptyCache() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  EmptyCache(const EmptyCache&) = delete;
  EmptyCache& operator=(const EmptyCache&) = delete;
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Noise in every input, so that no value is special; the same on every run.
std::vector<std::vector<float>> noise(int channels, int frames) {
  std::mt19937 random(1);
  std::vector<std::vector<float>> rows(static_cast<std::size_t>(channels));
  for (auto& row : rows) {
    for (int n = 0; n < frames; ++n) row.push_back(static_cast<float>(std::ldexp(static_cast<double>(random()), -31) - 1));
  }
  return rows;
}

/// Runs `frames` frames in blocks. Returns the nanoseconds a frame took.
double time_run(Instance& instance, const BenchOptions& options, std::int64_t frames) {
  const auto in = noise(instance.program().inputs(), options.block);
  std::vector<std::vector<float>> out(static_cast<std::size_t>(instance.program().outputs()),
                                      std::vector<float>(static_cast<std::size_t>(options.block)));
  std::vector<const float*> from;
  std::vector<float*> to;
  for (const auto& row : in) from.push_back(row.data());
  for (auto& row : out) to.push_back(row.data());
  const auto start = std::chrono::steady_clock::now();
  for (std::int64_t done = 0; done < frames; done += options.block) {
    instance.process(from.data(), to.data(), std::min<std::int64_t>(options.block, frames - done));
  }
  const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
  return elapsed.count() / static_cast<double>(frames);
}

Measured measure_patch(const BenchOptions& options) {
  Graph graph;
  load_patch(graph, options.patch.path);
  const EmptyCache cache;
  CompileOptions compile_options = options.patch.compile;
  compile_options.cache_directory = cache.path();
  compile_options.frames = options.block;
  Measured measured;
  std::optional<BuildNotice> notice(std::in_place, compile_options.backend);
  const Program program = compile(graph, compile_options);
  measured.cold_s = program.compile_seconds();
  say_backend(program.choice());
  measured.cached_s = compile(graph, compile_options).compile_seconds();
  Instance instance(program, options.rate);
  for (const auto& [param, value] : resolve(program.params(), options.set.settings())) instance.set(param, value);
  const auto frames = std::max<std::int64_t>(1, static_cast<std::int64_t>(options.seconds * options.rate));
  time_run(instance, options, std::min<std::int64_t>(frames, 10 * options.block));  // pages and caches are warm from here
  notice.reset();
  Progress progress("measuring");
  for (int k = 0; k < runs; ++k) {
    measured.nanoseconds.push_back(time_run(instance, options, frames));
    progress.show(static_cast<double>(k) / runs);
  }
  std::sort(measured.nanoseconds.begin(), measured.nanoseconds.end());
  return measured;
}

void print(const BenchOptions& options, const Measured& measured) {
  const double speed = 1e9 / options.rate / measured.median();
  if (options.json) {
    const nlohmann::ordered_json json{{"ns_per_sample", measured.median()},
                                      {"ns_per_sample_min", measured.nanoseconds.front()},
                                      {"ns_per_sample_max", measured.nanoseconds.back()},
                                      {"times_real_time", speed},
                                      {"compile_cold_s", measured.cold_s},
                                      {"compile_cached_s", measured.cached_s},
                                      {"runs", runs},
                                      {"seconds", options.seconds},
                                      {"sample_rate", options.rate},
                                      {"block", options.block}};
    std::printf("%s\n", json.dump(2).c_str());
    return;
  }
  std::printf("run      %s ns a sample (%s to %s, median of %d runs of %s s), %s times real time\n",
              number(measured.median(), 3).c_str(), number(measured.nanoseconds.front(), 3).c_str(),
              number(measured.nanoseconds.back(), 3).c_str(), runs, number(options.seconds).c_str(), number(speed, 3).c_str());
  std::printf("         blocks of %d frames at %s Hz\n", options.block, number(options.rate, 8).c_str());
  std::printf("compile  %s ms, %s ms from the cache\n", number(1e3 * measured.cold_s, 3).c_str(),
              number(1e3 * measured.cached_s, 3).c_str());
}

}  // namespace

void add_bench(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("bench", "Measure how fast a patch compiles and runs");
  const auto options = std::make_shared<BenchOptions>();
  options->patch.add_patch(command);
  command.add_option("--seconds", options->seconds, "Audio a run (default 1)")->check(number_from(1e-3, 1e5))->type_name("S");
  command.add_option("--rate", options->rate, "Sample rate (default 48000)")->check(number_from(1.0, 1e7))->type_name("HZ");
  command.add_option("--block", options->block, "Frames a call (default 256)")
      ->check(whole_number_from(1, 1 << 24))
      ->type_name("N");
  options->set.add(command);
  options->patch.add_backend(command);
  options->patch.add_width(command);
  command.add_flag("--json", options->json, "Print JSON");
  command.footer("The inputs are noise. A sample is one frame of all channels; the time is the median of " +
                 std::to_string(runs) + R"( runs.

Examples:
  dgen bench echo.genexpr --seconds 10
  dgen bench echo.genexpr --block 64 --json)");
  command.callback([options] { print(*options, measure_patch(*options)); });
}

}  // namespace dgen::tool
