"""What a program is, and text that both languages have in common."""

from dataclasses import dataclass


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
