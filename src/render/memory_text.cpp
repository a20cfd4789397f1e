#include <algorithm>
#include <set>

#include "dgen/error.h"
#include "render/abi.h"
#include "render/program_text.h"
#include "render/text.h"

namespace dgen::render {

namespace {

using ir::Buffer;

std::int64_t round_up(std::int64_t value, std::int64_t multiple) { return (value + multiple - 1) / multiple * multiple; }

/// State buffers in the order of their offsets.
std::vector<int> planned(const ir::Module& module) {
  std::vector<int> order;
  for (std::size_t k = 0; k < module.buffers.size(); ++k) {
    if (module.buffers[k].space == ir::Space::state) order.push_back(static_cast<int>(k));
  }
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return module.buffers[static_cast<std::size_t>(a)].offset < module.buffers[static_cast<std::size_t>(b)].offset;
  });
  return order;
}

std::int64_t scratch_bytes(const ir::Module& module) { return round_up(std::max<std::int64_t>(module.scratch_bytes, 64), 64); }

/// The header and the state arena.
std::int64_t lasting_bytes(const ir::Module& module, const ProgramInterface& interface) {
  return round_up(std::max(abi::header_bytes(elements_of(interface.params)), module.state_bytes), 64);
}

struct Members {
  std::string declared;  ///< in the struct
  std::string asserted;  ///< behind it
  std::int64_t end = 0;  ///< bytes so far

  void fill_to(std::int64_t offset, int number) {
    if (offset <= end) return;
    declared += "  unsigned char gap_" + std::to_string(number) + "[" + std::to_string(offset - end) + "];\n";
    end = offset;
  }
};

void add_state(const Dialect& dialect, const ProgramText& program, int k, std::int64_t limit, Members& members) {
  const Buffer& buffer = program.module->buffers[static_cast<std::size_t>(k)];
  const std::int64_t size = ir::bytes(buffer.scalar);
  check(buffer.offset >= members.end, "state buffers lie behind the header and do not overlap");
  check(buffer.offset % size == 0, "a state buffer is aligned to its elements");
  const std::int64_t elements = std::min(buffer.size + ir::padding, (limit - buffer.offset) / size);
  check(elements >= buffer.size, "a state buffer lies inside the state arena");
  members.fill_to(buffer.offset, k);
  const std::string name = state_member(*program.module, k);
  members.declared += "  " + std::string(dialect.types[static_cast<std::size_t>(buffer.scalar)].memory) + " " + name + "[" +
                      std::to_string(elements) + "];\n";
  members.end += elements * size;
  members.asserted += "_Static_assert(offsetof(struct " + program.name + "_state, " + name +
                      ") == " + std::to_string(buffer.offset) + ", \"" + name + " lies where it was planned\");\n";
}

}  // namespace

std::int64_t memory_bytes(const ir::Module& module, const ProgramInterface& interface) {
  std::set<int> inputs, outputs;
  for (const Buffer& buffer : module.buffers) {
    if (buffer.space == ir::Space::input) inputs.insert(buffer.channel);
    if (buffer.space == ir::Space::output) outputs.insert(buffer.channel);
  }
  const auto copies = static_cast<std::int64_t>(inputs.size() + outputs.size());
  return round_up(lasting_bytes(module, interface) + scratch_bytes(module) + copies * 4 * (module.sub_block + ir::padding), 64);
}

std::string state_member(const ir::Module& module, int buffer) {
  return identifier(module.buffers[static_cast<std::size_t>(buffer)].name) + "_" + std::to_string(buffer);
}

std::string memory_text(const Dialect& dialect, const ProgramText& program) {
  const ir::Module& module = *program.module;
  const std::int64_t params = elements_of(program.interface->params);
  const std::int64_t header = abi::header_bytes(params), state = lasting_bytes(module, *program.interface);
  Members members{.end = static_cast<std::int64_t>(sizeof(abi::Header)) + 4 * (params + ir::padding)};
  members.fill_to(header, static_cast<int>(module.buffers.size()));
  const std::vector<int> order = planned(module);
  for (std::size_t k = 0; k < order.size(); ++k) {
    const bool last = k + 1 == order.size();
    const std::int64_t limit = last ? state : module.buffers[static_cast<std::size_t>(order[k + 1])].offset;
    add_state(dialect, program, order[k], limit, members);
  }
  members.fill_to(state, static_cast<int>(module.buffers.size()) + 1);
  std::string text =
      "\n// One instance: the header, the state arena, and what one sub-block needs.\nstruct " + program.name +
      "_state {\n  double sample_rate;           // Hz\n  double prepared_sample_rate;  // of the last preparation\n"
      "  int64_t position;             // frames since reset\n"
      "  uint32_t started;             // 0: the next call prepares and starts\n  uint32_t reserved;\n"
      "  float params[" +
      std::to_string(params + ir::padding) + "];             // of the last preparation\n";
  text += members.declared;
  text += "  unsigned char scratch[" + std::to_string(scratch_bytes(module)) + "];\n";
  const std::string block = "[" + std::to_string(module.sub_block + ir::padding) + "];\n";
  for (const int c : program.inputs) text += "  float input_" + std::to_string(c) + block;
  for (const int c : program.outputs) text += "  float output_" + std::to_string(c) + block;
  text += "} __attribute__((aligned(64)));\n" + members.asserted + "_Static_assert(sizeof(struct " + program.name +
          "_state) == " + std::to_string(memory_bytes(module, *program.interface)) +
          ", \"the memory is as large as announced\");\n";
  return text;
}

}  // namespace dgen::render
