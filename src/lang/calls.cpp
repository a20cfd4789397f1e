// Calls: of the patch's functions, of gen~'s names, of DGen's ops, and of methods.

#include <algorithm>

#include "dgen/math.h"
#include "dgen/tensor.h"
#include "dgen/time.h"
#include "lang/builder.h"
#include "lang/fold.h"
#include "lang/suggest.h"

namespace dgen::lang {

namespace {

constexpr std::string_view op_prefix = "dgen_";

/// Why an op of the table cannot be called in text; empty where it can.
std::string_view refusal(const OpDef& op) {
  switch (op.kind) {
    case Kind::constant: return "write the number";
    case Kind::param: return "declare it: Param name(default);";
    case Kind::input: return "write in1, in2, …";
    case Kind::delay:
    case Kind::line:
    case Kind::line_read: return "use delay(x, time, max), or declare Delay name(max);";
    case Kind::table:
    case Kind::scatter: return "declare Data name(size); and write with poke(name, value, index);";
    case Kind::cell:
    case Kind::handle: return "declare it: History name(initial);";
    case Kind::recur:
    case Kind::result:
    case Kind::state:
    case Kind::argument: return "the compiler makes it of loops";
    case Kind::reduce: return "it is known at the end of a call only; losses are written in C++";
    case Kind::window: return "use windowed(x, size, hop)";
    case Kind::tensor:
    case Kind::expand:
    case Kind::contract:
    case Kind::reshape:
    case Kind::outer:
    case Kind::view:
    case Kind::view_sum:
    case Kind::matmul:
    case Kind::cumulate:
    case Kind::extremum:
    case Kind::take:
    case Kind::scatter_add:
    case Kind::linear: return "it takes shapes or matrices, which patch text has not; it is written in C++";
    case Kind::overlap_add:
    case Kind::hold:
    case Kind::fft:
    case Kind::sample_rate:
    case Kind::frame_index:
    case Kind::noise:
    case Kind::pointwise:
    case Kind::gather:
    case Kind::sequence:
    case Kind::composite: break;
  }
  if (op.name == "history_read" || op.name == "history_write") return "declare it: History name(initial);";
  if (op.name == "custom_gradient") return "its rule is a C++ function; in patch text use detach or straight_through";
  if (op.name == "memory_write") return "write with poke(name, value, index);";
  return {};
}

/// Adds a node with what the text gives: attributes that follow from the inputs are found.
Signal add_call(Graph& graph, const OpDef& op, std::span<const Signal> x, std::int64_t seed) {
  if (op.kind == Kind::overlap_add) return overlap_add(x[0]);
  if (op.kind == Kind::hold) return hold(x[0]);
  if (op.kind == Kind::fft) return op.expand(graph, x);
  return graph.add(op, x, {.size = op.kind == Kind::noise ? seed : 0});
}

std::string range(const Signature& wanted) {
  const std::size_t least = wanted.required(), most = wanted.inputs.size();
  const std::string inputs = (wanted.variadic ? least : most) == 1 ? " input" : " inputs";
  if (wanted.variadic) return "at least " + std::to_string(least) + inputs;
  return (least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most)) + inputs;
}

}  // namespace

std::vector<Signal> Builder::call(const Expr& expr, std::size_t wanted) {
  if (expr.kind == ExprKind::method) return call_method(expr, wanted);
  if (const auto at = functions_.find(expr.name); at != functions_.end()) return call_function(expr, *at->second);
  if (expr.name.starts_with(op_prefix)) {
    const OpDef* op = find_op(expr.name.substr(op_prefix.size()));
    if (!op) unknown_function(expr);
    return call_op(expr, *op);
  }
  if (const GenName* gen = find_gen_name(expr.name)) return call_gen(expr, *gen, wanted, nullptr);
  if (const OpDef* op = find_op(expr.name)) return call_op(expr, *op);
  unknown_function(expr);
}

void Builder::unknown_function(const Expr& expr) const {
  std::vector<std::string_view> known;
  for (const auto& entry : functions_) known.push_back(entry.first);
  for (const GenName& gen : gen_names()) {
    if (gen.expand) known.push_back(gen.name);
  }
  for (const OpDef* op : all_ops()) known.push_back(op->name);
  std::sort(known.begin(), known.end());
  const bool prefixed = expr.name.starts_with(op_prefix);
  const std::string_view meant = suggest(prefixed ? expr.name.substr(op_prefix.size()) : expr.name, known);
  const std::string hint = meant.empty() ? "'dgen ops' lists all of them"
                                         : "did you mean '" + std::string(prefixed ? op_prefix : "") + std::string(meant) + "'?";
  fail(ErrorCode::unknown_op, expr.at, "unknown function '" + std::string(expr.name) + "'", hint);
}

