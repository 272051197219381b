#!/usr/bin/env python3
"""The long comparisons of scripts: 20,000 generated ones in hundred slices, and busybox's testsuite.

    scripts.py [--variant NAME]... [--slice I/100]... [--busybox] [--minutes N]
    scripts.py --summary

A unit is one slice, or the whole testsuite, in one variant: single, multi, or single with calls suspended in
the order of a seed, which is the slice's number.  What a unit gave is a line of build/campaigns/scripts.jsonl,
written when it has ended; a unit that passed is not run again by the same build, so a campaign that was cut
short goes on where it was.  --summary prints the lines of docs/campaigns/scripts.md.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "posix"))

from generate_scripts import SLICES, parse_slice  # noqa: E402

VARIANTS = ("single", "multi", "suspended")
_BUSYBOX = "busybox"
_UNIT_LIMIT = 3600  # Seconds of one boot.


@dataclass(frozen=True)
class Outcome:
    variant: str
    what: str  # "I/100", or busybox.
    commit: str
    date: str
    passed: int
    failed: tuple[str, ...]


def variant_words(variant: str, seed: int) -> list[str]:
    return {
        "single": ["--wiring", "single"],
        "multi": ["--wiring", "multi"],
        "suspended": ["--wiring", "single", "--append", f"suspend-seed={seed + 1}"],
    }[variant]


def run_unit(variant: str, what: str, commit: str) -> Outcome:
    if what == _BUSYBOX:
        program, words, seed = "compare_busybox.py", ["--job-limit", "1200"], 0
    else:
        program, words, seed = "compare_scripts.py", ["--generated", "--slice", what], parse_slice(what)
    log = ROOT / "build" / "logs" / f"campaign-{variant}-{what.replace('/', '-')}"
    command = [sys.executable, "-B", str(ROOT / "tests" / "posix" / program)]
    command += words + variant_words(variant, seed)
    command += ["--time-limit", str(_UNIT_LIMIT), "--log", f"{log}.console"]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False).stdout
    Path(f"{log}.log").write_text(output)
    lines = output.splitlines()
    failed = tuple(line.split("] ")[1] for line in lines if line.startswith("[  FAILED  ]"))
    passed = sum(line.startswith("[       OK ]") for line in lines)
    if not passed and not failed:
        raise SystemExit(f"scripts.py: nothing ran; see {log}.log")
    return Outcome(variant, what, commit, time.strftime("%Y-%m-%d"), passed, failed)


def read_record(path: Path) -> list[Outcome]:
    if not path.exists():
        return []
    outcomes = []
    for line in path.read_text().splitlines():
        fields = json.loads(line)
        outcomes.append(Outcome(**{**fields, "failed": tuple(fields["failed"])}))
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> Iterator[str]:
    groups: dict[tuple[str, str, str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kind = _BUSYBOX if outcome.what == _BUSYBOX else "generated"
        groups[outcome.date, outcome.commit, kind, outcome.variant].append(outcome)
    for (date, commit, kind, variant), units in groups.items():
        what = f"{kind}, {variant}"
        if kind != _BUSYBOX:
            what += ", slices " + " ".join(unit.what.partition("/")[0] for unit in units)
        failed = [name for unit in units for name in unit.failed]
        result = f"{sum(unit.passed for unit in units)} pass" + "".join(f", {name} fails" for name in failed)
        yield f"| {date} | {commit} | {what} | {result} |"


def commit_of_tree() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


def main() -> int:
    parser = argparse.ArgumentParser(description="Long comparisons of scripts, resumable.")
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    parser.add_argument("--slice", action="append", type=parse_slice, help="I/100 (default: all)")
    parser.add_argument("--busybox", action="store_true", help="the testsuite instead of slices")
    parser.add_argument("--minutes", type=float, help="begin no unit after that time")
    parser.add_argument("--summary", action="store_true")
    given = parser.parse_args()
    record = ROOT / "build" / "campaigns" / "scripts.jsonl"
    outcomes = read_record(record)
    if given.summary:
        print("\n".join(summary(outcomes)))
        return 0

    commit = commit_of_tree()
    done = {(o.variant, o.what) for o in outcomes if o.commit == commit and not o.failed}
    slices = range(SLICES) if given.slice is None else given.slice
    units = [_BUSYBOX] if given.busybox else [f"{number}/{SLICES}" for number in slices]
    end = time.monotonic() + 60 * given.minutes if given.minutes else float("inf")
    good = True
    record.parent.mkdir(parents=True, exist_ok=True)
    for what in units:
        for variant in given.variant or VARIANTS:
            if (variant, what) in done or time.monotonic() >= end:
                continue
            outcome = run_unit(variant, what, commit)
            with open(record, "a") as out:
                out.write(json.dumps(asdict(outcome)) + "\n")
            print(f"{variant} {what}: {outcome.passed} pass, {len(outcome.failed)} fail", flush=True)
            good = good and not outcome.failed
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
