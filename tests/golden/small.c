#pragma GCC diagnostic ignored "-Wpsabi"  // vectors are passed to inlined functions only

// Vectors of 4 elements.
typedef float vf __attribute__((vector_size(4 * 4)));
typedef double vd __attribute__((vector_size(8 * 4)));
typedef int32_t vi __attribute__((vector_size(4 * 4)));
typedef uint32_t vu __attribute__((vector_size(4 * 4)));
typedef int64_t vl __attribute__((vector_size(8 * 4)));
typedef uint64_t vul __attribute__((vector_size(8 * 4)));
#define DGEN_INLINE static inline __attribute__((always_inline))

// gcc takes (float)(int)x for a rounding of x, which makes -0 of -0.5: the integers are kept from its sight.
#if defined(__clang__)
#define DGEN_TRUNCATE(type, x) ((type)(x))
#else
#define DGEN_TRUNCATE(type, x) \
  ({ type whole_ = (type)(x); if (!__builtin_constant_p(whole_)) __asm__("" : "+r"(whole_)); whole_; })
#endif

// What an empty instruction may have changed in a register, the compiler neither sees through nor fuses with anything.
#if defined(__SSE2__)
#define DGEN_REGISTER "+v"
#elif defined(__aarch64__)
#define DGEN_REGISTER "+w"
#endif

// Bytes of the part of a vector that the machine holds in one register.
#if defined(__AVX512F__)
#define DGEN_PART(bytes) ((bytes) < 64 ? (bytes) : 64)
#elif defined(__AVX2__)
#define DGEN_PART(bytes) ((bytes) < 32 ? (bytes) : 32)
#else
#define DGEN_PART(bytes) 16
#endif
#define DGEN_EACH_PART(k, vector) _Pragma("GCC unroll 8") for (int k = 0; k < (int)(sizeof(vector) / sizeof(vector.part[0])); ++k)

typedef vf any_vf __attribute__((aligned(4), may_alias));
DGEN_INLINE vf load_vf(const void* from) { return *(const any_vf*)from; }
DGEN_INLINE vf splat_vf(float x) { return (vf){x, x, x, x}; }
DGEN_INLINE void store_vf(void* to, vf x) { *(any_vf*)to = x; }

// Denormal numbers are zero while a program runs; the caller's mode comes back afterwards.
static uint64_t dgen_flush_denormals(void) {
#if defined(__SSE__)
  const unsigned mode = __builtin_ia32_stmxcsr();
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr(mode | 0x8040u);  // it waits for all that is under way
  return mode;
#elif defined(__aarch64__)
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  __asm__ volatile("msr fpcr, %0" : : "r"(mode | (UINT64_C(1) << 24)) : "memory");
  return mode;
#else
  return 0;
#endif
}

static void dgen_restore_denormals(uint64_t mode) {
#if defined(__SSE__)
  if ((mode & 0x8040u) != 0x8040u) __builtin_ia32_ldmxcsr((unsigned)mode);
#elif defined(__aarch64__)
  __asm__ volatile("msr fpcr, %0" : : "r"(mode) : "memory");
#else
  (void)mode;
#endif
}

static const float dgen_silence[272];

// Host channel `channel` from frame `at`: the host's memory, or a copy with zeros up to a whole vector.
static const float* dgen_input(const float* const* in, int channel, int64_t at, int32_t frames, float* copy) {
  if (in == NULL || in[channel] == NULL) return dgen_silence;
  const int32_t rest = frames % 4;
  if (rest == 0) return in[channel] + at;
  memcpy(copy, in[channel] + at, (size_t)frames * sizeof(float));
  memset(copy + frames, 0, (size_t)(4 - rest) * sizeof(float));
  return copy;
}

// Where kernels write host channel `channel`: the host's memory, or `copy`.
static float* dgen_output(float* const* out, int channel, int64_t at, int32_t frames, float* copy) {
  return out == NULL || out[channel] == NULL || frames % 4 != 0 ? copy : out[channel] + at;
}

// Copies what was not written in place, after the last kernel of the sub-block.
static void dgen_deliver(float* const* out, int channel, int64_t at, int32_t frames, const float* written) {
  if (out == NULL || out[channel] == NULL || written == out[channel] + at) return;
  memcpy(out[channel] + at, written, (size_t)frames * sizeof(float));
}

// One instance: the header, the state arena, and what one sub-block needs.
struct dgen_small_state {
  double sample_rate;           // Hz
  double prepared_sample_rate;  // of the last preparation
  int64_t position;             // frames since reset
  uint32_t started;             // 0: the next call prepares and starts
  uint32_t reserved;
  float params[17];             // of the last preparation
  unsigned char gap_6[28];
  float y_3[17];
  unsigned char gap_4[60];
  float half_gain_4[17];
  unsigned char gap_7[60];
  unsigned char scratch[64];
  float input_0[272];
  float output_0[272];
  float output_1[272];
} __attribute__((aligned(64)));
_Static_assert(offsetof(struct dgen_small_state, y_3) == 128, "y_3 lies where it was planned");
_Static_assert(offsetof(struct dgen_small_state, half_gain_4) == 256, "half_gain_4 lies where it was planned");
_Static_assert(sizeof(struct dgen_small_state) == 3712, "the memory is as large as announced");

