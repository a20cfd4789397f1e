#pragma once
// FFTW in double, loaded where it is installed (scripts/setup test).

#include <array>
#include <memory>
#include <vector>

#include "base/dynlib.h"
#include "dgen/error.h"

namespace dgen::testing {

class Fftw {
 public:
  /// Null where the library is not installed.
  static std::unique_ptr<Fftw> load() {
    try {
      return std::unique_ptr<Fftw>(new Fftw());
    } catch (const Error&) {
      return nullptr;
    }
  }

  /// What FFTW remembers of its plans is given back before the library goes.
  ~Fftw() { cleanup_(); }
  Fftw(const Fftw&) = delete;
  Fftw& operator=(const Fftw&) = delete;

  /// The sum over t of z[t] exp(sign 2 pi i k t / n); z: n real parts, then n imaginary parts.
  std::vector<double> transform(const std::vector<double>& z, int sign) const {
    const std::size_t n = z.size() / 2;
    std::vector<std::array<double, 2>> x(n), y(n);
    for (std::size_t k = 0; k < n; ++k) x[k] = {z[k], z[n + k]};
    constexpr unsigned estimate = 1u << 6;
    void* plan = plan_(static_cast<int>(n), x.data(), y.data(), sign, estimate);
    execute_(plan);
    destroy_(plan);
    std::vector<double> made(2 * n);
    for (std::size_t k = 0; k < n; ++k) made[k] = y[k][0], made[n + k] = y[k][1];
    return made;
  }

 private:
  Fftw() = default;
  template <typename F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(library_.symbol(name));
  }
  base::DynamicLibrary library_{"libfftw3.so.3"};
  void* (*plan_)(int, std::array<double, 2>*, std::array<double, 2>*, int, unsigned) =
      function<void*(int, std::array<double, 2>*, std::array<double, 2>*, int, unsigned)>("fftw_plan_dft_1d");
  void (*execute_)(void*) = function<void(void*)>("fftw_execute");
  void (*destroy_)(void*) = function<void(void*)>("fftw_destroy_plan");
  void (*cleanup_)() = function<void()>("fftw_cleanup");
};

}  // namespace dgen::testing
