"""Networks of delays: a reverb's, and a mesh of waveguides."""

import math

from .program import added, program, sliders


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
