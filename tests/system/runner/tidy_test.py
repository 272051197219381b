"""The analysis stage's choice of files, with a clang-tidy that is played: it complains of the word "fault"."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

from checker import tidy  # noqa: E402

PLAYED = """#!/bin/sh
for last; do :; done
echo "$last" >>"$TIDY_CALLS"
! grep fault "$last"
"""


class Tidy(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory()))
        tools = self.root / "tools"
        tools.mkdir()
        (tools / "clang-tidy-19").write_text(PLAYED)
        (tools / "clang-tidy-19").chmod(stat.S_IRWXU)
        self.calls = self.root / "calls"
        path = f"{tools}:{os.environ['PATH']}"
        for name, value in (("PATH", path), ("TIDY_CALLS", str(self.calls))):
            before = os.environ.get(name)
            os.environ[name] = value
            self.addCleanup(lambda n=name, b=before: os.environ.__setitem__(n, b or ""))
        self.write("kern/a.cpp", '#include <kern/a.h>\n')
        self.write("kern/b.cpp", "int b;\n")
        self.write("kern/a.h", '#include "common.h"\n')
        self.write("common.h", "")

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run_tidy(self, salt: bytes = b"", everything: bool = False) -> tuple[tidy.Outcome, list[str]]:
        self.calls.write_text("")
        own = ["kern/a.cpp", "kern/b.cpp", "kern/a.h", "common.h"]
        sources = {name: self.root for name in own if name.endswith(".cpp")}
        digests = tidy.Digests(self.root, own, salt)
        log = self.root / "log"
        outcome = tidy.run(self.root, sources, digests, self.root / "stamps", log, everything, 1)
        return outcome, sorted(os.path.relpath(c, self.root) for c in self.calls.read_text().split())

    def test_what_passed_is_not_looked_at_again(self) -> None:
        self.assertEqual(self.run_tidy()[1], ["kern/a.cpp", "kern/b.cpp"])
        outcome, calls = self.run_tidy()
        self.assertEqual((calls, outcome.known_good, outcome.failed), ([], 2, []))

    def test_a_header_that_is_included_indirectly_counts(self) -> None:
        self.run_tidy()
        self.write("common.h", "int c;\n")
        self.assertEqual(self.run_tidy()[1], ["kern/a.cpp"])

    def test_other_checks_mean_all_files(self) -> None:
        self.run_tidy()
        self.assertEqual(len(self.run_tidy(salt=b"another .clang-tidy")[1]), 2)

    def test_a_finding_fails_and_is_not_forgotten(self) -> None:
        self.write("kern/b.cpp", "int fault;\n")
        self.assertEqual(self.run_tidy()[0].failed, ["kern/b.cpp"])
        outcome, calls = self.run_tidy()
        self.assertEqual((calls, outcome.failed), (["kern/b.cpp"], ["kern/b.cpp"]))

    def test_a_quick_pass_is_not_a_full_one(self) -> None:
        self.run_tidy()
        self.assertEqual(len(self.run_tidy(everything=True)[1]), 2)
        self.assertEqual(self.run_tidy()[1], [])

    def test_without_time_the_rest_is_left_over(self) -> None:
        limit, tidy.TIME_LIMIT = tidy.TIME_LIMIT, -1.0
        self.addCleanup(lambda: setattr(tidy, "TIME_LIMIT", limit))
        self.assertEqual(self.run_tidy()[0].left_over, 2)

    def test_the_newest_come_first(self) -> None:
        def git(*words: str) -> None:
            who = ["-c", "user.name=a", "-c", "user.email=a@b"]
            subprocess.run(["git", *who, *words], cwd=self.root, check=True, stdout=subprocess.DEVNULL)

        git("init", "-q")
        for name in ("kern/b.cpp", "kern/a.cpp"):
            git("add", name)
            git("commit", "-q", "-m", name)
        self.assertEqual(tidy.newest_first(self.root, ["kern/b.cpp", "kern/a.cpp"]), ["kern/a.cpp", "kern/b.cpp"])
        self.write("kern/b.cpp", "int changed;\n")
        self.assertEqual(tidy.newest_first(self.root, ["kern/a.cpp", "kern/b.cpp"])[0], "kern/b.cpp")


if __name__ == "__main__":
    unittest.main()
