// What a training step costs on a device: forward, backward and update of 4096 frames.
//   dgen_gpu_bench opencl|cuda [--batch N,N…] [CASE…]     one line a case and batch; DGEN_OPENCL_DEVICE chooses the device
// Lines: `device NAME`, `copy GB/s N`, `case NAME batch N ms N gbs N`, `original ms N ours_ms N ratio N`.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>
#include <vector>

#include "base/noise.h"
#include "dgen/dgen.h"
#include "one_thread.h"
#include "patches.h"
#include "traffic.h"

namespace {

using namespace dgen;
using namespace gpu_bench;

std::vector<float> target() {
  std::vector<float> made;
  for (int n = 0; n < frames; ++n) made.push_back(static_cast<float>(0.3 * noise(1, static_cast<std::uint64_t>(n))));
  return made;
}

/// The median of steps, of half a second at least; the first one, in which drivers make code of kernels, does not count.
template <class Step>
double median_seconds(Step step) {
  step();
  std::vector<double> took;
  for (double all = 0; took.size() < 5 || (all < 0.5 && took.size() < 1000); all += took.back()) {
    const auto start = std::chrono::steady_clock::now();
    step();
    took.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::ranges::nth_element(took, took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2));
  return took[took.size() / 2];
}

double step_seconds(Backend backend, Graph& g, Signal loss) {
  const std::vector<float> wanted = target();
  TrainerOptions options{.sample_rate = rate, .channels = {wanted}, .memory_budget = std::int64_t{1} << 34};
  options.compile.backend = backend;
  Trainer trainer(g, loss, Sgd{.learning_rate = 1e-9}, options);
  return median_seconds([&] { trainer.step(); });
}

double bytes_moved(Backend backend, Graph& g, Signal loss) {
  std::vector<Signal> by, wanted{loss};
  for (const int id : g.params()) by.push_back({&g, id});
  for (const Signal d : gradient(loss, by).of) {
    if (d) wanted.push_back(sum_to(d, {}));
  }
  return bytes_of_step(backend, wanted);
}

void run_case(Backend backend, const Patch& patch, int batch) {
  Graph one;
  std::vector<Signal> wanted{patch.loss(one)};
  std::unique_ptr<Graph> lanes = batch > 1 ? with_lanes(wanted, batch) : nullptr;
  Graph& g = lanes ? *lanes : one;
  const Signal loss = sum_to(wanted[0], {});
  const double bytes = bytes_moved(backend, g, loss), seconds = step_seconds(backend, g, loss);
  std::printf("case %s batch %d ms %.4g gbs %.3g\n", std::string(patch.name).c_str(), batch, 1e3 * seconds,
              bytes / seconds / 1e9);
  std::fflush(stdout);
}

/// The loss with a window every frame, by its gradient, on one thread as at first, and as it runs now.
void run_original(Backend backend) {
  Graph g;
  const Signal x = g.param("gain", 0.5) * g.input();
  const double ours = step_seconds(backend, g, spectral_loss(x, g.input(), {.window = original_window, .hop = 1}));
  const double original = one_thread_seconds(backend, frames);
  std::printf("original ms %.4g ours_ms %.4g ratio %.3g\n", 1e3 * original, 1e3 * ours, original / ours);
}

void print_device(Backend backend) {
  for (const DeviceInfo& one : devices()) {
    if (one.backend != backend) continue;
    if (!one.why_not.empty()) throw Error(ErrorCode::backend_unavailable, one.why_not);
    std::printf("device %s\ncopy GB/s %.3g\n", one.name.c_str(), copy_bandwidth(backend) / 1e9);
    return;
  }
}

int run(int count, char** words) {
  if (count < 2) throw Error(ErrorCode::bad_value, "dgen_gpu_bench opencl|cuda [--batch N,N…] [CASE…]");
  const Backend backend = std::strcmp(words[1], "cuda") == 0 ? Backend::cuda : Backend::opencl;
  std::vector<int> batches{1, 16, 256};
  std::vector<std::string> names;
  for (int k = 2; k < count; ++k) {
    if (std::strcmp(words[k], "--batch") != 0 || k + 1 == count) {
      names.emplace_back(words[k]);
      continue;
    }
    batches.clear();
    std::stringstream list(words[++k]);
    for (std::string number; std::getline(list, number, ',');) batches.push_back(std::max(1, std::atoi(number.c_str())));
  }
  const auto runs = [&](std::string_view name) { return names.empty() || std::ranges::find(names, name) != names.end(); };
  print_device(backend);
  for (const Patch& patch : patches()) {
    for (const int batch : batches) {
      if (runs(patch.name)) run_case(backend, patch, batch);
    }
  }
  if (runs("original")) run_original(backend);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  try {
    return run(count, words);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "dgen_gpu_bench: %s\n", e.what());
    return 1;
  }
}
