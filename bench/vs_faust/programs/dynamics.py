"""Dynamics."""

from .program import program, sliders


def compressor():
    faust, dgen, values = sliders(ratio=(4, 1, 20), threshold=(-20, -60, 0), attack=(0.005, 0.001, 0.1),
                                  release=(0.1, 0.01, 1))
    faust += "process = co.compressor_mono(ratio, threshold, attack, release);\n"
    dgen += """pole(seconds) { return exp(-1 / (seconds * samplerate)); }
History level, smoothed;
size = abs(in1);
keep = size > level ? pole(attack) : pole(release);
level = (1 - keep) * size + keep * level;
excess = max(20 * log10(max(1.1754943508222875e-38, level)) - threshold, 0);
wanted = excess * (1 / ratio - 1);
half = pole(attack / 2);
smoothed = (1 - half) * wanted + half * smoothed;
out1 = in1 * pow(10, smoothed * 0.05);
"""
    program(name="compressor", what="compressor", faust=faust, dgen=dgen, values=values,
            others=(values, {"ratio": 8, "threshold": -30, "attack": 0.02, "release": 0.3}))
