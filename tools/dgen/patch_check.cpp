#include "dgen/patch_check.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "dgen/error.h"
#include "dgen/gradient.h"
#include "dgen/interpreter.h"
#include "dgen/losses.h"
#include "dgen/math.h"
#include "dgen/patch.h"
#include "dgen/segment.h"
#include "dgen/time.h"
#include "passes/reach.h"

namespace dgen::tool {

namespace {

constexpr double difference_limit = 1e-6, compiled_limit = 1e-3, output_limit = 1e-4;
/// Steps of the differences, as parts of the parameter's size. The two that agree best are compared.
constexpr std::array steps{1e-3, 3e-4, 1e-4, 3e-5, 1e-5, 1e-6, 1e-7};
/// Gradients below this part of the largest are measured against it.
constexpr double small_difference = 1e-3, small_compiled = 0.1;

using Channels = std::vector<std::vector<double>>;

/// White noise in every input, exact in float32.
Channels stimulus(int channels, const CheckPlan& plan) {
  std::mt19937 random(static_cast<std::mt19937::result_type>(plan.seed));
  Channels in(static_cast<std::size_t>(channels));
  for (auto& channel : in) {
    for (std::int64_t n = 0; n < plan.frames; ++n)
      channel.push_back(0.5 * static_cast<double>(static_cast<float>(std::ldexp(static_cast<double>(random()), -31) - 1)));
  }
  return in;
}

std::vector<std::vector<float>> floats(const Channels& in) {
  std::vector<std::vector<float>> rows;
  for (const auto& channel : in) {
    auto& row = rows.emplace_back();
    for (const double x : channel) row.push_back(static_cast<float>(x));
  }
  return rows;
}

template <class Row>
auto pointers(Row& rows) {
  std::vector<decltype(rows[0].data())> made;
  for (auto& row : rows) made.push_back(row.data());
  return made;
}

Signal loss_of(Graph& g, std::uint64_t seed) {
  Signal loss{};
  for (std::size_t c = 0; c < g.outputs().size(); ++c) {
    const Signal target = noise(g, static_cast<std::int64_t>(1000 * seed + c));
    const Signal part = mse(Signal{&g, g.outputs()[c].node}, target);
    loss = loss ? loss + part : part;
  }
  return loss;
}

/// A parameter with the point and the unit of its differences.
struct Place {
  double value = 0;
  double size = 1;       ///< a step is a part of this
  bool movable = false;  ///< the range has room
};

Place place_of(const ParamInfo& info, double value) {
  Place place{.value = value};
  const double width = info.max - info.min;
  if (!(width > 0)) return place;
  place.size = value != 0 ? std::fabs(value) : std::isfinite(width) ? 0.1 * width : 1;
  place.size = std::min(place.size, width / (8 * steps[0]));
  const double margin = 2 * steps[0] * place.size;
  if (std::isfinite(info.min)) place.value = std::max(place.value, info.min + margin);
  if (std::isfinite(info.max)) place.value = std::min(place.value, info.max - margin);
  place.value = static_cast<double>(static_cast<float>(place.value));  // what compiled code is given
  place.movable = true;
  return place;
}

class Checker {
 public:
  Checker(const std::string& path, const CheckPlan& plan) : plan_(plan) {
    load_patch(graph_, path);
    if (graph_.outputs().empty()) throw Error(ErrorCode::bad_value, "the patch has no output to check");
    in_ = stimulus(graph_.inputs(), plan);
    for (const int id : graph_.params()) params_.push_back({&graph_, id});
    choose_places();
  }

  PatchCheck run() {
    check_outputs();
    if (!params_.empty()) check_gradients();
    return std::move(made_);
  }

 private:
  const ParamInfo& info(std::size_t k) const { return *graph_[params_[k].id].attributes.param; }

  void choose_places() {
    // A program of the interpreter resolves names and ranges as every command does.
    CompileOptions names = plan_.compile;
    names.backend = Backend::interpreter;
    const Program program = compile(graph_, names);
    std::vector<double> values;
    for (const ParamInfo& param : program.params()) values.push_back(param.initial);
    for (const auto& [index, value] : resolve(program.params(), plan_.settings)) values[static_cast<std::size_t>(index)] = value;
    for (std::size_t k = 0; k < params_.size(); ++k) places_.push_back(place_of(info(k), values[k]));
  }

