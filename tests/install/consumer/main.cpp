// Compiles and runs a patch with what was installed.
#include <dgen/dgen.h>

#include <cstdio>

int main() {
  dgen::Graph graph;
  dgen::parse_patch(graph, "History last(0); last = in1 + last * 0.5; out1 = last;");
  const dgen::Program program = dgen::compile(graph);
  dgen::Instance instance(program, 48000);
  const float in[] = {1, 0, 0, 0};
  float out[4] = {};
  const float* from[] = {in};
  float* to[] = {out};
  instance.process(from, to, 4);
  if (out[0] != 1 || out[1] != 0.5f || out[3] != 0.125f) return 1;
  std::puts("consumed dgen");
}
