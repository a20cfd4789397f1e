#pragma once
// The text of one program: its memory, constants, functions and kernels, on which the driver builds.

#include <map>
#include <string>
#include <vector>

#include "render/dialect.h"
#include "render/function_text.h"
#include "render/program_interface.h"

namespace dgen::render {

/// Definitions that programs of one translation unit share: equal text is written once.
class SharedDefinitions {
 public:
  /// The name under which `text` is defined, `base` or `base` with a number; $name in `text` stands for it.
  std::string define(const std::string& base, const std::string& text);
  const std::string& text() const { return text_; }

 private:
  std::map<std::string, std::string> names_;  ///< by text
  std::map<std::string, int> uses_;           ///< of a base
  std::string text_;
};

/// A kernel's text, and how the driver calls it.
struct KernelText {
  std::string name;
  ir::When when = ir::When::block;
  std::uint64_t changes = 0;  ///< as of `ir::Function`
  std::string call;           ///< with s, in_C, out_C, frames and s->position as arguments
};

/// What the driver needs to know of a program.
struct ProgramText {
  const ir::Module* module = nullptr;
  const ProgramInterface* interface = nullptr;
  int lanes = 8;
  std::string name;  ///< of the struct and the prefix of its static functions
  std::string text;  ///< memory and kernels
  std::vector<KernelText> kernels;
  std::vector<int> inputs, outputs;  ///< host channels that kernels touch, ascending
  std::vector<bool> direct;          ///< of each in `outputs`: may be host memory, even the memory of an input
};

ProgramText program_text(const Dialect& dialect, const ir::Module& module, const ProgramInterface& interface, int lanes,
                         SharedDefinitions& shared);

/// A static function that kernels call, under the name $name.
std::string function_definition(const Surroundings& around, const ir::Function& function);

/// The C struct of one instance's memory: header, state arena with members at their planned offsets, scratch arena,
/// copies of host channels.
std::string memory_text(const Dialect& dialect, const ProgramText& program);

/// Bytes of that struct.
std::int64_t memory_bytes(const ir::Module& module, const ProgramInterface& interface);

/// What the program's symbols begin with: dgen_NAME.
std::string program_symbol(const ProgramInterface& interface);

/// The member of the struct that a state buffer is.
std::string state_member(const ir::Module& module, int buffer);

/// init, reset, process and the static functions below them.
std::string driver_text(const ProgramText& program);

/// The descriptor and the lists it points to.
std::string descriptor_text(const ProgramText& program);

}  // namespace dgen::render
