// The gradients of every composite by each of its inputs, against central differences in double: found by walking the op
// table, so that a new one is tested by existing.

#include <gtest/gtest.h>

#include <cmath>
#include <optional>

#include "dgen/delays.h"
#include "dgen/error.h"
#include "dgen/math.h"
#include "dgen/memory.h"
#include "dgen/time.h"
#include "support/differences.h"
#include "support/end_of_call.h"
#include "support/op_inputs.h"
#include "support/random_graph.h"

namespace {

using namespace dgen;
using Channels = std::vector<std::vector<double>>;

constexpr std::int64_t frames = 120;

/// A size at which an input of this name does something.
double size_of(std::string_view name) {
  for (const char* frequency : {"hz", "freq"}) {
    if (name.find(frequency) != std::string_view::npos) return 1800;
  }
  for (const char* count : {"frames", "time", "index", "mode"}) {
    if (name.find(count) != std::string_view::npos) return 2.3;
  }
  return 0.8;
}

/// The op with every input that may move a parameter, or a parameter times noise; input `fixed` at its default.
struct Patch {
  std::unique_ptr<Graph> graph = std::make_unique<Graph>();
  Signal y{};
};

std::optional<Patch> patch_of(const OpDef& op, const std::vector<bool>& fixed) {
  Patch made;
  Graph& g = *made.graph;
  std::vector<Operand> inputs;
  const std::vector<InputDef> declared = signature(op).inputs;
  for (std::size_t k = 0; k < declared.size(); ++k) {
    const InputDef& input = declared[k];
    const std::string name(input.name);
    if (fixed[k]) {
      inputs.emplace_back(input.optional ? input.initial : std::round(size_of(name)));
    } else if (input.name == "table") {
      inputs.emplace_back(table(g, {1, -2, 3, 0.5}));
    } else if (input.name == "history") {
      inputs.emplace_back(history_cell(g));
    } else if (input.optional) {
      inputs.emplace_back(g.param(name, input.initial == 0 ? 0.1 : 1.03 * input.initial));
    } else {
      inputs.emplace_back(dgen::testing::shaped(name, g.param(name, size_of(name)) * g.input(static_cast<int>(k))));
    }
  }
  try {
    made.y = g.n(op, inputs, {});
  } catch (const Error&) {
    return {};
  }
  if (g[made.y.id].op->kind == Kind::cell && g[made.y.id].feedback < 0) g.close(made.y, inputs.back().signal);
  if (g[made.y.id].type.dtype == DType::table) made.y = memory_read(inputs[0].signal, 0.0);
  made.y = dgen::testing::one_number(made.y);
  return made;
}

/// What must be a constant stays one.
Patch patch_of(const OpDef& op) {
  std::vector<bool> fixed(signature(op).inputs.size(), false);
  if (auto all = patch_of(op, fixed)) return std::move(*all);
  for (std::size_t k = fixed.size(); k-- > 0;) {
    fixed[k] = true;
    if (auto some = patch_of(op, fixed)) {
      for (std::size_t j = k + 1; j < fixed.size(); ++j) {  // those that need not be
        fixed[j] = false;
        if (auto more = patch_of(op, fixed)) {
          some = std::move(more);
        } else {
          fixed[j] = true;
        }
      }
      return std::move(*some);
    }
  }
  return {};
}

TEST(EveryComposite, HasTheGradientsOfItsDifferences) {
  int entries = 0, skipped = 0;
  double worst = 0;
  for (const OpDef* op : all_ops()) {
    if (op->kind != Kind::composite) continue;
    SCOPED_TRACE(op->name);
    Patch patch = patch_of(*op);
    ASSERT_TRUE(patch.y);
    Graph& g = *patch.graph;
    const Signal loss = dgen::testing::known_at_the_end(g, patch.y) ? patch.y : ops::time_sum(patch.y * noise(g, 77));
    Channels in = dgen::testing::random_input(5, g.inputs(), frames);
    for (auto& channel : in) {
      for (double& x : channel) x = 0.6 + 0.4 * x;  // levels and frequencies are positive
    }
    std::vector<dgen::testing::Comparison> all;
    double largest = 1e-3;
    for (const int param : std::vector<int>(g.params().begin(), g.params().end())) {
      const double size = std::fmax(1, std::fabs(g[param].attributes.param->initial));
      all.push_back(dgen::testing::compare_gradient(g, loss, param, in, frames));
      for (double* slope : {&all.back().exact, &all.back().difference, &all.back().other_step}) *slope *= size;  // units
      largest = std::fmax(largest, std::fabs(all.back().difference));
    }
    for (const auto& c : all) {
      ++entries;
      if (!(std::fabs(c.difference - c.other_step) <= 3e-7 * largest)) {
        ++skipped;  // a jump or a kink lies between the steps
        continue;
      }
      worst = std::fmax(worst, std::fabs(c.exact - c.difference) / largest);
      EXPECT_NEAR(c.exact, c.difference, 1e-6 * largest);
    }
  }
  std::printf("%d gradients of composites, %d skipped because two steps disagree, worst error %.2g\n", entries, skipped, worst);
  EXPECT_GE(entries, 100);
  EXPECT_LE(skipped, entries / 20);
}

}  // namespace
