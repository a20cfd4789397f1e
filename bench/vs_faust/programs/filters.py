"""Filters, modes and equalisers."""

import math

from .program import added, program, sliders


def biquads(count):
    faust, dgen, values = sliders(cutoff=(4000, 200, 6000), q=(0.8, 0.3, 4))
    faust += f"process = seq(i, {count}, fi.resonlp(cutoff * (1 + 0.1 * i), q, 1));\n"
    dgen += "y = in1;\n"
    dgen += "".join(f"y = biquad_lowpass(y, cutoff * {1 + 0.1 * i:.1f}, q);\n" for i in range(count)) + "out1 = y;\n"
    program(name=f"biquad{count}", what=f"cascade of {count} biquads", faust=faust, dgen=dgen, values=values,
            others=({"cutoff": 4000, "q": 0.8}, {"cutoff": 2500, "q": 0.6}))


def equaliser(bands):
    ranges = {}
    for b in range(bands):
        ranges[f"freq{b}"] = (round(150 * 2 ** (0.8 * b)), 20, 20000)
        ranges[f"gain{b}"] = ((-1) ** b * (3 + 0.5 * b), -18, 18)
        ranges[f"q{b}"] = (0.7 + 0.1 * b, 0.3, 10)
    faust, dgen, values = sliders(**ranges)
    faust += "maxmsp = library(\"maxmsp.lib\");\nband(f, g, q, x) = maxmsp.peakingEQ(x, f, g, q);\n"
    faust += "process = _ : " + " : ".join(f"band(freq{b}, gain{b}, q{b})" for b in range(bands)) + ";\n"
    dgen += "y = in1;\n"
    dgen += "".join(f"y = biquad_peaking(y, freq{b}, q{b}, dbtoa(gain{b}));\n" for b in range(bands)) + "out1 = y;\n"
    other = {name: (x * 1.3 if name.startswith("freq") else -x if name.startswith("gain") else x) for name, x in values.items()}
    program(name=f"peq{bands}", what=f"{bands}-band parametric equaliser", faust=faust, dgen=dgen, values=values,
            others=(values, other))


def onepoles(count):
    faust, dgen, values = sliders(cutoff=(3000, 20, 10000))
    faust += f"process = seq(i, {count}, si.smooth(exp(-2 * ma.PI * cutoff * (1 + 0.1 * i) / ma.SR)));\n"
    dgen += "y = in1;\n" + "".join(f"y = onepole(y, cutoff * {1 + 0.1 * i:.1f});\n" for i in range(count)) + "out1 = y;\n"
    program(name=f"onepole{count}", what=f"cascade of {count} one-poles", faust=faust, dgen=dgen, values=values,
            others=(values, {"cutoff": 1000}))


def svf():
    faust, dgen, values = sliders(cutoff=(1200, 20, 5000), depth=(1.5, 0, 2), q=(2, 0.5, 20))
    faust += "process(x, sweep) = x : fi.svf.lp(cutoff * pow(2, depth * sweep), q);\n"
    dgen += "out1 = svf_lowpass(in1, cutoff * exp2(depth * in2), q);\n"
    program(name="svf_sweep", what="state-variable filter, cutoff at audio rate", faust=faust, dgen=dgen, values=values,
            others=(values, {"cutoff": 600, "depth": 2, "q": 5}), sweep_hz=3)


def ladder():
    faust, dgen, values = sliders(cutoff=(1200, 20, 5000), depth=(1.5, 0, 2), q=(8, 0.707, 25))
    faust += "process(x, sweep) = x : ve.moogLadder(cutoff * pow(2, depth * sweep) / (0.5 * ma.SR), q);\n"
    dgen += """ladder(x, cutoff_hz, resonance) {
  History s1, s2, s3, s4;
  k = 4 * (resonance - 0.707) / (25 - 0.707);
  warped = tan(pi * cutoff_hz / samplerate);
  g = warped / (1 + warped);
  rest = 1 - g;
  u = (x - k * (g * g * g * (s1 * rest) + g * g * (s2 * rest) + g * (s3 * rest) + s4 * rest)) / (1 + k * (g * g * g * g));
  v1 = g * (u - s1);
  y1 = v1 + s1;
  v2 = g * (y1 - s2);
  y2 = v2 + s2;
  v3 = g * (y2 - s3);
  y3 = v3 + s3;
  v4 = g * (y3 - s4);
  y4 = v4 + s4;
  s1 = v1 + y1;
  s2 = v2 + y2;
  s3 = v3 + y3;
  s4 = v4 + y4;
  return y4;
}
out1 = ladder(in1, cutoff * exp2(depth * in2), q);
"""
    program(name="ladder", what="Moog ladder, cutoff at audio rate", faust=faust, dgen=dgen, values=values,
            others=(values, {"cutoff": 600, "depth": 2, "q": 12}), sweep_hz=3)


def low_pass_taps(count):
    def tap(n):
        x = n - (count - 1) / 2
        window = 0.5 - 0.5 * math.cos(2 * math.pi * (n + 0.5) / count)
        return 0.2 * window * math.sin(0.2 * math.pi * x) / (0.2 * math.pi * x)
    return [f"{tap(n) + 0.001 / (n + 7):.9g}" for n in range(count)]  # not symmetric, so that no tap serves twice


def fir(count):
    faust, dgen, values = sliders(gain=(0.8, 0, 2))
    taps = low_pass_taps(count)
    faust += f"process = fi.fir(({', '.join(taps)})) * gain;\n"
    dgen += f"Delay line({count});\nline.write(in1);\n"
    dgen += "out1 = gain * " + added(f"{tap} * line.read({n}, interp=\"none\")" for n, tap in enumerate(taps)) + ";\n"
    program(name=f"fir{count}", what=f"FIR filter of {count} taps", faust=faust, dgen=dgen, values=values,
            others=(values, {"gain": 1.5}))


def modes(count):
    faust, dgen, values = sliders(pitch=(210.3, 50, 300), t60=(0.8, 0.05, 4), level=(0.02, 0, 1))
    faust += f"mode(i) = pm.modeFilter(pitch * (1 + 0.37 * i), t60 / (1 + 0.05 * i), level);\n"
    faust += f"process = _ <: par(i, {count}, mode(i)) :> _;\n"
    dgen += """History x1, x2;
bent = in1 - x2;  // zeros at 0 Hz and half the sample rate, the same for all
x2 = x1;
x1 = in1;
mode(x, freq, seconds) {
  History y1, y2;
  r = pow(0.001, 1 / (seconds * samplerate));
  y = x + 2 * r * cos(twopi * freq / samplerate) * y1 - r * r * y2;
  y2 = y1;
  y1 = y;
  return y * level;
}
"""
    terms = [f"mode(bent, pitch * {1 + 0.37 * i:.2f}, t60 / {1 + 0.05 * i:.2f})" for i in range(count)]
    dgen += "out1 = " + added(terms) + ";\n"
    program(name=f"modal{count}", what=f"modal bank of {count} modes", faust=faust, dgen=dgen, values=values,
            others=(values, {"pitch": 150, "t60": 0.3, "level": 0.02}), exact=False,
            why="poles near the unit circle: Faust's single precision coefficients move them")
