#include "dgen/candidates.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/thread_team.h"
#include "dgen/error.h"
#include "graph/affine_loop.h"
#include "graph/clone.h"
#include "passes/candidate_lanes.h"
#include "passes/simplify.h"
#include "runtime/choose_backend.h"
#include "schedule/phase.h"
#include "train/recording.h"

namespace dgen {

namespace {

constexpr int most_lanes = 65536;

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorCode::bad_value, "candidates: " + why); }

void check_loss(Signal loss) {
  if (!loss) refuse("the loss is an empty signal");
  const Type& type = (*loss.graph)[loss.id].type;
  if (moves(type) || type.shape.rank > 0) refuse("the loss is " + to_string(type) + "; it must be one number a segment");
}

CandidateOptions checked(CandidateOptions options, Signal loss) {
  check_loss(loss);
  const std::int64_t length = train::check_channels(*loss.graph, options.channels);
  if (options.frames == 0) options.frames = length;
  if (options.frames < 1 || (length > 0 && options.frames > length)) {
    refuse(std::to_string(options.frames) + " frames of channels of " + std::to_string(length) +
           "; give a number of frames that there are");
  }
  if (options.lanes < 0 || options.lanes > most_lanes)
    refuse(std::to_string(options.lanes) + " lanes; it must be 1 … " + std::to_string(most_lanes) + ", or 0 for the default");
  constexpr int most_threads = 1024;
  if (options.threads < 0 || options.threads > most_threads)
    refuse(std::to_string(options.threads) + " threads; it must be 0 … " + std::to_string(most_threads));
  return options;
}

/// A loop that runs a vector of frames at a time.
bool is_parallel(const Graph& graph, int recur) {
  if (const auto phase = schedule::phase_accumulator(graph, recur)) return schedule::is_steady(graph, *phase);
  return affine_loop(graph, recur).has_value();
}

/// Whether the patch has a loop that runs frame by frame.
bool has_sequential_loop(Signal loss) {
  const std::unique_ptr<Graph> copy = clone(*loss.graph);
  copy->leave({copy.get(), loss.id}, "loss");
  const Rewritten found = passes::find_scans(*passes::simplify(*copy).graph);
  const Graph& graph = *found.graph;
  for (int id = 0; id < graph.size(); ++id) {
    if (graph[id].op->kind == Kind::recur && !is_parallel(graph, id)) return true;
  }
  return false;
}

/// How many candidates run at once, and why.
struct Lanes {
  int count = 1;
  std::string why;
};

Lanes lanes_of_cpu(Signal loss) {
  constexpr int vector = 16;  // numbers of the widest vectors
  if (has_sequential_loop(loss)) return {vector, "a loop runs frame by frame: its vectors hold candidates"};
  return {1, "all of a candidate runs with frames in the lanes of vectors"};
}

Lanes preferred_lanes(Signal loss, const CandidateOptions& options) {
  if (options.lanes > 0) return {options.lanes, "asked for"};
  const Backend backend = options.compile.backend;
  if (backend == Backend::interpreter) return {1, "the interpreter runs one by one"};
  if (backend == Backend::cpu || (backend == Backend::automatic && !runtime::finds_gpu())) return lanes_of_cpu(loss);
  constexpr std::int64_t most_numbers = std::int64_t{1} << 22, most = 4096;  // of a frame signal: 16 MiB
  int count = 1;
  while (2 * count <= most && 2 * count * options.frames <= most_numbers) count *= 2;
  return {count, "as many as a device takes in one launch"};
}

struct Compiled {
  SegmentProgram program;
  Lanes lanes;
};

