"""The programs: each as Faust text and as the same definition in DGen's patch text.

Patch text has no loops over voices, so that equal parts are written out by Python; Faust's text uses its own loops and its
standard libraries wherever the program is one of theirs.
"""

import math
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Program:
    name: str
    what: str            # a line for the table
    faust: str           # without the import of the libraries
    dgen: str
    values: dict         # of every parameter, while timing
    others: tuple        # of those that change while the sounds are compared: dicts, one after another
    exact: bool = True   # equal within 1e-4; else the RMS within 0.1 dB, and `why`
    why: str = ""
    rate: int = 48000    # while comparing. Oscillators: 65536 Hz, where float32 phases of the frequencies given are exact
    sweep_hz: float = 0  # input 2 is a sine of this frequency instead of noise


PROGRAMS: list = []


def program(**fields):
    PROGRAMS.append(Program(**fields))


def number(x):
    return repr(float(x))


def faust_slider(name, value, low, high):
    return f'{name} = hslider("{name}", {number(value)}, {number(low)}, {number(high)}, 0.0001);\n'


def dgen_param(name, value, low, high):
    return f"Param {name}({number(value)}, min={number(low)}, max={number(high)});\n"


def sliders(**ranges):
    """The same parameters for both: (Faust text, DGen text, values)."""
    faust = "".join(faust_slider(name, *r) for name, r in ranges.items())
    dgen = "".join(dgen_param(name, *r) for name, r in ranges.items())
    return faust, dgen, {name: r[0] for name, r in ranges.items()}


def added(terms):
    """A sum in pairs, so that it is not one long chain."""
    terms = list(terms)
    while len(terms) > 1:
        terms = [f"({' + '.join(terms[k:k + 2])})" for k in range(0, len(terms), 2)]
    return terms[0]


# Oscillators


def sines(count):
    faust, dgen, values = sliders(pitch=(110.3, 20, 300), detune=(0.37, -5, 5), level=(0.2, 0, 1))
    offsets = [k * 7 % 5 - 2 for k in range(1, count + 1)]
    faust += "offset(k) = k * 7 % 5 - 2;\n"
    faust += f"process = level * sum(i, {count}, os.osc(pitch * (i + 1) + detune * offset(i + 1)) / (i + 1));\n"
    dgen += "partial(freq, number) { return sin(twopi * phasor(freq)) * (1 / number); }\n"
    terms = [f"partial(pitch * {k} + detune * {offsets[k - 1]}, {k})" for k in range(1, count + 1)]
    dgen += "out1 = level * " + added(terms) + ";\n"
    program(name=f"sines{count}", what=f"{count} sine partials", faust=faust, dgen=dgen, values=values, rate=65536,
            others=({"pitch": 64, "detune": 4, "level": 0.2}, {"pitch": 48, "detune": -4, "level": 0.3}))


def fm4(voices):
    faust, dgen, values = sliders(pitch=(110.3, 20, 2000), ratio2=(2, 0.25, 16), ratio3=(3.01, 0.25, 16),
                                  ratio4=(1.5, 0.25, 16), index=(0.4, 0, 4), feedback=(0.12, 0, 0.5), level=(0.1, 0, 1))
    faust += """operator(freq, bend) = sin(2 * ma.PI * (os.phasor(1, freq) + bend));
voice(freq) = operator(freq, index * operator(freq * ratio2, index * operator(freq * ratio3, index * top)))
with { top = (\\(y).(operator(freq * ratio4, feedback * y))) ~ _; };
"""
    faust += f"process = level * sum(i, {voices}, voice(pitch * (1 + i / 16.0)));\n"
    dgen += """operator(freq, bend) { return sin(twopi * (phasor(freq) + bend)); }
voice(freq) {
  History y;
  y = operator(freq * ratio4, feedback * y);
  return operator(freq, index * operator(freq * ratio2, index * operator(freq * ratio3, index * y)));
}
"""
    dgen += "out1 = level * " + added(f"voice(pitch * {1 + i / 16})" for i in range(voices)) + ";\n"
    name = "fm4" if voices == 1 else f"fm4x{voices}"
    what = "FM, 4 operators, one with feedback" if voices == 1 else f"the same, {voices} voices"
    program(name=name, what=what, faust=faust, dgen=dgen, values=values, rate=65536,
            others=({**values, "pitch": 64, "ratio3": 3}, {**values, "pitch": 128, "ratio3": 3, "index": 0.2, "feedback": 0.05}))


