#include "dgen/export_c.h"

#include <algorithm>
#include <cctype>

#include "dgen/error.h"
#include "render/export.h"
#include "runtime/pipeline.h"

namespace dgen {

namespace {

bool is_identifier(const std::string& name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) || c == '_'; };
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) && std::all_of(name.begin(), name.end(), fits);
}

}  // namespace

ExportedC export_c(const Graph& graph, const CompileOptions& options) {
  if (!is_identifier(options.name)) {
    throw Error(ErrorCode::bad_value,
                "'" + options.name + "' cannot name C functions: use letters, digits and _, and no digit first");
  }
  CompileOptions portable = options;
  if (portable.vector_width == 0) portable.vector_width = 8;
  const runtime::Compiled compiled = runtime::compile_graph(graph, portable, options.name);
  const render::Exported files = render::render_export(compiled.lowered.module, compiled.interface, compiled.lanes);
  return {.header = files.header, .source = files.source};
}

}  // namespace dgen
