"""Oscillators and voices."""

from .program import added, dgen_param, program, sliders


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