  template <class Machine>
  void set_all(Machine& machine) const {
    for (std::size_t k = 0; k < params_.size(); ++k) machine.set(info(k).name, places_[k].value);
  }

  // Outputs.

  void check_outputs() {
    if (plan_.compile.backend == Backend::interpreter) return;
    const Channels expected = interpreted(Precision::float64), single = interpreted(Precision::float32);
    std::vector<int> widths{4, 8, 16};
    if (plan_.compile.vector_width > 0) widths = {plan_.compile.vector_width};
    if (plan_.compile.backend != Backend::cpu) widths = {0};  // devices compute in scalars, and auto chooses once
    for (const int width : widths) check_outputs(width, expected, single);
  }

  Channels interpreted(Precision precision) {
    Interpreter reference(graph_, plan_.rate, precision);
    set_all(reference);
    Channels out;
    reference.process(in_, out, plan_.frames);
    return out;
  }

  void check_outputs(int width, const Channels& expected, const Channels& single) {
    CompileOptions options = plan_.compile;
    options.vector_width = width;
    options.frames = plan_.frames;
    const Program program = compile(graph_, options);
    Instance instance(program, plan_.rate);
    set_all(instance);
    const auto from = floats(in_);
    std::vector<std::vector<float>> to(expected.size(), std::vector<float>(static_cast<std::size_t>(plan_.frames)));
    instance.process(pointers(from).data(), pointers(to).data(), plan_.frames);
    if (const std::string failure = instance.failure(); !failure.empty()) throw Error(ErrorCode::backend_unavailable, failure);
    const std::string backend = to_string(program.backend());
    for (std::size_t c = 0; c < to.size(); ++c) {
      OutputCheck check{.backend = width > 0 ? backend + ", width " + std::to_string(width) : backend,
                        .name = graph_.outputs()[c].name};
      double error = 0, rounding = 0;
      for (std::size_t n = 0; n < to[c].size(); ++n) {
        if (!std::isfinite(expected[c][n])) {
          throw Error(ErrorCode::not_finite,
                      "output '" + check.name + "' is not finite in frame " + std::to_string(n) + " in the interpreter");
        }
        check.peak = std::max(check.peak, std::fabs(expected[c][n]));
        const double here = std::fabs(static_cast<double>(to[c][n]) - expected[c][n]);
        rounding = std::max(rounding, std::fabs(single[c][n] - expected[c][n]));
        error = std::isnan(here) ? std::numeric_limits<double>::infinity() : std::max(error, here);
      }
      const double scale = std::max(check.peak, 1e-3);
      check.rounding = rounding / scale;
      check.against_interpreter = {true, error / scale,
                                   std::isfinite(check.rounding) ? std::max(output_limit, 4 * check.rounding) : output_limit};
      made_.outputs.push_back(check);
    }
  }

  // Gradients.

  void check_gradients() {
    find_stated();
    loss_ = loss_of(graph_, plan_.seed);
    gradient_ = gradient(loss_, params_);
    for (std::size_t k = 0; k < params_.size(); ++k) {
      wanted_.push_back(gradient_.of[k] ? gradient_.of[k] : graph_.constant(0));
      made_.params.push_back({.name = info(k).name, .value = places_[k].value, .why_none = gradient_.why_none[k]});
    }
    SegmentInterpreter exact(graph_, wanted_, plan_.rate);
    set_all(exact);
    const auto values = exact.evaluate(in_, plan_.frames);
    for (std::size_t k = 0; k < params_.size(); ++k) made_.params[k].gradient = values[k].at(0);
    check_differences();
    if (plan_.compile.backend != Backend::interpreter) check_compiled();
  }

  /// Parameters whose gradient the patch states to be another than the derivative.
  void find_stated() {
    const auto edges = passes::all_edges(graph_);
    for (const Signal param : params_) {
      const std::vector<bool> reached = passes::reached_from(edges, std::span(&param, 1));
      std::string by;
      for (int id = 0; id < graph_.size(); ++id) {
        if (reached[static_cast<std::size_t>(id)] && graph_[id].op->stated_gradient) by = graph_[id].op->name;
      }
      stated_.push_back(by);
    }
  }

