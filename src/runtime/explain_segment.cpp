#include "runtime/explain_segment.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "graph/describe.h"

namespace dgen::runtime {

namespace {

std::string count_of(std::int64_t count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

void add_stages(const Compiled& compiled, std::string& text) {
  for (const schedule::Stage& stage : compiled.schedule.stages) {
    text += std::string("  ") + schedule::to_string(stage.order) + ", " +
            count_of(static_cast<std::int64_t>(stage.nodes.size()), "node") + ": " + stage.why + "\n";
  }
}

/// Of runs that several threads share.
void add_parts(const Compiled& compiled, std::string& text) {
  for (const std::string& line : schedule::explain_parts(compiled.lowered.module, compiled.interface.parts))
    text += "  " + line + "\n";
}

constexpr int most_listed = 12;

/// Signals of earlier runs that are on tape.
void add_kept(const Graph& graph, const passes::SegmentPlan& plan, int run, std::string& text) {
  int count = 0;
  for (const passes::Crossing& crossing : plan.crossings) {
    if (crossing.to != run || !crossing.kept || ++count > most_listed) continue;
    const Type& type = graph[crossing.node].type;
    text += "  kept     " + describe(graph, crossing.node) + (type.clock == Clock::hop ? " : " + to_string(type) : "") +
            ", of run " + std::to_string(crossing.from) + ": " +
            (crossing.stateful ? "it depends on other frames, so it cannot be computed again"
                               : "costs less than computing it again") +
            "\n";
  }
  if (count > most_listed) text += "           and " + std::to_string(count - most_listed) + " more\n";
}

void add_again(const Graph& graph, const passes::SegmentPlan& plan, int run, std::string& text) {
  std::map<std::string, int> names;
  std::int64_t count = 0;
  for (const passes::Crossing& crossing : plan.crossings) {
    if (crossing.to != run || crossing.kept) continue;
    ++names[describe(graph, crossing.node)];
    ++count;
  }
  if (count == 0) return;
  text += "  again    " + count_of(count, "signal") + ", which costs less than to keep more:";
  int listed = 0;
  for (const auto& [name, times] : names) {
    if (++listed > most_listed) continue;
    text += (listed == 1 ? " " : ", ") + (times > 1 ? std::to_string(times) + " " : "") + name;
  }
  if (listed > most_listed) text += ", …";
  text += "\n";
}

}  // namespace

std::string explain_segment(const Graph& graph, const passes::SegmentPlan& plan, std::span<const Compiled> compiled,
                            const SegmentData& data) {
  std::string text;
  for (std::size_t r = 0; r < data.runs.size(); ++r) {
    const passes::SegmentPhase& phase = plan.phases[r];
    text += "run " + std::to_string(r) + ", " + (phase.phase.reversed ? "backward" : "forward") + ", " +
            count_of(static_cast<std::int64_t>(phase.phase.sums.size()), "sum");
    text += phase.depends_on_params ? "\n" : "; depends on no parameter: left out when the inputs are the same\n";
    add_stages(compiled[r], text);
    add_parts(compiled[r], text);
    add_kept(graph, plan, static_cast<int>(r), text);
    add_again(graph, plan, static_cast<int>(r), text);
  }
  if (data.last.code)
    text += "at the end, " + count_of(static_cast<std::int64_t>(data.values.size()), "number") + " computed in double\n";
  std::int64_t tape = 0;
  double bytes = 0;
  for (const SegmentSignal& signal : data.signals) {
    if (!signal.wanted.empty()) continue;
    ++tape;
    bytes += 4 * static_cast<double>(signal.stride) / static_cast<double>(std::max(1, signal.hop));
  }
  const auto whole = static_cast<std::int64_t>(std::ceil(bytes));
  text += "tape: " + count_of(tape, "signal") + ", " + std::to_string(whole) + " bytes a frame";
  if (tape > 0) {
    text += "; longer than " + std::to_string(data.memory_budget / whole) +
            " frames it would exceed the budget, and is computed again in blocks from checkpoints";
  }
  return text + "\n";
}

}  // namespace dgen::runtime
