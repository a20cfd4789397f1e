#!/usr/bin/env python3
"""Tests of bench/vs_torch that need no PyTorch.

    vs_torch_test.py FOLDER
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER = Path(sys.argv[1])
sys.path.insert(0, str(FOLDER))
import report  # noqa: E402


def case(name="comb", dgen=0.5, torch=2.0, goal=3):
    return report.Case(report.Program(name, "a filter", 48000, 1e-3, goal), dgen, torch, "numba", 2e-7, 384000)


class Programs(unittest.TestCase):
    def test_both_sides_know_every_program(self):
        run = (FOLDER / "run").read_text()
        named = re.findall(r'report\.Program\("(\w+)"', run)
        self.assertGreaterEqual(len(named), 8)
        driver = set(re.findall(r'\{"(\w+)", \w+\}', (FOLDER / "driver.cpp").read_text()))
        torch = set(re.findall(r'"(\w+)": \w+', (FOLDER / "cases.py").read_text().split("CASES =")[1]))
        self.assertEqual(set(named) - {"scalar_loops"}, torch)
        self.assertLessEqual(torch | {"original"}, driver)


class Report(unittest.TestCase):
    def test_a_line_has_both_times_and_their_ratio(self):
        self.assertEqual(case().line(), "case comb dgen 0.5000 torch 2.0000 ratio 4.00")

    def test_the_table_names_what_falls_short_and_what_is_missing(self):
        text = report.section([case(), case("biquad", goal=5)], [(case("fm").program, "no\nmore")], "1.13")
        self.assertIn("Short of their goals: biquad (4.0 of 5).", text)
        self.assertIn("| `fm`: a filter | 48000 | | | | | missing: no | |", text)
        self.assertIn("All reach their goals.", report.section([case()], [], "1.13"))

    def test_the_page_keeps_what_stands_around_the_table(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n")
            report.write(page, [case()], [], "1.13")
            self.assertTrue(page.read_text().startswith(f"before\n{report.BEGIN}\nPyTorch 1.13"))
            self.assertTrue(page.read_text().endswith(f"{report.END}\nafter\n"))
            self.assertNotIn("old", page.read_text())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
