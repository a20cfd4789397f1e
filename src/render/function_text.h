#pragma once
// Writes the body of one loop-IR function in a C-like dialect: one line a value.

#include <set>
#include <string>
#include <vector>

#include "render/dialect.h"

namespace dgen::render {

/// What a function's text needs from around it.
struct Surroundings {
  const Dialect& dialect;
  const ir::Module& module;
  int lanes = 8;
  std::vector<std::string> buffers;    ///< expression of a pointer to each buffer's first element
  std::vector<std::string> functions;  ///< name of each function of the module
};

struct FunctionText {
  std::string body;         ///< statements, indented by two
  std::set<int> buffers;    ///< that it loads or stores
  std::set<int> arguments;  ///< that it reads
};

FunctionText function_text(const Surroundings& around, const ir::Function& function);

}  // namespace dgen::render
