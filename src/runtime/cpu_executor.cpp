#include "runtime/cpu_executor.h"

#include <cstring>

#include "dgen/error.h"
#include "runtime/arena.h"

namespace dgen::runtime {

namespace {

using render::abi::Descriptor;
using render::abi::Header;
using render::abi::State;

/// Calls `visit` with a value of the C++ type that a state's elements have in memory.
template <typename Visit>
void with_type(ir::Scalar scalar, Visit visit) {
  switch (scalar) {
    case ir::Scalar::f32: return visit(float{});
    case ir::Scalar::f64: return visit(double{});
    case ir::Scalar::i32:
    case ir::Scalar::m32: return visit(std::int32_t{});
    case ir::Scalar::u32: return visit(std::uint32_t{});
    case ir::Scalar::i64:
    case ir::Scalar::m64: return visit(std::int64_t{});
    case ir::Scalar::u64: return visit(std::uint64_t{});
  }
}

template <typename T>
constexpr bool takes_two = std::is_integral_v<T> && sizeof(T) == 8;

std::vector<double> read_state(const State& state, const std::byte* memory) {
  std::vector<double> values;
  with_type(static_cast<ir::Scalar>(state.scalar), [&]<typename T>(T element) {
    for (std::int64_t k = 0; k < state.count; ++k) {
      std::memcpy(&element, memory + state.offset + k * static_cast<std::int64_t>(sizeof(T)), sizeof(T));
      if constexpr (takes_two<T>) {
        values.push_back(static_cast<double>(static_cast<std::uint64_t>(element) >> 32));
        values.push_back(static_cast<double>(static_cast<std::uint32_t>(element)));
      } else {
        values.push_back(static_cast<double>(element));
      }
    }
  });
  return values;
}

/// The integer nearest to a saved number, which may come from a file: 0 where it is none.
template <typename T>
T to_integer(double value) {
  constexpr double limit = 9007199254740992.0;  // 2^53
  if (!(value > -limit && value < limit)) return T{};
  return static_cast<T>(static_cast<std::int64_t>(value));
}

void write_state(const State& state, std::byte* memory, std::span<const double> values) {
  with_type(static_cast<ir::Scalar>(state.scalar), [&]<typename T>(T element) {
    for (std::size_t k = 0; k < static_cast<std::size_t>(state.count); ++k) {
      if constexpr (takes_two<T>) {
        element = static_cast<T>(to_integer<std::uint64_t>(values[2 * k]) << 32 | to_integer<std::uint32_t>(values[2 * k + 1]));
      } else if constexpr (std::is_integral_v<T>) {
        element = to_integer<T>(values[k]);
      } else {
        element = static_cast<T>(values[k]);
      }
      std::memcpy(memory + state.offset + static_cast<std::int64_t>(k * sizeof(T)), &element, sizeof(T));
    }
  });
}

Header read_header(const Arena& memory) {
  Header header;
  std::memcpy(&header, memory.data(), sizeof header);
  return header;
}

class CpuExecutor final : public Executor {
 public:
  CpuExecutor(const Program& program, double sample_rate)
      : program_(program), code_(*program_.data().descriptor), memory_(code_.memory_bytes, code_.alignment),
        params_(static_cast<std::size_t>(elements_of(program_.data().params))), silence_(static_cast<std::size_t>(code_.inputs)) {
    code_.init(memory_.data(), sample_rate);
  }

  void process(std::span<const std::atomic<float>> params, const float* const* in, float* const* out,
               std::int64_t frames) noexcept override {
    for (std::size_t k = 0; k < params_.size(); ++k) params_[k] = params[k].load(std::memory_order_relaxed);
    code_.process(memory_.data(), params_.data(), in ? in : silence_.data(), out, frames);
  }

  void reset() noexcept override { code_.reset(memory_.data()); }

  SavedState save(std::span<const std::atomic<float>> params) const override {
    Arena copy(code_.memory_bytes, code_.alignment);
    std::memcpy(copy.data(), memory_.data(), memory_.size());
    prepare(copy, params);
    SavedState saved;
    for (const State& state : states()) saved.emplace(state.name, read_state(state, copy.data()));
    saved.emplace(position_name, std::vector{static_cast<double>(read_header(copy).position)});
    return saved;
  }

  void restore(const SavedState& saved, std::span<const std::atomic<float>> params) override {
    reset();
    prepare(memory_, params);
    for (const State& state : states()) write_state(state, memory_.data(), saved.find(state.name)->second);
    Header header = read_header(memory_);
    header.position = to_integer<std::int64_t>(saved.find(position_name)->second.front());
    std::memcpy(memory_.data(), &header, sizeof header);
  }

 private:
  std::span<const State> states() const { return {code_.state_list, static_cast<std::size_t>(code_.states)}; }

  /// Runs what comes before the first frame, where that has not been: a call of no frames.
  void prepare(Arena& memory, std::span<const std::atomic<float>> params) const {
    std::vector<float> values;
    for (const std::atomic<float>& value : params) values.push_back(value.load(std::memory_order_relaxed));
    std::vector<float*> nowhere(static_cast<std::size_t>(code_.outputs));
    code_.process(memory.data(), values.data(), silence_.data(), nowhere.data(), 0);
  }

  Program program_;
  const Descriptor& code_;
  Arena memory_;
  std::vector<float> params_;          ///< the values this call runs with
  std::vector<const float*> silence_;  ///< null for every input channel
};

}  // namespace

std::int64_t saved_elements(const State& state) {
  std::int64_t elements = 0;
  with_type(static_cast<ir::Scalar>(state.scalar),
            [&]<typename T>(T) { elements = takes_two<T> ? 2 * state.count : state.count; });
  return elements;
}

std::unique_ptr<Executor> make_cpu_executor(const Program& program, double sample_rate) {
  return std::make_unique<CpuExecutor>(program, sample_rate);
}

}  // namespace dgen::runtime
