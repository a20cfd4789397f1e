// Runs programs that are shared libraries: a DGen export (dgen_patch_descriptor) or a Faust class (faust_library.arch).
//
//   driver sound RATE BLOCK FRAMES LIBRARY OUT VALUE... [, VALUE...]...
//       writes what the library plays as raw floats, channel after channel; VALUE is NAME=NUMBER, and after each comma it
//       begins anew, for another FRAMES with other values.
//   driver time RATE ROUNDS MICROSECONDS VALUE... , BLOCK... , LIBRARY...
//       prints "LIBRARY BLOCK MEDIAN LOWER UPPER", ns a frame with the quartiles; the libraries take turns ROUNDS times.
//
// The inputs are noise. With the value sweep=HZ, which no library sees, input 2 is a sine of HZ.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#if defined(__SSE__)
#include <xmmintrin.h>
#endif

#include "patch.h"  // of any export: for the ABI

enum { most_channels = 64, most_params = 1024, ring_frames = 4096, most_block = 4096, most_libraries = 64 };
enum { frames_between_clocks = 8192 };  // of each side: reading the clock takes as long as a small block

static _Noreturn void fail(const char* what, const char* which) {
  fprintf(stderr, "driver: %s: %s\n", what, which);
  exit(1);
}

typedef struct {
  const char* path;
  int inputs, outputs;
  const dgen_descriptor* dgen;  // null for Faust
  void* state;                  // of either
  float params[most_params];    // of DGen
  void (*compute)(void*, int, float**, float**);
  const char* (*slider)(void*, int, float**);
} library;

static void* symbol(void* handle, const char* name, const char* path) {
  void* found = dlsym(handle, name);
  if (found == NULL) fail(name, path);
  return found;
}

static void* aligned(size_t bytes) {
  void* memory = aligned_alloc(64, (bytes + 63) / 64 * 64);
  if (memory == NULL) fail("out of memory", "state");
  memset(memory, 0, bytes);
  return memory;
}

static library open_library(const char* path, int rate) {
  library it = {.path = path};
  void* handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) fail("cannot load", dlerror());
  it.dgen = dlsym(handle, "dgen_patch_descriptor");
  if (it.dgen != NULL) {
    if (it.dgen->version != DGEN_ABI_VERSION) fail("another version of DGen's ABI", path);
    if (it.dgen->params > most_params) fail("too many parameters", path);
    it.state = aligned((size_t)it.dgen->memory_bytes);
    it.dgen->init(it.state, rate);
    for (int k = 0; k < it.dgen->params; ++k) it.params[k] = (float)it.dgen->param_list[k].initial;
    it.inputs = it.dgen->inputs;
    it.outputs = it.dgen->outputs;
  } else {
    void* (*make)(int) = (void* (*)(int))symbol(handle, "faust_new", path);
    it.state = make(rate);
    if (it.state == NULL) fail("out of memory", path);
    it.inputs = ((int (*)(void*))symbol(handle, "faust_inputs", path))(it.state);
    it.outputs = ((int (*)(void*))symbol(handle, "faust_outputs", path))(it.state);
    it.compute = (void (*)(void*, int, float**, float**))symbol(handle, "faust_compute", path);
    it.slider = (const char* (*)(void*, int, float**))symbol(handle, "faust_slider", path);
  }
  if (it.inputs > most_channels || it.outputs > most_channels) fail("too many channels", path);
  return it;
}

static int count_params(library* it) {
  float* zone;
  int count = 0;
  if (it->dgen != NULL) return it->dgen->params;
  while (it->slider(it->state, count, &zone) != NULL) ++count;
  return count;
}

static float* find_param(library* it, const char* name) {
  float* zone;
  const char* found;
  if (it->dgen != NULL) {
    for (int k = 0; k < it->dgen->params; ++k)
      if (strcmp(it->dgen->param_list[k].name, name) == 0) return &it->params[k];
    return NULL;
  }
  for (int k = 0; (found = it->slider(it->state, k, &zone)) != NULL; ++k)
    if (strcmp(found, name) == 0) return zone;
  return NULL;
}

// Every parameter of the library must be named, so that both sides of a pair have the same ones.
static double set_values(library* it, char** values, int count) {
  double sweep_hz = 0;
  int set = 0;
  for (int k = 0; k < count; ++k) {
    char name[256];
    const char* equals = strchr(values[k], '=');
    if (equals == NULL || equals - values[k] >= (long)sizeof name) fail("not NAME=NUMBER", values[k]);
    memcpy(name, values[k], (size_t)(equals - values[k]));
    name[equals - values[k]] = 0;
    if (strcmp(name, "sweep") == 0) {
      sweep_hz = atof(equals + 1);
      continue;
    }
    float* const param = find_param(it, name);
    if (param == NULL) fail("has no such parameter", values[k]);
    *param = (float)atof(equals + 1);
    ++set;
  }
  if (set != count_params(it)) fail("has parameters that the program's table does not name", it->path);
  return sweep_hz;
}

static void run(library* it, float** in, float** out, int frames) {
  if (it->dgen != NULL)
    it->dgen->process(it->state, it->params, (const float* const*)in, out, frames);
  else
    it->compute(it->state, frames, in, out);
}

static int until_comma(int count, char** words) {
  int k = 0;
  while (k < count && strcmp(words[k], ",") != 0) ++k;
  return k;
}

static float inputs[2][ring_frames];
static float outputs[most_channels][most_block];

