// The command line `dgen`: reads the arguments, runs a command, and turns what goes wrong into one message and a code.

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <functional>
#include <iostream>
#include <new>

#include "base/text.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"

namespace dgen::tool {

namespace {

enum ExitCode : int { ok = 0, user_error = 1, usage_error = 2 };

constexpr const char* examples = R"(Examples:
  dgen render echo.genexpr -i speech.wav -o out.wav --tail 2 --set feedback=0.6
  dgen render drone.genexpr --seconds 10 --rate 44100 -o drone.flac
  dgen train echo.genexpr -i dry.wav --target wet.wav -o fitted.genexpr --report report.html
  dgen explain echo.genexpr
  dgen bench echo.genexpr --seconds 10
  dgen check echo.genexpr
  dgen ops biquad
  dgen COMMAND --help

Exit codes: 0 done, 1 an error in a patch, file or device, 2 an error in the arguments.)";

/// The command the arguments chose, or the program itself.
const CLI::App& chosen(const CLI::App& app) {
  const auto commands = app.get_subcommands();
  return commands.empty() ? app : *commands.front();
}

/// The names of an app's options and commands, as a user writes them.
std::vector<std::string> names_of(const CLI::App& app, bool commands) {
  std::vector<std::string> names;
  if (commands) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
      names.push_back(command->get_name());
  } else {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& names) {
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  return base::suggestion(name, candidates);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// What to say about arguments that did not parse: a misspelt word before what CLI11 found missing because of it.
std::string describe(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = chosen(app);
  for (const std::string& word : command.remaining()) {
    if (word.size() > 1 && word[0] == '-') {
      const std::string name = word.substr(0, word.find('='));
      return "unknown option '" + name + "'" + suggestion(name, names_of(command, false));
    }
  }
  const std::vector<std::string> left = command.remaining();
  if (&command == &app && !left.empty()) {
    const std::vector<std::string> names = names_of(app, true);
    return "unknown command '" + left.front() + "'" + suggestion(left.front(), names) + "; the commands are " + joined(names);
  }
  if (!left.empty()) return "unexpected argument '" + left.front() + "'";
  // CLI11 writes "--block: " before what a check of checks.h says.
  std::string text = error.what();
  if (const std::size_t at = text.find(": takes "); at != std::string::npos) text.erase(at, 1);
  return text;
}

int parse_and_run(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0 || !std::cout.flush())
      throw Error(ErrorCode::file_unwritable, "cannot write to standard output");
    return ok;
  } catch (const CLI::Success& asked) {
    return app.exit(asked, std::cout, std::cerr);
  } catch (const CLI::ParseError& error) {
    const std::string command = &chosen(app) == &app ? "dgen" : "dgen " + chosen(app).get_name();
    say_error(describe(app, error) + "; see '" + command + " --help'");
    return usage_error;
  }
}

int guarded(const std::function<int()>& run) {
  try {
    return run();
  } catch (const UsageError& error) {
    say_error(error.what());
    return usage_error;
  } catch (const Error& error) {
    say_error(error.what());
  } catch (const std::bad_alloc&) {
    say_error("out of memory; ask for fewer seconds or a smaller patch");
  } catch (const InternalError& error) {
    say_error(std::string(error.what()) + "\nThis is a mistake in dgen, not in your patch. Please report it with the patch.");
  } catch (const std::exception& error) {
    say_error(error.what());
  }
  return user_error;
}

/// The arguments as a shell would take them.
std::string command_line(int argc, char** argv) {
  constexpr std::string_view plain = "+-./:=,@%_";
  std::string line = "dgen";
  for (int k = 1; k < argc; ++k) {
    const std::string word = argv[k];
    const bool quoted = word.empty() || std::any_of(word.begin(), word.end(), [&](char c) {
                          return !std::isalnum(static_cast<unsigned char>(c)) && plain.find(c) == std::string_view::npos;
                        });
    line += ' ';
    if (!quoted) line += word;
    if (!quoted) continue;
    line += '\'';
    for (const char c : word) line += c == '\'' ? "'\\''" : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace

int run(int argc, char** argv) {
  CLI::App app("DGen compiles audio patches with feedback to fast C, and runs them.", "dgen");
  app.set_version_flag("--version", "dgen " DGEN_VERSION, "Print the version");
  app.footer(examples);
  app.require_subcommand(0, 1);
  for (const auto add : {add_render, add_play, add_explain, add_dump, add_bench, add_ops, add_export, add_check, add_devices})
    add(app);
  add_train(app, command_line(argc, argv));
  if (argc < 2) {
    std::cerr << app.help();
    return usage_error;
  }
  return guarded([&] { return parse_and_run(app, argc, argv); });
}

}  // namespace dgen::tool

int main(int argc, char** argv) { return dgen::tool::run(argc, argv); }
