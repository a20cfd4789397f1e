#include "lower/device_group_transform.h"

#include <bit>

#include "base/index.h"
#include "graph/fourier.h"
#include "lower/access.h"
#include "lower/divided.h"

namespace dgen::lower {

using ir::Value;

DeviceGroupTransformKernel::DeviceGroupTransformKernel(const schedule::DeviceSchedule& schedule,
                                                       const schedule::DeviceStage& stage, DeviceBuffers& buffers,
                                                       ir::Module& module, std::string name)
    : DeviceTransformKernel(schedule, stage, buffers, module, std::move(name),
                            group_transform(*schedule.control.graph, stage.nodes.back(), schedule.group)->group()),
      fft_(stage.nodes.back()), n_(g_[fft_].attributes.size), kind_(g_[fft_].attributes.transform),
      plan_(*group_transform(g_, fft_, schedule.group)) {
  re_ = buffers.add_shared("shared_re" + std::to_string(fft_), plan_.elements());
  im_ = buffers.add_shared("shared_im" + std::to_string(fft_), plan_.elements());
  function_.why = "Fourier transforms in the memory of a group: " + std::to_string(plan_.transforms) +
                  (plan_.transforms == 1 ? " transform" : " transforms") + " a group, " + std::to_string(plan_.threads) +
                  (plan_.threads == 1 ? " work item a transform" : " work items a transform");
}

void DeviceGroupTransformKernel::write() {
  go_to_transform();
  std::int64_t run = 1;  // neighbours that earlier passes have transformed
  for (std::size_t pass = 0; pass < plan_.radices.size(); run *= plan_.radices[pass++]) write_pass(pass, run);
  if (plan_.radices.empty()) write_one();
  if (kind_ == Transform::real_forward) write_bins();
}

/// Of two real numbers there is one complex one.
void DeviceGroupTransformKernel::write_one() {
  const Value only = whole(builder_, 0);
  const Complex z = first_number(only);
  if (kind_ == Transform::real_inverse) return if_wanted({only, {}}, [&] { last_number(only, z); });
  share(only, z);
  builder_.barrier();
}

/// Behind the last transform stand work items that repeat it, for all of a group meet.
void DeviceGroupTransformKernel::go_to_transform() {
  const std::int64_t each = transforms_of_tick(g_, fft_);
  const Value in_group = divided(builder_, thread(), plan_.threads);
  thread_ = remainder(builder_, thread(), plan_.threads);
  first_ = in_group * whole(builder_, plan_.size);
  const Value number = group() * whole(builder_, plan_.transforms) + in_group, all = tick_count() * whole(builder_, each);
  wanted_ = number < all;
  const Value known = ir::select(wanted_, number, all - whole(builder_, 1)), tick = divided(builder_, known, each);
  transform_ = known - tick * whole(builder_, each);
  go_to_tick(tick);
}

std::vector<DeviceGroupTransformKernel::Mine> DeviceGroupTransformKernel::mine(std::int64_t all) {
  std::vector<Mine> found;
  for (std::int64_t first = 0; first < all; first += plan_.threads) {
    const Value number = first == 0 ? thread_ : thread_ + whole(builder_, first);
    const Value last = whole(builder_, all - 1);
    const bool always = first + plan_.threads <= all;
    found.push_back(always ? Mine{number, {}} : Mine{ir::select(number < last, number, last), number <= last});
  }
  return found;
}

void DeviceGroupTransformKernel::if_exists(const Mine& one, const std::function<void()>& body) {
  one.exists.builder ? builder_.branch(one.exists, body) : body();
}

void DeviceGroupTransformKernel::if_wanted(const Mine& one, const std::function<void()>& body) {
  builder_.branch(one.exists.builder ? wanted_ & one.exists : wanted_, body);
}

/// Numbers are in registers before the first of them is written over.
void DeviceGroupTransformKernel::write_pass(std::size_t pass, std::int64_t run) {
  const std::int64_t radix = plan_.radices[pass];
  const bool leaves = pass + 1 == plan_.radices.size() && kind_ != Transform::real_forward;
  const std::vector<Mine> butterflies = mine(plan_.size / radix);
  std::vector<Numbers> taken;
  for (const Mine& one : butterflies) taken.push_back(read(pass, run, one.number));
  if (pass > 0 && !leaves) builder_.barrier();
  for (std::size_t b = 0; b < butterflies.size(); ++b) {
    const Value j = butterflies[b].number, block = divided(builder_, j, run), within = j - block * whole(builder_, run);
    const Value begin = block * whole(builder_, run * radix) + within;
    const Numbers made = butterfly(taken[b]);
    const auto put = [&](void (DeviceGroupTransformKernel::*to)(Value, const Complex&)) {
      for (std::size_t r = 0; r < made.size(); ++r)
        (this->*to)(r == 0 ? begin : begin + whole(builder_, static_cast<std::int64_t>(r) * run), made[r]);
    };
    if (leaves)
      if_wanted(butterflies[b], [&] { put(&DeviceGroupTransformKernel::last_number); });
    else
      if_exists(butterflies[b], [&] { put(&DeviceGroupTransformKernel::share); });
  }
  if (!leaves) builder_.barrier();
}

/// The numbers of one butterfly, turned by its twiddle factors.
DeviceGroupTransformKernel::Numbers DeviceGroupTransformKernel::read(std::size_t pass, std::int64_t run, Value j) {
  const std::int64_t radix = plan_.radices[pass], apart = plan_.size / radix;
  Numbers x;
  const Value within = remainder(builder_, j, run);
  for (std::int64_t r = 0; r < radix; ++r) {
    const Value k = r == 0 ? j : j + whole(builder_, r * apart);
    const Complex z = pass == 0 ? first_number(k) : shared(k);
    x.push_back(pass == 0 || r == 0 ? z : turned(z, within * whole(builder_, r * (n_ / (run * radix)))));
  }
  return x;
}

/// Number k of what the passes transform. Real numbers stand in pairs, as real and imaginary parts.
Complex DeviceGroupTransformKernel::first_number(Value k) {
  const int x = g_[fft_].inputs[0];
  if (!fourier::is_real(kind_)) return read_input(fft_, transform_, k);
  if (kind_ == Transform::real_forward) {
    const Value even = transform_ * whole(builder_, n_) + k + k;
    return {element(x, even), element(x, even + whole(builder_, 1))};
  }
  const Value ends = k == whole(builder_, 0);  // the first bin and the last are real
  const Complex z = half_from_real(bin(k, ends), bin(whole(builder_, n_ / 2) - k, ends), root(k)).low;
  return {z.im, z.re};  // an inverse is a transform with real and imaginary parts exchanged
}

Complex DeviceGroupTransformKernel::bin(Value k, Value real) {
  const int x = g_[fft_].inputs[0];
  const std::int64_t bins = n_ / 2 + 1;
  const Value place = transform_ * whole(builder_, 2 * bins) + k;
  return {element(x, place), ir::select(real, number(0), element(x, place + whole(builder_, bins)))};
}

/// Where number k lies. Neighbours lie in different banks, and so do those that are 2, 4, … 32 apart.
Value DeviceGroupTransformKernel::place(Value k) {
  constexpr int bits = std::countr_zero(static_cast<unsigned>(GroupTransform::banks));
  const Value e = plan_.transforms == 1 ? k : first_ + k;
  return e ^ ((e >> bits) & whole(builder_, GroupTransform::banks - 1));
}

Complex DeviceGroupTransformKernel::shared(Value k) {
  const Value e = place(k);
  return {builder_.load(re_, e, false), builder_.load(im_, e, false)};
}

void DeviceGroupTransformKernel::share(Value k, const Complex& z) {
  const Value e = place(k);
  builder_.store(re_, e, z.re);
  builder_.store(im_, e, z.im);
}

void DeviceGroupTransformKernel::last_number(Value k, const Complex& z) {
  if (kind_ != Transform::real_inverse) return write_output(fft_, transform_, k, z);
  const double scale = 1.0 / static_cast<double>(n_);
  const Value even = transform_ * whole(builder_, n_) + k + k;
  store_element(fft_, even, z.im * scale);
  store_element(fft_, even + whole(builder_, 1), z.re * scale);
}

/// Bins k and n/2 - k of real numbers, from those of the transform of half as many complex ones.
void DeviceGroupTransformKernel::write_bins() {
  const std::int64_t bins = n_ / 2 + 1;
  const Value first = transform_ * whole(builder_, 2 * bins);
  for (const Mine& one : mine(plan_.size / 2 + 1)) {
    const Value low = one.number, high = whole(builder_, plan_.size) - low;
    const Value mirrored = ir::select(low == whole(builder_, 0), low, high);
    const MirroredBins x = real_from_half(shared(low), shared(mirrored), root(low));
    if_wanted(one, [&] {
      store_element(fft_, first + low, x.low.re);
      store_element(fft_, first + whole(builder_, bins) + low, x.low.im);
      store_element(fft_, first + high, x.high.re);
      store_element(fft_, first + whole(builder_, bins) + high, x.high.im);
    });
  }
}

}  // namespace dgen::lower