def saw():
    faust, dgen, values = sliders(pitch=(110.3, 20, 2000), cutoff=(1800, 20, 18000), q=(2, 0.5, 20))
    faust += "process = os.polyblep_saw(pitch) : fi.svf.lp(cutoff, q);\n"
    dgen += """saw(freq) {
  step = freq / samplerate;
  phase = phasor(freq);
  left = phase / step;
  right = (phase - 1) / step;
  corner = phase < step ? 2 * left - left * left - 1 : (phase > 1 - step ? 2 * right + right * right + 1 : 0);
  return 2 * phase - 1 - corner;
}
out1 = svf_lowpass(saw(pitch), cutoff, q);
"""
    program(name="saw_filter", what="polyBLEP saw and a state-variable filter", faust=faust, dgen=dgen, values=values, rate=65536,
            others=({"pitch": 64, "cutoff": 1800, "q": 2}, {"pitch": 256, "cutoff": 900, "q": 4}))


def poly(voices, partials):
    ranges = {f"pitch{v}": (80.7 + 13.1 * v, 20, 2000) for v in range(voices)}
    ranges.update({f"gate{v}": (1, 0, 1) for v in range(voices)})
    dgen_head = "".join(dgen_param(name, *r) for name, r in ranges.items())
    values = {name: r[0] for name, r in ranges.items()}
    faust = f"""voice(v) = sum(k, {partials}, os.osc(pitch * (k + 1)) / (k + 1)) * (gate : si.smooth(0.999))
with {{
  pitch = hslider("pitch%v", 100, 20, 2000, 0.0001);
  gate = hslider("gate%v", 1, 0, 1, 0.0001);
}};
process = sum(v, {voices}, voice(v)) / {voices};
"""
    dgen = dgen_head + "smooth(x) { History y; y = x + 0.999 * (y - x); return y; }\n"
    dgen += "voice(freq, gate) {\n  return smooth(gate) * "
    dgen += added(f"sin(twopi * phasor(freq * {k})) * (1 / {k})" for k in range(1, partials + 1)) + ";\n}\n"
    dgen += f"out1 = " + added(f"voice(pitch{v}, gate{v})" for v in range(voices)) + f" / {voices};\n"
    first = {name: (64 + 4 * int(name[5:]) if name.startswith("pitch") else 1) for name in ranges}
    second = {name: (96 + 2 * int(name[5:]) if name.startswith("pitch") else int(name[4:]) % 2) for name in ranges}
    program(name=f"poly{voices}", what=f"{voices} voices of {partials} sine partials with gates", faust=faust, dgen=dgen,
            values=values, rate=65536, others=(first, second))


# Filters


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


# Delays


def strings(count):
    faust, dgen, values = sliders(period=(200.3, 20, 1000), damping=(0.996, 0.9, 1), level=(0.05, 0, 1))
    faust += f"""string(frames) = + ~ (de.fdelay(4096, frames - 1.5) : average : *(damping))
with {{ average(x) = 0.5 * (x + x'); }};
process = _ <: par(i, {count}, string(period * (1 + i / 16.0))) :> *(level);
"""
    dgen += """string(x, frames) {
  Delay line(4096);
  History before;
  back = line.read(frames - 0.5);
  y = x + damping * 0.5 * (back + before);
  before = back;
  line.write(y);
  return y;
}
"""
    dgen += "out1 = level * " + added(f"string(in1, period * {1 + i / 16})" for i in range(count)) + ";\n"
    program(name=f"strings{count}", what=f"{count} Karplus-Strong strings", faust=faust, dgen=dgen, values=values,
            others=({"period": 200.25, "damping": 0.996, "level": 0.05}, {"period": 147.5, "damping": 0.99, "level": 0.05}))


