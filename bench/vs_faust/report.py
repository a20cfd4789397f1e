"""What a run found: lines, the table of docs/benchmarks.md, and the bar chart beside it."""

import math
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape


@dataclass(frozen=True)
class Case:
    name: str
    what: str
    block: int           # frames a call
    dgen: tuple          # median and quartiles, ns a frame
    faust: tuple
    configuration: str   # of Faust
    equal: str           # how the sounds compare

    @property
    def ratio(self):
        return self.faust[0] / self.dgen[0]

    def line(self):
        label = self.name if self.block == 512 else f"{self.name}/{self.block}"
        return f"case {label} dgen {self.dgen[0]:.2f} faust {self.faust[0]:.2f} ratio {self.ratio:.2f}"

    def noise(self):
        return (f"half of the turns: dgen {self.dgen[1]:.2f} to {self.dgen[2]:.2f}, "
                f"faust {self.faust[1]:.2f} to {self.faust[2]:.2f}")

    def spread(self):
        """Half the distance of the quartiles, of the median."""
        return max((upper - lower) / 2 / median for median, lower, upper in (self.dgen, self.faust))


def geometric_mean(cases):
    return math.exp(math.fsum(math.log(case.ratio) for case in cases) / len(cases))


def summary(cases):
    return f"geomean {geometric_mean(cases):.2f}\nmin {min(case.ratio for case in cases):.2f}"


def by_program(cases):
    """[(case at 512, case at 64)]."""
    grouped = {}
    for case in cases:
        grouped.setdefault(case.name, {})[case.block] = case
    return [(blocks[512], blocks[64]) for blocks in grouped.values()]


def short(configuration):
    compiler, flags = configuration.split(" | faust ")
    return f"{compiler.split()[0]}, `{flags}`"


def table(cases, missing):
    lines = ["| program | DGen | Faust | ratio | DGen, 64 | Faust, 64 | ratio, 64 | same sound | Faust's best |",
             "|---|---|---|---|---|---|---|---|---|"]
    for long, brief in by_program(cases):
        lines.append(f"| `{long.name}`: {long.what} | {long.dgen[0]:.2f} | {long.faust[0]:.2f} | **{long.ratio:.2f}** "
                     f"| {brief.dgen[0]:.2f} | {brief.faust[0]:.2f} | **{brief.ratio:.2f}** | {long.equal} "
                     f"| {short(long.configuration)} |")
    for program, why in missing:
        reason = why.splitlines()[0].replace("|", "\\|")
        lines.append(f"| `{program.name}`: {program.what} | missing: {reason} | | | | | | | |")
    return "\n".join(lines)


BEGIN, END = "<!-- bench/vs_faust/run --document writes from here -->", "<!-- to here -->"


def section(cases, missing, machine):
    spreads = sorted(case.spread() for case in cases)
    slower = [long.name for long, brief in by_program(cases) if min(long.ratio, brief.ratio) < 1]
    behind = f"Behind Faust: {', '.join(slower)}." if slower else "No program is behind Faust."
    return f"""{BEGIN}
{machine}.
Medians in ns a frame, at blocks of 512 and of 64 frames. The machine had other work meanwhile: half of a program's turns lie
within {100 * spreads[len(spreads) // 2]:.1f} % of its median, those of the most unsteady within {100 * spreads[-1]:.1f} %.

{table(cases, missing)}

Geometric mean of the ratios: **{geometric_mean(cases):.2f}**; smallest: **{min(case.ratio for case in cases):.2f}**. {behind}

![How many times as fast as Faust](pictures/vs_faust.svg)
{END}"""


def chart(cases):
    """Bars of the ratios on a logarithmic axis, dark at blocks of 512, light at 64."""
    left, top, row, width = 150, 58, 30, 560
    pairs = by_program(cases)
    low = min(0.5, *(case.ratio for case in cases))
    high = max(16, *(case.ratio for case in cases))
    low, high = 2 ** math.floor(math.log2(low)), 2 ** math.ceil(math.log2(high))

    def x(ratio):
        return left + width * math.log(ratio / low) / math.log(high / low)

    bottom = top + row * len(pairs)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 {bottom + 34}" '
             'font-family="Helvetica, Arial, sans-serif" role="img" aria-label="How many times as fast as Faust">',
             "<style>.h{font-size:15px;font-weight:600;fill:#1d2b36}.t{font-size:12.5px;fill:#44545f}.g{stroke:#d5dde2}"
             ".one{stroke:#1d2b36;stroke-width:1.5}.d{fill:#2f6f8f}.l{fill:#9cc3d5}.w{fill:#b0512b}.v{fill:#e0a98f}</style>",
             f'<rect width="760" height="{bottom + 34}" fill="#fff"/>',
             '<text class="h" x="16" y="22">Times as fast as Faust</text>',
             f'<text class="t" x="16" y="42">dark: blocks of 512 frames, light: 64; red: slower than Faust</text>']
    ratio = low
    while ratio <= high:
        style = "one" if ratio == 1 else "g"
        parts.append(f'<path class="{style}" d="M{x(ratio):.1f} {top - 4} V{bottom}"/>'
                     f'<text class="t" x="{x(ratio):.1f}" y="{bottom + 18}" text-anchor="middle">{ratio:g}</text>')
        ratio *= 2
    for k, (long, brief) in enumerate(pairs):
        y = top + row * k
        parts.append(f'<text class="t" x="{left - 8}" y="{y + 17}" text-anchor="end">{escape(long.name)}</text>')
        for case, at, height, styles in ((long, 3, 13, "dw"), (brief, 17, 7, "lv")):
            start, end = sorted((x(1), x(case.ratio)))
            parts.append(f'<rect class="{styles[case.ratio < 1]}" x="{start:.1f}" y="{y + at}" '
                         f'width="{max(end - start, 1):.1f}" height="{height}"/>')
        beyond = max(x(long.ratio), x(brief.ratio), x(1)) + 5
        parts.append(f'<text class="t" x="{beyond:.1f}" y="{y + 14}">{long.ratio:.2f}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def write(docs: Path, cases, missing, machine):
    page = docs / "benchmarks.md"
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(before + section(cases, missing, machine) + after)
    (docs / "pictures/vs_faust.svg").write_text(chart(cases))
