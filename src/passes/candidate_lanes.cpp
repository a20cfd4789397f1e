#include "passes/candidate_lanes.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/index.h"
#include "dgen/error.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "graph/describe.h"
#include "graph/table_size.h"
#include "passes/reach.h"

namespace dgen::passes {

namespace {

class LaneWriter {
 public:
  LaneWriter(const Graph& graph, std::span<const int> wanted, std::int32_t lanes)
      : g_(graph), lanes_(lanes), made_(std::make_unique<Graph>()), out_(*made_), map_(at(graph.size()), -1),
        edges_(all_edges(graph)) {
    find_needed(wanted);
    find_wide();
  }

  CandidateLanes write(std::span<const int> wanted) {
    for (int id = 0; id < g_.size(); ++id) {
      if (needed_[at(id)]) map_[at(id)] = (wide_[at(id)] ? widened(id) : copied(g_[id], plain_inputs(id))).id;
    }
    for (int id = 0; id < g_.size(); ++id) {
      if (!needed_[at(id)] || g_[id].feedback < 0 || (wide_[at(id)] && g_[id].op->kind == Kind::line)) continue;
      out_.close(mapped(id), wide_[at(id)] ? in_lanes(g_[id].feedback, g_[id].type.shape.rank) : mapped(g_[id].feedback));
    }
    CandidateLanes lanes;
    for (const int id : wanted) lanes.wanted.push_back(expand(in_lanes(id, g_[id].type.shape.rank), lane_shape(id)));
    lanes.graph = std::move(made_);
    return lanes;
  }

 private:
  /// Parameters always: they keep their numbers.
  void find_needed(std::span<const int> wanted) {
    needed_.assign(at(g_.size()), false);
    std::vector<int> found(wanted.begin(), wanted.end());
    found.insert(found.end(), g_.params().begin(), g_.params().end());
    for (std::size_t k = 0; k < found.size(); ++k) {
      if (needed_[at(found[k])]) continue;
      needed_[at(found[k])] = true;
      const std::vector<int>& more = edges_[at(found[k])];
      found.insert(found.end(), more.begin(), more.end());
    }
  }

  void find_wide() {
    std::vector<Signal> sources;
    for (const int id : g_.params()) sources.push_back({&out_, id});
    wide_ = reached_from(edges_, sources);
  }

  [[noreturn]] void refuse(int id, const std::string& why) const {
    throw Error(ErrorCode::bad_type, describe(g_, id) + " depends on a parameter and " + why);
  }

  bool depends(int id, int on) const { return reached_from(edges_, std::array{Signal{&out_, on}})[at(id)]; }
  Signal mapped(int id) const { return {&out_, map_[at(id)]}; }
  Signal copied(const Node& node, const std::vector<int>& inputs) { return out_.copy(node, inputs); }
  bool is_wide(int id, std::size_t input) const { return wide_[at(g_[id].inputs[input])]; }

  std::vector<int> plain_inputs(int id) const {
    std::vector<int> inputs;
    for (const int x : g_[id].inputs) inputs.push_back(map_[at(x)]);
    return inputs;
  }

  Shape with_lanes(const Shape& shape, int id) const {
    Shape made{.rank = shape.rank + 1};
    if (made.rank > static_cast<int>(made.extent.size())) refuse(id, "would have more than 6 dimensions with the lanes");
    made.extent[0] = lanes_;
    std::copy_n(shape.extent.begin(), shape.rank, made.extent.begin() + 1);
    return made;
  }
  Shape lane_shape(int id) const { return with_lanes(g_[id].type.shape, id); }

  /// The value of a node with as many axes behind that of the lanes as `rank` says, [lanes or nothing, 1 …, shape], so that it
  /// broadcasts with others of that rank.
  Signal in_lanes(int id, int rank, bool all_axes = false) const {
    const Shape& shape = g_[id].type.shape;
    const bool wide = wide_[at(id)];
    if ((shape.rank == rank || !wide) && !(all_axes && !wide)) return mapped(id);
    Shape made{.rank = rank + 1};
    made.extent.fill(0);
    for (int k = 0; k <= rank; ++k) made.extent[at(k)] = 1;
    made.extent[0] = wide ? lanes_ : 1;
    std::copy_n(shape.extent.begin(), shape.rank, made.extent.begin() + 1 + rank - shape.rank);
    return reshape(mapped(id), made);
  }

