#pragma once
// Writes the kernel of one per-frame stage, parallel (a vector of frames at a time) or sequential.

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ir/builder.h"
#include "lower/buffers.h"
#include "lower/carry_writer.h"
#include "lower/cascade_writer.h"
#include "lower/kept_powers.h"
#include "lower/oscillator_writer.h"
#include "lower/phase_writer.h"
#include "lower/recurrence_writer.h"
#include "lower/scan_writer.h"
#include "lower/skewed_cascade.h"
#include "schedule/schedule.h"

namespace dgen::lower {

class FrameKernel {
 public:
  FrameKernel(const schedule::Schedule& schedule, const schedule::Stage& stage, const Buffers& buffers, ir::Module& module);

  /// Writes the whole kernel into `function`, which `builder` was made for.
  static ir::Function write(const schedule::Schedule& schedule, const schedule::Stage& stage, const Buffers& buffers,
                            ir::Module& module, std::string name);

 private:
  /// What does not change from frame to frame, before the loop.
  void prepare();
  void prepare_node(int id);
  ir::Value delayed_from(int id);
  ir::Value reach_of(const Ring& ring);
  void begin_recurrences();
  void write_loops();
  void write_frames(ir::Value i);
  ir::Value uniform_phase_step(int id, const schedule::PhaseAccumulator& phase);
  void begin_scan(int id, const AffineLoop& loop);
  void begin_cascade(int id, const Cascade& system);
  void run_skewed(int id, const Cascade& system);
  void run_recurrence(int id);
  void prepare_delays();
  void prepare_noise();
  void end_rings();
  void begin_taps();
  ir::Value tap_sum(int id);
  void begin_oscillators(const OscillatorBuffers& buffers);
  void find_needed();
  void begin_sums();
  void add_to_sum(int id);
  void end_sums();
  void move_overlaps();
  void store_past(int id);
  void store_all(ir::Value i);
  ir::Value of(int id);
  ir::Value compute(int id);
  ir::Value delayed(int id);
  ir::Value gathered(int id);
  ir::Value frame_number();
  ir::Value crossing_index(int id) const;
  ir::Value from_host(int buffer);
  ir::Value noise_at(int id);
  ir::Value uniform(int id);
  ir::Value spread(ir::Value scalar) { return wide_ ? builder_.broadcast(scalar) : scalar; }

  const schedule::Stage& stage_;
  const Graph& g_;
  const Buffers& buffers_;
  const schedule::TapSums& taps_;
  ir::Function function_;
  ir::Builder builder_;
  bool wide_;
  bool backward_;
  ir::Value frames_, position_, position32_;
  ir::Value first_;                        ///< frame_ of the first iteration
  KeptPowers powers_;                      ///< of scans
  ir::Value index_{}, frame_{};            ///< of this iteration: its number in the sub-block, and since reset (low bits)
  ir::Value host_index_{};                 ///< of this iteration: its (wide: first) frame in host channels
  ir::Value rest_{};                       ///< of this iteration, where there are scans: see ScanWriter::frame
  ir::Value inside_{};                     ///< of this iteration, where asked for: which lanes are frames; a mask
  std::map<int, ir::Value> prepared_;      ///< control values, as f32
  std::map<int, ir::Value> delayed_from_;  ///< delays whose time does not change within a call: where they begin, i32
  std::map<int, ir::Value> reach_;         ///< buffer of a short ring -> where its reach begins, i32
  ir::Value part_from_{};  ///< the first frame of this part of the sub-block, where something is read that runs ahead
  std::map<int, ir::Value> fills_from_;  ///< node -> where in its ring this sub-block begins, i32
  std::map<int, std::pair<ir::Value, ir::Value>> noise_keys_;
  std::map<int, ir::Value> value_;               ///< of this iteration
  std::map<int, RecurrenceWriter> recurrences_;  ///< by recur node
  std::map<int, PhaseWriter> phases_;            ///< by recur node
  std::map<int, CarryWriter> carried_;           ///< by delay node
  std::map<int, ScanWriter> scans_;              ///< by recur node
  std::map<int, CascadeWriter> cascades_;        ///< by recur node
  std::map<int, Cascade> systems_;               ///< by recur node, of cascades that run skewed
  std::map<int, SkewedWriter> skewed_;           ///< by recur node
  std::optional<OscillatorWriter> oscillators_;
  std::map<int, std::size_t> oscillator_;    ///< node -> its number
  std::map<int, std::size_t> bank_;          ///< sum of oscillators -> its number
  std::set<int> past_;                       ///< nodes of this stage whose past it keeps
  std::set<int> needed_;                     ///< nodes whose values something takes; an oscillator takes only its phase's state
  std::map<int, std::vector<int>> results_;  ///< recur node -> its results
  std::map<int, ir::Local> sums_;            ///< by reduce node: of this sub-block so far, f32
};

}  // namespace dgen::lower
