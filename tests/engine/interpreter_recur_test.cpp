// The interpreter on graphs as close_loops leaves them, built by hand.

#include <gtest/gtest.h>

#include "dgen/interpreter.h"
#include "dgen/math.h"
#include "dgen/time.h"
#include "support/interpret.h"

namespace {

using dgen::Graph;
using dgen::Recurrence;
using dgen::RecurrenceState;
using dgen::Signal;
using dgen::testing::Channels;
using dgen::testing::impulse;
using dgen::testing::interpret;
using dgen::testing::ramp;
using Form = RecurrenceState::Form;

/// A body under construction.
struct Body {
  Recurrence recurrence{.body = std::make_unique<Graph>()};

  Graph& graph() { return *recurrence.body; }
  Signal argument(int k, dgen::Type type = {}) { return graph().typed(dgen::ops::argument, type, {.size = k}); }
  Signal state(RecurrenceState declared) {
    const dgen::DType types[] = {dgen::DType::signal, dgen::DType::line, dgen::DType::table};
    const auto number = static_cast<std::int64_t>(recurrence.states.size());
    const Signal made = graph().typed(dgen::ops::state, {.dtype = types[static_cast<int>(declared.form)]}, {.size = number});
    declared.node = made.id;
    recurrence.states.push_back(std::move(declared));
    return made;
  }
  void next(std::size_t k, Signal value) { recurrence.states[k].next = value.id; }
  void result(Signal value) { recurrence.results.push_back(value.id); }
};

/// Adds the recur node; its values are in nodes of kind result.
Signal recur(Graph& g, Body body, std::span<const Signal> inputs) {
  return g.add(dgen::ops::recur, inputs, {.recurrence = std::make_shared<const Recurrence>(std::move(body.recurrence))});
}

Signal output_of(Signal recurrence, std::int64_t k = 0) {
  return recurrence.graph->add(dgen::ops::result, std::array{recurrence}, {.size = k});
}

/// y[n] = x[n] + 0.5 y[n - 1]; inputs x and y[-1].
Body one_pole_body() {
  Body body;
  const Signal x = body.argument(0);
  const Signal before = body.state({.initial = 1, .name = "pole"});
  const Signal y = x + 0.5 * before;
  body.next(0, y);
  body.result(y);
  body.result(before);
  return body;
}

TEST(InterpretedRecur, RunsItsBodyOncePerFrame) {
  Graph g;
  const Signal loop = recur(g, one_pole_body(), std::array{g.input(), g.constant(8)});
  g.output(output_of(loop));
  g.output(output_of(loop, 1));
  EXPECT_EQ(interpret(g, 3, {impulse(3)}), (Channels{{5, 2.5, 1.25}, {8, 5, 2.5}}));
}

TEST(InterpretedRecur, ReadsARingAtLeastOneFrameBack) {
  for (const double time : {0.0, 1.0, 3.0, 99.0}) {
    Body body;
    const Signal x = body.argument(0);
    const Signal ring = body.state({.form = Form::ring, .size = 3});
    const Signal y = x + dgen::ops::line_read(ring, time);
    body.next(0, y);
    body.result(y);
    Graph g;
    g.output(output_of(recur(g, std::move(body), std::array{g.input()})));
    const Channels expected = time < 2 ? Channels{{1, 1, 1, 1, 1, 1, 1}} : Channels{{1, 0, 0, 1, 0, 0, 1}};
    EXPECT_EQ(interpret(g, 7, {impulse(7)}), expected) << time;
  }
}

TEST(InterpretedRecur, WritesATableInPlace) {
  Body body;
  const Signal x = body.argument(0);
  const Signal table =
      body.state({.form = Form::table, .table = std::make_shared<const std::vector<double>>(std::vector<double>{7, 8})});
  const Signal before = dgen::ops::table_read(table, 1);
  const Signal version = dgen::ops::table_write(table, 1, x + before);
  body.next(0, version);
  body.result(before);
  body.result(dgen::ops::table_read(version, 1));
  body.result(version);
  Graph g;
  const Signal loop = recur(g, std::move(body), std::array{g.input()});
  g.output(output_of(loop));
  g.output(output_of(loop, 1));
  g.output(dgen::ops::table_read(output_of(loop, 2), 1));
  EXPECT_EQ(interpret(g, 3, {ramp(3)}), (Channels{{8, 9, 11}, {9, 11, 14}, {9, 11, 14}}));
}

TEST(InterpretedRecur, ReadsATableOfTheGraphAroundIt) {
  Body body;
  const Signal table = body.argument(0, {.dtype = dgen::DType::table});
  const Signal count = body.state({.initial = 1});
  body.next(0, count + 1.0);
  body.result(dgen::ops::table_read(table, count));
  Graph g;
  const Signal outside =
      g.add(dgen::ops::table, {}, {.table = std::make_shared<const std::vector<double>>(std::vector<double>{7, 8, 9})});
  g.output(output_of(recur(g, std::move(body), std::array{outside, g.constant(0)})));
  EXPECT_EQ(interpret(g, 3), (Channels{{7, 8, 9}}));
}

TEST(InterpretedRecur, NestsAndKeepsDelaysAndNoiseInside) {
  Body outer;
  const Signal x = outer.argument(0);
  const Signal before = outer.state({.initial = 1, .name = "outer"});
  Graph& inside = outer.graph();
  const Signal inner = output_of(recur(inside, one_pole_body(), std::array{x, inside.constant(0)}));
  const Signal delayed = inside.add(dgen::ops::delay_tap, std::array{inner, inside.constant(1)}, {.size = 1});
  const Signal y = delayed + before + dgen::frame_index(inside);
  outer.next(0, y);
  outer.result(y);
  Graph g;
  g.output(output_of(recur(g, std::move(outer), std::array{g.input(), g.constant(0)})));
  EXPECT_EQ(interpret(g, 4, {impulse(4)}), (Channels{{0, 2, 4.5, 7.75}}));
}

TEST(InterpretedRecur, SavesTheStatesOfItsBody) {
  Graph g;
  g.output(output_of(recur(g, one_pole_body(), std::array{g.input(), g.constant(8)})));
  g.output(output_of(recur(g, one_pole_body(), std::array{g.input(), g.constant(0)})));
  dgen::Interpreter interpreter(g, 48000), resumed(g, 48000);
  Channels out, rest;
  interpreter.process(Channels{impulse(2)}, out, 2);
  const auto saved = interpreter.save();
  const std::map<std::string, std::vector<double>, std::less<>> expected{{"frame", {2}}, {"pole", {2.5}}, {"pole#2", {0.5}}};
  EXPECT_EQ(saved, expected);
  resumed.restore(saved);
  resumed.process({}, rest, 2);
  EXPECT_EQ(rest, (Channels{{1.25, 0.625}, {0.25, 0.125}}));
}

}  // namespace
