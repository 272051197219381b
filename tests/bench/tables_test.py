"""The tables of figures in the documentation."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from benchmark import tables  # noqa: E402
from benchmark.figures import Figure  # noqa: E402
from benchmark.profile import Line  # noqa: E402


def figures(**values: int) -> dict[str, Figure]:
    return {
        name.replace("_", "."): Figure(name.replace("_", "."), value, value, "instructions")
        for name, value in values.items()
    }


class Tables(unittest.TestCase):
    def test_a_row_that_meets_its_aim_is_bold_and_one_that_does_not_is_above(self) -> None:
        found = figures(ipc_trap_null=80, ipc_rpc_32=551, ipc_rpc_32_smp=700)
        table = tables.kernels(found)
        self.assertIn("| null trap | 76 | 80 | 52 | 82 | ≤ 80 | **80** | – |", table)
        self.assertIn("| ≤ 550 | 551 | 700 |", table)
        self.assertEqual(tables.above(found), ["ipc.rpc.32", "ipc.rpc.32.smp"])

    def test_cost_is_ours_by_theirs_also_where_more_is_better(self) -> None:
        table = tables.unix(figures(unix_getpid=628, unix_pipe_bandwidth=431))
        self.assertIn("| getpid | 314 | 628 | 2.00 |", table)
        self.assertIn("| 1,293 | 431 | 3.00 |", table)
        self.assertIn("| Unix socket ping-pong | 17,046 | – | – |", table)

    def test_a_table_replaces_the_old_one_and_nothing_else(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "page.md"
            page.write_text("before\n<!-- ./bench --table: x -->\nold\n<!-- end of x -->\nafter\n")
            tables.replace(page, "x", "new")
            self.assertEqual(
                page.read_text(), "before\n<!-- ./bench --table: x -->\nnew\n<!-- end of x -->\nafter\n"
            )
            with self.assertRaisesRegex(ValueError, "no place for the table y"):
                tables.replace(page, "y", "new")

    def test_counts_name_the_costliest_functions_and_sum_up_the_others(self) -> None:
        lines = [Line(30, "k", "a::(anonymous namespace)::f(int)"), Line(20, "k", "g()"), Line(5, "k", "h()")]
        text = tables.counts(["ipc.rpc.32"], lambda row: lines, most=2)
        self.assertEqual(text, "**`ipc.rpc.32`**, 55 on average: a::f 30 · g 20 · others 5\n")


if __name__ == "__main__":
    unittest.main()
