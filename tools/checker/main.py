"""./check: everything that has to hold, from an empty Debian to the last test."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import Callable, Sequence

from runner.failure import WRONG_OPTION, Failure, report
from runner.session import turn_signals_into_exceptions

from .results import Count
from .stages import Context, analysis, compile_everything, set_up, tests, third_party

STAGES: dict[str, tuple[Callable[[Context], None], str]] = {
    "set-up": (set_up, "install the Debian packages that are missing"),
    "third-party": (third_party, "fetch and build third-party parts into the cache"),
    "build": (compile_everything, "the system, the host's tests, the system tests"),
    "analysis": (analysis, "clang-format, clang-tidy"),
    "tests": (tests, "unit tests on the host, system tests in QEMU"),
}


def main(arguments: Sequence[str], root: Path) -> int:
    turn_signals_into_exceptions()
    try:
        given = _parse(arguments)
    except Failure as failure:
        return report("check", failure)
    (root / "build" / "logs").mkdir(parents=True, exist_ok=True)
    if given.clean:
        for folder in [root / "build", *root.glob("build-*")]:
            shutil.rmtree(folder, ignore_errors=True)
        (root / "build" / "logs").mkdir(parents=True)
    total = Count()
    times: list[tuple[str, float, Count]] = []
    for name in given.stages or STAGES:
        started = time.monotonic()
        count = _run_stage(name, root, given.clean, given.everything)
        total.add(count)
        times.append((name, time.monotonic() - started, count))
        if count.failed and name in ("set-up", "third-party"):
            break  # Nothing after it could mean anything.
    _summary(times, total)
    # A run that was to test and tested nothing has not passed.
    tested = given.stages and "tests" not in given.stages or total.passed
    return 1 if total.failed or not tested else 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    lines = "".join(f"  {name:12} {what}\n" for name, (_, what) in STAGES.items())
    parser = argparse.ArgumentParser(
        prog="./check",
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Builds Portico and passes every test.",
        epilog="stages, in order:\n" + lines + "Logs are kept in build/logs.",
    )
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="run these stages only (default: all)")
    parser.add_argument("--clean", action="store_true", help="build everything anew, third-party parts too")
    parser.add_argument(
        "--everything",
        action="store_true",
        help="analysis: follow every path through a function, however long it takes",
    )
    given = parser.parse_args(arguments)
    for stage in given.stages:
        if stage not in STAGES:
            raise Failure(WRONG_OPTION, f"'{stage}' is no stage: {', '.join(STAGES)}")
    return given


def _run_stage(name: str, root: Path, clean: bool, everything: bool) -> Count:
    print(f"== {name}", flush=True)
    context = Context(root, clean, lambda text: print(f"   {text}", flush=True), everything=everything)
    try:
        STAGES[name][0](context)
    except Failure as failure:
        context.count.one(False, f"{name}: {failure.message}")
        for line in failure.tail[-20:]:
            print(f"  | {line}")
    for failure_name in context.count.failures:
        print(f"   FAILED {failure_name}")
    return context.count


def _summary(times: Sequence[tuple[str, float, Count]], total: Count) -> None:
    print("\nstage          seconds  result")
    for name, seconds, count in times:
        result = str(count) if count.passed or count.failed else "done"
        print(f"{name:12} {seconds:9.1f}  {result}")
    print(f"{'all':12} {sum(seconds for _, seconds, _ in times):9.1f}\n")
    # The line by which machines judge a run: alone on its line, the last one.
    print(total, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
