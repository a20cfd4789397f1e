"""The programs of bench/vs_torch as PyTorch (and numba) has them, each in the forms that are fast there: the fastest counts.

A case is made of the recordings of a problem and returns a Step: forms (name -> function that runs forward and backward and
gives the loss), and the tensors whose gradients the result consists of, parameters first.
"""

import math

import numba
import numpy as np
import torch

from common import Step, clear, learnable, stft_magnitudes
from network import ddsp, ddsp16


def moved(recording):
    """(gain, x): a sound that a parameter moves; the gradient by x is kept."""
    gain = learnable(1)
    return gain, lambda: kept(gain * recording)


def kept(x):
    x.retain_grad()
    return x


# ---- spectra ----

def unfolded(x, size):
    return torch.nn.functional.pad(x, (size - 1, 0)).unfold(0, size, 1)


def magnitudes_by_fft(x, size):
    return torch.fft.rfft(unfolded(x, size)).abs()


def dft_matrix(size):
    angle = 2 * math.pi / size * (torch.arange(size).outer(torch.arange(size // 2 + 1)) % size)
    return torch.cat([torch.cos(angle), torch.sin(angle)], 1)


def magnitudes_by_matrix(x, size, matrix):
    re, im = (unfolded(x, size) @ matrix).chunk(2, 1)
    power = re * re + im * im
    sounds = power > 0  # the root has no slope at 0
    return torch.where(sounds, torch.where(sounds, power, torch.ones(())).sqrt(), torch.zeros(()))


def magnitudes_by_convolution(x, size, kernels):
    re, im = torch.nn.functional.conv1d(x[None, None], kernels, padding=size - 1)[0, :, :len(x)].chunk(2, 0)
    power = re * re + im * im
    sounds = power > 0
    return torch.where(sounds, torch.where(sounds, power, torch.ones(())).sqrt(), torch.zeros(())).T


def window_loss(magnitudes, target):
    return (magnitudes - target).square().sum() / len(magnitudes)


def spectral_forms(voice, target, leaves, size, scale):
    matrix = dft_matrix(size)
    kernels = matrix.T.contiguous()[:, None]
    ways = {"fft": lambda x: magnitudes_by_fft(x, size), "matrix": lambda x: magnitudes_by_matrix(x, size, matrix),
            "convolution": lambda x: magnitudes_by_convolution(x, size, kernels)}

    def form(way):
        known = way(target).detach()

        def run(state):
            clear(leaves)
            state["x"] = voice()
            loss = scale * window_loss(way(state["x"]), known)
            loss.backward()
            return loss
        return run
    return {name: form(way) for name, way in ways.items()}


def two_frequencies(recordings, rate=44100.0):
    target = recordings[0]
    frequency, lfo = learnable(237), learnable(8.5)
    frames = torch.arange(len(target), dtype=torch.float64)

    def ramp(hz):  # the phase is computed in double, as DGen's is exact
        turns = hz.double() / rate * frames
        return (turns - turns.detach().floor()).float()

    def voice():
        return torch.sin(2 * math.pi * ramp(frequency)) * ramp(lfo)
    leaves = [frequency, lfo]
    return Step(spectral_forms(voice, target, leaves, 64, 100), leaves)


def original(recordings):
    gain, voice = moved(recordings[0])
    return Step(spectral_forms(voice, recordings[1], [gain], 64, 1), [gain], ["x"])


def stft_magnitudes_of_torch(x, fft, hop, window):
    length = len(window)
    first = -(-(length - 1) // hop) * hop - (length - 1)
    before = (fft - length) // 2  # torch.stft puts a shorter window in the middle of the transform
    padded = torch.nn.functional.pad(x[first:], (before, fft - length - before))
    spectrum = torch.view_as_real(torch.stft(padded, fft, hop, length, window, center=False, return_complex=True))
    return spectrum.square().sum(-1).clamp_min(1e-8).sqrt().T


def multi_resolution(recordings, resolutions):
    gain, voice = moved(recordings[0])
    windows = {length: torch.hann_window(length) for _, _, length in resolutions}

    def form(way):
        known = [way(recordings[1], fft, hop, windows[length]) for fft, hop, length in resolutions]
        logs, norms = [t.log() for t in known], [t.norm() for t in known]

        def run(state):
            clear([gain])
            state["x"] = x = voice()
            loss = 0.0
            for (fft, hop, length), target, log, norm in zip(resolutions, known, logs, norms):
                m = way(x, fft, hop, windows[length])
                loss = loss + (m - target).norm() / norm + torch.nn.functional.l1_loss(m.log(), log)
            loss = loss / len(resolutions)
            loss.backward()
            return loss
        return run
    return Step({"unfold": form(stft_magnitudes), "stft": form(stft_magnitudes_of_torch)}, [gain], ["x"])


def mrstft(recordings):
    return multi_resolution(recordings, [(size, size // 4, size) for size in (512, 1024, 2048)])


def mrstft_auraloss(recordings):
    return multi_resolution(recordings, [(1024, 120, 600), (2048, 240, 1200), (512, 50, 240)])


# ---- oscillators ----

def harmonics64(recordings, rate=48000.0):
    target = recordings[0]
    f0 = learnable(110.3)
    amplitudes = torch.tensor([1.0 / k for k in range(1, 65)], requires_grad=True)
    frames = torch.arange(len(target), dtype=torch.float64)
    numbers = torch.arange(1, 65, dtype=torch.float32)

    def phase():
        turns = f0.double() / rate * frames
        return 2 * math.pi * (turns - turns.detach().floor()).float()

    def by_frames(state):
        clear([f0, amplitudes])
        loss = (torch.sin(phase()[:, None] * numbers) @ amplitudes - target).square().mean()
        loss.backward()
        return loss

    def by_harmonics(state):
        clear([f0, amplitudes])
        loss = (amplitudes @ torch.sin(numbers[:, None] * phase()) - target).square().mean()
        loss.backward()
        return loss
    return Step({"frames by harmonics": by_frames, "harmonics by frames": by_harmonics}, [f0, amplitudes])


# ---- filters: the loops in numba, as torchlpc has them ----

@numba.njit(fastmath=True)
def one_pole_loop(x, a):
    y = np.empty_like(x)
    before = np.float32(0)
    for n in range(len(x)):
        before = x[n] + a * before
        y[n] = before
    return y


@numba.njit(fastmath=True)
def one_pole_back(dy, y, a):
    dx = np.empty_like(dy)
    later = np.float32(0)
    slope = 0.0
    for n in range(len(dy) - 1, -1, -1):
        later = dy[n] + a * later
        dx[n] = later
        if n > 0:
            slope += later * y[n - 1]
    return dx, slope


@numba.njit(fastmath=True)
def recursive_loop(x, a1, a2):
    y = np.empty_like(x)
    y1 = y2 = np.float32(0)
    for n in range(len(x)):
        y0 = x[n] - a1 * y1 - a2 * y2
        y[n] = y0
        y2 = y1
        y1 = y0
    return y


@numba.njit(fastmath=True)
def biquad_loop(x, b0, b1, b2, a1, a2):
    y = np.empty_like(x)
    x1 = x2 = y1 = y2 = np.float32(0)
    for n in range(len(x)):
        y0 = b0 * x[n] + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2
        y[n] = y0
        x2, x1, y2, y1 = x1, x[n], y1, y0
    return y


@numba.njit(fastmath=True)
def biquad_back(dy, x, y, b0, b1, b2, a1, a2):
    """lambda[n] = dy[n] - a1 lambda[n + 1] - a2 lambda[n + 2]; all else is sums of products with it."""
    frames = len(dy)
    dx = np.empty_like(dy)
    l1 = l2 = np.float32(0)
    s0 = s1 = s2 = t1 = t2 = 0.0
    for n in range(frames - 1, -1, -1):
        l0 = dy[n] - a1 * l1 - a2 * l2
        dx[n] = b0 * l0 + b1 * l1 + b2 * l2
        s0 += l0 * x[n]
        if n > 0:
            s1 += l0 * x[n - 1]
            t1 -= l0 * y[n - 1]
        if n > 1:
            s2 += l0 * x[n - 2]
            t2 -= l0 * y[n - 2]
        l2, l1 = l1, l0
    return dx, s0, s1, s2, t1, t2


@numba.njit(fastmath=True)
def smoothing_loop(wanted, attack, release):
    y = np.empty_like(wanted)
    before = np.float32(0)
    for n in range(len(wanted)):
        keep = attack if wanted[n] > before else release
        before = wanted[n] + keep * (before - wanted[n])
        y[n] = before
    return y


@numba.njit(fastmath=True)
def smoothing_back(dy, wanted, y, attack, release):
    dx = np.empty_like(dy)
    later = np.float32(0)
    d_attack = d_release = 0.0
    for n in range(len(dy) - 1, -1, -1):
        before = y[n - 1] if n > 0 else np.float32(0)
        rises = wanted[n] > before
        keep = attack if rises else release
        total = dy[n] + later
        dx[n] = total * (np.float32(1) - keep)
        slope = total * (before - wanted[n])
        if rises:
            d_attack += slope
        else:
            d_release += slope
        later = total * keep
    return dx, d_attack, d_release


DECIBEL = 20 / math.log(10)


@numba.njit(fastmath=True)
def compressor_loop(x, wanted, reduction, ratio, threshold, knee, attack, release):
    """All of it in one loop: fills what the way back needs."""
    y = np.empty_like(x)
    before = np.float32(0)
    slope = np.float32(1) - np.float32(1) / ratio
    for n in range(len(x)):
        level = np.float32(DECIBEL) * np.log(max(abs(x[n]), np.float32(1e-5)))
        inside = level - threshold + np.float32(0.5) * knee
        bent = min(max(inside, np.float32(0)), knee)
        wanted[n] = slope * (bent * bent / (2 * knee) + max(inside - knee, np.float32(0)))
        keep = attack if wanted[n] > before else release
        before = wanted[n] + keep * (before - wanted[n])
        reduction[n] = before
        y[n] = x[n] * np.exp(-before / np.float32(DECIBEL))
    return y


@numba.njit(fastmath=True)
def compressor_back(dy, x, y, wanted, reduction, ratio, threshold, knee, attack, release):
    """Slopes by x, ratio, threshold, knee, and by what attack and release keep of a frame."""
    dx = np.empty_like(dy)
    later = np.float32(0)
    slope = np.float32(1) - np.float32(1) / ratio
    d_slope = d_threshold = d_knee = d_attack = d_release = 0.0
    for n in range(len(dy) - 1, -1, -1):
        gain = np.exp(-reduction[n] / np.float32(DECIBEL))
        before = reduction[n - 1] if n > 0 else np.float32(0)
        rises = wanted[n] > before
        keep = attack if rises else release
        total = -dy[n] * x[n] * gain / np.float32(DECIBEL) + later
        kept = total * (before - wanted[n])
        if rises:
            d_attack += kept
        else:
            d_release += kept
        later = total * keep
        d_wanted = total * (np.float32(1) - keep)
        size = max(abs(x[n]), np.float32(1e-5))
        level = np.float32(DECIBEL) * np.log(size)
        inside = level - threshold + np.float32(0.5) * knee
        bent = min(max(inside, np.float32(0)), knee)
        d_slope += d_wanted * (bent * bent / (2 * knee) + max(inside - knee, np.float32(0)))
        into = bent / knee if inside < knee else np.float32(1)
        if inside <= 0:
            into = np.float32(0)
        d_level = d_wanted * slope * into
        d_threshold -= d_level
        # Of bent^2 / (2 knee) + max(inside - knee, 0), with inside = level - threshold + knee / 2.
        if 0 < inside < knee:  # above it the three ways from the knee cancel
            d_knee += d_wanted * slope * (bent / (2 * knee) - bent * bent / (2 * knee * knee))
        dx[n] = dy[n] * gain
        if abs(x[n]) > np.float32(1e-5):
            dx[n] += d_level * np.float32(DECIBEL) / x[n]
    return dx, d_slope / (ratio * ratio), d_threshold, d_knee, d_attack, d_release


@numba.njit(fastmath=True)
def comb_loop(x, g, delay):
    y = np.empty_like(x)
    y[:delay] = x[:delay]
    for n in range(delay, len(x)):
        y[n] = x[n] + g * y[n - delay]
    return y


@numba.njit(fastmath=True)
def comb_back(dy, y, g, delay):
    dx = np.empty_like(dy)
    frames = len(dy)
    slope = 0.0
    for n in range(frames - 1, -1, -1):
        value = dy[n]
        if n + delay < frames:
            value += g * dx[n + delay]
        dx[n] = value
        if n >= delay:
            slope += value * y[n - delay]
    return dx, slope


def loop_function(forward, backward):
    """A torch function of a signal and scalar parameters from two loops over numpy's views."""
    class Function(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, *parameters):
            values = [np.float32(p.item()) for p in parameters]
            y = torch.from_numpy(forward(x.detach().numpy(), *values))
            ctx.save_for_backward(x, y)
            ctx.values = values
            return y

        @staticmethod
        def backward(ctx, dy):
            x, y = ctx.saved_tensors
            dx, *slopes = backward(dy.contiguous().numpy(), x.detach().numpy(), y.numpy(), ctx.values)
            return (torch.from_numpy(dx), *(torch.tensor(slope, dtype=torch.float32) for slope in slopes))
    return Function.apply


def filter_step(recordings, parameters, apply):
    x = recordings[0].clone().requires_grad_()
    target = recordings[1]

    def run(state):
        clear([x, *parameters])
        state["x"] = x
        loss = torch.nn.functional.mse_loss(apply(x, *parameters), target)
        loss.backward()
        return loss
    return Step({"numba": run}, parameters, ["x"])


def one_pole(recordings):
    function = loop_function(one_pole_loop, lambda dy, x, y, p: one_pole_back(dy, y, *p))
    return filter_step(recordings, [learnable(0.9)], function)


def biquad(recordings):
    function = loop_function(biquad_loop, lambda dy, x, y, p: biquad_back(dy, x, y, *p))
    return filter_step(recordings, [learnable(v) for v in (0.2, 0.3, 0.1, -0.5, 0.3)], function)


def comb(recordings, delay=1000):
    function = loop_function(lambda x, g: comb_loop(x, g, delay), lambda dy, x, y, p: comb_back(dy, y, *p, delay))
    return filter_step(recordings, [learnable(0.7)], function)


def compressor(recordings, rate=48000.0):
    parameters = [learnable(v) for v in (4, -20, 6, 0.005, 0.05)]
    smooth = loop_function(smoothing_loop, lambda dy, x, y, p: smoothing_back(dy, x, y, *p))
    wanted, reduction = np.empty_like(recordings[0].numpy()), np.empty_like(recordings[0].numpy())
    whole = loop_function(lambda x, *p: compressor_loop(x, wanted, reduction, *p),
                          lambda dy, x, y, p: compressor_back(dy, x, y, wanted, reduction, *p))

    def keep(seconds):
        return torch.exp(math.log(0.01) / (seconds * rate))

    def in_parts(x, ratio, threshold, knee, attack, release):
        level = DECIBEL * x.abs().clamp_min(1e-5).log()
        inside = level - threshold + 0.5 * knee
        bent = torch.minimum(inside.clamp_min(0), knee)
        over = (1 - 1 / ratio) * (bent * bent / (2 * knee) + (inside - knee).clamp_min(0))
        return x * torch.exp(-smooth(over, keep(attack), keep(release)) / DECIBEL)

    def in_one(x, ratio, threshold, knee, attack, release):
        return whole(x, ratio, threshold, knee, keep(attack), keep(release))
    forms = filter_step(recordings, parameters, in_parts).forms
    parts, one = forms["numba"], filter_step(recordings, parameters, in_one).forms["numba"]
    return Step({"numba and torch": parts, "numba": one}, parameters, ["x"])


CASES = {"two_frequencies": two_frequencies, "mrstft": mrstft, "mrstft_auraloss": mrstft_auraloss,
         "harmonics64": harmonics64, "one_pole": one_pole, "biquad": biquad, "compressor": compressor, "comb": comb,
         "ddsp": ddsp, "ddsp16": ddsp16}
