#include <dgen/dgen.h>

#include <cstdio>

int main() {
  const dgen::Type type{.clock = dgen::Clock::control, .shape = {.extent = {8}, .rank = 1}};
  if (dgen::to_string(type) != "control [8]") return 1;
  std::puts("consumed dgen");
}
