#pragma once
// Small modules built by hand: memory planned one buffer after the other.

#include <functional>
#include <string>
#include <utility>

#include "ir/builder.h"
#include "render/abi.h"
#include "render/program_interface.h"

namespace dgen::render {

struct Machine {
  ir::Module module;
  ProgramInterface interface;

  Machine(const std::string& name, int inputs, int outputs, int params = 0) {
    module.name = interface.name = name;
    module.inputs = inputs;
    module.outputs = outputs;
    for (int c = 0; c < inputs; ++c) {
      interface.inputs.push_back("in" + std::to_string(c + 1));
      module.buffers.push_back(
          {.name = interface.inputs.back(), .space = ir::Space::input, .size = module.sub_block, .channel = c});
    }
    for (int c = 0; c < outputs; ++c) {
      interface.outputs.push_back("out" + std::to_string(c + 1));
      module.buffers.push_back(
          {.name = interface.outputs.back(), .space = ir::Space::output, .size = module.sub_block, .channel = c});
    }
    for (int k = 0; k < params; ++k) interface.params.push_back({.name = "p" + std::to_string(k)});
    module.state_bytes = header_bytes(params);
  }

  int input(int channel) const { return channel; }
  int output(int channel) const { return module.inputs + channel; }

  int add(ir::Buffer buffer) {
    if (buffer.space == ir::Space::state) module.state_bytes = place(buffer, module.state_bytes);
    if (buffer.space == ir::Space::scratch) module.scratch_bytes = place(buffer, module.scratch_bytes);
    module.buffers.push_back(std::move(buffer));
    return static_cast<int>(module.buffers.size()) - 1;
  }

  using Body = std::function<void(ir::Builder& b, ir::Value zero, ir::Value frames)>;
  void kernel(const std::string& name, const Body& body, ir::When when = ir::When::block) {
    ir::Function made{.name = name, .arguments = {{ir::Scalar::i32, false}, {ir::Scalar::i64, false}}, .when = when};
    ir::Builder b(module, made);
    const ir::Value zero = b.integer({ir::Scalar::i32, false}, 0);
    body(b, zero, b.argument(0));
    module.kernels.push_back(std::move(made));
  }

 private:
  static std::int64_t place(ir::Buffer& buffer, std::int64_t end) {
    buffer.offset = (end + 63) / 64 * 64;
    return buffer.offset + (buffer.size + ir::padding) * ir::bytes(buffer.scalar);
  }
};

}  // namespace dgen::render
