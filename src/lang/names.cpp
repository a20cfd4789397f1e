// What a name in an expression stands for.

#include <algorithm>
#include <charconv>

#include "dgen/time.h"
#include "lang/builder.h"
#include "lang/suggest.h"

namespace dgen::lang {

namespace {

constexpr int most_channels = 1024;

bool is_frame_count(std::string_view name) { return name == "elapsed"; }
bool is_sample_rate(std::string_view name) { return name == "samplerate" || name == "SAMPLERATE"; }

}  // namespace

/// The channel of in, in1, in2, … (prefix "in"), or 0 where the name is none.
int Builder::channel(std::string_view name, std::string_view prefix, const Span& span) const {
  if (!name.starts_with(prefix)) return 0;
  const std::string_view digits = name.substr(prefix.size());
  if (digits.empty()) return 1;
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return 0;
  int number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (result.ec != std::errc{} || number < 1 || number > most_channels || digits[0] == '0') {
    fail(ErrorCode::bad_value, span, "there is no channel '" + std::string(name) + "'",
         "channels count from 1 to " + std::to_string(most_channels));
  }
  return number;
}

int Builder::output_slot(int channel) {
  const auto [at, fresh] = outputs_.try_emplace(channel, -1);
  if (fresh) at->second = make_slot(Rest::zero);
  return at->second;
}

bool Builder::is_reserved(std::string_view name) const {
  const GenName* gen = find_gen_name(name);
  return (gen && gen->is_constant()) || is_sample_rate(name) || is_frame_count(name);
}

/// The name in this call's frame, or a declared object of the outermost level.
const Binding* Builder::find(std::string_view name) const {
  if (const auto at = frames_.back().names.find(name); at != frames_.back().names.end()) return &at->second;
  const auto global = frames_.front().names.find(name);
  return global != frames_.front().names.end() && global->second.object ? &global->second : nullptr;
}

Signal Builder::value_of(const Expr& expr) {
  const Binding* binding = find(expr.name);
  if (!binding) return special_value(expr);
  if (binding->object) return value_of_object(*binding->object, expr.span);
  if (const Signal value = slots_.get(binding->slot)) return value;
  const bool partial = info_[static_cast<std::size_t>(binding->slot)].partial;
  fail(ErrorCode::unknown_name, expr.span,
       "'" + std::string(expr.name) + (partial ? "' has a value in one branch only" : "' is read before it has a value"),
       partial ? "give it a value before the 'if'"
               : "assign to it first, or declare History " + std::string(expr.name) + "; to read what the frame before left");
}

Signal Builder::value_of_object(const Object& object, const Span& span) {
  const std::string name(object.name);
  switch (object.kind) {
    case DeclarationKind::param: return object.node;
    case DeclarationKind::history: return slots_.get(object.slot);
    case DeclarationKind::delay:
      fail(ErrorCode::bad_type, span, "'" + name + "' is a Delay, not a value", "read it with " + name + ".read(time)");
    case DeclarationKind::data:
      fail(ErrorCode::bad_type, span, "'" + name + "' is a Data table, not a value", "read it with peek(" + name + ", index)");
  }
  return {};
}

/// Inputs, outputs, constants and the clock.
Signal Builder::special_value(const Expr& expr) {
  place(expr.span);
  if (const int in = channel(expr.name, "in", expr.span); in > 0) return graph_.input(in - 1);
  if (const int out = channel(expr.name, "out", expr.span); out > 0) {
    const auto at = outputs_.find(out);
    const Signal value = at == outputs_.end() ? Signal{} : slots_.get(at->second);
    if (!value)
      fail(ErrorCode::unknown_name, expr.span, "'" + std::string(expr.name) + "' is read before it has a value",
           "assign to it first");
    return value;
  }
  if (is_sample_rate(expr.name)) return sample_rate(graph_);
  if (is_frame_count(expr.name)) return frame_index(graph_);
  const GenName* gen = find_gen_name(expr.name);
  if (gen && gen->is_constant()) return graph_.constant(gen->value);
  if (gen && !gen->missing.empty())
    fail(ErrorCode::unknown_name, expr.span, "'" + std::string(expr.name) + "' is not available: " + std::string(gen->missing));
  unknown_name(expr.name, expr.span);
}

void Builder::unknown_name(std::string_view name, const Span& span) const {
  const std::string quoted = "'" + std::string(name) + "'";
  if (functions_.contains(name) || find_gen_name(name) || find_op(name)) {
    fail(ErrorCode::unknown_name, span, quoted + " is a function, not a value", "call it: " + std::string(name) + "(…)");
  }
  if (frames_.size() > 1 && frames_.front().names.contains(name)) {
    fail(ErrorCode::unknown_name, span, quoted + " is a variable outside this function", "pass it in as an argument");
  }
  const auto assigns = [&](const Statement& s) {
    return std::any_of(s.targets.begin(), s.targets.end(), [&](const Target& target) { return target.name == name; });
  };
  if (std::any_of(patch_.statements.begin(), patch_.statements.end(), assigns)) {
    fail(ErrorCode::unknown_name, span, quoted + " is read before it has a value",
         "assign to it first, or declare History " + std::string(name) + "; to read what the frame before left");
  }
  std::vector<std::string_view> known{"in1", "in2", "out1", "out2", "samplerate", "elapsed"};
  for (const Frame* frame : {&frames_.back(), &frames_.front()}) {
    for (const auto& entry : frame->names) known.push_back(entry.first);
  }
  for (const GenName& gen : gen_names()) {
    if (gen.is_constant()) known.push_back(gen.name);
  }
  std::sort(known.begin(), known.end());
  const std::string_view meant = suggest(name, known);
  fail(ErrorCode::unknown_name, span, "unknown name " + quoted,
       meant.empty() ? "assign to it before it is read" : "did you mean '" + std::string(meant) + "'?");
}

}  // namespace dgen::lang
