#include "support/disassembly.h"

#include <regex>
#include <sstream>

namespace dgen::test {

namespace {

/// "  401136:	mulss  %xmm1,%xmm0" -> "mulss  %xmm1,%xmm0"; empty where the line is no instruction.
std::string instruction_of(const std::string& line) {
  static const std::regex form(R"(^\s*[0-9a-f]+:\t(.*\S)\s*$)");
  std::smatch match;
  return std::regex_match(line, match, form) ? match[1].str() : std::string();
}

bool is_call(const std::string& instruction, const std::string& own_name) {
  static const std::regex call(R"(^(call\w*|blr?|bnd call)\s.*)");
  if (std::regex_match(instruction, call)) return true;
  static const std::regex jump(R"(^(jmp\w*|b)\s+[0-9a-f]+ <([^+>]+)(\+0x[0-9a-f]+)?>.*)");
  std::smatch match;
  return std::regex_match(instruction, match, jump) && match[2] != own_name;
}

}  // namespace

std::vector<Disassembly> read_disassembly(std::string_view text) {
  static const std::regex head(R"(^[0-9a-f]+ <(.+)>:$)");
  std::vector<Disassembly> functions;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, head)) {
      functions.push_back({.name = match[1].str(), .instructions = {}});
    } else if (const std::string instruction = instruction_of(line); !instruction.empty() && !functions.empty()) {
      functions.back().instructions.push_back(instruction);
    }
  }
  return functions;
}

InstructionCount count_instructions(const Disassembly& function) {
  constexpr auto x86_arithmetic = R"(^v?(add|sub|mul|div|sqrt|min|max|round|rndscale|cmp\w*|fn?m(add|sub)\d+|u?comi|cvt\w*))";
  static const std::regex x86_packed(x86_arithmetic + std::string(R"(p[sd](\s.*|$))"));
  static const std::regex x86_scalar(x86_arithmetic + std::string(R"(s[sd][lq]?(\s.*|$))"));
  constexpr auto arm_arithmetic =
      R"(^(fn?m?(add|sub|mul|mla|mls|div|sqrt|max|min|abs|neg|rint\w|cm\w\w|cmpe?|cvt\w+)|[su]cvtf)\s+)";
  static const std::regex arm_packed(arm_arithmetic + std::string(R"(v\d+\.(4s|2s|2d)\b.*)"));
  static const std::regex arm_scalar(arm_arithmetic + std::string(R"([sd]\d+\b.*)"));

  InstructionCount count;
  for (const std::string& instruction : function.instructions) {
    const auto is = [&](const std::regex& form) { return std::regex_match(instruction, form); };
    count.packed += is(x86_packed) || is(arm_packed);
    count.scalar += is(x86_scalar) || is(arm_scalar);
    count.calls += is_call(instruction, function.name);
  }
  return count;
}

}  // namespace dgen::test