/// Which expression goes to which input. `text`: the inputs as messages show them; `skip`: positional arguments that are
/// not inputs.
Builder::Inputs Builder::bind(const Expr& expr, std::string_view name, std::string_view text, const Signature& wanted,
                              std::size_t skip) const {
  Inputs inputs{.expressions = std::vector<int>(wanted.inputs.size(), -1)};
  const auto wrong = [&](const std::string& got) {
    fail(
        ErrorCode::bad_arity, expr.at,
        "'" + std::string(name) + "' takes " + range(wanted) + (text.empty() ? "" : " (" + std::string(text) + ")") + ", " + got);
  };
  const std::size_t given = expr.inputs.size() - skip;
  if (given > wanted.inputs.size() && !wanted.variadic) wrong("got " + std::to_string(given));
  for (std::size_t k = 0; k < given; ++k) {
    if (k < wanted.inputs.size())
      inputs.expressions[k] = expr.inputs[k + skip];
    else
      inputs.expressions.push_back(expr.inputs[k + skip]);
  }
  inputs.given = given;
  for (const NamedArgument& argument : expr.named) {
    const auto at = std::find_if(wanted.inputs.begin(), wanted.inputs.end(),
                                 [&](const InputDef& input) { return input.name == argument.name; });
    if (at == wanted.inputs.end()) {
      inputs.others.push_back(&argument);
      continue;
    }
    const auto k = static_cast<std::size_t>(at - wanted.inputs.begin());
    if (inputs.expressions[k] >= 0)
      fail(ErrorCode::bad_arity, argument.span, "'" + std::string(argument.name) + "' is given twice, by place and by name");
    inputs.expressions[k] = argument.value;
    inputs.given = std::max(inputs.given, k + 1);
  }
  check_others(inputs, name, text, wanted);
  for (std::size_t k = 0; k < wanted.inputs.size(); ++k) {
    if (inputs.expressions[k] < 0 && !wanted.inputs[k].optional)
      wrong(given == 0 && expr.named.empty() ? "got none" : "'" + std::string(wanted.inputs[k].name) + "' is missing");
  }
  return inputs;
}

/// Named arguments that are no inputs may be options, which are quoted.
void Builder::check_others(const Inputs& inputs, std::string_view name, std::string_view text, const Signature& wanted) const {
  for (const NamedArgument* other : inputs.others) {
    if (patch_.expr(other->value).kind == ExprKind::text) continue;
    std::vector<std::string_view> known;
    for (const InputDef& input : wanted.inputs) known.push_back(input.name);
    const std::string_view meant = suggest(other->name, known);
    const std::string all = text.empty() ? "it has no inputs" : "its inputs are: " + std::string(text);
    fail(ErrorCode::unknown_name, other->span, "'" + std::string(name) + "' has no input '" + std::string(other->name) + "'",
         meant.empty() ? all : "did you mean '" + std::string(meant) + "'?");
  }
}

void Builder::refuse_options(const Expr& expr, const Inputs& inputs) const {
  if (inputs.others.empty()) return;
  fail(ErrorCode::unknown_name, inputs.others[0]->span,
       "'" + std::string(expr.name) + "' has no option '" + std::string(inputs.others[0]->name) + "'");
}

/// The Data that an argument names, or null.
Object* Builder::data_argument(int id) const {
  const Expr& expr = patch_.expr(id);
  const Binding* binding = expr.kind == ExprKind::name ? find(expr.name) : nullptr;
  return binding && binding->object && binding->object->kind == DeclarationKind::data ? binding->object : nullptr;
}

/// In a branch that is not taken, what the call remembers stays as it is.
void Builder::keep_when_skipped(int first) {
  const Signal taken = condition();
  if (taken && !known_value(taken)) graph_.freeze(first, taken);
}

std::vector<Signal> Builder::call_op(const Expr& expr, const OpDef& op) {
  const std::string name(expr.name);
  if (const std::string_view why = refusal(op); !why.empty())
    fail(ErrorCode::unknown_op, expr.at, "'" + name + "' cannot be called", std::string(why));
  const Signature wanted = signature(op);
  const Inputs inputs = bind(expr, expr.name, op.inputs, wanted, 0);
  refuse_options(expr, inputs);
  std::vector<Signal> x;
  for (std::size_t k = 0; k < inputs.expressions.size(); ++k) {
    const int id = inputs.expressions[k];
    const Object* data = id < 0 ? nullptr : data_argument(id);
    x.push_back(id < 0 ? graph_.constant(wanted.inputs[k].initial) : data ? data->data.version : evaluate(id));
  }
  const int first = graph_.size();
  Signal value{};
  located(expr.at, [&] { value = add_call(graph_, op, x, op.kind == Kind::noise ? ++seeds_ : 0); });
  keep_when_skipped(first);
  if (graph_[value.id].type.dtype != DType::signal) fail(ErrorCode::bad_type, expr.at, "'" + name + "' does not give a signal");
  return {folded(value)};
}

