#!/usr/bin/env python3
"""Tests of bench/vs_faust that need no Faust.

    vs_faust_test.py FOLDER TOOL
"""

import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree
from pathlib import Path

FOLDER, TOOL = sys.argv[1:3]
sys.path.insert(0, FOLDER)
import report  # noqa: E402
from programs import PROGRAMS, hadamard  # noqa: E402


def case(name="fir64", block=512, dgen=2.0, faust=5.0):
    return report.Case(name=name, what="a filter", block=block, dgen=(dgen, dgen, 1.1 * dgen), faust=(faust, faust, faust),
                       configuration="g++ -O3 | faust -vec -vs 32", equal="within 1e-07")


class Programs(unittest.TestCase):
    def test_every_patch_becomes_c(self):
        with tempfile.TemporaryDirectory() as folder:
            for program in PROGRAMS:
                patch = Path(folder) / f"{program.name}.genexpr"
                patch.write_text(program.dgen)
                done = subprocess.run([TOOL, "export", patch, "-o", folder], capture_output=True, text=True, check=False)
                self.assertEqual(done.returncode, 0, f"{program.name}: {done.stderr}")

    def test_both_sides_have_the_parameters_of_the_table(self):
        for program in PROGRAMS:
            self.assertEqual(set(re.findall(r"^Param (\w+)", program.dgen, re.M)), set(program.values), program.name)
            faust = set(re.findall(r'hslider\("([^"]+)"', program.faust))
            given = {re.sub(r"\d+$", "%v", name) if "%v" in program.faust else name for name in program.values}
            self.assertEqual(faust, given, program.name)
            for values in program.others:
                self.assertLessEqual(set(values), set(program.values), program.name)
            self.assertGreaterEqual(len(program.others), 2, program.name)

    def test_a_program_that_is_not_exact_says_why(self):
        for program in PROGRAMS:
            self.assertTrue(program.exact or program.why, program.name)

    def test_hadamard_mixes_by_the_matrix(self):
        text, names = hadamard(["a", "b", "c", "d"], "m")
        values = {"a": 1.0, "b": 10.0, "c": 100.0, "d": 1000.0}
        exec(text.replace(";", ""), {}, values)
        self.assertEqual([values[name] for name in names], [1111, 1 - 10 + 100 - 1000, 1 + 10 - 100 - 1000, 1 - 10 - 100 + 1000])


class Report(unittest.TestCase):
    def test_lines_name_the_block_where_it_is_not_512(self):
        self.assertEqual(case().line(), "case fir64 dgen 2.00 faust 5.00 ratio 2.50")
        self.assertEqual(case(block=64).line(), "case fir64/64 dgen 2.00 faust 5.00 ratio 2.50")

    def test_the_summary_is_the_geometric_mean_and_the_smallest(self):
        self.assertEqual(report.summary([case(faust=1.0), case(faust=16.0)]), "geomean 2.00\nmin 0.50")

    def test_the_table_names_what_is_missing_and_what_is_slower(self):
        text = report.section([case(), case(block=64, faust=1.0)], [(PROGRAMS[0], "it does not | compile\nmore")], "A machine")
        self.assertIn("missing: it does not \\| compile |", text)
        self.assertIn("Behind Faust: fir64.", text)

    def test_the_chart_is_xml_with_two_bars_a_program(self):
        root = xml.etree.ElementTree.fromstring(report.chart([case(), case(block=64, faust=1.0)]))
        bars = [bar.get("class") for bar in root.iter("{http://www.w3.org/2000/svg}rect") if bar.get("class")]
        self.assertEqual(bars, ["d", "v"])

    def test_the_page_keeps_what_stands_around_the_table(self):
        with tempfile.TemporaryDirectory() as folder:
            docs = Path(folder)
            (docs / "pictures").mkdir()
            page = docs / "benchmarks.md"
            page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
            report.write(docs, [case(), case(block=64)], [], "A machine")
            self.assertTrue(page.read_text().startswith(f"before\n{report.BEGIN}\nA machine."))
            self.assertTrue(page.read_text().endswith(f"{report.END}\nafter\n"))
            self.assertNotIn("old", page.read_text())
            self.assertTrue((docs / "pictures/vs_faust.svg").read_text().startswith("<svg"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
