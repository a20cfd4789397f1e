#include "lower/changes.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/index.h"

namespace dgen::lower {

namespace {

/// Whether a control node is computed in a control stage of numbers from its inputs alone.
bool is_known_kind(Kind kind) {
  return kind == Kind::pointwise || kind == Kind::gather || kind == Kind::param || kind == Kind::sample_rate ||
         kind == Kind::constant || kind == Kind::table || kind == Kind::tensor;
}

/// What each node follows from.
std::vector<Changes> changes_of_nodes(const Graph& g, const std::map<int, std::int64_t>& offsets) {
  std::vector<Changes> found(at(g.size()), 0);
  for (int id = 0; id < g.size(); ++id) {
    const Node& node = g[id];
    Changes& own = found[at(id)];
    for (const int x : node.inputs) own |= found[at(x)];
    if (const auto offset = offsets.find(id); offset != offsets.end())
      own |= node.type.shape.rank > 0 ? any_change : change_of(offset->second);
    else if (!is_known_kind(node.op->kind) || node.feedback >= 0)
      own = any_change;
  }
  return found;
}

/// Sets that grow together.
class Sets {
 public:
  explicit Sets(int count) : up_(at(count)) { std::iota(up_.begin(), up_.end(), 0); }
  int of(int id) {
    while (up_[at(id)] != id) id = up_[at(id)] = up_[at(up_[at(id)])];
    return id;
  }
  void join(int a, int b) { up_[at(of(a))] = of(b); }

 private:
  std::vector<int> up_;
};

/// Nodes of `inside`, and the leaves that they take.
std::vector<int> with_leaves(const Graph& g, const std::vector<int>& nodes, const std::set<int>& inside,
                             const std::set<int>& leaves) {
  std::set<int> wanted = inside;
  for (auto id = nodes.rbegin(); id != nodes.rend(); ++id) {
    if (!wanted.contains(*id)) continue;
    for (const int x : g[*id].inputs) {
      if (leaves.contains(x)) wanted.insert(x);
    }
  }
  std::vector<int> ordered;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(ordered), [&](int id) { return wanted.contains(id); });
  return ordered;
}

/// What was stored by kernels so far follows from.
class Stored {
 public:
  Changes loaded(int buffer, const std::int64_t* element) const {
    Changes found = 0;
    if (const auto wide = anywhere_.find(buffer); wide != anywhere_.end()) found |= wide->second;
    const auto slots = slots_.find(buffer);
    if (slots == slots_.end()) return found;
    for (const auto& [slot, changes] : slots->second) {
      if (!element || *element == slot) found |= changes;
    }
    return found;
  }
  void store(int buffer, const std::int64_t* element, Changes changes) {
    (element ? slots_[buffer][*element] : anywhere_[buffer]) |= changes;
  }

 private:
  std::map<int, std::map<std::int64_t, Changes>> slots_;
  std::map<int, Changes> anywhere_;
};

/// The element that a value is, where it is known.
const std::int64_t* known_element(const ir::Function& kernel, int value, bool wide) {
  const ir::Instr& index = kernel.values[at(value)];
  return index.code == ir::Code::constant && !wide ? &index.integer : nullptr;
}

bool is_one(const ir::Type& type) { return !type.wide && !type.octet; }

bool is_load(ir::Code code) {
  return code == ir::Code::load || code == ir::Code::load_back || code == ir::Code::load_once || code == ir::Code::gather;
}

Changes changes_of_loads(const ir::Module& module, const ir::Function& kernel, const Stored& stored) {
  Changes found = 0;
  for (const ir::Instr& value : kernel.values) {
    if (!is_load(value.code)) continue;
    const std::int64_t* const element =
        known_element(kernel, value.args[0], !is_one(value.type) || value.code == ir::Code::gather);
    if (module.buffers[at(value.ref)].space == ir::Space::params)
      found |= element ? change_of(*element) : any_change;
    else
      found |= stored.loaded(value.ref, element);
  }
  return found;
}

void note_stores(const ir::Function& kernel, const std::vector<ir::Stmt>& body, Stored& stored) {
  for (const ir::Stmt& statement : body) {
    if (statement.form == ir::Stmt::Form::store) {
      const bool wide = !is_one(kernel.values[at(statement.value)].type);
      stored.store(statement.ref, known_element(kernel, statement.at, wide), kernel.changes);
    }
    note_stores(kernel, statement.body, stored);
    note_stores(kernel, statement.otherwise, stored);
  }
}

}  // namespace

Changes change_of(std::int64_t offset) { return Changes{1} << std::min<std::int64_t>(offset, 63); }

std::vector<ControlPart> control_parts(const Graph& g, const schedule::Stage& stage, const std::map<int, std::int64_t>& offsets) {
  const std::vector<Changes> changes = changes_of_nodes(g, offsets);
  const std::set<int> here(stage.nodes.begin(), stage.nodes.end());
  Sets sets(g.size());
  std::set<int> leaves;  // parameters, and what follows from none
  for (const int id : stage.nodes) {
    if (changes[at(id)] == 0 || g[id].op->kind == Kind::param) leaves.insert(id);
    for (const int x : g[id].inputs) {
      if (here.contains(x) && !leaves.contains(x)) sets.join(x, id);
    }
  }
  std::map<int, Changes> of_set;
  for (const int id : stage.nodes) of_set[sets.of(id)] |= changes[at(id)];
  std::map<Changes, std::set<int>> parts;
  for (const int id : stage.nodes) parts[of_set[sets.of(id)]].insert(id);
  std::vector<ControlPart> made;
  for (const auto& [own, nodes] : parts) made.push_back({own, nodes, with_leaves(g, stage.nodes, nodes, leaves)});
  return made;
}

void mark_changes(ir::Module& module) {
  Stored stored;
  for (ir::Function& kernel : module.kernels) {
    if (kernel.when != ir::When::change) continue;
    if (kernel.changes == any_change) {
      const Changes found = changes_of_loads(module, kernel, stored);
      if (found != 0) kernel.changes = found;  // of none: what it is for is not seen here
    }
    note_stores(kernel, kernel.body, stored);
  }
}

}  // namespace dgen::lower
