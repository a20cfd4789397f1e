#pragma once
// The text of what runs one sub-block through the kernels. "$program" stands for the program's name.

#include <string>
#include <string_view>

#include "render/program_text.h"

namespace dgen::render {

/// Replaces every `token`.
std::string replaced(std::string text, std::string_view token, std::string_view by);

/// Calls of the kernels that run at `when`, a line each.
std::string calls(const ProgramText& program, ir::When when, const char* indent);

const ir::Buffer& host_buffer(const ir::Module& module, ir::Space space, int channel);

/// Elements of a channel with rows at the ticks of a hop that lie before this sub-block.
std::string rows_before(const ir::Buffer& buffer);

/// $program_block(s, in, out, at, frames): at once, or where delays are measured in parts.
std::string block_text(const ProgramText& program);

}  // namespace dgen::render