  /// Inputs whose axes meet from the last on.
  std::vector<int> joined_inputs(int id) const {
    int rank = 0;
    for (const int x : g_[id].inputs) rank = std::max(rank, g_[x].type.shape.rank);
    std::vector<int> inputs;
    for (const int x : g_[id].inputs) inputs.push_back(in_lanes(x, rank).id);
    return inputs;
  }

  /// The same with the axis of lanes in every input, of one of them all lanes.
  std::vector<int> full_inputs(int id, bool first_wide) const {
    const int rank = g_[g_[id].inputs[0]].type.shape.rank;
    std::vector<int> inputs;
    for (const int x : g_[id].inputs) inputs.push_back(in_lanes(x, rank, true).id);
    if (first_wide && !is_wide(id, 0)) inputs[0] = expand(Signal{&out_, inputs[0]}, lane_shape(g_[id].inputs[0])).id;
    return inputs;
  }

  Signal widened(int id) {
    const Node& node = g_[id];
    switch (node.op->kind) {
      case Kind::param: return param(node, id);
      case Kind::pointwise: return copied(node, joined_inputs(id));
      case Kind::reduce:
      case Kind::window:
      case Kind::overlap_add:
      case Kind::hold:
      case Kind::fft: return copied(node, plain_inputs(id));
      case Kind::delay:
        if (is_wide(id, 1)) refuse(id, "is a delay whose time differs from lane to lane");
        return copied(node, plain_inputs(id));
      case Kind::cell: return cell(node, id);
      case Kind::gather: return looked_up(id);
      case Kind::expand: return shaped(id, in_lanes(node.inputs[0], node.attributes.shape.rank));
      case Kind::reshape: return shaped(id, mapped(node.inputs[0]));
      case Kind::contract: return contracted(id);
      case Kind::linear: return is_wide(id, 1) ? multiplied(id) : copied(node, plain_inputs(id));
      case Kind::matmul: return copied(node, joined_inputs(id));
      case Kind::view:
      case Kind::view_sum: return viewed(id);
      case Kind::cumulate:
      case Kind::scatter_add: return along(id, full_inputs(id, true));
      case Kind::extremum:
      case Kind::take: return along(id, full_inputs(id, false));
      case Kind::line: return copied(node, {});  // what reads it reads what is written to it
      case Kind::line_read: return read(id);
      case Kind::table:
      case Kind::scatter:
      case Kind::sequence: refuse(id, "is a table that is written");
      case Kind::handle: refuse(id, "is a loop closed by hand");
      case Kind::constant:
      case Kind::input:
      case Kind::sample_rate:
      case Kind::frame_index:
      case Kind::noise:
      case Kind::recur:
      case Kind::result:
      case Kind::state:
      case Kind::argument:
      case Kind::tensor:
      case Kind::outer:
      case Kind::composite: break;
    }
    refuse(id, "is a " + std::string(node.op->name));
  }

  Signal param(const Node& node, int id) {
    ParamInfo info = *node.attributes.param;
    if (info.values) {
      std::vector<double> each;
      for (int lane = 0; lane < lanes_; ++lane) each.insert(each.end(), info.values->begin(), info.values->end());
      info.values = std::make_shared<const std::vector<double>>(std::move(each));
    }
    info.shape = lane_shape(id);
    Node row = node;
    row.attributes.param = std::make_shared<const ParamInfo>(std::move(info));
    return copied(row, {});
  }

  Signal cell(const Node& node, int id) {
    const Signal initial = in_lanes(node.inputs[0], node.type.shape.rank);
    return copied(node, {expand(initial, lane_shape(id)).id});
  }

  /// An element of a table that nobody writes, by an index for each lane.
  Signal looked_up(int id) {
    const Node& node = g_[id];
    if (is_wide(id, 0)) refuse(id, "reads a table that is written");
    const Attributes& table = g_[node.inputs[0]].attributes;
    if (g_[node.inputs[0]].op->kind != Kind::table || g_[node.inputs[0]].feedback >= 0)
      refuse(id, "reads a table that is written");
    std::vector<double> contents = table_contents(table);
    contents.resize(static_cast<std::size_t>(table_size(table)));
    const Signal values = tensor(out_, contents, extents({static_cast<std::int32_t>(contents.size())}));
    Attributes attributes{.bound = node.attributes.bound};
    return out_.add(ops::take, std::array{values, mapped(node.inputs[1])}, attributes, node.origin);
  }

