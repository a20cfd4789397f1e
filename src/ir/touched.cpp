#include "ir/touched.h"

#include <vector>

#include "base/index.h"

namespace dgen::ir {

namespace {

void collect(const Function& kernel, const std::vector<Stmt>& block, Touched& touched) {
  for (const Stmt& stmt : block) {
    if (stmt.form == Stmt::Form::store) touched.written.insert(stmt.ref);
    if (stmt.form == Stmt::Form::let) {
      const Instr& instr = kernel.values[at(stmt.value)];
      if (reads_buffer(instr.code)) touched.read.insert(instr.ref);
    }
    collect(kernel, stmt.body, touched);
    collect(kernel, stmt.otherwise, touched);
  }
}

}  // namespace

Touched touched_by(const Function& kernel) {
  Touched touched;
  collect(kernel, kernel.body, touched);
  return touched;
}

}  // namespace dgen::ir