Compiled compile_lanes(Signal loss, const CandidateOptions& options, Lanes lanes) {
  SegmentOptions segment{.compile = options.compile};
  segment.compile.frames = options.frames;
  if (lanes.count > 1) {
    try {
      std::vector<Signal> wanted{loss};
      const std::unique_ptr<Graph> wide = with_lanes(wanted, lanes.count);
      return {compile_segment(wanted, segment), lanes};
    } catch (const Error& error) {
      if (options.lanes > 0 || error.code() != ErrorCode::bad_type) throw;
      lanes = {1, std::string("candidates run one by one: ") + error.what()};
    }
  }
  return {compile_segment(std::array{loss}, segment), lanes};
}

/// With a device's lanes the CPU may be the faster all the same: then with its own.
Compiled compile_candidates(Signal loss, const CandidateOptions& options) {
  Compiled made = compile_lanes(loss, options, preferred_lanes(loss, options));
  const bool chosen = options.lanes == 0 && options.compile.backend == Backend::automatic;
  if (!chosen || made.program.backend() != Backend::cpu) return made;
  const Lanes own = lanes_of_cpu(loss);
  return own.count == made.lanes.count ? std::move(made) : compile_lanes(loss, options, own);
}

}  // namespace

std::unique_ptr<Graph> with_lanes(std::vector<Signal>& wanted, std::int64_t lanes) {
  if (wanted.empty() || !wanted.front()) refuse("nothing is wanted of the graph");
  if (lanes < 1 || lanes > most_lanes) refuse(std::to_string(lanes) + " lanes; it must be 1 … " + std::to_string(most_lanes));
  std::vector<int> ids;
  for (const Signal signal : wanted) {
    if (signal.graph != wanted.front().graph)
      throw Error(ErrorCode::mixed_graphs, "candidates: the signals that are wanted belong to different graphs");
    ids.push_back(signal.id);
  }
  passes::CandidateLanes made = passes::candidate_lanes(*wanted.front().graph, ids, static_cast<std::int32_t>(lanes));
  wanted = std::move(made.wanted);
  return std::move(made.graph);
}

struct CandidateLosses::State {
  State(const CandidateOptions& given, Compiled made) : options(given), compiled(std::move(made)), team(threads()) {
    for (const std::span<const float> channel : options.channels) channels.emplace_back(channel.begin(), channel.end());
    options.channels.clear();
    in.resize(static_cast<std::size_t>(std::max(compiled.program.inputs(), 1)), nullptr);
    for (std::size_t c = 0; c < channels.size() && c < in.size(); ++c) in[c] = channels[c].empty() ? nullptr : channels[c].data();
    const auto wide = static_cast<std::int64_t>(compiled.lanes.count);
    for (const ParamInfo& param : compiled.program.params()) {
      of_candidate.push_back(param.elements() / wide);
      elements += of_candidate.back();
    }
    for (int t = 0; t < team.threads(); ++t) {
      runs.push_back({.segment = Segment(compiled.program, options.sample_rate, options.frames)});
      runs.back().row.resize(static_cast<std::size_t>(elements * wide));
    }
  }

  /// A device has one queue; the interpreter shares nothing that threads would disturb.
  int threads() const {
    const Backend backend = compiled.program.backend();
    return backend == Backend::cpu || backend == Backend::interpreter ? options.threads : 1;
  }

  /// A copy of the program at work, for one thread at a time.
  struct Run {
    Segment segment;
    bool ran = false;
    std::vector<double> row{};  ///< values of a parameter in all lanes
    std::string failure{};      ///< the first of a call
  };

  std::size_t lanes() const { return static_cast<std::size_t>(compiled.lanes.count); }
  void set(Run& run, std::span<const double> values, std::size_t first) const;
  void chunk(Run& run, std::span<const double> values, std::span<double> losses, std::size_t first) const;

  CandidateOptions options;
  Compiled compiled;
  std::vector<std::vector<float>> channels;
  std::vector<const float*> in;
  std::vector<std::int64_t> of_candidate;  ///< elements by parameter
  std::int64_t elements = 0;
  base::ThreadTeam team;
  std::vector<Run> runs;
};

