"""A network that plays a synthesiser, as PyTorch has it; bench/vs_torch/network.h has DGen's."""

import math

import numpy as np
import torch

from common import Step, stft_magnitudes

PARTIALS, BANDS, HOP = 16, 16, 64


def weights(count, scale, turn):
    return torch.tensor((scale * np.sin(0.7 * np.arange(count) + turn)).astype(np.float32))


def network_parameters():
    sizes, parameters = [1, 64, 64, 1 + PARTIALS + BANDS], []
    for layer in range(3):
        inputs, units = sizes[layer:layer + 2]
        parameters.append(weights(units * inputs, 0.2 if layer else 1, 1).reshape(units, inputs).requires_grad_())
        parameters.append(weights(units, 0.1, 2).requires_grad_())
    return parameters


def overlapped(frames):
    """Frames of two hops, laid down a hop apart."""
    first, second = frames[..., :HOP], frames[..., HOP:]
    return (first + torch.nn.functional.pad(second[:, :-1], (0, 0, 1, 0))).flatten(1)


def ddsp(recordings, examples=1, rate=16000.0):
    """Of values [examples, ticks, ...]; the examples hear the time from other starts on."""
    target, bands = torch.stack(recordings[:examples]), torch.stack(recordings[examples:])
    frames = target.shape[-1]
    ticks = frames // HOP
    parameters = network_parameters()
    optimizer = torch.optim.Adam(parameters, lr=1e-12, foreach=True)
    time_s = (HOP * torch.arange(ticks) / rate + 0.05 * torch.arange(examples)[:, None])[..., None]
    turns = 220 / rate * torch.arange(1, PARTIALS + 1, dtype=torch.float64)
    fade = torch.hann_window(2 * HOP)
    noise = torch.nn.functional.pad(bands, (2 * HOP - 1, 0)).unfold(1, 2 * HOP, HOP)[:, :ticks].transpose(0, 1) * fade
    noise = noise.contiguous()
    starts = 2 * math.pi * (HOP * torch.arange(ticks, dtype=torch.float64)[:, None] * turns % 1)
    steps = 2 * math.pi * torch.arange(2 * HOP, dtype=torch.float64)[:, None] * turns
    cosines, sines = (fade[:, None] * wave(steps).float() for wave in (torch.cos, torch.sin))
    at_tick = torch.sin(starts).float(), torch.cos(starts).float()
    waves = torch.sin(2 * math.pi * (torch.arange(frames, dtype=torch.float64)[:, None] * turns % 1)).float()
    resolutions = [(size, size // 4, size) for size in (512, 1024, 2048)]
    windows = {size: torch.hann_window(size) for size, _, _ in resolutions}

    def levels():
        x = time_s
        for layer in range(3):
            x = torch.nn.functional.linear(x, *parameters[2 * layer:2 * layer + 2])
            x = torch.tanh(x) if layer < 2 else torch.nn.functional.softplus(x)
        return x[..., 1:1 + PARTIALS] * (0.1 * x[..., :1]), 0.1 * x[..., 1 + PARTIALS:]

    def by_frames():
        tones, noises = levels()
        played = (tones * at_tick[0]) @ cosines.T + (tones * at_tick[1]) @ sines.T
        return overlapped(played + hissing(noises))

    def hissing(noises):
        return (noises.transpose(0, 1) @ noise).transpose(0, 1)  # a product a tick, of all examples

    def by_samples():
        tones, noises = levels()
        rising, falling = fade[:HOP, None], fade[HOP:, None]

        def spread(level):
            before = torch.nn.functional.pad(level[:, :-1], (0, 0, 1, 0))
            return (level[:, :, None] * rising + before[:, :, None] * falling).flatten(1, 2)
        return (spread(tones) * waves).sum(-1) + overlapped(hissing(noises))

    def form(voice):
        known = [stft_magnitudes(target, *each[:2], windows[each[2]]) for each in resolutions]
        logs, norms = [t.log() for t in known], [torch.linalg.vector_norm(t, dim=(-2, -1)) for t in known]

        def run(state):
            optimizer.zero_grad(set_to_none=True)
            x, loss = voice(), 0.0
            for (fft, hop, length), t, log, norm in zip(resolutions, known, logs, norms):
                m = stft_magnitudes(x, fft, hop, windows[length])
                convergence = torch.linalg.vector_norm(m - t, dim=(-2, -1)) / norm
                loss = loss + convergence.mean() + torch.nn.functional.l1_loss(m.log(), log)
            loss = loss / len(resolutions)
            loss.backward()
            optimizer.step()
            return loss
        return run
    return Step({"frames": form(by_frames), "samples": form(by_samples)}, parameters)


def ddsp16(recordings):
    return ddsp(recordings, examples=16)
