"""The comparison itself: it passes what is alike, sees what is not, and its scripts are what they promise."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(HERE)]

import compare_busybox  # noqa: E402
from compare_scripts import difference  # noqa: E402
from generate_scripts import script, slice_of  # noqa: E402
from reference import Reference, Result  # noqa: E402


class Generator(unittest.TestCase):
    def test_a_seed_gives_one_script(self) -> None:
        self.assertEqual(script(4711), script(4711))
        self.assertNotEqual(script(4711), script(4712))

    def test_every_script_is_a_shell_program(self) -> None:
        for seed in range(0, 2000, 41):
            with self.subTest(seed):
                subprocess.run(["/bin/dash", "-n"], input=script(seed), text=True, check=True)

    def test_slices_are_apart_and_together_everything(self) -> None:
        seeds = sorted(seed for part in range(100) for seed in slice_of(20000, part))
        self.assertEqual(seeds, list(range(20000)))


class TestsuiteDifference(unittest.TestCase):
    host = Result(b"PASS: one\nPASS: twice\nFAIL: two\nPASS: twice\n", b"", 0)

    def compare(self, output: bytes, trouble: str = "") -> list[str]:
        return compare_busybox.difference(self.host, Result(output, b"", 0, trouble))

    def test_what_fails_on_the_build_machine_may_fail(self) -> None:
        self.assertEqual(self.compare(self.host.output), [])
        self.assertEqual(self.compare(b"PASS: one\nPASS: twice\nPASS: two\nPASS: twice\n"), [])

    def test_what_passes_there_must_pass(self) -> None:
        for verdict in ("FAIL", "SKIPPED", "UNTESTED"):
            output = f"{verdict}: one\nPASS: twice\nPASS: twice\n".encode()
            self.assertEqual(self.compare(output), [f"one: {verdict}"])

    def test_each_of_one_name_counts(self) -> None:
        self.assertEqual(self.compare(b"PASS: one\nPASS: twice\nFAIL: twice\n"), ["twice: FAIL"])
        self.assertEqual(self.compare(b"PASS: one\nPASS: twice\n"), ["twice: missing"])

    def test_a_run_that_was_cut_short_is_a_difference(self) -> None:
        self.assertEqual(self.compare(self.host.output, "ran too long"), ["ran too long"])


class Difference(unittest.TestCase):
    good = Result(b"out\n", b"err\n", 3)

    def test_nothing(self) -> None:
        self.assertEqual(difference(self.good, Result(b"out\n", b"err\n", 3)), [])

    def test_each_part_counts(self) -> None:
        for other, word in (
            (Result(b"Out\n", b"err\n", 3), "standard output"),
            (Result(b"out\n", b"", 3), "standard error"),
            (Result(b"out\n", b"err\n", 4), "status"),
            (Result(b"out\n", b"err\n", 3, "trouble"), "trouble"),
        ):
            with self.subTest(word):
                self.assertIn(word, difference(self.good, other)[0])

    def test_a_missing_new_line_counts(self) -> None:
        self.assertTrue(difference(self.good, Result(b"out", b"err\n", 3)))


# Where the build has put the dash and the busybox that the guest's are compared with.
HOST_BIN = Path(os.environ.get("PORTICO_HOST_BIN", Path(__file__).resolve().parents[2] / "build/host/bin"))


class ReferenceWorld(unittest.TestCase):
    def setUp(self) -> None:
        reference = Reference(HOST_BIN / "dash", HOST_BIN / "busybox", time_limit=2)
        self.reference = self.enterContext(reference)

    def test_it_is_the_documented_one(self) -> None:
        result = self.reference.run(
            "name.sh", b'echo "$0 $LC_ALL $TZ"; umask; ls; read x || echo eof; exit 5'
        )
        self.assertEqual(result, Result(b"./name.sh C UTC0\n0022\nname.sh\neof\n", b"", 5))

    def test_only_the_two_are_in_the_path(self) -> None:
        self.assertEqual(
            self.reference.run("s", b"python3 2>/dev/null; ls -l / >/dev/null && echo ls").output, b"ls\n"
        )

    def test_signals_are_told_as_a_shell_tells_them(self) -> None:
        self.assertEqual(self.reference.run("s", b"kill -9 $$").status, 137)

    def test_what_does_not_end_is_ended(self) -> None:
        self.assertIn("longer", self.reference.run("s", b"while :; do :; done").trouble)


if __name__ == "__main__":
    unittest.main()
