#include "lower/carry_writer.h"

#include <string>

#include "lower/access.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

CarryWriter::CarryWriter(const CarryBuffers& buffers, int frames_back, ir::Builder& builder) : buffers_(buffers), b_(builder) {
  for (int k = 0; k < frames_back; ++k) {
    const Value kept = b_.load(buffers_.state, whole(b_, k), false);
    before_.push_back(b_.local("before" + std::to_string(k), b_.broadcast(kept)));
  }
}

Value CarryWriter::frame(Value x) {
  for (const ir::Local& before : before_) {
    const Value delayed = b_.shift_up(x, 1, before.get());
    before.set(x);
    x = delayed;
  }
  return x;
}

void CarryWriter::end(Value frames) {
  const Value zero = whole(b_, 0), lane = (frames - 1) & (b_.lanes() - whole(b_, 1));
  for (std::size_t k = 0; k < before_.size(); ++k) {
    b_.store(buffers_.scratch, zero, before_[k].get());
    b_.store(buffers_.state, whole(b_, static_cast<std::int64_t>(k)), b_.load(buffers_.scratch, lane, false));
  }
}

}  // namespace dgen::lower
