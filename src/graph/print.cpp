#include <array>
#include <charconv>

#include "dgen/graph.h"
#include "graph/describe.h"

namespace dgen {

namespace {

std::string number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// The first numbers.
std::string tensor_text(const std::vector<double>& values) {
  constexpr std::size_t most = 4;
  std::string text = " {";
  for (std::size_t k = 0; k < values.size() && k < most; ++k) text += (k ? ", " : "") + number(values[k]);
  return text + (values.size() > most ? ", …}" : "}");
}

std::string along(const Node& node) { return " along axis " + std::to_string(node.attributes.axis); }

std::string attributes_of(const Graph& graph, const Node& node) {
  switch (node.op->kind) {
    case Kind::constant: return " " + number(node.attributes.value);
    case Kind::param: {
      const ParamInfo& info = *node.attributes.param;
      return " '" + info.name + "' =" + (info.values ? tensor_text(*info.values) : " " + number(info.initial));
    }
    case Kind::table: return node.attributes.table ? " [" + std::to_string(node.attributes.table->size()) + "]" : "";
    case Kind::input:
    case Kind::noise:
    case Kind::delay:
    case Kind::line:
    case Kind::line_read:
    case Kind::result:
    case Kind::state:
    case Kind::argument: return " " + std::to_string(node.attributes.size);
    case Kind::window: return " " + std::to_string(node.attributes.size) + " every " + std::to_string(node.attributes.hop);
    case Kind::tensor: return tensor_text(*node.attributes.table);
    case Kind::linear: return node.attributes.size == 1 ? " transposed" : "";
    case Kind::matmul:
      return std::array{"", " transposed", " by transposed",
                        " transposed by transposed"}[static_cast<std::size_t>(node.attributes.size)];
    case Kind::cumulate: return along(node) + (node.attributes.size == 1 ? " from the end" : "");
    case Kind::extremum: return along(node) + (node.attributes.size == 1 ? " smallest" : " largest");
    case Kind::take:
    case Kind::scatter_add: return along(node);
    case Kind::fft: return " " + std::to_string(node.attributes.size);
    case Kind::outer:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::view:
    case Kind::view_sum:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::reduce:
    case Kind::pointwise:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::handle:
    case Kind::sequence:
    case Kind::recur:
    case Kind::composite: return {};
  }
  static_cast<void>(graph);
  return {};
}

void print(const Graph& graph, const std::string& indent, std::string& text) {
  for (int id = 0; id < graph.size(); ++id) {
    const Node& node = graph[id];
    text += indent + "%" + std::to_string(id) + " = " + std::string(node.op->name) + attributes_of(graph, node);
    for (const int x : node.inputs) text += " %" + std::to_string(x);
    if (node.feedback >= 0) text += " <- %" + std::to_string(node.feedback);
    text += " : " + to_string(node.type);
    if (!node.path.empty() && node.path != node.op->name) text += "  # " + node.path;
    text += "\n";
    if (const Recurrence* recurrence = node.attributes.recurrence.get()) {
      print(*recurrence->body, indent + "    ", text);
      for (std::size_t k = 0; k < recurrence->states.size(); ++k) {
        const RecurrenceState& state = recurrence->states[k];
        text += indent + "    next " + std::to_string(k) + " '" + state.name + "' = %" + std::to_string(state.next) + "\n";
      }
      text += indent + "    results";
      for (const int result : recurrence->results) text += " %" + std::to_string(result);
      text += "\n";
    }
  }
  for (const Output& output : graph.outputs())
    text += indent + "output '" + output.name + "' %" + std::to_string(output.node) + "\n";
}

}  // namespace

std::string to_text(const Graph& graph) {
  std::string text;
  print(graph, "", text);
  return text;
}

}  // namespace dgen
