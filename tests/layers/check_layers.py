#!/usr/bin/env python3
"""Fails when an #include points from a layer to one below it, or a public header needs more than the standard library.

    check_layers.py ROOT
"""

import pathlib
import re
import sys

# Each layer may include itself and those before it; all may include dgen/. src/ir stands above src/ops because an op's
# record builds its kernel code with the builder of the loop IR.
LAYERS = ["base", "ir", "graph", "ops", "dsp", "passes", "schedule", "lower", "render", "engine", "runtime", "train",
          "lang", "audio"]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SOURCES = {".h", ".cpp", ".mm"}


def includes(path):
    """(line, '<' or '"', what) of every include of a file."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def fault_of_public_header(bracket, target):
    """Why a header of include/dgen may not include `target`, or None."""
    if target.startswith("dgen/"):
        return None
    if bracket == "<" and "." not in target and "/" not in target:
        return None
    return "a public header includes only the standard library and dgen/"


def fault_of_source(layer, bracket, target):
    """Why a file of `layer` (None: tools, which stand below all) may not include `target`, or None."""
    if bracket == "<" or target.startswith("dgen/"):
        return None
    folder = target.split("/")[0]
    if layer is None and folder not in LAYERS:
        return None
    if folder not in LAYERS:
        return "name it by its folder, as in \"graph/describe.h\"; other libraries stand in <>"
    if layer is not None and LAYERS.index(folder) > LAYERS.index(layer):
        return f"src/{layer} may include only {', '.join(LAYERS[:LAYERS.index(layer) + 1])}"
    return None


def faults(root):
    """One message per include that breaks the order."""
    for path in sorted(p for p in root.glob("include/**/*") if p.suffix in SOURCES):
        for line, bracket, target in includes(path):
            if fault := fault_of_public_header(bracket, target):
                yield f"{path.relative_to(root)}:{line}: includes {target}: {fault}"
    for path in sorted(p for folder in ("src", "tools") for p in root.glob(f"{folder}/**/*") if p.suffix in SOURCES):
        parts = path.relative_to(root).parts
        layer = parts[1] if parts[0] == "src" else None
        if layer is not None and layer not in LAYERS:
            yield f"{path.relative_to(root)}: src/{layer} is no layer; the layers are {', '.join(LAYERS)}"
            continue
        for line, bracket, target in includes(path):
            if fault := fault_of_source(layer, bracket, target):
                yield f"{path.relative_to(root)}:{line}: includes {target}: {fault}"


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: check_layers.py ROOT")
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "every include points the right way")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
