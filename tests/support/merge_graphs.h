#pragma once
// Many graphs as one: what each computes, beside the others, so that back ends that are slow to build are built once.

#include <memory>
#include <string>
#include <vector>

#include "dgen/graph.h"

namespace dgen::testing {

/// Adds the nodes and outputs of `from`; host inputs are shared, parameters and outputs get `prefix` in front of their names.
/// Returns the node that each became.
inline std::vector<int> merge(Graph& into, const Graph& from, const std::string& prefix) {
  std::vector<int> made;
  for (const Node& node : from.nodes()) {
    std::vector<int> inputs;
    for (const int x : node.inputs) inputs.push_back(made[static_cast<std::size_t>(x)]);
    Node copied = node;
    copied.path = prefix + node.path;
    if (node.attributes.param) {
      auto renamed = std::make_shared<ParamInfo>(*node.attributes.param);
      renamed->name = prefix + renamed->name;
      copied.attributes.param = std::move(renamed);
    }
    made.push_back(into.copy(copied, inputs).id);
  }
  const auto signal = [&](int id) { return Signal{&into, made[static_cast<std::size_t>(id)]}; };
  for (int id = 0; id < from.size(); ++id) {
    if (from[id].feedback >= 0) into.close(signal(id), signal(from[id].feedback));
  }
  for (const Output& output : from.outputs()) into.output(signal(output.node), prefix + output.name);
  return made;
}

}  // namespace dgen::testing
