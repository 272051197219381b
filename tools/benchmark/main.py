"""./bench: which rows are measured, and what is made of their figures."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Sequence

from runner import build
from runner.failure import GUEST_DIED, WRONG_OPTION, Failure, report
from runner.main import PURPOSES
from runner.session import turn_signals_into_exceptions

from . import profile, startup, tables
from .figures import Figure, Rejected, operations, parse, trusted
from .groups import GROUPS, KERNELS, SMP_SUFFIX, Group, Settings, run

TARGET = "benchmarks"
# What the kernel can do without (kernel/kern/ablation.h).
ABLATIONS = ("hand-off", "continuations", "register-messages")
FUNCTIONS_SHOWN = 12  # Of each row above its aim, in docs/benchmarks.md.


def main(arguments: Sequence[str], root: Path) -> int:
    turn_signals_into_exceptions()
    try:
        given = _parse(arguments)
        folder = given.build_folder or root / "build"
        if not given.no_build:
            build.install_packages(root, "bench", PURPOSES, False)
            build.build(root, "release", folder, False)
            build.build(root, "release", folder, False, [TARGET])
        words = (f"no-{given.without}",) if given.without else ()
        settings = Settings(folder.absolute(), given.wiring, given.time_limit, words)
        if given.profile:
            return _profile(given, settings)
        status = _bench(given, settings)
        if given.table and status == 0:
            _write_tables(settings, root)
        return status
    except Failure as failure:
        return report("bench", failure)
    except Rejected as reason:
        return report("bench", Failure(GUEST_DIED, f"rejected: {reason}"))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="./bench",
        allow_abbrev=False,
        description="Counts guest instructions; one line a figure: name, minimum, median, unit.",
    )
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)} (default: all)")
    parser.add_argument("--json", action="store_true", help="print a JSON list instead")
    parser.add_argument("--verify", action="store_true", help="boot twice; the figures must be identical")
    parser.add_argument(
        "--table", action="store_true", help="write the figures into README.md and docs/benchmarks.md"
    )
    parser.add_argument("--profile", metavar="ROW", help="show what this row is made of, by function")
    parser.add_argument(
        "--inlined", action="store_true", help="with --profile: inlined functions count for themselves"
    )
    parser.add_argument(
        "--least", type=float, default=1.0, help="with --profile: instructions that are worth a line"
    )
    parser.add_argument(
        "--without",
        choices=ABLATIONS,
        help="measure a kernel that does not use it: what a figure then has more is what it is worth",
    )
    parser.add_argument("--wiring", choices=("single", "multi"), default="single")
    parser.add_argument(
        "--time-limit", type=float, default=600.0, help="of one boot, in seconds (default 600)"
    )
    parser.add_argument("--no-build", action="store_true", help="measure what is built already")
    parser.add_argument("--build-folder", type=Path)
    given = parser.parse_args(arguments)
    if given.without and given.table:
        raise Failure(WRONG_OPTION, "'--table' is for the whole kernel, not for one without something")
    for group in given.groups:
        if group not in GROUPS:
            raise Failure(WRONG_OPTION, f"'{group}' is none of {', '.join(GROUPS)}")
    return given


# ---- Figures


def _bench(given: argparse.Namespace, settings: Settings) -> int:
    figures: list[Figure] = []
    good = True
    for name in given.groups or GROUPS:
        group = GROUPS[name]
        if not group.program(settings.folder).exists():
            print(f"bench: {name}: nothing to measure yet: no program bench-{name}", file=sys.stderr)
            good = good and not given.groups  # Asked for by name, a group that is not there is a failure.
            continue
        try:
            found = _measure(given, settings, group)
        except Rejected as reason:
            print(f"bench: {name}: rejected: {reason}", file=sys.stderr)
            good = False
            continue
        figures += found
        _kept(settings, group).write_text(json.dumps([figure.json() for figure in found]))
        if not given.json:
            print("".join(figure.line() + "\n" for figure in found), end="", flush=True)
    if given.json:
        print(json.dumps([figure.json() for figure in figures], indent=2))
    return 0 if good and figures else 1


def _measure(given: argparse.Namespace, settings: Settings, group: Group) -> list[Figure]:
    figures: list[Figure] = []
    for kernel in group.kernels:
        found = _boot(settings, group, kernel)
        if given.verify:
            _compare(found, _boot(settings, group, kernel))
        figures += [figure.renamed(group.suffix(kernel)) for figure in found]
    return figures


def _boot(settings: Settings, group: Group, kernel: str) -> list[Figure]:
    if group.name == "boot":
        return startup.figures(settings, group, kernel)
    return trusted(parse(run(settings, group, kernel)))


def _compare(first: Sequence[Figure], second: Sequence[Figure]) -> None:
    for one, other in zip(first, second):
        if one != other:
            raise Rejected(
                f"two boots differ: {one.name} is {one.minimum}, {one.median}, then "
                f"{other.name} {other.minimum}, {other.median}"
            )
    if len(first) != len(second):
        raise Rejected(f"two boots differ: {len(first)} figures, then {len(second)}")


# ---- Tables


def _kept(settings: Settings, group: Group) -> Path:
    """Where a group's latest figures are, for tables that are made when only others are measured."""
    return settings.folder / "logs" / f"bench-{group.name}.json"


def _write_tables(settings: Settings, root: Path) -> None:
    kept = [_kept(settings, group) for group in GROUPS.values()]
    found = [Figure(**entry) for file in kept if file.exists() for entry in json.loads(file.read_text())]
    figures = {figure.name: figure for figure in found}
    tables.replace(root / "README.md", "kernels", tables.kernels(figures))
    tables.replace(root / "README.md", "unix", tables.unix(figures))
    text = tables.counts(
        tables.above(figures), lambda row: _lines(settings, row, inlined=False), FUNCTIONS_SHOWN
    )
    tables.replace(root / "docs/benchmarks.md", "counts", text)


# ---- Profiles


def _profile(given: argparse.Namespace, settings: Settings) -> int:
    print(profile.table(_lines(settings, given.profile, given.inlined), given.least))
    return 0


def _lines(settings: Settings, name: str, inlined: bool) -> list[profile.Line]:
    """What the row of that name is made of."""
    row = name.removesuffix(SMP_SUFFIX)
    group = GROUPS.get(row.partition(".")[0])
    if not group:
        raise Failure(WRONG_OPTION, f"'{row}' belongs to none of {', '.join(GROUPS)}")
    kernel = group.kernels[0] if row == name else "smp"
    output = settings.folder / "logs" / f"{name}.profile"
    if group.name == "boot":
        counted = startup.count(settings, group, kernel, startup.MEMORY, output)
        parts = 1
    else:
        text = run(settings, group, kernel, row, qemu=startup.plugin(settings, output))
        counted = profile.read(output)
        parts = operations(text, row)
    programs = [profile.Program(path) for path in _programs(settings.folder / "user", group)]
    kernel_symbols = profile.Program(settings.folder / KERNELS[kernel])
    return profile.by_function(counted, parts, kernel_symbols, programs, inlined)


def _programs(user: Path, group: Group) -> list[Path]:
    """Whose instructions can be among those counted; the benchmark itself comes first."""
    own = user / f"bench-{group.name}"
    return [own] if group.first_task else [own] + sorted(set(user.iterdir()) - {own})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
