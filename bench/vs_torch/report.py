"""Lines and table of bench/vs_torch."""

from dataclasses import dataclass

BEGIN = "<!-- bench/vs_torch/run --document writes from here -->"
END = "<!-- to here (vs_torch) -->"


@dataclass
class Program:
    name: str
    what: str
    frames: int
    tolerance: float  # relative, of loss and gradients
    goal: float       # of the ratio


@dataclass
class Case:
    program: Program
    dgen: float   # ms a step
    torch: float  # ms a step, of the fastest form
    form: str
    off: float    # largest relative difference between the two
    tape: int     # bytes DGen holds between forward and backward
    other: str = "torch"

    def ratio(self):
        return self.torch / self.dgen

    def line(self):
        return f"case {self.program.name} dgen {self.dgen:.4f} {self.other} {self.torch:.4f} ratio {self.ratio():.2f}"

    def detail(self):
        return f"best: {self.form}; within {self.off:.1e}; tape {self.tape} bytes; goal {self.program.goal}"


def section(cases, missing, torch_version):
    lines = [f"PyTorch {torch_version}, one thread on both sides; medians of turns, milliseconds a step.", "",
             "| program | frames | DGen | PyTorch | ratio | PyTorch's best form | same results | tape |",
             "|---|---|---|---|---|---|---|---|"]
    for case in cases:
        other = f"{case.torch:.3f}" + (" (C)" if case.other == "c" else "")
        form = "scalar loops" if case.other == "c" else case.form
        lines.append(f"| `{case.program.name}`: {case.program.what} | {case.program.frames} | {case.dgen:.3f} | {other} | "
                     f"**{case.ratio():.2f}** | {form} | within {case.off:.0e} | {case.tape / 1e6:.2f} MB |")
    for program, why in missing:
        lines.append(f"| `{program.name}`: {program.what} | {program.frames} | | | | | missing: {why.splitlines()[0]} | |")
    behind = [f"{case.program.name} ({case.ratio():.1f} of {case.program.goal})" for case in cases
              if case.ratio() < case.program.goal]
    lines += ["", f"Short of their goals: {', '.join(behind)}." if behind else "All reach their goals."]
    return "\n".join(lines)


def write(page, cases, missing, torch_version):
    """Replaces what stands between the marks."""
    text = page.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    page.write_text(f"{before}{BEGIN}\n{section(cases, missing, torch_version)}\n{END}{after}")
