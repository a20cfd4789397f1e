// The spectral loss as the program that DGen began from computes it, with its mistake mended: for every window and bin a
// loop over the samples with the trigonometry inside, and backward the same loops again, added instead of overwritten.

#include <math.h>
#include <stdint.h>

/// Loss and its gradient by x: windows of `size` frames at hop 1, zeros before frame 0, bins 0 … size/2, squared errors of
/// magnitudes, mean over windows.
double original_spectral_loss(const float* x, const float* target, int64_t frames, int64_t size, float* gradient) {
  const float step = 6.28318530717958647692F / (float)size;
  double loss = 0;
  for (int64_t n = 0; n < frames; ++n) gradient[n] = 0;
  for (int64_t tick = 0; tick < frames; ++tick) {
    for (int64_t k = 0; k <= size / 2; ++k) {
      float re = 0, im = 0, target_re = 0, target_im = 0;
      for (int64_t j = 0; j < size; ++j) {
        const int64_t n = tick - size + 1 + j;
        const float sample = n >= 0 ? x[n] : 0, other = n >= 0 ? target[n] : 0;
        const float angle = step * (float)(k * j);
        const float c = cosf(angle), s = sinf(angle);
        re += sample * c, im -= sample * s;
        target_re += other * c, target_im -= other * s;
      }
      const float magnitude = sqrtf(re * re + im * im);
      const float error = magnitude - sqrtf(target_re * target_re + target_im * target_im);
      loss += error * error;
      if (magnitude == 0) continue;
      const float slope = 2 * error / (magnitude * (float)frames);
      for (int64_t j = 0; j < size; ++j) {
        const int64_t n = tick - size + 1 + j;
        const float angle = step * (float)(k * j);
        if (n >= 0) gradient[n] += slope * (re * cosf(angle) - im * sinf(angle));
      }
    }
  }
  return loss / (double)frames;
}
