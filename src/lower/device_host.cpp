#include "lower/device_host.h"

#include "base/index.h"
#include "base/noise.h"
#include "lower/access.h"
#include "lower/affine_map.h"
#include "lower/phase_writer.h"
#include "schedule/device_schedule.h"
#include "schedule/row_nodes.h"

namespace dgen::lower {

using ir::Scalar;
using ir::Value;

namespace {

constexpr ir::Type f64{Scalar::f64, false};

ir::Function host_kernel(const char* name, ir::When when, const char* why) {
  return {.name = name, .arguments = {{Scalar::i32, false}, {Scalar::i64, false}}, .when = when, .why = why};
}

class HostWriter {
 public:
  HostWriter(const Graph& g, const DeviceBuffers& buffers, ir::Module& module, ir::Function& function)
      : g_(g), buffers_(buffers), b_(module, function) {}

  void write_uniforms() {
    for (const auto& [id, slot] : buffers_.control_slot)
      b_.store(buffers_.values, whole(b_, slot), convert(Scalar::f32, b_.load(buffers_.control, whole(b_, slot), false)));
    for (const auto& [id, slot] : buffers_.delay_slot) {
      const Node& node = g_[id];
      const bool line = node.op->kind == Kind::line_read;
      const std::int64_t most = line ? g_[node.inputs[0]].attributes.size : node.attributes.size;
      b_.store(buffers_.delays, whole(b_, slot), whole_frames(of(node.inputs[1]), line ? 1 : 0, most));
    }
    for (const auto& [recur, scan] : buffers_.scans) write_scan(recur, scan);
  }

  /// The keys of base/noise.h; a block does not cross a multiple of 2^32 frames.
  void write_keys() {
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15u;
    for (const auto& [id, slot] : buffers_.key_slot) {
      const std::uint64_t seed = dgen::scramble(static_cast<std::uint64_t>(g_[id].attributes.size) + golden);
      const Value high = convert(Scalar::u64, b_.argument(1)) >> 32;
      const Value keys = scrambled(u64(seed) + (high + u64(1)) * u64(golden));
      b_.store(buffers_.keys, whole(b_, slot), convert(Scalar::u32, keys));
      b_.store(buffers_.keys, whole(b_, slot + 1), convert(Scalar::u32, keys >> 32));
    }
  }

  /// Where the ticks of each hop are, counted in double, which is exact up to 2^53.
  void write_ticks() {
    using Tick = DeviceBuffers::Tick;
    for (const auto& [hop, slot] : buffers_.tick_slot) {
      const Value begin = convert(Scalar::f64, b_.argument(1)), end = begin + convert(Scalar::f64, b_.argument(0));
      const auto ticks_before = [hop = hop](Value at) { return -floor(-(at / static_cast<double>(hop))); };
      const Value before = ticks_before(begin);
      const auto keep = [&, hop = hop](Tick what, Value x) {
        b_.store(buffers_.ticks, whole(b_, buffers_.tick_place(hop, what)), x);
      };
      keep(Tick::first_frame, convert(Scalar::i32, before * static_cast<double>(hop) - begin));
      keep(Tick::count, convert(Scalar::i32, ticks_before(end) - before));
      keep(Tick::number, convert(Scalar::i32, convert(Scalar::i64, before)));
    }
  }

  /// Steady phases go on, and states have been turned into the coordinates they now have.
  void write_end() {
    for (const int buffer : buffers_.uniforms) {
      for (const auto& [key, state] : buffers_.state) {
        if (state != buffer) continue;
        schedule::is_shaped_loop(g_, key.first) ? advance_row(key.first, state) : advance_phase(key.first, state);
      }
    }
    for (const auto& [recur, scan] : buffers_.scans) {
      const DeviceScan::Uniform place{scan.state.size()};
      for (int k = 0; k < 2 && scan.rotation >= 0; ++k)
        b_.store(scan.uniform, whole(b_, place.turn(k)), b_.number({Scalar::f32, false}, k == 0 ? 1 : 0));
    }
  }

 private:
  Value u64(std::uint64_t value) { return b_.integer({Scalar::u64, false}, static_cast<std::int64_t>(value)); }

  Value scrambled(Value x) {
    x = (x ^ (x >> 30)) * u64(0xbf58476d1ce4e5b9u);
    x = (x ^ (x >> 27)) * u64(0x94d049bb133111ebu);
    return x ^ (x >> 31);
  }