static void fill_inputs(int64_t from, int frames, double rate, double sweep_hz) {
  static uint32_t seed[2] = {1, 2};
  for (int c = 0; c < 2; ++c) {
    for (int n = 0; n < frames; ++n) {
      seed[c] = seed[c] * 1664525u + 1013904223u;
      inputs[c][n] = (float)((double)seed[c] / 4294967296.0 - 0.5);
      if (c == 1 && sweep_hz > 0) inputs[c][n] = (float)sin(6.283185307179586 * fmod((double)(from + n) * sweep_hz / rate, 1));
    }
  }
}

static void point(float** in, float** out, int at) {
  for (int c = 0; c < most_channels; ++c) {
    in[c] = inputs[c & 1] + at;
    out[c] = outputs[c];
  }
}

static int play(int count, char** words) {
  if (count < 5) fail("too few arguments", "sound");
  const int rate = atoi(words[0]), block = atoi(words[1]);
  const int64_t frames = atoll(words[2]);
  if (block < 1 || block > ring_frames || block > most_block) fail("block size", words[1]);
  static library it;
  it = open_library(words[3], rate);
  const char* const path = words[4];
  words += 5;
  count -= 5;
  int phases = 1;
  for (int k = 0; k < count; ++k) phases += strcmp(words[k], ",") == 0;
  const size_t length = (size_t)(phases * frames);
  float* const sound = aligned(length * sizeof(float) * (size_t)it.outputs);
  float *in[most_channels], *out[most_channels];
  point(in, out, 0);
  for (int phase = 0; phase < phases; ++phase) {
    const int values = until_comma(count, words);
    if (phase > 0) it = open_library(it.path, rate);
    const double sweep_hz = set_values(&it, words, values);
    words += values + 1;
    count -= values + 1;
    for (int64_t at = phase * frames; at < (phase + 1) * frames; at += block) {
      const int64_t left = (phase + 1) * frames - at;
      const int now = (int)(left < block ? left : block);
      fill_inputs(at, now, rate, sweep_hz);
      run(&it, in, out, now);
      for (int c = 0; c < it.outputs; ++c) memcpy(sound + (size_t)c * length + at, out[c], (size_t)now * sizeof(float));
    }
  }
  FILE* const file = fopen(path, "wb");
  const size_t samples = length * (size_t)it.outputs;
  if (file == NULL || fwrite(sound, sizeof(float), samples, file) != samples || fclose(file) != 0) fail("cannot write", path);
  return 0;
}

// Time that this thread had a processor: what else the machine does counts less so.
static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

// Runs for about as long as wanted, in blocks. Returns ns a frame.
static double turn(library* it, int block, double wanted_ns) {
  float *in[most_channels], *out[most_channels];
  int64_t frames = 0;
  int at = 0;
  const double start = now_ns();
  double elapsed = 0;
  while (elapsed < wanted_ns) {
    for (int64_t until = frames + frames_between_clocks; frames < until;) {
      point(in, out, at);
      run(it, in, out, block);
      frames += block;
      at = at + 2 * block <= ring_frames ? at + block : 0;
    }
    elapsed = now_ns() - start;
  }
  return elapsed / (double)frames;
}

static int ascending(const void* a, const void* b) {
  const double x = *(const double*)a, y = *(const double*)b;
  return (x > y) - (x < y);
}

static int measure(int count, char** words) {
  if (count < 5) fail("too few arguments", "time");
  const int rate = atoi(words[0]), rounds = atoi(words[1]);
  const double wanted_ns = 1e3 * atof(words[2]);
  if (rounds < 1) fail("rounds", words[1]);
  words += 3;
  count -= 3;
  const int values = until_comma(count, words);
  char** const blocks = words + values + 1;
  const int block_count = until_comma(count - values - 1, blocks);
  char** const paths = blocks + block_count + 1;
  const int paths_count = count - values - block_count - 2;
  if (paths_count < 1 || paths_count > most_libraries) fail("number of libraries", "time");
  library* const them = aligned(sizeof(library) * (size_t)paths_count);
  double sweep_hz = 0;
  for (int k = 0; k < paths_count; ++k) {
    them[k] = open_library(paths[k], rate);
    sweep_hz = set_values(&them[k], words, values);
  }
  fill_inputs(0, ring_frames, rate, sweep_hz);
  double* const ns = aligned(sizeof(double) * (size_t)(paths_count * block_count * rounds));
  for (int round = -1; round < rounds; ++round) {  // the round before the first warms caches and fills delay lines
    for (int k = 0; k < paths_count; ++k) {
      for (int b = 0; b < block_count; ++b) {
        const int block = atoi(blocks[b]);
        if (block < 1 || block > most_block || block > ring_frames) fail("block size", blocks[b]);
        const double took = turn(&them[k], block, wanted_ns);
        if (round >= 0) ns[(k * block_count + b) * rounds + round] = took;
      }
    }
  }
  for (int k = 0; k < paths_count; ++k) {
    for (int b = 0; b < block_count; ++b) {
      double* const row = ns + (k * block_count + b) * rounds;
      qsort(row, (size_t)rounds, sizeof(double), ascending);
      printf("%s %s %.4f %.4f %.4f\n", paths[k], blocks[b], row[rounds / 2], row[rounds / 4], row[3 * rounds / 4]);
    }
  }
  return 0;
}

int main(int count, char** words) {
#if defined(__SSE__)
  _mm_setcsr(_mm_getcsr() | 0x8040);  // denormals are zero, for Faust too: DGen sees to it itself
#endif
  if (count > 2 && strcmp(words[1], "sound") == 0) return play(count - 2, words + 2);
  if (count > 2 && strcmp(words[1], "time") == 0) return measure(count - 2, words + 2);
  fail("usage", "driver sound|time ...; see the first lines of driver.c");
}
