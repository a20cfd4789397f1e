// Delays of a per-frame stage: where they read from in rings, and FIR filters.

#include <algorithm>
#include <cmath>

#include "lower/access.h"
#include "lower/delay_read.h"
#include "lower/frame_kernel.h"
#include "lower/tap_writer.h"
#include "schedule/carried_delay.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

/// Rings of one capacity come to their ends together, so that one question answers for all.
void FrameKernel::end_rings() {
  std::map<std::pair<int, int>, std::vector<Ring>> alike;
  for (const int id : stage_.fills) {
    const Ring& ring = buffers_.ring.at(id);
    alike[{ring.capacity, ring.mirror}].push_back(ring);
  }
  for (const auto& [sizes, rings] : alike) update_mirrors(builder_, rings, first_, frames_);
}

void FrameKernel::prepare_delays() {
  past_.insert(stage_.fills.begin(), stage_.fills.end());
  std::erase_if(past_, [this](int id) { return std::find(stage_.nodes.begin(), stage_.nodes.end(), id) == stage_.nodes.end(); });
  for (const int id : stage_.nodes) {
    const Node& node = g_[id];
    if (!needed_.contains(id)) continue;
    if (const int frames = schedule::carried_frames(g_, id)) {
      carried_.try_emplace(id, buffers_.carried.at(id), frames, builder_);
      continue;
    }
    const bool still_time = node.inputs.size() > 1 && g_[node.inputs[1]].type.clock <= Clock::control;
    const bool reads = node.op->kind == Kind::line_read || node.op->kind == Kind::delay;
    if (reads && still_time) delayed_from_[id] = delayed_from(id);
  }
}

/// FIR filters, over the whole sub-block before the loop.
void FrameKernel::begin_taps() {
  for (const int id : stage_.nodes) {
    const auto sum = taps_.sums.find(id);
    if (sum == taps_.sums.end() || !needed_.contains(id)) continue;
    for (std::size_t k = 0; k < sum->second.runs.size(); ++k) {
      const schedule::TapRun& run = sum->second.runs[k];
      const Ring& ring = buffers_.ring.at(run.source);
      const Value origin = reach_of(ring) + whole(builder_, ring.reach - run.first);
      const auto taps = static_cast<std::int64_t>(run.taps.size());
      write_taps(builder_, buffers_.taps.at({id, static_cast<int>(k)}), taps, ring.buffer, origin, frames_);
    }
  }
}

Value FrameKernel::tap_sum(int id) {
  const schedule::TapSum& sum = taps_.sums.at(id);
  Value total{};
  for (std::size_t k = 0; k < sum.runs.size(); ++k) {
    const Value x = builder_.load(buffers_.taps.at({id, static_cast<int>(k)}).sums, index_, true);
    total = total.builder ? total + x : x;
  }
  for (const auto& [node, negative] : sum.rest) total = negative ? total - of(node) : total + of(node);
  return total;
}

/// Where the reach of a short ring begins: all its delays count from there.
Value FrameKernel::reach_of(const Ring& ring) {
  const auto [begin, fresh] = reach_.try_emplace(ring.buffer);
  if (fresh) begin->second = (first_ - whole(builder_, ring.reach)) & whole(builder_, ring.capacity - 1);
  return begin->second;
}

/// Where in its ring the delayed frames of this sub-block begin.
Value FrameKernel::delayed_from(int id) {
  const int time = g_[id].inputs[1];
  const auto [source, least, most] = delay_read(g_, id);
  const Ring& ring = buffers_.ring.at(source);
  const auto slot = buffers_.delay_slot.find(id);
  const Value back = slot != buffers_.delay_slot.end() ? builder_.load(buffers_.delays, whole(builder_, slot->second), false)
                                                       : whole_frames(uniform(time), least, most);
  const Value mask = whole(builder_, ring.capacity - 1);
  if (ring.reach == 0) return (first_ - back) & mask;
  const Value begin = reach_of(ring);
  if (g_[time].op->kind != Kind::constant) return begin + (whole(builder_, ring.reach) - back);
  const double asked = g_[time].attributes.value, shortest = static_cast<double>(least);
  const double frames = asked >= shortest ? std::min(std::floor(asked), static_cast<double>(most)) : shortest;
  return begin + whole(builder_, ring.reach - static_cast<std::int64_t>(frames));
}

Value FrameKernel::delayed(int id) {
  const Node& node = g_[id];
  if (const auto carried = carried_.find(id); carried != carried_.end()) return carried->second.frame(spread(of(node.inputs[0])));
  const auto [source, least, most] = delay_read(g_, id);
  const Ring& ring = buffers_.ring.at(source);
  if (const auto fixed = delayed_from_.find(id); fixed != delayed_from_.end())
    return builder_.load(ring.buffer, fixed->second + index_, wide_);
  const Value mask = whole(builder_, ring.capacity - 1);
  const Value back = whole_frames(spread(of(node.inputs[1])), least, most);
  if (!wide_) return builder_.load(ring.buffer, (frame_ - back) & mask, false);
  return builder_.gather(ring.buffer, (builder_.broadcast(frame_) + builder_.lane() - back) & mask);
}

/// Into its ring at once, where nothing reads these frames in this stage: values that wait for the end take registers.
void FrameKernel::store_past(int id) { builder_.store(buffers_.ring.at(id).buffer, fills_from_.at(id) + index_, spread(of(id))); }

}  // namespace dgen::lower
