"""What the cases of bench/vs_torch share."""

from dataclasses import dataclass, field

import torch


@dataclass
class Step:
    forms: dict
    parameters: list
    signals: list = field(default_factory=list)


def learnable(value):
    return torch.tensor(float(value), requires_grad=True)


def clear(leaves):
    for leaf in leaves:
        leaf.grad = None


def stft_magnitudes(x, fft, hop, window):
    """As DGen's windows that end at multiples of the hop, whole ones only, the zeros of a longer transform before them."""
    length = len(window)
    first = -(-(length - 1) // hop) * hop - (length - 1)
    frames = x[..., first:].unfold(-1, length, hop)
    spectrum = torch.fft.rfft(frames * window, n=fft)
    return spectrum.real.square().add(spectrum.imag.square()).clamp_min(1e-8).sqrt()