def freeverb():
    faust, dgen, values = sliders(feedback=(0.84, 0, 0.98), damp=(0.2, 0, 1), level=(0.02, 0, 1))
    faust += "process = par(c, 2, *(level)) : re.stereo_freeverb(feedback, 0.5, damp, 23);\n"
    dgen += """comb(x, frames) {
  Delay line(4096);
  History low;
  low = (1 - damp) * line.read(frames + 1, interp="none") + damp * low;
  line.write(x + feedback * low);
  return line.read(frames, interp="none");
}
allpass(x, frames) {
  Delay line(2048);
  back = line.read(frames, interp="none");
  v = x + 0.5 * back;
  line.write(v);
  return back - 0.5 * v;
}
at_rate(frames, spread) { return floor(frames * samplerate / 44100) + spread; }
reverb(x, spread) {
"""
    combs = [1116, 1188, 1277, 1356, 1422, 1491, 1557, 1617]
    dgen += "  y = " + added(f"comb(x, at_rate({n}, spread))" for n in combs) + ";\n"
    dgen += "".join(f"  y = allpass(y, at_rate({n}, spread));\n" for n in (556, 441, 341, 225))
    dgen += "  return y;\n}\nboth = level * in1 + level * in2;\nout1 = reverb(both, 0);\nout2 = reverb(both, 23);\n"
    # At 48 kHz one comb is 1760 frames, of which Faust's single precision makes 1759.
    program(name="freeverb", what="Freeverb, stereo", faust=faust, dgen=dgen, values=values, rate=65536,
            others=(values, {"feedback": 0.9, "damp": 0.5, "level": 0.01}))


def hadamard(names, prefix):
    """Statements that mix 2^k variables as Faust's ro.hadamard does, and the names of the results."""
    lines, step = [], 0
    groups = [list(names)]
    while len(groups[0]) > 1:
        following = []
        for group in groups:
            half = len(group) // 2
            sums, differences = [], []
            for a, b in zip(group[:half], group[half:]):
                for sign, to in (("+", sums), ("-", differences)):
                    to.append(f"{prefix}{step}")
                    lines.append(f"{prefix}{step} = {a} {sign} {b};\n")
                    step += 1
            following += [sums, differences]
        groups = following
    return "".join(lines), [group[0] for group in groups]


def zita():
    faust, dgen, values = sliders(predelay_ms=(60, 20, 100), crossover=(200, 50, 1000), treble=(6000, 1500, 20000),
                                  t60_low=(3, 1, 8), t60_mid=(2, 1, 8))
    faust += "process = re.zita_rev1_stereo(predelay_ms, crossover, treble, t60_low, t60_mid, 48000);\n"
    allpasses = [0.020346, 0.024421, 0.031604, 0.027333, 0.022904, 0.029291, 0.013458, 0.019123]
    totals = [0.153129, 0.210389, 0.127837, 0.256891, 0.174713, 0.192303, 0.125000, 0.219991]
    dgen += """allpass(x, frames, gain) {
  Delay line(4096);
  back = line.read(frames, interp="none");
  v = x - gain * back;
  line.write(v);
  return back + gain * v;
}
damped(x, seconds) {  // a low shelf and a low-pass, so that low and middle frequencies decay in their times
  History x1, shelf, y;
  frames = floor(0.5 + samplerate * seconds);
  low = exp(-3 * ln10 * frames / (t60_low * samplerate));
  middle = exp(-3 * ln10 * frames / (t60_mid * samplerate));
  c = 1 / tan(pi * crossover / samplerate);
  shelf = (x + x1 - (1 - c) * shelf) / (1 + c);
  x1 = x;
  shelved = middle * (x + (low / middle - 1) * shelf);
  m2 = middle * middle;
  b = (1 - m2 * cos(twopi * treble / samplerate)) / (1 - m2);
  pole = b - sqrt(max(0, b * b - 1));
  y = (1 - pole) * shelved + pole * y;
  return y * sqrt(1 / 8);
}
Delay before1(8192), before2(8192);
before1.write(in1);
before2.write(in2);
frames = floor(samplerate * predelay_ms * 0.001);
left = 0.3 * before1.read(frames, interp="none");
right = 0.3 * before2.read(frames, interp="none");
"""
    sources = ["left", "right", "-left", "-right"] * 2
    for i in range(8):
        dgen += f"Delay line{i}(16384);\n"
        dgen += f"frames{i} = floor(0.5 + samplerate * {totals[i]}) - floor(0.5 + samplerate * {allpasses[i]});\n"
        sign = "-" if i % 2 else ""
        dgen += f"x{i} = allpass(line{i}.read(frames{i} + 1, interp=\"none\") + {sources[i]}, "
        dgen += f"floor(0.5 + samplerate * {allpasses[i]}), {sign}0.6);\n"
    lines, mixed = hadamard([f"x{i}" for i in range(8)], "m")
    dgen += lines
    dgen += "".join(f"line{i}.write(damped({mixed[i]}, {totals[i]}));\n" for i in range(8))
    dgen += f"out1 = 0.37 * ({mixed[1]} + {mixed[2]});\nout2 = 0.37 * ({mixed[1]} - {mixed[2]});\n"
    program(name="zita_rev1", what="zita_rev1, stereo", faust=faust, dgen=dgen, values=values,
            others=(values, {**values, "crossover": 400, "treble": 3000, "t60_low": 2, "t60_mid": 1.5}))