  /// The largest gradient of a step by a part of the parameter, so that units do not matter.
  double largest(double ParamCheck::*figure) const {
    double most = 0;
    for (std::size_t k = 0; k < params_.size(); ++k) most = std::max(most, std::fabs(made_.params[k].*figure) * places_[k].size);
    return most;
  }

  double relative(std::size_t k, double a, double b, double most, double small) const {
    const double size = places_[k].size, scale = std::max(std::fabs(b) * size, small * most);
    const double error = std::fabs(a - b) * size;
    if (std::isnan(error)) return std::numeric_limits<double>::infinity();
    return error == 0 ? 0 : error / std::max(scale, 1e-9 * size);  // both next to nothing: rounding
  }

  /// Five-point central differences of two steps each, the two that agree best. Source: Fornberg 1988.
  struct Slopes {
    double value = 0;
    double disagreement = 0;  ///< of two steps
    double kink = 0;          ///< by which the slopes to the left and to the right differ
  };

  Slopes slopes(SegmentInterpreter& run, std::size_t k) {
    const std::string& name = info(k).name;
    const Place& place = places_[k];
    const auto at = [&](double x) {
      run.set(name, x);
      return run.evaluate(in_, plan_.frames)[0][0];
    };
    const double x = place.value, here = at(x);
    Slopes best{.disagreement = std::numeric_limits<double>::infinity()};
    double before = best.disagreement;
    for (const double step : steps) {
      const double h = step * place.size;
      const double far_left = at(x - 2 * h), left = at(x - h), right = at(x + h), far_right = at(x + 2 * h);
      const double slope = (far_left - 8 * left + 8 * right - far_right) / (12 * h);
      const double bend = (4 * (left + right) - 6 * here - far_left - far_right) / (2 * h);
      const double apart = std::fabs(slope - before);
      if (apart < best.disagreement) best = {slope, apart, bend};
      before = slope;
    }
    run.set(name, x);
    return best;
  }

  void check_differences() {
    const std::array<Signal, 1> wanted{loss_};
    SegmentInterpreter run(graph_, wanted, plan_.rate);
    set_all(run);
    std::vector<Slopes> all;
    for (std::size_t k = 0; k < params_.size(); ++k) {
      all.push_back(places_[k].movable ? slopes(run, k) : Slopes{});
      made_.params[k].difference = all[k].value;
    }
    const double most = std::max(largest(&ParamCheck::difference), largest(&ParamCheck::gradient));
    for (std::size_t k = 0; k < params_.size(); ++k) {
      ParamCheck& p = made_.params[k];
      const auto off = [&](double by) { return relative(k, all[k].value + by, all[k].value, most, small_difference); };
      if (!places_[k].movable) {
        p.why_skipped = "its range has no room";
      } else if (!stated_[k].empty()) {
        p.why_skipped = stated_[k] + " states another gradient than the derivative";
      } else if (!(off(all[k].disagreement) <= difference_limit / 2 && off(all[k].kink) <= 0.02)) {
        p.why_skipped = "the differences disagree with each other: a jump or a kink is near";
      } else {
        p.against_differences = {true, relative(k, p.gradient, p.difference, most, small_difference), difference_limit};
      }
    }
  }

  void check_compiled() {
    SegmentOptions options{.compile = plan_.compile};
    Segment segment(compile_segment(wanted_, options), plan_.rate, plan_.frames);
    set_all(segment);
    const auto from = floats(in_);
    segment.run(pointers(from).data(), plan_.frames);
    const double most = largest(&ParamCheck::gradient);
    for (std::size_t k = 0; k < params_.size(); ++k) {
      ParamCheck& p = made_.params[k];
      if (!gradient_.of[k]) continue;
      p.compiled = segment.value(static_cast<int>(k));
      p.against_interpreter = {true, relative(k, p.compiled, p.gradient, most, small_compiled), compiled_limit};
    }
  }

  const CheckPlan& plan_;
  Graph graph_;
  Channels in_;
  std::vector<Signal> params_, wanted_;
  std::vector<Place> places_;
  std::vector<std::string> stated_;
  Signal loss_{};
  Gradient gradient_;
  PatchCheck made_;
};

}  // namespace

PatchCheck check_patch(const std::string& path, const CheckPlan& plan) { return Checker(path, plan).run(); }

}  // namespace dgen::tool
