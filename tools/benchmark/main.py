"""./bench: which programs there are, how they boot, and what is made of their figures."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from runner import archive, build
from runner.boot import boot, show_nothing
from runner.failure import GUEST_DIED, WRONG_OPTION, Failure, report
from runner.link import Ending
from runner.main import PURPOSES
from runner.options import Options, Transfer
from runner.session import turn_signals_into_exceptions

from .figures import Figure, Rejected, parse, trusted

# What a group is made of: programs build/user/bench-GROUP, which tests/bench/guest has the sources of.
FIRST_TASK = "first task"  # Kernel and program, nothing else.
PROCESS = "process"  # A program of the whole system.
GROUPS = {"ipc": FIRST_TASK, "vm": FIRST_TASK, "unix": PROCESS, "boot": FIRST_TASK}
TARGET = "benchmarks"


@dataclass
class Collected:
    """The program's output and end, for the link's sink."""

    text: bytearray
    ending: Ending | None = None
    value: int = 0

    def output(self, job: int, data: bytes) -> None:
        self.text += data

    def error(self, job: int, data: bytes) -> None:
        self.text += data

    def status(self, job: int, ending: Ending, value: int) -> None:
        self.ending, self.value = ending, value

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        ...

    def data(self, get: int, data: bytes) -> None:
        ...

    def missing(self, get: int, error: int, path: bytes) -> None:
        ...


def main(arguments: Sequence[str], root: Path) -> int:
    turn_signals_into_exceptions()
    try:
        given = _parse(arguments)
        folder = given.build_folder or root / "build"
        if not given.no_build:
            build.install_packages(root, "bench", PURPOSES, False)
            build.build(root, "release", folder, False)
            build.build(root, "release", folder, False, [TARGET])
        return _bench(given, folder)
    except Failure as failure:
        return report("bench", failure)


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./bench",
        allow_abbrev=False,
        description="Counts guest instructions; one line a figure: name, minimum, median, " "unit.",
    )
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="print a JSON list instead")
    parser.add_argument("--verify", action="store_true", help="boot twice; the figures must be identical")
    parser.add_argument("--wiring", choices=("single", "multi"), default="single")
    parser.add_argument(
        "--time-limit", type=float, default=600.0, help="of one boot, in seconds (default 600)"
    )
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    parser.add_argument("--build-folder", type=Path)
    given = parser.parse_args(arguments)
    for group in given.groups:
        if group not in GROUPS:
            raise Failure(WRONG_OPTION, f"'{group}' is none of {', '.join(GROUPS)}")
    return given


def _bench(given: argparse.Namespace, folder: Path) -> int:
    figures: list[Figure] = []
    good = True
    for group in given.groups or GROUPS:
        program = folder / "user" / f"bench-{group}"
        if not program.exists():
            print(f"bench: {group}: nothing to measure yet: no program bench-{group}", file=sys.stderr)
            good = good and not given.groups  # Asked for by name, a group that is not there is a failure.
            continue
        try:
            found = _measure(given, folder, group, program)
            if given.verify:
                _compare(found, _measure(given, folder, group, program))
        except Rejected as reason:
            print(f"bench: {group}: rejected: {reason}", file=sys.stderr)
            good = False
            continue
        figures += found
        if not given.json:
            print("".join(figure.line() + "\n" for figure in found), end="", flush=True)
    if given.json:
        print(json.dumps([figure.json() for figure in figures], indent=2))
    return 0 if good and figures else 1


def _measure(given: argparse.Namespace, folder: Path, group: str, program: Path) -> list[Figure]:
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    log = folder / "logs" / f"bench-{group}.log"
    common = {
        "icount": True,
        "headless": True,
        "time_limit": given.time_limit,
        "wiring": given.wiring,
        "log": log,
        "build_folder": folder,
    }
    collected = Collected(bytearray())
    if GROUPS[group] == FIRST_TASK:
        boot(Options(bootstrap=program, **common), [], collected, None, show_nothing)
        return trusted(parse(log.read_text("utf-8", "replace")))
    guest_program = f"/bin/bench-{group}"
    script = archive.Job(0, "bench.sh", f"exec {guest_program}\n".encode())
    boot(
        Options(puts=(Transfer(program, guest_program),), quick=True, **common),
        [script],
        collected,
        None,
        show_nothing,
    )
    text = collected.text.decode("utf-8", "replace")
    if collected.ending is not Ending.EXITED or collected.value != 0:
        raise Failure(GUEST_DIED, f"guest died: bench-{group} failed", text.splitlines()[-20:])
    return trusted(parse(text))


def _compare(first: Sequence[Figure], second: Sequence[Figure]) -> None:
    for one, other in zip(first, second):
        if one != other:
            raise Rejected(
                f"two boots differ: {one.name} is {one.minimum}, {one.median}, then "
                f"{other.name} {other.minimum}, {other.median}"
            )
    if len(first) != len(second):
        raise Rejected(f"two boots differ: {len(first)} figures, then {len(second)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