def dattorro():
    """Dattorro's plate. Faust's allpass_f(t, a) delays by t + 1, its band-width filter by two frames."""
    faust, dgen, values = sliders(bandwidth=(0.9, 0.1, 1), diffusion1=(0.75, 0, 0.9), diffusion2=(0.625, 0, 0.9),
                                  decay=(0.5, 0, 0.95), decay_diffusion1=(0.7, 0, 0.9), decay_diffusion2=(0.5, 0, 0.9),
                                  damping=(0.2, 0, 0.9))
    faust += f"process = re.dattorro_rev(0, {', '.join(values)});\n"
    dgen += """allpass(x, frames, gain) {
  Delay line(4096);
  back = line.read(frames + 1, interp="none");
  v = x - gain * back;
  line.write(v);
  return back + gain * v;
}
tank(x, diffuser, middle, last) {  // half of it; all but the delay at its end
  Delay line(8192);
  History low;
  line.write(allpass(x, diffuser, -decay_diffusion1));
  low = (1 - damping) * line.read(middle, interp="none") + damping * low;
  return allpass(decay * low, last, decay_diffusion2);
}
Delay end1(4096), end2(4096);
History before, wide;
band = bandwidth * 0.5 * (in1 + in2) + (1 - bandwidth) * before;
before = wide;
wide = band;
x = allpass(allpass(band, 142, diffusion1), 107, diffusion1);
x = allpass(allpass(x, 379, diffusion2), 277, diffusion2);
left = x + decay * end2.read(2657, interp="none");
right = x + decay * end1.read(1801, interp="none");
end1.write(tank(left, 672, 4453, 1800));
end2.write(tank(right, 908, 4217, 2656));
out1 = left;
out2 = right;
"""
    program(name="dattorro", what="Dattorro's plate reverb, stereo", faust=faust, dgen=dgen, values=values,
            others=(values, {**values, "bandwidth": 0.5, "decay": 0.8, "damping": 0.5}))


