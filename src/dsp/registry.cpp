// Every op of every family, for what walks the table.

#include <map>
#include <vector>

#include "dgen/op.h"
#include "dsp/families.h"

namespace dgen {

namespace {

const std::vector<const OpDef*>& registry() {
  static const std::vector<const OpDef*> ops = [] {
    std::vector<const OpDef*> found;
    for (const ops::Family& family : ops::families()) found.insert(found.end(), family.ops.begin(), family.ops.end());
    return found;
  }();
  return ops;
}

}  // namespace

std::span<const OpDef* const> all_ops() { return registry(); }

const OpDef* find_op(std::string_view name) {
  static const std::map<std::string_view, const OpDef*> by_name = [] {
    std::map<std::string_view, const OpDef*> found;
    for (const OpDef* op : registry()) found.emplace(op->name, op);
    return found;
  }();
  const auto at = by_name.find(name);
  return at == by_name.end() ? nullptr : at->second;
}

}  // namespace dgen
