// `dgen export`: a patch as C source that needs nothing but a C compiler.

#include <cctype>
#include <filesystem>

#include "audio/file_bytes.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/export_c.h"
#include "dgen/messages.h"
#include "dgen/patch.h"
#include "dgen/patch_options.h"

namespace dgen::tool {

namespace {

struct ExportOptions {
  PatchOptions patch{};
  std::string folder{}, name{};
};

/// The patch file's name without its ending, as a C identifier.
std::string name_of(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) ? "patch_" + name : name;
}

void export_patch(const ExportOptions& options) {
  Graph graph;
  load_patch(graph, options.patch.path);
  CompileOptions compile_options = options.patch.compile;
  compile_options.name = options.name.empty() ? name_of(options.patch.path) : options.name;
  const ExportedC files = export_c(graph, compile_options);
  const std::filesystem::path folder = options.folder;
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(ErrorCode::file_unwritable, "cannot make the folder '" + folder.string() + "': " + failed.message());
  const std::string base = (folder / compile_options.name).string();
  audio::write_bytes(base + ".h", files.header);
  audio::write_bytes(base + ".c", files.source);
  say("wrote '" + base + ".h' and '" + base + ".c'");
}

}  // namespace

void add_export(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("export", "Write a patch as C source that needs nothing but a C compiler");
  const auto options = std::make_shared<ExportOptions>();
  options->patch.add_patch(command);
  command.add_option("-o,--output", options->folder, "Folder for NAME.h and NAME.c; made where it is missing")
      ->required()
      ->type_name("DIR");
  command.add_option("--name", options->name, "Of the files and functions; default: the patch file's")->type_name("NAME");
  options->patch.add_width(command);
  command.footer(R"(The header says what each function does and from which threads it may be called. Compile with
  cc -O2 -ffp-contract=fast -fno-math-errno -fno-trapping-math -Wno-psabi
and never with -ffast-math.

Examples:
  dgen export echo.genexpr -o generated
  dgen export echo.genexpr -o generated --name my_echo --width 4)");
  command.callback([options] { export_patch(*options); });
}

}  // namespace dgen::tool
