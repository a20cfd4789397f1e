#!/usr/bin/env python3
"""The training steps of bench/gpu/patches.cpp in PyTorch, on a device that it has.

    torch_steps.py cuda|cpu [--batch N,N...] [CASE...]    prints `case NAME batch N ms N` for each
"""

import argparse
import math
import statistics
import time

import torch

FRAMES = 4096
RATE = 44100.0


def learnable(values, lanes, device):
    return torch.tensor(values, dtype=torch.float32, device=device).repeat(lanes, 1).requires_grad_()


def sine_and_ramp(hz, device):
    """(sin of the phase, phase): [lanes, n, frames]; phases are computed in double, as DGen's are exact."""
    turns = hz.double()[..., None] / RATE * torch.arange(FRAMES, dtype=torch.float64, device=device)
    phase = (turns - turns.detach().floor()).float()
    return torch.sin(2 * math.pi * phase), phase


def magnitudes(x, fft, hop, window):
    """x: [..., frames]; windows end at multiples of the hop."""
    frames = torch.nn.functional.pad(x, (len(window) - 1, 0)).unfold(-1, len(window), hop)
    spectrum = torch.fft.rfft(frames * window, n=fft)
    return spectrum.real.square().add(spectrum.imag.square()).clamp_min(1e-8).sqrt()


def windows(sizes, device):
    return [torch.hann_window(size, device=device) for size in sizes]


def two_frequencies(lanes, target, device):
    frequency, lfo = learnable([237.0], lanes, device), learnable([8.5], lanes, device)
    window = windows([1024], device)[0]
    known = magnitudes(target, 1024, 256, window)

    def loss():
        out = sine_and_ramp(frequency, device)[0][:, 0] * sine_and_ramp(lfo, device)[1][:, 0]
        error = (magnitudes(out, 1024, 256, window) - known).square().sum(-1).mean(-1)
        return (100 * error + 0.003 * (out - target).square().mean(-1)).sum()
    return loss, [frequency, lfo]


def resolutions(lanes, target, device):
    gain = learnable([0.5], lanes, device)
    shapes = [(1024, 120, 600), (2048, 240, 1200), (512, 50, 240)]
    shaped = list(zip(shapes, windows([length for _, _, length in shapes], device)))
    known = [magnitudes(target, fft, hop, window) for (fft, hop, _), window in shaped]

    def loss():
        total = 0.0
        out = gain * target + 0.1
        for ((fft, hop, _), window), wanted in zip(shaped, known):
            m = magnitudes(out, fft, hop, window)
            norm = (m - wanted).square().sum((-2, -1)).sqrt() / wanted.norm()
            total = total + norm + (m.log() - wanted.log()).abs().mean((-2, -1))
        return (total / len(shaped)).sum()
    return loss, [gain]


def lowpass(x, cutoff, q):
    """x: broadcast to [..., frames] with cutoff: [...]. Frame by frame, as PyTorch has no recurrence."""
    w = 2 * math.pi * cutoff / RATE
    alpha, c = torch.sin(w) / (2 * q), torch.cos(w)
    a0 = 1 + alpha
    b0, b1, a1, a2 = (1 - c) / 2 / a0, (1 - c) / a0, -2 * c / a0, (1 - alpha) / a0
    before = torch.nn.functional.pad(x, (2, 0))
    driven = b0[..., None] * (before[..., 2:] + before[..., :-2]) + b1[..., None] * before[..., 1:-1]
    y1 = y2 = torch.zeros_like(driven[..., 0])
    out = []
    for n in range(FRAMES):
        y1, y2 = driven[..., n] - a1 * y1 - a2 * y2, y1
        out.append(y1)
    return torch.stack(out, -1)


def biquad_bank(lanes, target, device):
    cutoff = learnable([200.0 + 250 * k for k in range(32)], lanes, device)

    def loss():
        return (lowpass(target, cutoff, 0.8).sum(1) - target).square().mean(-1).sum()
    return loss, [cutoff]


def harmonics_and_noise(lanes, target, device):
    pitch, level = learnable([220.0], lanes, device), learnable([1.0 / k for k in range(1, 17)], lanes, device)
    amount, cutoff = learnable([0.1], lanes, device), learnable([2000.0], lanes, device)
    hiss = 2 * torch.rand(FRAMES, device=device) - 1
    numbers = torch.arange(1, 17, device=device, dtype=torch.float32)
    sizes = [2048, 1024, 512, 256, 128, 64]
    shaped = list(zip(sizes, windows(sizes, device)))
    known = [magnitudes(target, size, size // 4, window) for size, window in shaped]

    def loss():
        out = (level[..., None] * sine_and_ramp(pitch * numbers, device)[0]).sum(1)
        out = out + amount * lowpass(hiss, cutoff[:, 0], 0.7)
        total = 0.0
        for (size, window), wanted in zip(shaped, known):
            m = magnitudes(out, size, size // 4, window)
            total = total + (m - wanted).abs().mean((-2, -1)) + (m.log() - wanted.log()).abs().mean((-2, -1))
        return total.sum()
    return loss, [pitch, level, amount, cutoff]


CASES = {case.__name__: case for case in (two_frequencies, resolutions, biquad_bank, harmonics_and_noise)}


def step_seconds(make, lanes, device):
    target = 0.3 * (2 * torch.rand(FRAMES, device=device) - 1)
    loss, parameters = make(lanes, target, device)
    optimizer = torch.optim.SGD(parameters, lr=1e-9)

    def step():
        start = time.perf_counter()
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
        if device == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter() - start
    step()  # kernels are loaded, memory is taken
    took = []
    while len(took) < 3 or (sum(took) < 0.5 and len(took) < 1000):
        took.append(step())
    return statistics.median(took)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("device", choices=("cuda", "cpu"))
    parser.add_argument("--batch", default="1,16,256")
    parser.add_argument("cases", nargs="*")
    asked = parser.parse_intermixed_args()
    for name in asked.cases or CASES:
        for lanes in map(int, asked.batch.split(",")):
            seconds = step_seconds(CASES[name], lanes, asked.device)
            print(f"case {name} batch {lanes} ms {1e3 * seconds:.4g}", flush=True)


if __name__ == "__main__":
    main()
