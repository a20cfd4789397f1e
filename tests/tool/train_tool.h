#pragma once
// Runs `dgen train`, and looks at what it fitted.

#include <cmath>
#include <string>

#include "dgen/patch.h"
#include "tool/dgen_tool.h"

/// A test whose trainings write the patch "o.genexpr" in its folder.
class TrainTool : public Tool {
 protected:
  /// Runs `dgen train`, which must succeed; what it said is in `errors`.
  std::string trained_with(const std::string& arguments) {
    const dgen::base::Completed done = run("train " + arguments + " -o @o.genexpr");
    EXPECT_EQ(done.exit_code, 0) << done.errors;
    errors = shorten(done.errors);
    return done.output;
  }

  /// A parameter's default in the patch that was written; NaN where there is none of this name.
  double fitted(const std::string& name) const {
    dgen::Graph g;
    dgen::load_patch(g, folder / "o.genexpr");
    for (const int id : g.params()) {
      if (g[id].attributes.param->name == name) return g[id].attributes.param->initial;
    }
    return std::nan("");
  }

  bool said(const std::string& text) const { return errors.find(text) != std::string::npos; }

  std::string errors;
};