// runs when a parameter changes
static __attribute__((noinline)) void dgen_small_stage_0_control(struct dgen_small_state* restrict s) {
  const float v2 = s->params[0];
  const float v4 = v2 * 0.5f;
  s->half_gain_4[0] = v4;
}

// sequential: y depends on the frame before
static __attribute__((noinline)) void dgen_small_stage_1_smooth(struct dgen_small_state* restrict s, const float* in_0, float* out_1, int32_t frames) {
  float y_0 = 0;
  const float v2 = s->half_gain_4[0];
  const float v3 = s->y_3[0];
  y_0 = v3;
  for (int32_t i4 = 0; i4 < frames; ++i4) {
    const float v5 = y_0;
    const float v6 = in_0[i4];
    const float v7 = v6 - v5;
    const float v8 = v2 * v7;
    const float v9 = y_0;
    const float v10 = v9 + v8;
    y_0 = v10;
    const float v11 = y_0;
    out_1[i4] = v11;
  }
  const float v12 = y_0;
  s->y_3[0] = v12;
}

// parallel: no state
static __attribute__((noinline)) void dgen_small_stage_2_scaled(const float* in_0, float* out_0, int32_t frames) {
  for (int32_t i2 = 0; i2 < frames; i2 += 4) {
    const vf v3 = load_vf(in_0 + i2);
    const vf v5 = v3 * splat_vf(2.0f);
    const vf v7 = v5 + splat_vf(1.0f);
    store_vf(out_0 + i2, v7);
  }
}

// Runs the control kernels of what changed: a parameter's bits, or for all of them the sample rate.
static void dgen_small_prepare(struct dgen_small_state* s, const float* params) {
  const int all = s->started == 0 || memcmp(&s->prepared_sample_rate, &s->sample_rate, 8) != 0;
  if (all || memcmp(s->params, params, 4) != 0) {
    s->prepared_sample_rate = s->sample_rate;
    memcpy(s->params, params, 4);
    dgen_small_stage_0_control(s);
  }
  if (s->started == 0) {
    s->started = 1;
  }
}

// One sub-block: `frames` frames from frame `at` of the host's channels.
static void dgen_small_block(struct dgen_small_state* s, const float* const* in, float* const* out, int64_t at, int32_t frames) {
  const float* const in_0 = dgen_input(in, 0, at, frames, s->input_0);
  float* const out_0 = dgen_output(out, 0, at, frames, s->output_0);
  float* const out_1 = s->output_1;
  dgen_small_stage_1_smooth(s, in_0, out_1, frames);
  dgen_small_stage_2_scaled(in_0, out_0, frames);
  dgen_deliver(out, 0, at, frames, out_0);
  dgen_deliver(out, 1, at, frames, out_1);
}

void dgen_small_init(void* state, double sample_rate) {
  struct dgen_small_state* const s = state;
  memset(s, 0, sizeof *s);
  s->sample_rate = sample_rate;
}

void dgen_small_reset(void* state) {
  struct dgen_small_state* const s = state;
  s->position = 0;
  s->started = 0;
  memset((unsigned char*)state + 128, 0, 196);
}

int dgen_small_process(void* state, const float* params, const float* const* in, float* const* out, int64_t frames) {
  struct dgen_small_state* const s = state;
  if (s == NULL || frames < 0 || params == NULL) return 1;
  const uint64_t mode = dgen_flush_denormals();
  dgen_small_prepare(s, params);
  const int64_t block = 256;
  for (int64_t at = 0; at < frames;) {
    const int64_t left = 4294967296 - (s->position & 4294967295);  // noise changes its keys every 2^32 frames
    int64_t most = left < block ? left : block;
    const int32_t now = (int32_t)(frames - at < most ? frames - at : most);
    dgen_small_block(s, in, out, at, now);
    at += now;
    s->position += now;
  }
  dgen_restore_denormals(mode);
  return 0;
}

static const char* const dgen_small_input_names[] = {
  "in1",
};
static const char* const dgen_small_output_names[] = {
  "scaled",
  "smooth",
};
static const dgen_param dgen_small_params[] = {
  {"gain", 0.25, 0.0, 1.0, 1, NULL},
};
static const dgen_state dgen_small_states[] = {
  {"y", 128, 1, dgen_f32},
};
const dgen_descriptor dgen_small_descriptor = {
  .version = DGEN_ABI_VERSION,
  .vector_width = 4,
  .memory_bytes = sizeof(struct dgen_small_state),
  .alignment = 64,
  .inputs = 1,
  .outputs = 2,
  .params = 1,
  .states = 1,
  .name = "small",
  .input_names = dgen_small_input_names,
  .output_names = dgen_small_output_names,
  .param_list = dgen_small_params,
  .state_list = dgen_small_states,
  .init = dgen_small_init,
  .reset = dgen_small_reset,
  .process = dgen_small_process,
};