Object* Builder::first_argument_data(const Expr& expr, const GenName& gen) {
  Object* data = expr.inputs.empty() ? nullptr : data_argument(expr.inputs[0]);
  if (data) return data;
  fail(ErrorCode::bad_type, expr.inputs.empty() ? expr.at : patch_.expr(expr.inputs[0]).span,
       "the first argument of '" + std::string(gen.name) + "' must be the name of a Data", "declare it: Data name(size);");
}

/// The quoted text of an option that the name takes.
std::string_view Builder::option(const GenName& gen, const NamedArgument& argument) {
  const std::string known = " " + std::string(gen.options) + " ";
  if (known.find(" " + std::string(argument.name) + " ") != std::string::npos) return quoted_text(argument);
  fail(ErrorCode::unknown_name, argument.span,
       "'" + std::string(gen.name) + "' has no input or option '" + std::string(argument.name) + "'",
       (gen.inputs.empty() ? "it has no inputs" : "its inputs are: " + std::string(gen.inputs)) +
           (gen.options.empty() ? "" : "; its options: " + std::string(gen.options)));
}

std::vector<Signal> Builder::call_gen(const Expr& expr, const GenName& gen, std::size_t wanted, Object* data) {
  const std::string name(gen.name);
  if (gen.is_constant())
    fail(ErrorCode::unknown_op, expr.at, "'" + name + "' is a constant, not a function", "write it without parentheses");
  if (!gen.expand) fail(ErrorCode::unknown_op, expr.at, "'" + name + "' is not available: " + std::string(gen.missing));
  const std::size_t skip = gen.on_data && !data ? 1 : 0;
  if (skip) data = first_argument_data(expr, gen);
  const Signature signed_as = signature(OpDef{.name = gen.name, .inputs = gen.inputs});
  const Inputs inputs = bind(expr, gen.name, gen.inputs, signed_as, skip);
  GenCall made{.graph = graph_,
               .given = inputs.given,
               .wanted = std::max<std::size_t>(wanted, 1),
               .data = data ? &data->data : nullptr,
               .seed = ++seeds_};
  for (const NamedArgument* other : inputs.others) made.options[other->name] = option(gen, *other);
  for (std::size_t k = 0; k < inputs.expressions.size(); ++k) {
    made.x.push_back(inputs.expressions[k] < 0 ? graph_.constant(signed_as.inputs[k].initial) : evaluate(inputs.expressions[k]));
  }
  if (gen.writes) made.condition = condition();
  const int first = graph_.size();
  std::vector<Signal> values;
  located(expr.at, [&] {
    const Graph::Scope scope(graph_, gen.name);
    values = gen.expand(made);
  });
  keep_when_skipped(first);
  return values;
}

void Builder::refuse_recursion(const Expr& expr, const Function& function) const {
  std::string chain;
  for (const Frame& frame : frames_) {
    if (frame.function == &function || !chain.empty()) chain += std::string(frame.function->name) + " → ";
  }
  if (chain.empty()) return;
  fail(ErrorCode::syntax, expr.at, "functions cannot call themselves: " + chain + std::string(function.name),
       "write the repetition out, or keep a state in a History");
}

/// A parameter is a variable of its own, or another name for the table or delay line that is passed.
Binding Builder::bind_argument(const Parameter& parameter, int id) {
  const Expr& argument = patch_.expr(id);
  const Binding* binding = argument.kind == ExprKind::name ? find(argument.name) : nullptr;
  Object* object = binding ? binding->object : nullptr;
  const bool by_name = object && (object->kind == DeclarationKind::data || object->kind == DeclarationKind::delay);
  if (by_name) return {-1, object, parameter.span};
  return {make_slot(Rest::nothing, nullptr, evaluate(id)), nullptr, parameter.span};
}

