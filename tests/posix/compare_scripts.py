#!/usr/bin/env python3
"""Runs scripts in the guest and on the build machine and compares standard output, standard error and status.

    compare_scripts.py [options] FILE...                 these scripts
    compare_scripts.py [options] --generated [--count N] [--slice I/100]

Many scripts share one boot.  Every script becomes one test: the lines printed are those that guest tests
print, which the GoogleTest program of tests/system turns into results.  --list prints the tests' names and
runs nothing. --backend native puts a second dash and busybox of the build machine in the guest's place, to
test the comparison.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Sequence

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tools"), str(Path(__file__).resolve().parent)]

from generate_scripts import parse_slice, script, slice_of  # noqa: E402
from reference import Reference, Result  # noqa: E402
from runner.archive import Job  # noqa: E402
from runner.boot import boot, show_nothing  # noqa: E402
from runner.failure import Failure  # noqa: E402
from runner.link import Ending  # noqa: E402
from runner.options import WIRINGS, Options  # noqa: E402

_MOST_DEATHS = 5
_SHOWN_LINES = 30


@dataclass(frozen=True)
class Test:
    name: str  # GoogleTest's: suite.test
    file: str  # What $0 is made of.
    text: bytes


@dataclass
class Partial:
    output: bytearray = field(default_factory=bytearray)
    error: bytearray = field(default_factory=bytearray)
    result: Result | None = None


class BatchSink:
    """Collects what each job of a boot produces."""

    def __init__(self) -> None:
        self.jobs: dict[int, Partial] = {}

    def _job(self, number: int) -> Partial:
        return self.jobs.setdefault(number, Partial())

    def output(self, job: int, data: bytes) -> None:
        self._job(job).output += data

    def error(self, job: int, data: bytes) -> None:
        self._job(job).error += data

    def status(self, job: int, ending: Ending, value: int) -> None:
        partial = self._job(job)
        trouble = {
            Ending.TIME_LIMIT: "ran longer than its time limit in the guest",
            Ending.NOT_STARTED: f"was not started in the guest: errno {value}",
        }.get(ending, "")
        status = 128 + value if ending is Ending.SIGNALLED else value
        partial.result = Result(bytes(partial.output), bytes(partial.error), status, trouble)

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        ...

    def data(self, get: int, data: bytes) -> None:
        ...

    def missing(self, get: int, error: int, path: bytes) -> None:
        ...


def run_in_guest(tests: Sequence[Test], options: Options, job_limit: int) -> dict[str, Result]:
    """One boot for all; when the guest dies, the script it died over has failed and the rest boots again."""
    results: dict[str, Result] = {}
    left = list(tests)
    for _ in range(_MOST_DEATHS):
        sink = BatchSink()
        jobs = [Job(number, test.file, test.text, job_limit) for number, test in enumerate(left)]
        death = ""
        try:
            boot(options, jobs, sink, None, show_nothing)
        except Failure as failure:
            death = "\n".join([failure.message, *failure.tail])
        done = 0
        while done < len(left) and (partial := sink.jobs.get(done)) and partial.result:
            results[left[done].name] = partial.result
            done += 1
        left = left[done:]
        if not left:
            break
        results[left[0].name] = Result(b"", b"", 0, death or "the guest ended without this script's status")
        left = left[1:]
        if not left:
            break
    for test in left:
        results[test.name] = Result(b"", b"", 0, f"not run: the guest had died {_MOST_DEATHS} times")
    return results


def run_natively(tests: Iterable[Test], dash: Path, busybox: Path) -> dict[str, Result]:
    with Reference(dash, busybox) as reference:
        return {test.name: reference.run(test.file, test.text) for test in tests}


def difference(expected: Result, actual: Result) -> list[str]:
    """What is different, as lines; empty when nothing is."""
    for result, where in ((expected, ""), (actual, "")):
        if result.trouble:
            return (where + result.trouble).splitlines()
    lines = []
    if expected.status != actual.status:
        lines.append(f"status is {actual.status}, expected {expected.status}")
    for name, wanted, got in (
        ("standard output", expected.output, actual.output),
        ("standard error", expected.error, actual.error),
    ):
        if wanted != got:
            lines.append(f"{name} differs:")
            lines += _diff(wanted, got)
    return lines


def _diff(wanted: bytes, got: bytes) -> list[str]:
    def split(data: bytes) -> list[str]:
        return [ascii(line)[1:-1] for line in data.decode("utf-8", "surrogateescape").split("\n")]

    lines = list(difflib.unified_diff(split(wanted), split(got), "expected", "in the guest", lineterm=""))
    return lines[:_SHOWN_LINES] + (["..."] if len(lines) > _SHOWN_LINES else [])


def report(tests: Iterable[Test], expected: dict[str, Result], actual: dict[str, Result]) -> bool:
    good = True
    for test in tests:
        print(f"[ RUN      ] {test.name}")
        lines = difference(expected[test.name], actual[test.name])
        for line in lines:
            print(f"    {line}")
        print(f"[  FAILED  ] {test.name}" if lines else f"[       OK ] {test.name}")
        good = good and not lines
    return good


def collect_tests(given: argparse.Namespace) -> list[Test]:
    if given.generated:
        seeds = range(given.count) if given.slice is None else slice_of(given.count, given.slice)
        return [
            Test(f"{given.suite}.seed_{seed:05d}", f"seed-{seed:05d}.sh", script(seed).encode())
            for seed in seeds
        ]
    return [
        Test(f"{given.suite}.{path.stem.replace('-', '_')}", path.name, path.read_bytes())
        for path in given.files
    ]


def add_guest_options(parser: argparse.ArgumentParser, suite: str, job_limit: int) -> None:
    parser.add_argument("--suite", default=suite)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--build-folder", type=Path, default=ROOT / "build")
    parser.add_argument("--wiring", choices=WIRINGS, default="single")
    parser.add_argument("--append", action="append", default=[])
    parser.add_argument("--smp", type=int, default=1)
    parser.add_argument("--iso", action="store_true")
    parser.add_argument("--uefi", action="store_true")
    parser.add_argument("--time-limit", type=float, default=540.0, help="of one boot")
    parser.add_argument("--job-limit", type=int, default=job_limit, help="of one script, in seconds")
    parser.add_argument("--log", type=Path)


def guest_options(given: argparse.Namespace) -> Options:
    return Options(
        wiring=given.wiring,
        time_limit=given.time_limit,
        processors=given.smp,
        words=tuple(given.append),
        iso=given.iso,
        uefi=given.uefi,
        headless=True,
        log=given.log,
        build=False,
        build_folder=given.build_folder,
        quick=True,
    )


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compares scripts in the guest with the build machine.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--slice", type=parse_slice)
    parser.add_argument("--backend", choices=("guest", "native"), default="guest")
    parser.add_argument("--native-dash", type=Path, default=Path("/bin/dash"))
    parser.add_argument("--native-busybox", type=Path, default=Path("/bin/busybox"))
    parser.add_argument("--reference", type=Path, help="folder with the reference's dash and busybox")
    add_guest_options(parser, suite="Scripts", job_limit=60)
    given = parser.parse_args()
    if bool(given.files) == given.generated:
        parser.error("either scripts or --generated")
    return given


def main() -> int:
    given = parse_arguments()
    tests = collect_tests(given)
    if given.list:
        print("\n".join(test.name for test in tests))
        return 0
    reference = given.reference or given.build_folder / "host" / "bin"
    expected = run_natively(tests, reference / "dash", reference / "busybox")
    if given.backend == "native":
        actual = run_natively(tests, given.native_dash, given.native_busybox)
    else:
        actual = run_in_guest(tests, guest_options(given), given.job_limit)
    return 0 if report(tests, expected, actual) else 1


if __name__ == "__main__":
    sys.exit(main())
