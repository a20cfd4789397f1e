#include "train/optimizer_settings.h"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "base/text.h"
#include "dgen/error.h"

namespace dgen {

namespace {

constexpr double unbounded = std::numeric_limits<double>::infinity();

/// A setting of an optimiser at hand: a number in [low, high), or yes and no.
struct Setting {
  std::string_view name;
  double* number = nullptr;
  bool* flag = nullptr;
  double high = unbounded;
  double low = 0;

  double value() const { return number ? *number : static_cast<double>(*flag); }
};

std::vector<Setting> settings(Sgd& o) {
  return {{"learning_rate", &o.learning_rate},
          {"momentum", &o.momentum, nullptr, 1},
          {"dampening", &o.dampening, nullptr, 1},
          {"nesterov", nullptr, &o.nesterov},
          {"weight_decay", &o.weight_decay}};
}

template <class Moments>
std::vector<Setting> moments(Moments& o) {
  return {{"learning_rate", &o.learning_rate},
          {"beta1", &o.beta1, nullptr, 1},
          {"beta2", &o.beta2, nullptr, 1},
          {"epsilon", &o.epsilon},
          {"weight_decay", &o.weight_decay}};
}

std::vector<Setting> settings(Adam& o) { return moments(o); }
std::vector<Setting> settings(AdamW& o) { return moments(o); }

std::vector<Setting> settings(RMSprop& o) {
  return {{"learning_rate", &o.learning_rate},   {"alpha", &o.alpha, nullptr, 1},    {"epsilon", &o.epsilon},
          {"momentum", &o.momentum, nullptr, 1}, {"centered", nullptr, &o.centered}, {"weight_decay", &o.weight_decay}};
}

std::vector<Setting> settings(Adagrad& o) {
  return {{"learning_rate", &o.learning_rate},
          {"learning_rate_decay", &o.learning_rate_decay},
          {"initial_accumulator", &o.initial_accumulator},
          {"epsilon", &o.epsilon},
          {"weight_decay", &o.weight_decay}};
}

std::vector<Setting> settings(Lion& o) {
  return {{"learning_rate", &o.learning_rate},
          {"beta1", &o.beta1, nullptr, 1},
          {"beta2", &o.beta2, nullptr, 1},
          {"weight_decay", &o.weight_decay}};
}

std::vector<Setting> settings(Optimizer& optimizer) {
  return std::visit([](auto& rule) { return settings(rule); }, optimizer);
}

constexpr std::array<std::string_view, 6> names{"sgd", "adam", "adamw", "rmsprop", "adagrad", "lion"};
static_assert(names.size() == std::variant_size_v<Optimizer>);

Optimizer default_optimizer(std::size_t kind) {
  switch (kind) {
    case 0: return Sgd{};
    case 1: return Adam{};
    case 2: return AdamW{};
    case 3: return RMSprop{};
    case 4: return Adagrad{};
    default: return Lion{};
  }
}

std::string join(std::span<const std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) text += (text.empty() ? "" : ", ") + std::string(part);
  return text;
}

void assign(Optimizer& optimizer, std::string_view assignment) {
  const std::string prefix(optimizer_name(optimizer));
  const std::size_t equals = assignment.find('=');
  const std::string_view name = assignment.substr(0, equals);
  std::vector<std::string_view> known;
  for (const Setting& setting : settings(optimizer)) {
    known.push_back(setting.name);
    if (setting.name != name) continue;
    const auto value = equals == std::string_view::npos ? std::nullopt : base::number_of(assignment.substr(equals + 1));
    if (!value)
      throw Error(ErrorCode::bad_value,
                  prefix + ": write " + std::string(name) + "=NUMBER, not '" + std::string(assignment) + "'");
    if (setting.flag && *value != 0 && *value != 1)
      throw Error(ErrorCode::bad_value, prefix + ": " + std::string(name) + " is 0 or 1, not " + base::number_text(*value));
    if (setting.flag)
      *setting.flag = *value == 1;
    else
      *setting.number = *value;
    return;
  }
  throw Error(ErrorCode::unknown_name, prefix + " has no setting '" + std::string(name) + "'" + base::suggestion(name, known) +
                                           "; its settings are " + join(known));
}

}  // namespace

namespace train {

void check_optimizer(const Optimizer& optimizer) {
  Optimizer copy = optimizer;
  const std::string name(optimizer_name(optimizer));
  for (const Setting& setting : settings(copy)) {
    const double value = setting.value();
    if (value >= setting.low && value < setting.high) continue;
    if (value == setting.high && setting.name == "dampening") continue;
    throw Error(ErrorCode::bad_value, name + ": " + std::string(setting.name) + " is " + base::number_text(value) +
                                          "; it must be a finite number from " + base::number_text(setting.low) + " on" +
                                          (setting.high < unbounded ? ", and less than " + base::number_text(setting.high) : ""));
  }
  const auto* sgd = std::get_if<Sgd>(&optimizer);
  if (sgd && sgd->nesterov && (sgd->momentum == 0 || sgd->dampening != 0))
    throw Error(ErrorCode::bad_value, "sgd: nesterov needs a momentum above 0 and a dampening of 0");
}

}  // namespace train

std::string_view optimizer_name(const Optimizer& optimizer) { return names[optimizer.index()]; }

std::string to_string(const Optimizer& optimizer) {
  Optimizer copy = optimizer;
  std::string text(optimizer_name(optimizer));
  char separator = ':';
  for (const Setting& setting : settings(copy)) {
    text += separator + std::string(setting.name) + "=" + base::number_text(setting.value());
    separator = ',';
  }
  return text;
}

Optimizer optimizer_by_name(std::string_view text, std::optional<double> learning_rate) {
  const std::size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  for (std::size_t kind = 0; kind < names.size(); ++kind) {
    if (names[kind] != name) continue;
    Optimizer made = default_optimizer(kind);
    if (learning_rate) *settings(made)[0].number = *learning_rate;
    if (colon != std::string_view::npos) {
      for (const std::string_view assignment : base::split(text.substr(colon + 1), ',')) assign(made, assignment);
    }
    train::check_optimizer(made);
    return made;
  }
  throw Error(ErrorCode::unknown_name,
              "there is no optimiser '" + std::string(name) + "'" + base::suggestion(name, names) + "; there are " + join(names));
}

}  // namespace dgen
