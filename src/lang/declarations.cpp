// Declarations: Param, History, Delay, Data.

#include <algorithm>
#include <cmath>

#include "dgen/dsp.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "lang/builder.h"
#include "lang/fold.h"

namespace dgen::lang {

namespace {

constexpr double highest_sample_rate = 192000;  ///< Hz, for a delay whose length depends on the sample rate

std::string_view keyword(DeclarationKind kind) {
  switch (kind) {
    case DeclarationKind::param: return "Param";
    case DeclarationKind::history: return "History";
    case DeclarationKind::delay: return "Delay";
    case DeclarationKind::data: return "Data";
  }
  return {};
}

/// gen~'s ring: the power of two that holds `frames`, at least 2. A write that is skipped leaves what it held so long ago.
std::int64_t ring_size(std::int64_t frames) {
  std::int64_t size = 2;
  while (size < frames) size *= 2;
  return size;
}

}  // namespace

void Builder::declare(const Declaration& declaration) {
  const std::string word(keyword(declaration.kind));
  if (conditions_.size() > frames_.back().branches)
    fail(ErrorCode::syntax, declaration.span, "a " + word + " cannot be declared inside a branch", "declare it before the 'if'");
  check_new_name(declaration.name, declaration.span);
  const std::size_t most = declaration.kind == DeclarationKind::delay || declaration.kind == DeclarationKind::data ? 2 : 1;
  if (declaration.inputs.size() > most) {
    fail(ErrorCode::bad_arity, patch_.expr(declaration.inputs[most]).span,
         word + " takes " + std::to_string(most) + (most == 1 ? " value" : " values") + ", got " +
             std::to_string(declaration.inputs.size()));
  }
  Object& object = objects_.emplace_back(Object{.kind = declaration.kind, .name = declaration.name, .span = declaration.span});
  switch (declaration.kind) {
    case DeclarationKind::param: declare_param(declaration, object); break;
    case DeclarationKind::history: declare_history(declaration, object); break;
    case DeclarationKind::delay: declare_delay(declaration, object); break;
    case DeclarationKind::data: declare_data(declaration, object); break;
  }
  frames_.back().names[declaration.name] = {-1, &object, declaration.span};
}

void Builder::check_new_name(std::string_view name, const Span& span) {
  const auto at = frames_.back().names.find(name);
  if (at != frames_.back().names.end()) {
    fail(ErrorCode::duplicate_name, span,
         "'" + std::string(name) + "' exists already, since line " + std::to_string(at->second.span.line), "use another name");
  }
  if (is_reserved(name) || channel(name, "in", span) > 0 || channel(name, "out", span) > 0) {
    fail(ErrorCode::duplicate_name, span, "'" + std::string(name) + "' has a meaning of its own and cannot be declared",
         "use another name");
  }
}

/// The value of an expression that must be a number known when the patch is built.
double Builder::number(int expr, const std::string& what) {
  const Span& span = patch_.expr(expr).span;
  const auto value = known_value(evaluate(expr));
  if (!value) fail(ErrorCode::bad_value, span, what + " must be a number known when the patch is built", "write a number");
  return *value;
}

std::string_view Builder::quoted_text(const NamedArgument& argument) {
  const Expr& expr = patch_.expr(argument.value);
  if (expr.kind != ExprKind::text)
    fail(ErrorCode::bad_type, expr.span, "'" + std::string(argument.name) + "' takes quoted text",
         "such as " + std::string(argument.name) + "=\"linear\"");
  return expr.name;
}

void Builder::declare_param(const Declaration& declaration, Object& object) {
  if (frames_.size() > 1)
    fail(ErrorCode::syntax, declaration.span, "a Param cannot be declared inside a function",
         "declare it outside, and use it or pass it in");
  const std::string name(declaration.name);
  double initial = declaration.inputs.empty() ? 0 : number(declaration.inputs[0], "the default of '" + name + "'");
  ParamOptions options;
  for (const NamedArgument& argument : declaration.named) {
    const std::string what = std::string(argument.name) + " of '" + name + "'";
    if (argument.name == "default")
      initial = number(argument.value, "the " + what);
    else if (argument.name == "min")
      options.min = number(argument.value, what);
    else if (argument.name == "max")
      options.max = number(argument.value, what);
    else if (argument.name == "smooth")
      options.smoothing_s = number(argument.value, what);
    else if (argument.name != "mapping")
      fail(ErrorCode::unknown_name, argument.span, "a Param has no '" + std::string(argument.name) + "'",
           "it takes default, min, max, smooth (seconds) and mapping");
    else if (const std::string_view text = quoted_text(argument); text == "log")
      options.mapping = Mapping::log;
    else if (text == "decibel")
      options.mapping = Mapping::decibel;
    else if (text != "linear")
      fail(ErrorCode::bad_value, patch_.expr(argument.value).span, "there is no mapping '" + std::string(text) + "'",
           "it is linear, log or decibel");
  }
  located(declaration.span, [&] { object.node = graph_.param(declaration.name, initial, options); });
}

void Builder::declare_history(const Declaration& declaration, Object& object) {
  for (const NamedArgument& argument : declaration.named)
    fail(ErrorCode::unknown_name, argument.span, "a History has no '" + std::string(argument.name) + "'",
         "write History name(initial);");
  const Signal initial = declaration.inputs.empty() ? graph_.constant(0) : evaluate(declaration.inputs[0]);
  if (graph_[initial.id].type.clock > Clock::control) {
    fail(ErrorCode::bad_value, patch_.expr(declaration.inputs[0]).span,
         "the initial value of '" + std::string(declaration.name) + "' changes with every frame",
         "use numbers and parameters only");
  }
  located(declaration.span,
          [&] { object.node = graph_.add(ops::cell, std::array{initial}, {.name = std::string(declaration.name)}); });
  object.slot = make_slot(Rest::nothing, &object, object.node);
}

void Builder::declare_delay(const Declaration& declaration, Object& object) {
  for (const NamedArgument& argument : declaration.named) {
    if (argument.name == "interp")
      located(argument.span, [&] { object.how = interpolation(quoted_text(argument)); });
    else if (argument.name == "feedback")
      number(argument.value, "feedback");
    else
      fail(ErrorCode::unknown_name, argument.span, "a Delay has no '" + std::string(argument.name) + "'",
           "it takes interp=\"none\", \"linear\", \"cosine\", \"cubic\" or \"spline\"");
  }
  const Span& span = declaration.inputs.empty() ? declaration.span : patch_.expr(declaration.inputs[0]).span;
  place(span);
  object.most = declaration.inputs.empty() ? sample_rate(graph_) : evaluate(declaration.inputs[0]);
  const auto longest = known_value(object.most, highest_sample_rate);
  const std::string what = "the length of '" + std::string(declaration.name) + "'";
  if (!longest)
    fail(ErrorCode::bad_value, span, what + " must be a number known when the patch is built",
         "write a number of frames; samplerate may be part of it");
  if (!(*longest >= 0 && *longest <= static_cast<double>(limits_.elements))) {
    fail(ErrorCode::limit_exceeded, span, what + " is outside 0 … " + std::to_string(limits_.elements) + " frames");
  }
  object.size = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(*longest)));
  if (skips_writes_) object.size = ring_size(object.size);
  if (object.how == Interpolation::cubic || object.how == Interpolation::spline) object.size += 2;
  take_elements(object.size, span, what);
  located(declaration.span,
          [&] { object.node = graph_.add(ops::line, {}, {.size = object.size, .name = std::string(declaration.name)}); });
  object.slot = make_slot(Rest::line_slot, &object);
  object.head = make_slot(Rest::line_head, &object);
}

