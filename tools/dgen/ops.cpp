// `dgen ops`: every operation, from the table.

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "dgen/commands.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/op.h"
#include "dgen/patch.h"

namespace dgen::tool {

namespace {

struct OpsOptions {
  std::string name{};
  bool json = false;
};

/// Ops that a patch author can call: the handles and states that passes make are not among them.
bool is_callable(const OpDef& op) {
  switch (op.kind) {
    case Kind::pointwise:
    case Kind::composite:
    case Kind::sequence:
    case Kind::delay:
    case Kind::noise:
    case Kind::frame_index:
    case Kind::sample_rate:
    case Kind::constant:
    case Kind::param:
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::fft:
    case Kind::input: return true;
    case Kind::table:
    case Kind::gather:
    case Kind::scatter:
    case Kind::cell:
    case Kind::line:
    case Kind::line_read:
    case Kind::handle:
    case Kind::reduce:
    case Kind::tensor:
    case Kind::window:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::linear:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument: return false;
  }
  return false;
}

std::string kind_of(const OpDef& op) {
  if (op.kind == Kind::composite) return "composite";
  return op.kind == Kind::pointwise ? "pointwise" : "primitive";
}

std::string call_of(const OpDef& op) { return std::string(op.name) + "(" + std::string(op.inputs) + ")"; }

nlohmann::ordered_json to_json(const OpDef& op) {
  nlohmann::ordered_json inputs = nlohmann::ordered_json::array();
  const Signature declared = signature(op);
  for (const InputDef& input : declared.inputs) {
    nlohmann::ordered_json entry{{"name", input.name}, {"optional", input.optional}};
    if (input.optional) entry["default"] = input.initial;
    inputs.push_back(std::move(entry));
  }
  nlohmann::ordered_json json{
      {"name", op.name}, {"kind", kind_of(op)}, {"doc", op.doc}, {"inputs", inputs}, {"variadic", declared.variadic}};
  if (op.kind == Kind::pointwise) json["ulp"] = op.ulp;
  if (!op.source.empty()) json["source"] = op.source;
  return json;
}

/// A name that patch text takes from gen~.
nlohmann::ordered_json to_json(const PatchName& gen) {
  nlohmann::ordered_json json{{"name", gen.name}, {"doc", gen.doc}, {"inputs", gen.inputs}};
  if (!gen.missing.empty()) json["missing"] = gen.missing;
  return json;
}

std::string call_of(const PatchName& gen) {
  return std::string(gen.name) + (gen.inputs.empty() ? "" : "(" + std::string(gen.inputs) + ")");
}

std::string doc_of(const PatchName& gen) {
  return gen.missing.empty() ? std::string(gen.doc) : "not available: " + std::string(gen.missing);
}

std::vector<const OpDef*> callable_ops() {
  std::vector<const OpDef*> ops;
  for (const OpDef* op : all_ops()) {
    if (is_callable(*op)) ops.push_back(op);
  }
  return ops;
}

void print_row(const std::string& call, const std::string& doc) { std::printf("  %-34s  %s\n", call.c_str(), doc.c_str()); }

void print_all() {
  std::printf("DGen's operations. Patch text calls one that shares its name with one of gen~ as dgen_NAME.\n");
  for (const OpDef* op : callable_ops()) print_row(call_of(*op), std::string(op->doc));
  std::printf("\nNames that patch text takes from gen~.\n");
  for (const PatchName& gen : patch_names()) print_row(call_of(gen), doc_of(gen));
}

void print_all_json() {
  nlohmann::ordered_json ops = nlohmann::ordered_json::array(), gen_names = nlohmann::ordered_json::array();
  for (const OpDef* op : callable_ops()) ops.push_back(to_json(*op));
  for (const PatchName& gen : patch_names()) gen_names.push_back(to_json(gen));
  std::printf("%s\n", nlohmann::ordered_json{{"ops", ops}, {"gen_names", gen_names}}.dump(2).c_str());
}

void print_one(const PatchName& gen) {
  std::printf("%s\n  %s\n  gen~'s name, in patch text\n", call_of(gen).c_str(), doc_of(gen).c_str());
}

void print_one(const OpDef& op, bool shadowed) {
  std::printf("%s\n  %s\n  %s%s\n", call_of(op).c_str(), std::string(op.doc).c_str(), kind_of(op).c_str(),
              shadowed ? (", in patch text dgen_" + std::string(op.name)).c_str() : "");
  if (op.kind == Kind::pointwise) {
    std::printf("  largest error in float32: %s ulp", number(op.ulp).c_str());
    if (op.absolute > 0) std::printf(" or %s", number(op.absolute).c_str());
    std::printf("\n");
  }
  if (!op.source.empty()) std::printf("  source: %s\n", std::string(op.source).c_str());
}

[[noreturn]] void unknown(const std::string& name) {
  std::vector<std::string_view> names;
  for (const OpDef* op : callable_ops()) names.push_back(op->name);
  for (const PatchName& gen : patch_names()) names.push_back(gen.name);
  throw Error(ErrorCode::unknown_op, "there is no op '" + name + "'" + base::suggestion(name, names) + "; 'dgen ops' lists them");
}

void describe(const std::string& name, bool json) {
  const bool own = name.rfind("dgen_", 0) == 0;
  const OpDef* op = find_op(own ? name.substr(5) : name);
  const std::vector<PatchName> names = patch_names();
  const auto same = [&](const PatchName& gen) { return !own && gen.name == name; };
  const auto gen = std::find_if(names.begin(), names.end(), same);
  const bool is_gen = gen != names.end();
  if (!op && !is_gen) unknown(name);
  if (json) {
    nlohmann::ordered_json found;
    if (op) found["op"] = to_json(*op);
    if (is_gen) found["gen_name"] = to_json(*gen);
    std::printf("%s\n", found.dump(2).c_str());
    return;
  }
  if (op) print_one(*op, is_gen);
  if (is_gen) print_one(*gen);
}

void show(const OpsOptions& options) {
  if (!options.name.empty()) return describe(options.name, options.json);
  options.json ? print_all_json() : print_all();
}

}  // namespace

void add_ops(CLI::App& app) {
  CLI::App& command = *app.add_subcommand("ops", "List the operations, or describe one");
  const auto options = std::make_shared<OpsOptions>();
  command.add_option("NAME", options->name, "An operation; default: all of them");
  command.add_flag("--json", options->json, "Print JSON");
  command.footer(R"(Examples:
  dgen ops
  dgen ops biquad
  dgen ops --json)");
  command.callback([options] { show(*options); });
}

}  // namespace dgen::tool
