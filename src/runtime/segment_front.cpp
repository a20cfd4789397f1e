#include "runtime/segment_front.h"

#include <algorithm>

#include "base/index.h"

namespace dgen::runtime {

namespace {

bool is_sum(const ParamSource& param) {
  return param.from == ParamSource::From::sum || param.from == ParamSource::From::sum_rest;
}

/// The place of a number among several; -1: it is not there.
int place_in(const std::vector<int>& numbers, int number) {
  const auto found = std::ranges::find(numbers, number);
  return found == numbers.end() ? -1 : static_cast<int>(found - numbers.begin());
}

}  // namespace

SegmentFront::SegmentFront(const SegmentData& data) {
  for (std::size_t r = 0; r < data.runs.size(); ++r) add_run(data, static_cast<int>(r));
}

int SegmentFront::end_of(int run) const {
  const auto next = at(run) + 1;
  return (next < first.size() ? first[next] : static_cast<int>(rows.size())) - 1;
}

/// The row that writes a signal of an earlier run.
int SegmentFront::giver(const SegmentData& data, int run, int signal) const {
  const SegmentRun& from = data.runs[at(run)];
  const int channel = place_in(from.outputs, signal);
  for (std::size_t p = 0; p < from.part_list.size(); ++p) {
    if (from.part_list[p].outputs.contains(channel)) return first[at(run)] + 1 + static_cast<int>(p);
  }
  return end_of(run);
}

std::vector<base::Wavefront::Need> SegmentFront::needs_of_part(const SegmentData& data, int run,
                                                               const schedule::Part& part) const {
  const SegmentRun& own = data.runs[at(run)];
  std::vector<base::Wavefront::Need> needs{{first[at(run)], true}};
  for (const int need : part.needs) needs.push_back({first[at(run)] + 1 + need, false});
  for (const int channel : part.inputs) {
    if (own.host_inputs[at(channel)] >= 0) continue;
    const int signal = own.inputs[at(channel)];
    for (int from = 0; from < run; ++from) {
      if (place_in(data.runs[at(from)].outputs, signal) < 0) continue;
      needs.push_back({giver(data, from, signal), data.runs[at(from)].reversed != own.reversed});
    }
  }
  return needs;
}

void SegmentFront::add_run(const SegmentData& data, int run) {
  const SegmentRun& own = data.runs[at(run)];
  base::Wavefront::Row begin;
  for (const ParamSource& param : own.params) {
    for (int from = 0; from < run && is_sum(param); ++from) {
      const auto makes = [&](const NumberPlace& sum) { return sum.number == param.number; };
      if (std::ranges::any_of(data.runs[at(from)].sums, makes)) begin.needs.push_back({end_of(from), true});
    }
  }
  first.push_back(static_cast<int>(rows.size()));
  rows.push_back(std::move(begin));
  places.push_back({run, begins});
  base::Wavefront::Row end{.needs = {{first.back(), true}}};
  for (std::size_t p = 0; p < own.part_list.size(); ++p) {
    const schedule::Part& part = own.part_list[p];
    end.needs.push_back({static_cast<int>(rows.size()), true});
    rows.push_back({needs_of_part(data, run, part), part.remembers, run});
    places.push_back({run, static_cast<int>(p)});
  }
  rows.push_back(std::move(end));
  places.push_back({run, ends});
}

int SegmentFront::useful_threads(int threads) const {
  int useful = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (places[row].part >= 0) useful += rows[row].in_order ? 1 : threads;
  }
  return std::clamp(useful, 1, threads);
}

}  // namespace dgen::runtime
