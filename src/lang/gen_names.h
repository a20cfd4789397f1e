#pragma once
// The names of gen~ that patch text understands, and what each stands for. gen_names.cpp is the one place of that mapping.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dgen/graph.h"

namespace dgen::lang {

/// A Data table as a call sees it: the version that its writes so far have made.
struct DataTable {
  Signal version{};
  std::int64_t size = 0;      ///< frames
  std::int64_t channels = 1;  ///< numbers a frame
};

/// One call of a gen~ name.
struct GenCall {
  Graph& graph;
  std::vector<Signal> x;                                 ///< the inputs, defaults filled in
  std::size_t given = 0;                                 ///< how many inputs the patch wrote, from the first
  std::size_t wanted = 1;                                ///< how many values the patch takes
  std::map<std::string_view, std::string_view> options;  ///< interp="linear" and the like
  DataTable* data = nullptr;                             ///< of names that work on a table
  Signal condition{};                                    ///< of the branch the call stands in; empty outside branches
  std::int64_t seed = 0;                                 ///< another one for every call

  /// The quoted text of an option, or what is usual where the patch does not give it.
  std::string_view option(std::string_view name, std::string_view usual) const {
    const auto at = options.find(name);
    return at == options.end() ? usual : at->second;
  }
};

struct GenName {
  std::string_view name;
  std::string_view doc;                                    ///< one line
  std::string_view inputs;                                 ///< as OpDef::inputs
  std::vector<Signal> (*expand)(GenCall& call) = nullptr;  ///< null: a constant, or not available
  std::string_view options{};                              ///< names of the quoted options it takes, separated by spaces
  bool on_data = false;                                    ///< the first argument is the name of a Data
  bool writes = false;                                     ///< changes the table and gives no value
  double value = 0;                                        ///< of a constant
  std::string_view missing{};                              ///< why it is not available; empty where it is
  bool is_constant() const { return !expand && missing.empty(); }
};

/// All of them, by topic.
std::span<const GenName> gen_names();

/// The entry of that name, or null.
const GenName* find_gen_name(std::string_view name);

}  // namespace dgen::lang