/// Gives lane l the values of candidate first + l; lanes beyond the last candidate have the values of that one.
void CandidateLosses::State::set(Run& run, std::span<const double> values, std::size_t first) const {
  const auto all = static_cast<std::size_t>(elements);
  const std::size_t last = values.size() / all - 1;
  std::size_t offset = 0;
  for (std::size_t p = 0; p < of_candidate.size(); ++p) {
    const auto count = static_cast<std::size_t>(of_candidate[p]);
    for (std::size_t lane = 0; lane < lanes(); ++lane) {
      const std::span<const double> own = values.subspan(std::min(first + lane, last) * all + offset, count);
      std::ranges::copy(own, run.row.begin() + static_cast<std::ptrdiff_t>(lane * count));
    }
    run.segment.set(static_cast<int>(p), std::span<const double>(run.row).first(lanes() * count));
    offset += count;
  }
}

void CandidateLosses::State::chunk(Run& run, std::span<const double> values, std::span<double> losses, std::size_t first) const {
  set(run, values, first);
  if (!run.failure.empty()) return;
  run.segment.run(in.data(), options.frames, From::reset, run.ran);
  if (!run.segment.failure().empty() && !run.segment.fallback().empty())  // the CPU goes on
    run.segment.run(in.data(), options.frames, From::reset);
  run.failure = run.segment.failure();
  run.ran = run.failure.empty();
  const std::span<const double> made = run.segment.values(0);
  const auto all = static_cast<std::size_t>(elements);
  for (std::size_t lane = 0; lane < lanes() && first + lane < losses.size(); ++lane) {
    // The segment keeps what it has where a value is NaN: that loss would be another candidate's.
    const std::span<const double> own = values.subspan((first + lane) * all, all);
    const bool known = std::ranges::none_of(own, [](double value) { return std::isnan(value); });
    losses[first + lane] = known ? made[lane] : std::numeric_limits<double>::quiet_NaN();
  }
}

CandidateLosses::CandidateLosses(Signal loss, const CandidateOptions& options) {
  const CandidateOptions used = checked(options, loss);
  state_ = std::make_unique<State>(used, compile_candidates(loss, used));
  if (state_->elements == 0) refuse("the loss depends on no parameter: candidates would all be the same");
}
CandidateLosses::~CandidateLosses() = default;
CandidateLosses::CandidateLosses(CandidateLosses&&) noexcept = default;
CandidateLosses& CandidateLosses::operator=(CandidateLosses&&) noexcept = default;

int CandidateLosses::lanes() const { return state_->compiled.lanes.count; }
const std::string& CandidateLosses::why_lanes() const { return state_->compiled.lanes.why; }
std::int64_t CandidateLosses::elements() const { return state_->elements; }
const SegmentProgram& CandidateLosses::program() const { return state_->compiled.program; }

void CandidateLosses::run(std::span<const double> values, std::span<double> losses) {
  State& s = *state_;
  if (std::ssize(values) != std::ssize(losses) * s.elements) {
    refuse(std::to_string(values.size()) + " values for " + std::to_string(losses.size()) + " candidates of " +
           std::to_string(s.elements) + " elements");
  }
  if (losses.empty()) return;
  for (State::Run& run : s.runs) run.failure.clear();
  const std::size_t chunks = (losses.size() + s.lanes() - 1) / s.lanes();
  const std::size_t workers = std::min(s.runs.size(), chunks);
  s.team.run(static_cast<int>(workers), [&](int worker) {
    State::Run& run = s.runs[static_cast<std::size_t>(worker)];
    for (std::size_t c = static_cast<std::size_t>(worker); c < chunks; c += workers) s.chunk(run, values, losses, c * s.lanes());
  });
  for (const State::Run& run : s.runs) {
    if (!run.failure.empty()) throw Error(ErrorCode::backend_unavailable, "candidates: the device failed: " + run.failure);
  }
}

}  // namespace dgen
