#pragma once
// One call of a program in pieces that threads share: its parts over stretches of sub-blocks.

#include <cstdint>
#include <span>
#include <vector>

#include "base/wavefront.h"
#include "render/abi.h"
#include "runtime/arena.h"
#include "runtime/program_data.h"

namespace dgen::runtime {

/// A program as threads run it: `code` null where its parts were not compiled.
struct PartCode {
  const render::abi::Parts* code = nullptr;
  std::span<const schedule::Part> parts{};
  bool backward = false;
};

/// Cells are stretches of sub-blocks, the same for all parts of a program. Parts are rows of a base::Wavefront.
class PartCall {
 public:
  /// most_frames: of a call. ahead: how far apart cells may be that are filled at once.
  PartCall(const PartCode& code, std::int64_t most_frames, int ahead);

  /// The rows of the parts, in a wavefront in which they are rows `first`, …; `memory` is theirs.
  std::vector<base::Wavefront::Row> rows(int first, int memory) const;
  /// How far apart cells of one call are best, for so many threads; less where what each keeps would take much memory.
  /// slot_bytes: between stages, of all programs that run together.
  static int ahead(int threads, std::int64_t slot_bytes);

  /// Cells for calls that take so long on one thread, all parts together: pieces of work that are worth handing out.
  static int useful_cells(double seconds, std::size_t parts);

  /// Cuts a call into about so many cells, after the control kernels ran (`prepare`). start: frames since reset before the first.
  void begin(std::byte* state, const float* const* in, float* const* out, std::int64_t start, std::int64_t frames,
             int cells) noexcept;
  /// Ends of cells in frames from the first that is run.
  std::span<const std::int64_t> ends() const { return ends_; }
  void run(int part, int cell) noexcept;

 private:
  PartCode code_;
  int ahead_;
  std::int64_t step_;             ///< slots from a sub-block's to the next one's of the same cell
  std::int64_t most_sub_blocks_;  ///< of a cell
  Arena slots_;                   ///< of `ahead_` cells
  std::vector<std::int64_t> ends_;
  std::byte* state_ = nullptr;
  const float* const* in_ = nullptr;
  float* const* out_ = nullptr;
  std::int64_t start_ = 0, frames_ = 0;
};

}  // namespace dgen::runtime
