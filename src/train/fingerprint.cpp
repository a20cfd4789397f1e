#include "train/fingerprint.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/index.h"
#include "passes/reach.h"

namespace dgen::train {

namespace {

/// The nodes that `loss` depends on, in the order of the graph.
std::vector<int> nodes_of(Signal loss) {
  const std::vector<std::vector<int>> edges = passes::all_edges(*loss.graph);
  std::vector<bool> seen(edges.size());
  std::vector<int> found{loss.id};
  seen[at(loss.id)] = true;
  for (std::size_t k = 0; k < found.size(); ++k) {
    for (const int x : edges[at(found[k])]) {
      if (!seen[at(x)]) found.push_back(x), seen[at(x)] = true;
    }
  }
  std::ranges::sort(found);
  return found;
}

std::string_view bytes_of(std::span<const float> frames) {
  return {reinterpret_cast<const char*>(frames.data()), frames.size_bytes()};
}

}  // namespace

std::string fingerprint(Signal loss) {
  const Graph& graph = *loss.graph;
  std::vector<std::uint64_t> number(at(graph.size()));
  base::ByteWriter bytes;
  std::uint64_t count = 0;
  const std::vector<int> nodes = nodes_of(loss);
  for (const int id : nodes) number[at(id)] = ++count;
  for (const int id : nodes) {
    const Node& node = graph[id];
    const Attributes& a = node.attributes;
    bytes.text(node.op->name);
    bytes.number(a.value);
    bytes.whole(static_cast<std::uint64_t>(a.size));
    bytes.whole(static_cast<std::uint64_t>(a.hop));
    bytes.whole(static_cast<std::uint64_t>(a.bound));
    bytes.text(to_string(node.type));
    bytes.text(a.param ? a.param->name : "");
    bytes.numbers(a.table ? std::span<const double>(*a.table) : std::span<const double>());
    for (const int x : node.inputs) bytes.whole(number[at(x)]);
    bytes.whole(node.feedback < 0 ? 0 : number[at(node.feedback)]);
  }
  bytes.whole(number[at(loss.id)]);
  return base::to_hex(base::hash(bytes.take()));
}

std::string fingerprint(std::span<const std::span<const float>> channels) {
  base::ByteWriter bytes;
  for (const std::span<const float> channel : channels) {
    const base::Hash hash = base::hash(bytes_of(channel));
    bytes.whole(channel.size());
    bytes.whole(hash.high);
    bytes.whole(hash.low);
  }
  return base::to_hex(base::hash(bytes.take()));
}

}  // namespace dgen::train
