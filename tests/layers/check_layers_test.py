#!/usr/bin/env python3
"""The layer check finds each kind of wrong include, and lets the right ones pass."""

import pathlib
import tempfile
import unittest

import check_layers


class CheckLayers(unittest.TestCase):
    def faults(self, path, text):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, path)
            file.parent.mkdir(parents=True)
            file.write_text(text, encoding="utf-8")
            return list(check_layers.faults(pathlib.Path(folder)))

    def assert_passes(self, path, text):
        self.assertEqual(self.faults(path, text), [])

    def assert_fails(self, path, text, why):
        found = self.faults(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(why, found[0])

    def test_finds_an_arrow_that_points_up(self):
        self.assert_fails("src/base/a.cpp", '#include "graph/describe.h"\n', "src/base/a.cpp:1: includes graph/describe.h")

    def test_finds_it_on_any_line_and_with_spaces(self):
        self.assert_fails("src/passes/a.h", '#pragma once\n\n#  include  "lower/stage.h"\n', "src/passes/a.h:3")

    def test_finds_a_library_in_a_public_header(self):
        self.assert_fails("include/dgen/a.h", "#include <sndfile.h>\n", "only the standard library")

    def test_finds_an_inner_header_in_a_public_header(self):
        self.assert_fails("include/dgen/a.h", '#include "ir/ir.h"\n', "only the standard library")

    def test_finds_a_folder_that_is_no_layer(self):
        self.assert_fails("src/misc/a.cpp", "", "src/misc is no layer")

    def test_finds_an_include_that_names_no_folder(self):
        self.assert_fails("src/ops/a.cpp", '#include "families.h"\n', "name it by its folder")

    def test_finds_a_tool_header_in_the_library(self):
        self.assert_fails("src/lang/a.cpp", '#include "dgen_tool/command.h"\n', "name it by its folder")

    def test_lets_every_layer_include_those_before_it(self):
        for at, layer in enumerate(check_layers.LAYERS):
            above = "".join(f'#include "{folder}/x.h"\n' for folder in check_layers.LAYERS[: at + 1])
            self.assert_passes(f"src/{layer}/a.cpp", above + '#include "dgen/graph.h"\n#include <vector>\n')

    def test_lets_ops_include_the_ir_and_not_the_other_way(self):
        self.assert_passes("src/ops/a.cpp", '#include "ir/builder.h"\n')
        self.assert_fails("src/ir/a.cpp", '#include "ops/families.h"\n', "src/ir may include only base, ir")

    def test_lets_tools_include_all(self):
        self.assert_passes("tools/dgen/a.cpp", '#include "dgen/commands.h"\n#include "audio/x.h"\n#include <CLI/CLI.hpp>\n')


if __name__ == "__main__":
    unittest.main()
