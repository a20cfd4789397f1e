"""Strings and reverbs of the libraries."""

from .networks import hadamard
from .program import added, program, sliders


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
