// Patch text with other defaults for its parameters: what training writes back. Nothing but the numbers changes.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "base/text.h"
#include "dgen/patch.h"
#include "lang/parser.h"

namespace dgen {

namespace {

using lang::Token;
using lang::TokenKind;

/// A stretch of the text and what is to stand there.
struct Edit {
  std::size_t offset = 0;
  std::size_t length = 0;
  std::string text{};
};

/// The shortest decimal that reads back as `value`.
std::string shortest(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// One argument between the parentheses of a declaration: tokens [first, last).
struct Argument {
  std::size_t first = 0, last = 0;
};

/// The arguments whose opening parenthesis is token `open`.
std::vector<Argument> arguments_of(const std::vector<Token>& tokens, std::size_t open) {
  std::vector<Argument> found{{open + 1, open + 1}};
  int depth = 0;
  for (std::size_t k = open; k < tokens.size(); ++k) {
    const TokenKind kind = tokens[k].kind;
    if (kind == TokenKind::left_paren) ++depth;
    if (kind == TokenKind::right_paren) --depth;
    if (depth == 1 && kind == TokenKind::comma) {
      found.back().last = k;
      found.push_back({k + 1, k + 1});
    }
    if (depth > 0) continue;
    found.back().last = k;
    break;
  }
  if (found.back().first == found.back().last) found.pop_back();
  return found;
}

class DefaultEditor {
 public:
  explicit DefaultEditor(const lang::Source& source) : source_(source), tokens_(lang::lex(source)) {}

  /// What gives the parameter declared at `name` the default `value`.
  Edit edit(const lang::Span& name, double value) const {
    const auto at = std::find_if(tokens_.begin(), tokens_.end(), [&](const Token& t) { return t.span.offset == name.offset; });
    check(at != tokens_.end(), "a declaration's name is a token of the text");
    const std::size_t open = static_cast<std::size_t>(at - tokens_.begin()) + 1;
    if (tokens_[open].kind != TokenKind::left_paren) return {name.offset + name.length, 0, "(" + shortest(value) + ")"};
    const std::vector<Argument> arguments = arguments_of(tokens_, open);
    if (const Argument* found = default_among(arguments)) return replacement(*found, value);
    return {tokens_[open].span.offset + 1, 0, shortest(value) + (arguments.empty() ? "" : ", ")};
  }

 private:
  /// The argument that gives the default, its name and '=' left out; null where there is none.
  const Argument* default_among(const std::vector<Argument>& arguments) const {
    const Argument* found = nullptr;
    for (const Argument& argument : arguments) {
      const bool named = tokens_[argument.first].kind == TokenKind::name && tokens_[argument.first + 1].kind == TokenKind::assign;
      if (!named && !found) found = &argument;
      if (named && source_.at(tokens_[argument.first].span) == "default") return &argument;
    }
    return found;
  }

  /// The number in place of the argument's expression, with the comments that stand in it behind the number.
  Edit replacement(Argument argument, double value) const {
    if (tokens_[argument.first].kind == TokenKind::name && tokens_[argument.first + 1].kind == TokenKind::assign)
      argument.first += 2;
    const lang::Span& first = tokens_[argument.first].span;
    const lang::Span& last = tokens_[argument.last - 1].span;
    Edit edit{first.offset, last.offset + last.length - first.offset, shortest(value)};
    for (std::size_t k = argument.first + 1; k < argument.last; ++k) {
      const std::size_t from = tokens_[k - 1].span.offset + tokens_[k - 1].span.length;
      const std::string_view between = source_.text.substr(from, tokens_[k].span.offset - from);
      if (between.find('/') != std::string_view::npos) edit.text += between;
    }
    return edit;
  }

  const lang::Source& source_;
  std::vector<Token> tokens_;
};

/// The parameters of a patch by name.
std::map<std::string, ParamInfo, std::less<>> params_of(std::string_view text, std::string_view file) {
  Graph graph;
  parse_patch(graph, text, file);
  std::map<std::string, ParamInfo, std::less<>> params;
  for (const int id : graph.params()) params[graph[id].attributes.param->name] = *graph[id].attributes.param;
  return params;
}

/// By name of those that change, after a look at every one.
std::map<std::string_view, double> changes(const std::map<std::string, ParamInfo, std::less<>>& params,
                                           std::span<const ParamDefault> defaults, std::string_view file) {
  std::vector<std::string_view> names;
  for (const auto& [name, info] : params) names.push_back(name);
  std::map<std::string_view, double> changed;
  for (const ParamDefault& wanted : defaults) {
    const auto found = params.find(wanted.name);
    if (found == params.end()) {
      throw Error(ErrorCode::unknown_name, std::string(file) + ": the patch has no parameter '" + wanted.name + "'" +
                                               base::suggestion(wanted.name, names));
    }
    const ParamInfo& info = found->second;
    if (!(wanted.value >= info.min && wanted.value <= info.max) || !std::isfinite(wanted.value)) {
      throw Error(ErrorCode::bad_value, std::string(file) + ": the default " + shortest(wanted.value) + " of '" + wanted.name +
                                            "' is outside its range " + shortest(info.min) + " to " + shortest(info.max));
    }
    if (wanted.value != info.initial) changed[wanted.name] = wanted.value;
  }
  return changed;
}

}  // namespace

std::string with_defaults(std::string_view text, std::span<const ParamDefault> defaults, std::string_view file) {
  const auto params = params_of(text, file);
  const auto changed = changes(params, defaults, file);
  const lang::Source source{text, file};
  const lang::Patch patch = lang::parse(source);
  const DefaultEditor editor(source);
  std::string edited;
  std::size_t copied = 0;
  for (const lang::Declaration& declaration : patch.declarations) {
    const auto change = declaration.kind == lang::DeclarationKind::param ? changed.find(declaration.name) : changed.end();
    if (change == changed.end()) continue;
    const Edit edit = editor.edit(declaration.span, change->second);
    edited.append(text, copied, edit.offset - copied).append(edit.text);
    copied = edit.offset + edit.length;
  }
  edited.append(text, copied);
  for (const auto& [name, info] : params_of(edited, file)) {
    const auto change = changed.find(name);
    check(info.initial == (change == changed.end() ? params.find(name)->second.initial : change->second),
          "the edited patch has the defaults that were asked for");
  }
  return edited;
}

}  // namespace dgen
