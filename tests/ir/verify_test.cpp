// A module that holds every invariant passes; for each invariant, one that breaks it is refused with the rule's text.

#include "ir/verify.h"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <stdexcept>

#include "dgen/error.h"
#include "ir/builder.h"

namespace dgen::ir {
namespace {

constexpr Type f32{Scalar::f32, false}, i32{Scalar::i32, false}, i64{Scalar::i64, false};

/// out[i] = in[i] * gain in vectors, through a function, with a local and a branch.
Module sound_module() {
  Module module{.name = "sound", .inputs = 1, .outputs = 1};
  module.buffers = {{.name = "in", .space = Space::input, .size = 256, .channel = 0},
                    {.name = "out", .space = Space::output, .size = 256, .channel = 0},
                    {.name = "gain", .space = Space::params}};
  Function kernel{.name = "scale", .arguments = {i32, i64}, .why = "no feedback"};
  Builder builder(module, kernel);
  const Value zero = builder.integer(i32, 0);
  const Local gain = builder.local("gain", builder.load(2, zero, false));
  builder.branch(gain.get() < 0.0, [&] { gain.set(builder.number(f32, 0)); });
  builder.loop(zero, builder.argument(0), true, [&](Value i) {
    const Value x[] = {builder.load(0, i, true), builder.broadcast(gain.get())};
    builder.store(1, i, builder.call("product", x, [](std::span<const Value> a) { return a[0] * a[1]; }));
  });
  module.kernels.push_back(std::move(kernel));
  return module;
}

/// The first value of the function with this instruction.
Instr& first(Function& function, Code code) {
  for (Instr& v : function.values)
    if (v.code == code) return v;
  throw std::logic_error("no such instruction in the test's module");
}

Stmt& first(std::vector<Stmt>& body, Stmt::Form form) {
  for (Stmt& stmt : body)
    if (stmt.form == form) return stmt;
  throw std::logic_error("no such statement in the test's module");
}

int id_of(Function& function, Code code) { return static_cast<int>(&first(function, code) - function.values.data()); }

/// Appends to the kernel.
void append(Module& m, void (*write)(Builder& b)) {
  Builder b(m, m.kernels[0]);
  write(b);
}

/// A kernel of groups of 64, whose body `write` writes.
void add_group_kernel(Module& m, const std::function<void(Builder& b)>& write) {
  m.buffers.push_back({.name = "shared", .space = Space::group, .size = 64});
  Function kernel{.name = "groups", .arguments = {i32, i64, i32, i32, i32, i32}, .group = 64, .why = "a test"};
  Builder b(m, kernel);
  write(b);
  m.kernels.push_back(std::move(kernel));
}

struct Mistake {
  const char* name;
  void (*make)(Module& module);
  const char* rule;
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.name; }

class VerifyIr : public testing::TestWithParam<Mistake> {};

TEST_P(VerifyIr, Refuses) {
  Module module = sound_module();
  GetParam().make(module);
  try {
    verify(module);
    FAIL() << "accepted a module in which this does not hold: " << GetParam().rule;
  } catch (const InternalError& error) {
    EXPECT_NE(std::string(error.what()).find(GetParam().rule), std::string::npos) << error.what();
  }
}

TEST(VerifyIrModule, PassesASoundOne) { EXPECT_NO_THROW(verify(sound_module())); }

TEST(VerifyIrModule, PassesBarriersThatAllComeTo) {
  Module m = sound_module();
  add_group_kernel(m, [](Builder& b) {
    b.store(3, b.argument(4), b.number(f32, 1));
    b.loop(b.integer(i32, 0), b.argument(0), false, [&](Value i) { b.branch(i < b.argument(5), [&] { b.barrier(); }); });
  });
  EXPECT_NO_THROW(verify(m));
}

const Mistake type_mistakes[] = {
    {"OperandOfAnotherType",
     [](Module& m) {
       first(m.functions[0], Code::mul).type = {Scalar::f64, true};
     },
     "operands of an instruction have its type"},
    {"MissingOperand", [](Module& m) { first(m.functions[0], Code::mul).args[1] = -1; }, "two operands"},
    {"ArithmeticOnMasks",
     [](Module& m) {
       append(m, [](Builder& b) {
         const Value mask = b.compare(Code::eq, b.integer(i32, 0), b.integer(i32, 0));
         b.binary(Code::add, mask, mask);
       });
     },
     "arithmetic takes floats or integers"},
    {"BitsOfFloats", [](Module& m) { first(m.functions[0], Code::mul).code = Code::bit_and; }, "logic on bits"},
    {"DivisionOfIntegers",
     [](Module& m) { append(m, [](Builder& b) { b.binary(Code::div, b.integer(i32, 1), b.integer(i32, 1)); }); }, "take floats"},
    {"ShiftOfFloats", [](Module& m) { append(m, [](Builder& b) { b.shift(Code::shl, b.number(f32, 1), 3); }); },
     "shifts take integers"},
    {"LongShift", [](Module& m) { append(m, [](Builder& b) { b.shift(Code::shl, b.integer(i32, 1), 32); }); },
     "shorter than its operand"},
    {"MaskOfAnotherWidth",
     [](Module& m) {
       first(m.kernels[0], Code::lt).type = {Scalar::m64, false};
     },
     "mask of its operands' width"},
    {"SelectByANumber",
     [](Module& m) {
       append(m, [](Builder& b) {
         const Value one = b.number(f32, 1);
         b.select(b.compare(Code::lt, one, one), one, one);
       });
       first(m.kernels[0], Code::select).args[0] = id_of(m.kernels[0], Code::load);
     },
     "select chooses by a mask"},
    {"BitcastOfAnotherWidth",
     [](Module& m) {
       append(m, [](Builder& b) { b.bitcast(Scalar::i32, b.number(f32, 1)); });
       first(m.kernels[0], Code::bitcast).type = i64;
     },
     "bitcast keeps the width"},
    {"NumberAsMask", [](Module& m) { append(m, [](Builder& b) { b.convert(Scalar::m32, b.number(f32, 1)); }); },
     "masks convert to masks"},
    {"NarrowBroadcast", [](Module& m) { first(m.kernels[0], Code::broadcast).type.wide = false; },
     "broadcast makes a scalar wide"},
    {"NarrowLane",
     [](Module& m) {
       append(m, [](Builder& b) { b.lane(); });
       first(m.kernels[0], Code::lane).type.wide = false;
     },
     "lane numbers are wide i32"},
};

const Mistake scope_mistakes[] = {
    {"UseOutsideItsBlock",
     [](Module& m) {
       const Stmt& inner = first(first(m.kernels[0].body, Stmt::Form::loop).body, Stmt::Form::store);
       m.kernels[0].body.push_back({.form = Stmt::Form::store, .value = inner.value, .ref = 1, .at = inner.at});
     },
     "in an enclosing block"},
    {"UseBeforeDefinition", [](Module& m) { std::swap(m.functions[0].body.front(), m.functions[0].body.back()); },
     "defined before it is used"},
    {"UnknownValue", [](Module& m) { first(m.functions[0], Code::mul).args[0] = 1000; }, "one of the function"},
    {"DefinedTwice", [](Module& m) { m.functions[0].body.push_back(m.functions[0].body.back()); }, "defined once"},
    {"UnknownArgument", [](Module& m) { first(m.functions[0], Code::argument).integer = 7; },
     "an argument is one of the function"},
    {"UnknownLocal", [](Module& m) { first(m.kernels[0], Code::get).ref = 9; }, "a local that is used"},
    {"LocalOfAnotherType", [](Module& m) { m.kernels[0].variables[0].type = i32; }, "a value of its type"},
    {"LocalReadBeforeItIsSet",
     [](Module& m) { std::erase_if(m.kernels[0].body, [](const Stmt& s) { return s.form == Stmt::Form::set; }); },
     "after it was set"},
    {"CallOfALaterFunction", [](Module& m) { first(m.kernels[0], Code::call).ref = 1; }, "stands before its caller"},
    {"CallWithOtherArguments", [](Module& m) { first(m.kernels[0], Code::call).args[1] = -1; }, "passes what the function takes"},
    {"CallOfAnotherType", [](Module& m) { first(m.kernels[0], Code::call).type = f32; }, "type of the function's result"},
    {"LoopOverFloats", [](Module& m) { first(m.kernels[0].body, Stmt::Form::loop).end = id_of(m.kernels[0], Code::load); },
     "bounds of a loop"},
    {"LoopWithoutIndex", [](Module& m) { first(m.kernels[0].body, Stmt::Form::loop).value = id_of(m.kernels[0], Code::load); },
     "counts in an index"},
    {"BranchByANumber", [](Module& m) { first(m.kernels[0].body, Stmt::Form::branch).value = id_of(m.kernels[0], Code::load); },
     "taken by a scalar mask"},
    {"UnknownStatement", [](Module& m) { m.kernels[0].body.push_back({.form = static_cast<Stmt::Form>(99)}); },
     "a form that builders write"},
};

const Mistake group_mistakes[] = {
    {"BarrierWithoutAGroup", [](Module& m) { append(m, [](Builder& b) { b.barrier(); }); }, "come to each of its barriers"},
    {"BarrierOfSome",
     [](Module& m) { add_group_kernel(m, [](Builder& b) { b.branch(b.argument(4) < b.argument(0), [&] { b.barrier(); }); }); },
     "come to each of its barriers"},
    {"BarrierInRoundsOfEach",
     [](Module& m) {
       add_group_kernel(m, [](Builder& b) { b.loop(b.integer(i32, 0), b.argument(2), false, [&](Value) { b.barrier(); }); });
     },
     "come to each of its barriers"},
    {"GroupThatIsNotAsked", [](Module& m) { m.kernels[0].group = 64; }, "of a group that shares memory"},
    {"MemoryOfNoGroup",
     [](Module& m) {
       m.buffers.push_back({.name = "shared", .space = Space::group, .size = 64});
       append(m, [](Builder& b) { b.load(3, b.integer(i32, 0), false); });
     },
     "touched by kernels of groups"},
    {"SharedMemoryWithAPlace",
     [](Module& m) {
       add_group_kernel(m, [](Builder&) {});
       m.buffers.back().offset = 0;
     },
     "has no place in that of the device"}};

const Mistake module_mistakes[] = {
    {"UnknownBuffer", [](Module& m) { first(m.kernels[0], Code::load).ref = 12; }, "a buffer that is used"},
    {"BufferOfAnotherType", [](Module& m) { first(m.kernels[0], Code::load).type = i32; }, "read as its own type"},
    {"StoreToAnInput", [](Module& m) { first(first(m.kernels[0].body, Stmt::Form::loop).body, Stmt::Form::store).ref = 0; },
     "memory of groups are stored to"},
    {"KernelThatReturns", [](Module& m) { m.kernels[0].result = 0; }, "a kernel returns nothing"},
    {"KernelWithOtherArguments", [](Module& m) { m.kernels[0].arguments.push_back(f32); }, "the frames of the sub-block"},
    {"FunctionWithoutResult", [](Module& m) { m.functions[0].result = -1; }, "returns a value"},
    {"FunctionWithoutName", [](Module& m) { m.functions[0].name.clear(); }, "has a name"},
    {"OddSubBlock", [](Module& m) { m.sub_block = 100; }, "multiple of every lane count"},
    {"LanesOfMoreThanTwoVectors",
     [](Module& m) {
       m.lanes = 4;
       append(m, [](Builder& b) {
         const Value x = b.number({Scalar::f32, true}, 1);
         b.permute(x, x, std::array<std::int8_t, 4>{0, 1, 2, 8});
       });
     },
     "names lanes of two vectors"},
    {"PermutedLanesOfAnyNumber",
     [](Module& m) {
       m.lanes = 4;
       append(m, [](Builder& b) {
         const Value x = b.number({Scalar::f32, true}, 1);
         b.permute(x, x, std::array<std::int8_t, 4>{0, 1, 2, 3});
       });
       m.lanes = 0;
     },
     "in modules of fixed lanes"},
    {"EmptyBuffer", [](Module& m) { m.buffers[0].size = 0; }, "has an element"},
    {"ContentsOfState",
     [](Module& m) {
       m.buffers[2] = {.name = "gain", .space = Space::state, .size = 2, .contents = {1, 2}};
     },
     "only constants have contents"},
    {"LongContents",
     [](Module& m) {
       m.buffers[2] = {.name = "gain", .space = Space::constant, .size = 1, .contents = {1, 2}};
     },
     "fit into it"},
    {"ParametersInDouble", [](Module& m) { m.buffers[2].scalar = Scalar::f64; }, "parameters are f32"},
    {"SingleClock", [](Module& m) { m.buffers[2].space = Space::clock; }, "the clock is f64"},
    {"UnknownChannel", [](Module& m) { m.buffers[1].channel = 3; }, "a channel of the module"},
};

std::string name_of(const testing::TestParamInfo<Mistake>& test) { return test.param.name; }

INSTANTIATE_TEST_SUITE_P(Types, VerifyIr, testing::ValuesIn(type_mistakes), name_of);
INSTANTIATE_TEST_SUITE_P(Scopes, VerifyIr, testing::ValuesIn(scope_mistakes), name_of);
INSTANTIATE_TEST_SUITE_P(Groups, VerifyIr, testing::ValuesIn(group_mistakes), name_of);
INSTANTIATE_TEST_SUITE_P(Memory, VerifyIr, testing::ValuesIn(module_mistakes), name_of);

}  // namespace
}  // namespace dgen::ir
