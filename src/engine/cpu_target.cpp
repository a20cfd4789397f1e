#include "engine/cpu_target.h"

#include <fstream>
#include <string_view>
#include <thread>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace dgen::engine {

#if defined(__x86_64__) || defined(__i386__)

int native_vector_width() {
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) return 16;
  return __builtin_cpu_supports("avx") ? 8 : 4;
}

std::string processor_identity() {
  std::string identity = "x86";
  const auto append = [&](unsigned leaf, unsigned subleaf) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d)) return;
    if (leaf == 1) b = 0;  // the number of the core that happens to run this
    for (const unsigned word : {a, b, c, d}) identity += ' ' + std::to_string(word);
  };
  append(0, 0), append(1, 0), append(7, 0), append(7, 1), append(0x80000001u, 0);
  return identity + " width " + std::to_string(native_vector_width());
}

#else

int native_vector_width() { return 4; }

std::string processor_identity() {
#if defined(__aarch64__)
  std::string identity = "aarch64";
#else
  std::string identity = "other";
#endif
  std::ifstream info("/proc/cpuinfo");
  std::string line;
  while (std::getline(info, line)) {
    const bool names_processor = line.starts_with("Features") || line.starts_with("CPU ") || line.starts_with("isa") ||
                                 line.starts_with("flags") || line.starts_with("model name");
    if (names_processor) identity += '\n' + line;
    if (line.empty()) break;  // the first core stands for all
  }
  return identity;
}

#endif

}  // namespace dgen::engine
