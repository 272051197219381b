#!/usr/bin/env python3
"""Runs busybox's own testsuite on the build machine and in the guest: what passes there must pass here.

    compare_busybox.py [options] [APPLET...]        these applets, or all that the testsuite has tests for

The testsuite comes from busybox's source package, as the third-party part busybox-host left it.  All applets
share one boot; each is one test, whose result names the single tests that fail in the guest only.  --list
prints the tests' names and runs nothing.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Iterable, Sequence

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "tools"), str(HERE)]

from compare_scripts import Test, add_guest_options, guest_options, run_in_guest  # noqa: E402
from reference import Reference, Result  # noqa: E402
from runner.options import Transfer  # noqa: E402

_GUEST_SUITE = "/testsuite"
_VERDICT = re.compile(r"^(PASS|FAIL|SKIPPED|UNTESTED): (.*)$")
_SHOWN_LINES = 40
_HOST_LIMIT = 120.0

Key = tuple[str, int]  # A test's description, and which of those with this description it is.


def covered_applets(part: Path) -> list[str]:
    """The applets that are built and have tests."""
    suite = part / "testsuite"
    applets = (part / "applets").read_text().split()
    return [a for a in applets if (suite / f"{a}.tests").is_file() or (suite / a).is_dir()]


def applet_test(suite_name: str, applet: str, suite: str) -> Test:
    text = f"applet='{applet}' suite='{suite}'\n".encode() + (HERE / "busybox_applet.sh").read_bytes()
    return Test(f"{suite_name}.{applet}", f"{applet}.sh", text)


def verdicts(output: bytes) -> dict[Key, tuple[str, list[str]]]:
    """For each single test its verdict and what was printed since the one before."""
    found: dict[Key, tuple[str, list[str]]] = {}
    seen: Counter[str] = Counter()
    said: list[str] = []
    for line in output.decode("utf-8", "replace").split("\n"):
        if match := _VERDICT.match(line):
            name = match[2]
            found[(name, seen[name])] = (match[1], said)
            seen[name] += 1
            said = []
        elif line.strip("="):
            said.append(line)
            # testing.sh prints the difference after the verdict.
            if found and line.startswith(("---", "+++", "@@", "-", "+", " ")):
                last = next(reversed(found))
                found[last][1].append(line)
    return found


def difference(expected: Result, actual: Result) -> list[str]:
    """The single tests that pass on the build machine only, as lines; empty when there are none."""
    if expected.trouble:
        return [expected.trouble]
    here = verdicts(actual.output)
    lines = []
    for key, (verdict, _) in verdicts(expected.output).items():
        got, said = here.get(key, ("missing", []))
        if verdict == "PASS" and got != "PASS":
            lines.append(f"{key[0]}: {got}")
            lines += ["    " + ascii(line)[1:-1] for line in said[:_SHOWN_LINES]]
    if actual.trouble:
        lines += actual.trouble.splitlines()
    return lines


def run_natively(suite_name: str, applets: Sequence[str], part: Path, dash: Path) -> dict[str, Result]:
    with tempfile.TemporaryDirectory(prefix="testsuite-") as name:
        folder = Path(name)
        copy_suite(part, part / "bin" / "echo-ne", folder / "testsuite")
        # Scripts see busybox by its applets' names; the testsuite also calls it by its own, as the guest has it.
        (folder / "testsuite" / "busybox").symlink_to(part.resolve() / "bin" / "busybox")
        folder.chmod(0o755)
        with Reference(dash, part / "bin" / "busybox", _HOST_LIMIT) as reference:
            tests = [applet_test(suite_name, applet, str(folder / "testsuite")) for applet in applets]
            return {test.name: reference.run(test.file, test.text) for test in tests}


def copy_suite(part: Path, echo: Path, folder: Path) -> None:
    shutil.copytree(part / "testsuite", folder, symlinks=True)
    shutil.copy(echo, folder / "echo-ne")


def report(names: Iterable[str], expected: dict[str, Result], actual: dict[str, Result]) -> bool:
    good = True
    for name in names:
        print(f"[ RUN      ] {name}")
        lines = difference(expected[name], actual[name])
        passed = sum(verdict == "PASS" for verdict, _ in verdicts(expected[name].output).values())
        print(f"    {passed} tests pass on the build machine")
        for line in lines:
            print(f"    {line}")
        print(f"[  FAILED  ] {name}" if lines else f"[       OK ] {name}")
        good = good and not lines
    return good


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares busybox's testsuite in the guest and on the host.")
    parser.add_argument("applets", nargs="*")
    add_guest_options(parser, suite="Busybox", job_limit=180)
    return parser.parse_args()


def main() -> int:
    given = parse_arguments()
    part = given.build_folder / "third-party" / "busybox-host"
    applets = given.applets or covered_applets(part)
    names = [f"{given.suite}.{applet}" for applet in applets]
    if given.list:
        print("\n".join(names))
        return 0
    expected = run_natively(given.suite, applets, part, given.build_folder / "host" / "bin" / "dash")
    with tempfile.TemporaryDirectory(prefix="testsuite-") as folder:
        suite = Path(folder) / "testsuite"
        copy_suite(part, given.build_folder / "user" / "echo-ne", suite)
        options = replace(guest_options(given), puts=(Transfer(suite, _GUEST_SUITE),))
        tests = [applet_test(given.suite, applet, _GUEST_SUITE) for applet in applets]
        actual = run_in_guest(tests, options, given.job_limit)
    return 0 if report(names, expected, actual) else 1


if __name__ == "__main__":
    sys.exit(main())
