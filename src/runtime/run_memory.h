#pragma once
// The memory of the code of one run over a segment, and what it runs with.

#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "runtime/arena.h"
#include "runtime/segment_data.h"

namespace dgen::runtime {

/// The memory of one run's code.
class RunMemory {
 public:
  RunMemory(const SegmentRun& run, double sample_rate)
      : run_(run), memory_(run.code->memory_bytes, run.code->alignment), params_(elements_in(run)), in_(run.inputs.size()),
        out_(run.outputs.size()) {
    run.code->init(memory_.data(), sample_rate);
  }

  std::byte* data() { return memory_.data(); }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(memory_.data()), memory_.size()}; }
  std::vector<float>& params() { return params_; }
  std::vector<const float*>& in() { return in_; }
  std::vector<float*>& out() { return out_; }

  void reset(std::int64_t position) {
    run_.code->reset(memory_.data());
    set_position(position);
  }

  /// position: frames since the first frame of all.
  void set_position(std::int64_t position) {
    render::abi::Header header;
    std::memcpy(&header, memory_.data(), sizeof header);
    header.position = position;
    std::memcpy(memory_.data(), &header, sizeof header);
  }

  void clear_sums() {
    for (const NumberPlace& sum : run_.sums)
      std::memset(memory_.data() + sum.offset, 0, static_cast<std::size_t>(sum.elements * sum.parts) * sizeof(double));
  }

  void process(std::int64_t frames) { run_.code->process(memory_.data(), params_.data(), in_.data(), out_.data(), frames); }

  /// The elements of a value.
  void read(const NumberPlace& place, double* to) const {
    if (!place.constants.empty()) {
      std::ranges::copy(place.constants, to);
    } else if (place.single) {
      const auto* from = reinterpret_cast<const float*>(memory_.data() + place.offset);
      std::copy(from, from + place.elements, to);
    } else {
      const auto* from = reinterpret_cast<const double*>(memory_.data() + place.offset);
      for (std::int64_t e = 0; e < place.elements; ++e, from += place.parts) {
        to[e] = 0;
        for (std::int64_t k = 0; k < place.parts; ++k) to[e] += from[k];
      }
    }
  }

 private:
  static std::size_t elements_in(const SegmentRun& run) {
    std::int64_t elements = 0;
    for (const ParamSource& param : run.params) elements += param.elements;
    return static_cast<std::size_t>(elements);
  }

  const SegmentRun& run_;
  Arena memory_;
  std::vector<float> params_;
  std::vector<const float*> in_;
  std::vector<float*> out_;
};

}  // namespace dgen::runtime
