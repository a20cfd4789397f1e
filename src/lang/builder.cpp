#include "lang/builder.h"

#include <algorithm>
#include <array>

#include "dgen/compare.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "lang/fold.h"

namespace dgen::lang {

namespace {

/// Does a statement of `body` lie in a branch or a function, where a write may be skipped?
bool has_branches(const Patch& patch) {
  return std::any_of(patch.statements.begin(), patch.statements.end(),
                     [](const Statement& s) { return s.kind == StatementKind::conditional; });
}

/// Gives the graph its call sites back when building ends, however it ends.
struct OriginGuard {
  explicit OriginGuard(Graph& g) : graph(g) {}
  ~OriginGuard() { graph.set_origin({}); }
  OriginGuard(const OriginGuard&) = delete;
  OriginGuard& operator=(const OriginGuard&) = delete;
  Graph& graph;
};

}  // namespace

Builder::Level::Level(Builder& builder, const Span& span) : builder_(builder) {
  if (++builder_.depth_ > builder_.limits_.depth) {
    builder_.fail(ErrorCode::limit_exceeded, span,
                  "expressions, blocks and calls lie more than " + std::to_string(builder_.limits_.depth) + " deep in each other",
                  "split this into more statements");
  }
}

Builder::Builder(Graph& graph, const Source& source, const Patch& patch, const Limits& limits)
    : graph_(graph), source_(source), patch_(patch), limits_(limits), file_(graph.intern(source.file)),
      skips_writes_(has_branches(patch)) {
  frames_.emplace_back();
}

void Builder::run() {
  find_functions();
  run_block(patch_.body);
  close_states();
  add_outputs();
}

void Builder::find_functions() {
  for (const Function& function : patch_.functions) {
    const auto [at, fresh] = functions_.emplace(function.name, &function);
    if (!fresh) {
      fail(ErrorCode::duplicate_name, function.span,
           "function '" + std::string(function.name) + "' is defined twice, first in line " +
               std::to_string(at->second->span.line),
           "rename one of them");
    }
  }
}

void Builder::place(const Span& span) { graph_.set_origin({file_, span.line, span.column}); }

/// Runs `action`; an error of the graph gets the place in the text.
void Builder::located(const Span& span, const std::function<void()>& action) {
  place(span);
  try {
    action();
  } catch (const LocatedError&) {
    throw;
  } catch (const Error& error) {
    fail(error.code(), span, error.what());
  }
}

void Builder::count_step(const Span& span) {
  if (++steps_ > limits_.steps || graph_.size() > limits_.nodes) {
    fail(ErrorCode::limit_exceeded, span,
         "the patch becomes too large here: " + std::to_string(graph_.size()) + " nodes after " + std::to_string(steps_) +
             " steps",
         "functions are built anew at every call; call them less often");
  }
}

int Builder::make_slot(Rest rest, Object* owner, Signal initial) {
  info_.push_back({rest, owner});
  return slots_.make(initial);
}

/// What the slot holds where nothing was assigned to it; empty for a variable.
Signal Builder::resting_value(int slot) {
  const SlotInfo& info = info_[static_cast<std::size_t>(slot)];
  const auto ago = [&](double frames) {
    const Signal time = graph_.constant(frames);
    return graph_.add(ops::line_read, std::array{info.owner->node, time}, {.size = info.owner->size});
  };
  switch (info.rest) {
    case Rest::nothing: return {};
    case Rest::zero: return graph_.constant(0);
    case Rest::line_slot: return ago(static_cast<double>(info.owner->size));  // the ring's slot keeps what it held
    case Rest::line_head: return ago(1);
  }
  return {};
}

/// All conditions of the branches around, as one; empty outside branches.
Signal Builder::condition() {
  Signal joined{};
  for (Condition& inner : conditions_) {
    if (!inner.joined) {
      const Signal own = inner.inverted ? negation(inner.test) : inner.test;
      inner.joined = joined ? folded(logical_and(joined, own)) : own;
    }
    joined = inner.joined;
  }
  return joined;
}

void Builder::branch(Signal test, const std::function<void()>& then, const std::function<void()>& otherwise) {
  conditions_.push_back({test, false});
  slots_.enter();
  then();
  const std::vector<Slots::Change> yes = slots_.leave();
  conditions_.back() = {test, true};
  slots_.enter();
  otherwise();
  const std::vector<Slots::Change> no = slots_.leave();
  conditions_.pop_back();
  merge(test, yes, no);
}

void Builder::merge(Signal test, const std::vector<Slots::Change>& then, const std::vector<Slots::Change>& otherwise) {
  std::unordered_map<int, Signal> other;
  for (const Slots::Change& change : otherwise) other.emplace(change.slot, change.value);
  const auto join = [&](int slot, Signal yes, Signal no) {
    if (!yes) yes = resting_value(slot);
    if (!no) no = resting_value(slot);
    if (yes && no)
      slots_.set(slot, choose(test, yes, no));
    else
      info_[static_cast<std::size_t>(slot)].partial = true;
  };
  for (const Slots::Change& change : then) {
    const auto at = other.find(change.slot);
    join(change.slot, change.value, at == other.end() ? slots_.get(change.slot) : at->second);
    if (at != other.end()) other.erase(at);
  }
  for (const Slots::Change& change : otherwise) {
    if (other.contains(change.slot)) join(change.slot, slots_.get(change.slot), change.value);
  }
}

/// Each state takes the value that the last statement left it with.
void Builder::close_states() {
  for (Object& object : objects_) {
    place(object.span);
    switch (object.kind) {
      case DeclarationKind::param: break;
      case DeclarationKind::history: graph_.close(object.node, slots_.get(object.slot)); break;
      case DeclarationKind::delay: {
        const Signal written = slots_.get(object.slot);
        graph_.close(object.node, written ? written : graph_.constant(0));
        break;
      }
      case DeclarationKind::data:
        if (object.data.version.id != object.node.id) graph_.close(object.node, object.data.version);
        break;
    }
  }
}

/// Channels that no statement writes are silent.
void Builder::add_outputs() {
  if (outputs_.empty()) {
    const Span span = patch_.body.empty() ? Span{} : patch_.statement(patch_.body.back()).span;
    fail(ErrorCode::syntax, span, "the patch writes to no output", "assign to out1");
  }
  const int last = outputs_.rbegin()->first;
  for (int k = 1; k <= last; ++k) {
    const auto at = outputs_.find(k);
    const Signal value = at == outputs_.end() ? Signal{} : slots_.get(at->second);
    graph_.output(value ? value : graph_.constant(0));
  }
}

void build(Graph& graph, const Source& source, const Patch& patch, const Limits& limits) {
  const OriginGuard guard(graph);
  Builder(graph, source, patch, limits).run();
}

}  // namespace dgen::lang