std::vector<Signal> Builder::call_function(const Expr& expr, const Function& function) {
  refuse_recursion(expr, function);
  Signature wanted;
  std::string text;
  for (const Parameter& parameter : function.parameters) {
    wanted.inputs.push_back({parameter.name, parameter.initial >= 0});
    text += (text.empty() ? "" : ", ") + std::string(parameter.name);
  }
  const Inputs inputs = bind(expr, function.name, text, wanted, 0);
  refuse_options(expr, inputs);
  Frame frame{.function = &function, .branches = conditions_.size()};
  for (std::size_t k = 0; k < inputs.expressions.size(); ++k) {
    const Parameter& parameter = function.parameters[k];
    frame.names[parameter.name] = bind_argument(parameter, inputs.expressions[k] < 0 ? parameter.initial : inputs.expressions[k]);
  }
  frame.returned = make_slot(Rest::zero);
  const int count = ++calls_[function.name];
  const Graph::Scope scope(graph_, std::string(function.name) + (count > 1 ? "_" + std::to_string(count) : ""));
  frames_.push_back(std::move(frame));
  const Flow flow = run_block(function.body);
  if (flow != Flow::returns && !frames_.back().results.empty()) {
    fail(ErrorCode::syntax, function.span, "'" + std::string(function.name) + "' returns a value on some ways only",
         "end it with a 'return'");
  }
  std::vector<Signal> results;
  for (const int slot : frames_.back().results) results.push_back(slots_.get(slot) ? slots_.get(slot) : graph_.constant(0));
  frames_.pop_back();
  return results;
}

std::vector<Signal> Builder::call_method(const Expr& expr, std::size_t wanted) {
  const Span object_span{expr.span.offset, static_cast<std::uint32_t>(expr.object.size()), expr.span.line, expr.span.column};
  const std::string method(expr.name), name(expr.object);
  const Binding* binding = find(expr.object);
  const bool special =
      is_reserved(expr.object) || channel(expr.object, "in", object_span) > 0 || channel(expr.object, "out", object_span) > 0;
  if (!binding && !special) unknown_name(expr.object, object_span);
  if (!binding || !binding->object || binding->object->kind == DeclarationKind::param ||
      binding->object->kind == DeclarationKind::history) {
    fail(ErrorCode::bad_type, expr.at, "'" + name + "' has no methods",
         "only a Delay has .read and .write, and a Data .peek and .poke");
  }
  Object& object = *binding->object;
  if (object.kind == DeclarationKind::data) {
    const GenName* gen = find_gen_name(expr.name);
    if (gen && gen->on_data) return call_gen(expr, *gen, wanted, &object);
    fail(ErrorCode::unknown_name, expr.at, "a Data has no method '" + method + "'",
         "it has peek, poke, splat, sample, nearest, lookup, wave, dim and channels");
  }
  if (expr.name == "read") return read_line(expr, object);
  if (expr.name != "write") {
    const std::string_view meant = suggest(expr.name, {"read", "write"});
    fail(ErrorCode::unknown_name, expr.at, "a Delay has no method '" + method + "'",
         meant.empty() ? "it has read and write" : "did you mean '" + std::string(meant) + "'?");
  }
  write_line(expr, object);
  return {};
}

std::vector<Signal> Builder::read_line(const Expr& expr, Object& object) {
  if (expr.inputs.empty())
    fail(ErrorCode::bad_arity, expr.at, "'read' takes the delay time in frames",
         "write " + std::string(object.name) + ".read(100)");
  Interpolation how = object.how;
  for (const NamedArgument& argument : expr.named) {
    if (argument.name != "interp")
      fail(ErrorCode::unknown_name, argument.span, "'read' has no option '" + std::string(argument.name) + "'",
           "it takes interp=\"none\", \"linear\", \"cosine\", \"cubic\" or \"spline\"");
    located(patch_.expr(argument.value).span, [&] { how = interpolation(quoted_text(argument)); });
  }
  std::vector<Signal> values;
  for (const int input : expr.inputs) {
    const Signal time = evaluate(input);
    located(expr.at, [&] {
      values.push_back(read_delay({.line = object.node,
                                   .head = slots_.get(object.head),
                                   .time = time,
                                   .most = object.most,
                                   .size = object.size,
                                   .how = how}));
    });
  }
  return values;
}

void Builder::write_line(const Expr& expr, Object& object) {
  if (expr.inputs.size() != 1 || !expr.named.empty()) {
    fail(ErrorCode::bad_arity, expr.at, "'write' takes one value, got " + std::to_string(expr.inputs.size() + expr.named.size()));
  }
  const Signal value = evaluate(expr.inputs[0]);
  slots_.set(object.slot, value);
  slots_.set(object.head, value);
}

}  // namespace dgen::lang