def feedback_delay_network(lines_count):
    faust, dgen, values = sliders(size=(1, 0.2, 1.5), damp=(0.3, 0, 0.9), feedback=(0.97, 0, 0.999))
    lengths = [1009, 1103, 1201, 1301, 1409, 1511, 1607, 1709, 1801, 1901, 2003, 2111, 2203, 2309, 2411, 2503][:lines_count]
    root = math.sqrt(lines_count)
    faust += f"""lengths = ({', '.join(map(str, lengths))});
frames(i) = int(size * ba.take(i + 1, lengths));
line(i) = de.delay(4096, frames(i) - 1) : si.smooth(damp);
process = mem <: (si.bus({2 * lines_count}) :> par(i, {lines_count}, line(i)))
  ~ (ro.hadamard({lines_count}) : par(i, {lines_count}, *(feedback / {root}))) :> /({lines_count});
"""
    dgen += "damped(x) { History y; y = (1 - damp) * x + damp * y; return y; }\n"
    for i, length in enumerate(lengths):
        dgen += f"Delay line{i}(4096);\ny{i} = damped(line{i}.read(floor(size * {length}), interp=\"none\"));\n"
    text, mixed = hadamard([f"y{i}" for i in range(lines_count)], "m")
    dgen += text + "".join(f"line{i}.write(in1 + feedback / {root} * {mixed[i]});\n" for i in range(lines_count))
    dgen += "out1 = " + added(f"y{i}" for i in range(lines_count)) + f" / {lines_count};\n"
    program(name=f"fdn{lines_count}", what=f"feedback delay network of {lines_count} lines", faust=faust, dgen=dgen,
            values=values, others=(values, {"size": 0.75, "damp": 0.5, "feedback": 0.9}))


def mesh(side):
    """Faust's ef.mesh_square, closed by edges that reflect; its recursion is followed wire by wire."""
    faust, dgen, values = sliders(reflection=(0.98, 0, 1))
    wires = 4 * side
    faust += f"edges(x) = si.bus({wires}) : par(i, {wires}, *(-reflection)) : par(i, {wires - 1}, _), +(x);\n"
    faust += f"process(x) = ef.mesh_square({side}) ~ edges(x) :> /({wires});\n"

    nodes = []  # the four names that each takes

    def later(count, store=[0]):
        names = [f"w{store[0] + k}" for k in range(count)]
        store[0] += count
        return names

    links = {}  # the History -> what it takes

    def build(n, ins):
        if n == 1:
            nodes.append(ins)
            return [f"o{len(nodes) - 1}_{k}" for k in range(4)]
        m = n // 2
        back = later(8 * m)
        blocks = [(back + ins)[k * m:(k + 1) * m] for k in range(16)]
        routed = [blocks[k] for k in (8, 4, 12, 3, 9, 6, 1, 14, 0, 10, 13, 7, 2, 11, 5, 15)]
        outs = []
        for quarter in range(4):
            outs += build(m, sum(routed[4 * quarter:4 * quarter + 4], []))
        blocks = [outs[k * m:(k + 1) * m] for k in range(16)]
        links.update(zip(back, sum((blocks[k] for k in (0, 2, 4, 7, 9, 10, 13, 15)), [])))
        leaving = [blocks[k] for k in (1, 3, 5, 6, 8, 11, 12, 14)]
        return sum((leaving[k] for k in (4, 5, 0, 2, 3, 7, 1, 6)), [])

    around = later(wires)
    edge = [f"(-reflection * {name})" for name in around]
    edge[-1] = f"({edge[-1]} + in1)"
    outs = build(side, [f"e{k}" for k in range(wires)])
    links.update(zip(around, outs))
    names = sorted(links, key=lambda name: int(name[1:]))
    dgen += f"History {', '.join(names)};\n"
    dgen += "".join(f"e{k} = {text};\n" for k, text in enumerate(edge))
    for index, ins in enumerate(nodes):
        dgen += f"s{index} = 0.5 * ({' + '.join(ins)});\n"
        dgen += "".join(f"o{index}_{k} = s{index} - {ins[k]};\n" for k in range(4))
    dgen += "".join(f"{name} = {links[name]};\n" for name in names)
    dgen += "out1 = " + added(outs) + f" / {wires};\n"
    program(name=f"mesh{side}x{side}", what=f"waveguide mesh of {side} by {side} junctions", faust=faust, dgen=dgen,
            values=values, others=(values, {"reflection": 0.9}))


# Dynamics


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


sines(64)
sines(16)
biquads(8)
equaliser(8)
onepoles(8)
svf()
ladder()
fm4(1)
fm4(16)
saw()
strings(16)
freeverb()
zita()
dattorro()
feedback_delay_network(16)
compressor()
fir(64)
fir(256)
modes(64)
mesh(8)
poly(32, 6)
