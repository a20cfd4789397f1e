#include "dgen/patch_options.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "dgen/checks.h"
#include "dgen/commands.h"
#include "dgen/devices.h"
#include "dgen/error.h"
#include "dgen/messages.h"
#include "dgen/safetensors.h"

namespace dgen::tool {

namespace {

Setting parse_setting(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  double value = 0;
  if (equals != std::string::npos && !name.empty()) {
    const char* const end = text.data() + text.size();
    const char* from = text.data() + equals + 1;
    if (from != end && *from == '+') ++from;
    const auto [stop, failed] = std::from_chars(from, end, value);
    if (failed == std::errc{} && stop == end && std::isfinite(value)) return {name, value};
  }
  throw UsageError("--set takes NAME=VALUE with a number, not '" + text + "'");
}

/// Patch text declares single numbers.
Setting setting_of(const NamedTensor& tensor, const std::string& file) {
  const auto refuse = [&](const std::string& why) {
    throw Error(ErrorCode::state_mismatch, "the weights '" + file + "' do not go with this patch: '" + tensor.name + "' " + why);
  };
  if (tensor.values.size() != 1)
    refuse("has the shape " + to_string(tensor.shape) + ", and the parameters of a patch are single numbers");
  if (!std::isfinite(tensor.values[0])) refuse("is not a finite number");
  return {.name = tensor.name, .value = tensor.values[0], .file = file};
}

}  // namespace

void PatchOptions::add_patch(CLI::App& command) {
  command.add_option("PATCH", path, "Patch file (GenExpr text)")->required()->type_name("FILE");
}

void PatchOptions::add_backend(CLI::App& command) {
  std::vector<std::pair<std::string, Backend>> choices;
  for (const BackendInfo& one : backends()) choices.emplace_back(one.name, one.backend);
  add_choice<Backend>(
      command, "--backend", compile.backend, choices,
      "cpu: compiled C (default); interpreter: slow, exact, needs no compiler; auto: a GPU where one is here and the "
      "patch gains by it, else the CPU; others: see dgen devices");
}

void PatchOptions::add_width(CLI::App& command) {
  command.add_option("--width", compile.vector_width, "Floats a vector; default: what this machine does best")
      ->check(one_of({"4", "8", "16"}))
      ->type_name("4|8|16");
}

void SetOptions::add(CLI::App& command) {
  command.add_option("--set", texts, "Give a parameter another value than its default; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--weights", weights, "Values of parameters by name, as dgen train --save-weights writes; --set goes first")
      ->type_name("FILE");
}

std::vector<Setting> SetOptions::settings() const {
  std::vector<Setting> parsed;
  if (!weights.empty()) {
    for (const NamedTensor& tensor : read_safetensors(weights)) parsed.push_back(setting_of(tensor, weights));
  }
  for (const std::string& text : texts) parsed.push_back(parse_setting(text));
  return parsed;
}

std::vector<std::pair<int, double>> resolve(std::span<const ParamInfo> params, const std::vector<Setting>& settings) {
  std::vector<std::string_view> names;
  for (const ParamInfo& param : params) names.push_back(param.name);
  std::vector<std::pair<int, double>> resolved;
  for (const Setting& setting : settings) {
    const auto at = std::find(names.begin(), names.end(), setting.name);
    if (at == names.end()) {
      std::string list;
      for (const std::string_view name : names) list += (list.empty() ? "; its parameters are " : ", ") + std::string(name);
      const std::string file = setting.file.empty() ? "" : "the weights '" + setting.file + "' do not go with this patch: ";
      throw Error(ErrorCode::unknown_name, file + "the patch has no parameter '" + setting.name + "'" +
                                               base::suggestion(setting.name, names) + (list.empty() ? "; it has none" : list));
    }
    const auto index = static_cast<std::size_t>(at - names.begin());
    const ParamInfo& param = params[index];
    const double value = std::clamp(setting.value, param.min, param.max);
    // What a file rounded to float32 lies beyond the range by less than kernels know of.
    if (static_cast<float>(value) != static_cast<float>(setting.value)) {
      say_warning(setting.name + " = " + number(setting.value) + " is outside its range " + number(param.min) + " to " +
                  number(param.max) + "; " + number(value) + " is used");
    }
    std::erase_if(resolved, [&](const auto& earlier) { return earlier.first == static_cast<int>(index); });
    resolved.emplace_back(static_cast<int>(index), value);
  }
  return resolved;
}

}  // namespace dgen::tool
