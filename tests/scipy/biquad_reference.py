"""Filters noise with the biquads of the RBJ cookbook by SciPy.

usage: biquad_reference.py NOISE RESULT RATE MODE:CUTOFF:Q:GAIN...
NOISE: float64 samples. RESULT: for each filter, float64 samples of lfilter, then of sosfilt.
"""
import sys
from math import cos, pi, sin, sqrt

try:
    import numpy as np
    from scipy.signal import lfilter, sosfilt
except ImportError as error:
    sys.exit(f"{error}: this test needs SciPy; install the Debian package python3-scipy")


def cookbook(mode, cutoff_hz, q, gain, rate):
    """b and a; gain multiplies the output of modes 0 to 5 and is A squared in the others."""
    w = 2 * pi * cutoff_hz / rate
    c, alpha = cos(w), sin(w) / (2 * q)
    a = [1 + alpha, -2 * c, 1 - alpha]
    plain = {
        0: [(1 - c) / 2, 1 - c, (1 - c) / 2],
        1: [(1 + c) / 2, -(1 + c), (1 + c) / 2],
        2: [alpha, 0, -alpha],
        3: [sin(w) / 2, 0, -sin(w) / 2],
        4: [1, -2 * c, 1],
        5: [1 - alpha, -2 * c, 1 + alpha],
    }
    if mode in plain:
        return [gain * b for b in plain[mode]], a
    A = sqrt(gain)
    if mode == 8:
        return [1 + alpha * A, -2 * c, 1 - alpha * A], [1 + alpha / A, -2 * c, 1 - alpha / A]
    side = 1 if mode == 6 else -1  # the shelves mirror each other in the sign of the cosine
    d = 2 * sqrt(A) * alpha
    b = [A * (A + 1 + side * (A - 1) * c + d), -2 * side * A * (A - 1 + side * (A + 1) * c), A * (A + 1 + side * (A - 1) * c - d)]
    a = [A + 1 - side * (A - 1) * c + d, 2 * side * (A - 1 - side * (A + 1) * c), A + 1 - side * (A - 1) * c - d]
    return b, a


def main(noise_path, result_path, rate, *filters):
    noise = np.fromfile(noise_path)
    with open(result_path, "wb") as result:
        for text in filters:
            mode, cutoff_hz, q, gain = text.split(":")
            b, a = cookbook(int(mode), float(cutoff_hz), float(q), float(gain), float(rate))
            lfilter(b, a, noise).tofile(result)
            sosfilt([[x / a[0] for x in b + a]], noise).tofile(result)


main(*sys.argv[1:])