void Builder::declare_data(const Declaration& declaration, Object& object) {
  const std::string what = "the size of '" + std::string(declaration.name) + "'";
  for (const NamedArgument& argument : declaration.named)
    fail(ErrorCode::unknown_name, argument.span, "a Data has no '" + std::string(argument.name) + "'",
         "write Data name(size, channels);");
  if (declaration.inputs.empty())
    fail(ErrorCode::bad_arity, declaration.span, what + " is missing", "write Data " + std::string(declaration.name) + "(512);");
  const Span& span = patch_.expr(declaration.inputs[0]).span;
  const double size = number(declaration.inputs[0], what);
  const double channels = declaration.inputs.size() > 1
                              ? number(declaration.inputs[1], "the channels of '" + std::string(declaration.name) + "'")
                              : 1;
  const auto most = static_cast<double>(limits_.elements);
  if (!(size >= 1 && channels >= 1 && size <= most && channels <= most && std::floor(size) * std::floor(channels) <= most)) {
    fail(ErrorCode::limit_exceeded, span, what + " is outside 1 … " + std::to_string(limits_.elements) + " numbers");
  }
  object.data.size = static_cast<std::int64_t>(size);
  object.data.channels = static_cast<std::int64_t>(channels);
  object.size = object.data.size * object.data.channels;
  take_elements(object.size, span, what);
  located(declaration.span,
          [&] { object.node = table(graph_, std::vector<double>(static_cast<std::size_t>(object.size)), declaration.name); });
  object.data.version = object.node;
}

void Builder::take_elements(std::int64_t count, const Span& span, const std::string& what) {
  elements_ += count;
  if (elements_ > limits_.elements) {
    fail(ErrorCode::limit_exceeded, span,
         "with " + what + ", the patch remembers " + std::to_string(elements_) + " numbers; the most is " +
             std::to_string(limits_.elements));
  }
}

}  // namespace dgen::lang
