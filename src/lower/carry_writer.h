#pragma once
// Writes a delay of a frame or two in registers: `schedule::carried_frames`.

#include <vector>

#include "ir/builder.h"

namespace dgen::lower {

struct CarryBuffers {
  int state = -1;    ///< f32: the last frame, then the one before it
  int scratch = -1;  ///< f32, a vector
};

class CarryWriter {
 public:
  CarryWriter(const CarryBuffers& buffers, int frames_back, ir::Builder& builder);

  /// A vector of frames of what is delayed gives one of the delay.
  ir::Value frame(ir::Value x);
  /// After the loop over `frames` (i32) frames.
  void end(ir::Value frames);

 private:
  const CarryBuffers buffers_;
  ir::Builder& b_;
  std::vector<ir::Local> before_;  ///< by frame back but one: the vector of frames before this one
};

}  // namespace dgen::lower
