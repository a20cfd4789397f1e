// The page docs/ops.md, written from the records.

#include <string>

#include "dgen/op.h"
#include "dsp/families.h"

namespace dgen {

namespace {

constexpr std::string_view introduction =
    "# Ops\n\n"
    "Written from the records of the ops; do not edit. `DGEN_UPDATE_DOCS=1` before the test program `docs_tests` writes it "
    "anew.\n\n"
    "An input with a default may be left out; `...` stands for any number of further inputs. Signals are numbers once a frame;\n"
    "true is 1 and false is 0. The column *gradient* says where derivatives come from: *rule*, the op's own; *zero*, the stated\n"
    "policy of what is piecewise constant; *parts*, those of the ops a composite is built of; *structure*, the adjoint that its\n"
    "kind has in time; *none*, a source that no parameter can move.\n";

std::string_view gradient_policy(const OpDef& op) {
  if (op.zero_derivative) return "zero";
  if (op.gradient) return "rule";
  switch (op.kind) {
    case Kind::composite: return "parts";
    case Kind::constant:
    case Kind::tensor:
    case Kind::input:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise: return "none";
    case Kind::param:
    case Kind::pointwise:
    case Kind::reduce:
    case Kind::window:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::fft:
    case Kind::delay:
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::line_read:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument: return "structure";
  }
  return {};
}

/// Text of a table's cell: a bar would end it.
std::string cell_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
  return escaped;
}

std::string row(const OpDef& op) {
  const std::string inputs = op.inputs.empty() ? "" : "`" + std::string(op.inputs) + "`";
  return "| `" + std::string(op.name) + "` | " + inputs + " | " + cell_text(op.doc) + " | " + std::string(gradient_policy(op)) +
         " | " + cell_text(op.source) + " |\n";
}

}  // namespace

std::string op_reference_markdown() {
  std::string text(introduction);
  for (const ops::Family& family : ops::families()) {
    text += "\n## " + std::string(family.title) + "\n\n| op | inputs | what it is | gradient | source |\n|---|---|---|---|---|\n";
    for (const OpDef* op : family.ops) text += row(*op);
  }
  return text;
}

}  // namespace dgen