  Signal shaped(int id, Signal x) {
    Node row = g_[id];
    row.attributes.shape = lane_shape(id);
    return copied(row, {x.id});
  }

  /// Sums over axes in front of those that are left, too: these stay as ones until the sum is made.
  Signal contracted(int id) {
    const Node& node = g_[id];
    const int rank = g_[node.inputs[0]].type.shape.rank;
    const Shape& left = node.attributes.shape;
    Shape ones = extents({lanes_, 1, 1, 1, 1, 1});
    ones.rank = rank + 1;
    std::copy_n(left.extent.begin(), left.rank, ones.extent.begin() + 1 + rank - left.rank);
    std::fill(ones.extent.begin() + ones.rank, ones.extent.end(), 0);
    Node row = node;
    row.attributes.shape = ones;
    const Signal sum = copied(row, {map_[at(node.inputs[0])]});
    return rank == left.rank ? sum : reshape(sum, lane_shape(id));
  }

  /// A delay line outside loops: a delay of what is written to it.
  Signal read(int id) {
    const Node& node = g_[id];
    const Node& line = g_[node.inputs[0]];
    if (is_wide(id, 1)) refuse(id, "is a delay whose time differs from lane to lane");
    if (line.feedback < 0 || line.feedback >= id || depends(line.feedback, node.inputs[0]))
      refuse(id, "is a delay line in a loop");
    const Signal written = in_lanes(line.feedback, 0);
    return out_.add(ops::delay_tap, std::array{written, mapped(node.inputs[1])}, {.size = line.attributes.size}, node.origin);
  }

  /// A matrix for each lane times columns, each of which was a row.
  Signal multiplied(int id) {
    const Node& node = g_[id];
    const int x = node.inputs[0], rank = g_[x].type.shape.rank;
    Shape column = with_lanes(g_[x].type.shape, id);
    if (column.rank == static_cast<int>(column.extent.size())) refuse(id, "would have more than 6 dimensions with the lanes");
    column.extent[at(column.rank++)] = 1;
    if (!is_wide(id, 0)) column.extent[0] = 1;
    const std::array inputs{in_lanes(node.inputs[1], rank + 1), reshape(mapped(x), column)};
    return reshape(out_.add(ops::matmul, inputs, {.size = node.attributes.size}, node.origin), lane_shape(id));
  }

  Signal along(int id, const std::vector<int>& inputs) {
    Node row = g_[id];
    ++row.attributes.axis;
    return copied(row, inputs);
  }

  /// The map of each lane, moved to its elements.
  Signal viewed(int id) {
    const Node& node = g_[id];
    const bool sums = node.op->kind == Kind::view_sum;
    std::vector<std::int32_t> first, count;  // of each input: its place among one lane's, its elements
    std::vector<int> inputs;
    std::int32_t place = 0;
    for (const int x : node.inputs) {
      first.push_back(place);
      count.push_back(static_cast<std::int32_t>(g_[x].type.shape.elements()));
      place += count.back();
      inputs.push_back(expand(in_lanes(x, g_[x].type.shape.rank), lane_shape(x)).id);
    }
    const auto outputs = static_cast<std::int32_t>(node.attributes.shape.elements());
    const std::vector<std::int32_t>& map = *node.attributes.map;
    std::vector<std::int32_t> moved;
    moved.reserve(map.size() * static_cast<std::size_t>(lanes_));
    for (std::int32_t lane = 0; lane < lanes_; ++lane) {
      for (const std::int32_t to : map) {
        if (to < 0) {
          moved.push_back(-1);
          continue;
        }
        const auto input = static_cast<std::size_t>(std::upper_bound(first.begin(), first.end(), to) - first.begin()) - 1;
        moved.push_back(sums ? lane * outputs + to : first[input] * lanes_ + lane * count[input] + to - first[input]);
      }
    }
    Node row = node;
    row.attributes.shape = lane_shape(id);
    row.attributes.map = std::make_shared<const std::vector<std::int32_t>>(std::move(moved));
    return copied(row, inputs);
  }

  const Graph& g_;
  const std::int32_t lanes_;
  std::unique_ptr<Graph> made_;
  Graph& out_;
  std::vector<int> map_;
  std::vector<std::vector<int>> edges_;
  std::vector<bool> needed_, wide_;
};

}  // namespace

CandidateLanes candidate_lanes(const Graph& graph, std::span<const int> wanted, std::int32_t lanes) {
  return LaneWriter(graph, wanted, lanes).write(wanted);
}

}  // namespace dgen::passes
