#include "engine/cpu_compiler.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/hash.h"
#include "base/subprocess.h"
#include "base/text.h"
#include "dgen/error.h"

namespace dgen::engine {

namespace fs = std::filesystem;

namespace {

// Code for the very processor it will run on: on Arm both compilers spell it so, elsewhere some know none.
#if defined(__x86_64__) || defined(__i386__)
constexpr const char* for_this_processor = "-march=native";
#elif defined(__aarch64__)
constexpr const char* for_this_processor = "-mcpu=native";
#else
constexpr const char* for_this_processor = "-O2";
#endif

constexpr double identify_timeout_s = 10;
constexpr double default_compile_timeout_s = 600;

[[noreturn]] void missing(const std::string& what) {
  throw Error(ErrorCode::compiler_missing,
              what +
                  ". Install one (Debian: apt install gcc; macOS: xcode-select --install), or name one with "
                  "CompileOptions::compiler or the environment variable DGEN_CC. The interpreter back end needs none.");
}

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Path of the compiler to use.
std::string choose(const std::string& wanted) {
  struct Choice {
    std::string name, from;
  };
  for (const Choice& choice : {Choice{wanted, "CompileOptions::compiler"}, Choice{from_environment("DGEN_CC"), "$DGEN_CC"}}) {
    if (choice.name.empty()) continue;
    const std::string path = base::find_program(choice.name);
    if (path.empty()) missing("the C compiler '" + choice.name + "' (from " + choice.from + ") is not there or not executable");
    return path;
  }
  const std::string named = from_environment("CC");  // may hold a command line, which is for make
  for (const std::string& name : {named, std::string("cc"), std::string("gcc"), std::string("clang")}) {
    if (const std::string path = base::find_program(name); !path.empty()) return path;
  }
  missing("no C compiler: looked for " + (named.empty() ? std::string() : "$CC ('" + named + "'), ") +
          "cc, gcc and clang in $PATH");
}

std::string ask_version(const std::string& path) {
  const base::Command command{.program = path, .arguments = {"--version"}, .timeout_s = identify_timeout_s};
  const base::Completed completed = base::run(command);
  if (!completed.started) missing("the C compiler " + path + " cannot be run: " + completed.errors);
  return completed.output + completed.errors;
}

/// File that holds the version text of this very executable: its name changes when the executable does.
fs::path version_note(const std::string& path, const fs::path& notes) {
  std::error_code failed;
  const fs::path real = fs::canonical(path, failed);
  if (failed || notes.empty()) return {};
  const auto size = fs::file_size(real, failed);
  const auto time = fs::last_write_time(real, failed).time_since_epoch().count();
  const bool forwards =
      real.filename().string().find("ccache") != std::string::npos || size < 4096;  // wrapper: what it runs may change
  if (failed || forwards) return {};
  return notes /
         ("compiler-" + base::to_hex(base::hash({path, real.string(), std::to_string(size), std::to_string(time)})) + ".txt");
}

double compile_timeout_s() {
  const std::string text = from_environment("DGEN_COMPILE_TIMEOUT");
  const double seconds = text.empty() ? 0 : std::strtod(text.c_str(), nullptr);
  return seconds > 0 ? seconds : default_compile_timeout_s;
}

}  // namespace

Compiler find_compiler(const std::string& wanted, const fs::path& notes) {
  Compiler compiler{.path = choose(wanted), .version = {}};
  const fs::path note = version_note(compiler.path, notes);
  if (std::ifstream kept(note, std::ios::binary); !note.empty() && kept) {
    compiler.version.assign(std::istreambuf_iterator<char>(kept), {});
    if (compiler.version.ends_with('\n')) return compiler;  // else it is still being written
  }
  compiler.version = ask_version(compiler.path) + "\n";
  if (!note.empty()) std::ofstream(note, std::ios::binary) << compiler.version;
  return compiler;
}

std::vector<std::string> compile_arguments(const fs::path& output) {
  std::vector<std::string> arguments{"-x", "c", "-std=gnu11", "-O2", for_this_processor};
  arguments.insert(arguments.end(), {"-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"});
  arguments.insert(arguments.end(), {"-fPIC", "-shared", "-nostartfiles", "-w", "-o", output.string(), "-"});
  return arguments;
}

void run_compiler(const Compiler& compiler, const std::string& source, const fs::path& output) {
  const base::Command command{
      .program = compiler.path, .arguments = compile_arguments(output), .input = source, .timeout_s = compile_timeout_s()};
  const base::Completed completed = base::run(command);
  std::error_code ignored;
  if (completed.succeeded() && fs::file_size(output, ignored) > 0 && !ignored) return;
  const fs::path kept = output.parent_path() / ("failed-" + base::to_hex(base::hash(source)) + ".c");
  std::ofstream(kept, std::ios::binary) << source;
  const std::string said = base::first_lines(completed.started ? completed.errors : std::string(), 12);
  throw Error(ErrorCode::compiler_failed,
              "the C compiler " + compiler.path + " did not compile the generated source: " +
                  (completed.succeeded() ? "it wrote no output" : base::describe_failure(completed, command)) +
                  ". The source is in " + kept.string() + (said.empty() ? ". It printed nothing." : ". It printed:\n" + said));
}

}  // namespace dgen::engine
