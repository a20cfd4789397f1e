#include "ir/one_lane.h"

#include <algorithm>

namespace dgen::ir {

namespace {

bool moves_lanes(const Instr& instr) {
  switch (instr.code) {
    case Code::interleave_low:
    case Code::interleave_high:
    case Code::even_lanes:
    case Code::odd_lanes:
    case Code::permute:
    case Code::shift_down:
    case Code::first: return true;
    default: return instr.type.octet;
  }
}

void narrow(Instr& instr) {
  instr.type.wide = false;
  switch (instr.code) {
    case Code::lane: instr = {.code = Code::constant, .type = instr.type, .integer = 0}; return;
    case Code::lanes: instr = {.code = Code::constant, .type = instr.type, .integer = 1}; return;
    case Code::shift_up:  // the lane before the only one is that of the vector before
      if (instr.integer > 0) instr.args[0] = instr.args[1];
      [[fallthrough]];
    case Code::last: instr = {.code = Code::broadcast, .type = instr.type, .args = {instr.args[0], -1, -1, -1}}; return;
    case Code::load_back:
    case Code::load_once:
    case Code::gather: instr.code = Code::load; return;
    default: return;
  }
}

void narrow(std::vector<Stmt>& block) {
  for (Stmt& stmt : block) {
    stmt.by_lanes = stmt.back = false;
    narrow(stmt.body);
    narrow(stmt.otherwise);
  }
}

}  // namespace

bool has_one_lane_form(const Function& function) { return std::ranges::none_of(function.values, moves_lanes); }

Function in_one_lane(Function function) {
  for (Instr& instr : function.values) narrow(instr);
  for (Variable& variable : function.variables) variable.type.wide = false;
  for (Type& type : function.arguments) type.wide = false;
  narrow(function.body);
  return function;
}

}  // namespace dgen::ir
