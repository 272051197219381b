"""What ./bench takes for a figure, and what it rejects."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from benchmark.figures import Figure, Rejected, parse, trusted  # noqa: E402

CALIBRATION = "calibration\t1000\t1000\tinstructions\r\n"


class Figures(unittest.TestCase):
    def test_lines_are_found_among_others(self) -> None:
        log = "boot: hello\r\n" + CALIBRATION + "ipc.rpc.32\t510\t512\tinstructions\r\nipc.rpc\tmany\t1\tx\n"
        self.assertEqual(trusted(parse(log)), [Figure("ipc.rpc.32", 510, 512, "instructions")])

    def test_a_figure_may_be_a_rate(self) -> None:
        log = CALIBRATION + "unix.pipe.bandwidth\t900\t901\tKiB per M instructions\n"
        self.assertEqual(trusted(parse(log))[0].unit, "KiB per M instructions")

    def test_a_run_that_is_not_calibrated_is_rejected(self) -> None:
        figure = "ipc.rpc.32\t510\t512\tinstructions\n"
        for log, reason in (
            (figure, "did not measure"),
            (figure + CALIBRATION.replace("1000\ti", "1003\ti"), "1003"),
            (CALIBRATION, "no figure"),
            (CALIBRATION + figure * 2, "twice"),
        ):
            with self.subTest(reason), self.assertRaisesRegex(Rejected, reason):
                trusted(parse(log))

    def test_a_run_with_a_failed_operation_is_rejected(self) -> None:
        log = CALIBRATION + "ipc.rpc.32\t510\t512\tinstructions\r\nfailed\tipc.rpc.4k\t-302\r\n"
        with self.assertRaisesRegex(Rejected, "ipc.rpc.4k failed with code -302"):
            parse(log)


if __name__ == "__main__":
    unittest.main()