  /// A constant or control value.
  Value of(int id) {
    if (g_[id].op->kind == Kind::constant) return b_.number(f64, g_[id].attributes.value);
    return b_.load(buffers_.control, whole(b_, buffers_.control_slot.at(id)), false);
  }

  void advance_phase(int recur, int state) {
    const schedule::PhaseAccumulator phase = *schedule::phase_accumulator(g_, recur);
    const auto slot = buffers_.step_slot.find(recur);
    const Value step = slot != buffers_.step_slot.end()
                           ? b_.load(buffers_.steps, whole(b_, slot->second), false)
                           : u64(constant_step(phase, phase.increment < 0 ? phase.step : g_[phase.increment].attributes.value));
    const Value frames = bitcast(Scalar::u64, convert(Scalar::i64, b_.argument(0)));
    b_.store(state, whole(b_, 0), b_.load(state, whole(b_, 0), false) + frames * step);
  }

  void advance_row(int recur, int state) {
    const Value frames = bitcast(Scalar::u64, convert(Scalar::i64, b_.argument(0)));
    b_.loop(whole(b_, 0), whole(b_, schedule::loop_elements(g_, recur)), false, [&](Value e) {
      b_.store(state, e, b_.load(state, e, false) + frames * b_.load(buffers_.row_steps.at(recur), e, false));
    });
  }

  void write_scan(int recur, const DeviceScan& scan) {
    const AffineLoop loop = *affine_loop(g_, recur);
    std::vector<Value> start;
    for (const int id : loop.initial) start.push_back(of(id));
    if (scan.uniform >= 0) {
      std::vector<Value> m;
      for (const int id : loop.matrix) m.push_back(of(id));
      if (scan.rotation >= 0) start = turn(scan, m, start);
      write_powers(scan, m);
    }
    for (std::size_t k = 0; k < start.size(); ++k)
      b_.store(scan.start, whole(b_, static_cast<std::int64_t>(k)), convert(Scalar::f32, start[k]));
  }

  /// Chooses the coordinates, keeps how they differ from those before, and turns the matrix and the first states into them.
  std::vector<Value> turn(const DeviceScan& scan, std::vector<Value>& m, const std::vector<Value>& start) {
    const std::vector<Value> q = equal_diagonal(m);
    const Value c = q[0], s = q[1];
    const Value c0 = b_.load(scan.rotation, whole(b_, 0), false), s0 = b_.load(scan.rotation, whole(b_, 1), false);
    b_.store(scan.rotation, whole(b_, 0), c);
    b_.store(scan.rotation, whole(b_, 1), s);
    const DeviceScan::Uniform place{2};
    const auto keep = [&](std::int64_t element, Value x) { b_.store(scan.uniform, whole(b_, element), convert(Scalar::f32, x)); };
    keep(place.rotation(0), c);
    keep(place.rotation(1), s);
    keep(place.turn(0), c * c0 + s * s0);
    keep(place.turn(1), s * c0 - c * s0);
    m = product(product({c, s, -s, c}, m, 2), {c, -s, s, c}, 2);
    return {c * start[0] + s * start[1], c * start[1] - s * start[0]};
  }

  void write_powers(const DeviceScan& scan, const std::vector<Value>& m) {
    const std::size_t n = scan.state.size();
    const DeviceScan::Uniform place{n};
    static_assert(scan_chunk == 1 << 6);
    std::vector<Value> power = m;
    for (int k = 0; k < 6; ++k) power = product(power, power, n);
    for (std::size_t e = 0; e < m.size(); ++e) {
      b_.store(scan.uniform, whole(b_, place.matrix(e)), convert(Scalar::f32, m[e]));
      b_.store(scan.uniform, whole(b_, place.power(e)), convert(Scalar::f32, finite(power[e])));
    }
  }

  const Graph& g_;
  const DeviceBuffers& buffers_;
  ir::Builder b_;
};

}  // namespace

ir::Function uniforms_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module) {
  ir::Function function = host_kernel("uniforms", ir::When::change, "what control values are to kernels");
  HostWriter(graph, buffers, module, function).write_uniforms();
  return function;
}

ir::Function begin_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module) {
  ir::Function function = host_kernel("begin", ir::When::block, "keys of noise, and where ticks are");
  HostWriter writer(graph, buffers, module, function);
  writer.write_keys();
  writer.write_ticks();
  return function;
}

ir::Function end_kernel(const Graph& graph, const DeviceBuffers& buffers, ir::Module& module) {
  ir::Function function = host_kernel("end", ir::When::block, "phases go on");
  HostWriter(graph, buffers, module, function).write_end();
  return function;
}

}  // namespace dgen::lower
