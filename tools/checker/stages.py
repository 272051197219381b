"""The stages of ./check: set-up, third-party, build, analysis, tests.

A stage does its work with all output in logs of its own.  Set-up, third-party and build count only what
fails; analysis counts its checks and tests their tests.  One that has nothing to run says so and counts
nothing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Sequence

from runner import build
from runner.failure import BUILD_FAILED, Failure

from . import batches, tidy
from .results import Count, of_ctest

JOBS = 2
# Host presets whose tests ./check runs.  host-tsan, fuzz and coverage are for campaigns.
HOST_PRESETS = ("host-asan",)
SYSTEM_TESTS = "system-tests"
# Built though no test runs it: the analysis looks at it, and at what mig makes for it.
BENCHMARKS = "benchmarks"
FORMAT_SUFFIXES = (".c", ".cpp", ".h")
# The stored output of mig is compared byte for byte; its form is mig's own.  Files that take the place of newlib's
# are laid out as their neighbours there are.
NOT_OURS = ("tests/mig/golden/", "libc/newlib/overlay/")


@dataclass
class Context:
    root: Path
    clean: bool
    say: Callable[[str], None]
    count: Count = field(default_factory=Count)
    everything: bool = False

    @property
    def folder(self) -> Path:
        return self.root / "build"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    def logged(
        self,
        command: Sequence[str],
        log: str,
        title: str,
        environment: dict[str, str] | None = None,
        append: bool = False,
    ) -> int:
        return build.run_logged(
            command, self.logs / log, title, False, cwd=self.root, environment=environment, append=append
        )


def set_up(context: Context) -> None:
    build.install_packages(context.root, "check", (), False)


def third_party(context: Context) -> None:
    """Parts are CMake targets third-party-NAME; the cache outside the tree makes them quick the second time.
    """
    with build.locked(context.folder):
        build.configure(context.root, "release", context.folder, False)
        if context.clean:
            context.logged(
                ["cmake", "-D", "PORTICO_CLEAN_THIRD_PARTY=ON", str(context.folder)], "configure.log", "clean"
            )
        listed = subprocess.run(
            ["ninja", "-C", str(context.folder), "-t", "targets", "all"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        parts = [line.partition(":")[0] for line in listed.splitlines() if line.startswith("third-party-")]
        if not parts:
            context.say("nothing to do yet: there are no targets third-party-*")
            return
        status = context.logged(
            ["cmake", "--build", str(context.folder), "-j", str(JOBS), "--target", *parts],
            "third-party.log",
            "third-party",
        )
        if context.clean:  # Once is enough: what the build stage needs is new now.
            context.logged(
                ["cmake", "-D", "PORTICO_CLEAN_THIRD_PARTY=OFF", str(context.folder)],
                "configure.log",
                "clean",
            )
    if status != 0:
        raise Failure(
            BUILD_FAILED,
            f"build failed (log: {context.logs / 'third-party.log'})",
            build.tail(context.logs / "third-party.log"),
        )


def compile_everything(context: Context) -> None:
    for preset, folder in [("release", context.folder)] + [
        (p, context.root / f"build-{p}") for p in HOST_PRESETS
    ]:
        try:
            build.build(context.root, preset, folder, False)
            if preset == "release":
                build.build(context.root, preset, folder, False, [SYSTEM_TESTS, BENCHMARKS])
        except Failure as failure:
            context.count.one(False, f"build: {preset}: {failure.message}")
            for line in failure.tail[-20:]:
                context.say("  | " + line)


def analysis(context: Context) -> None:
    _check_format(context)
    _check_tidy(context)


def tests(context: Context) -> None:
    for preset in HOST_PRESETS:
        _run_ctest(context, context.root / f"build-{preset}", preset, [])
    _run_ctest(context, context.folder, "system", [])


def _judge(context: Context, status: int, what: str, log: str) -> None:
    context.count.one(status == 0, f"{what} (log: {context.logs / log})")
    if status != 0:
        for line in build.tail(context.logs / log, 20):
            context.say("  | " + line)


# ---- Analysis


def own_sources(root: Path, suffixes: Sequence[str]) -> list[str]:
    """Files under version control; a tree without git has none, and the stage says so."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=False
    ).stdout
    names = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [
        n for n in names if n.endswith(tuple(suffixes)) and not n.startswith(NOT_OURS) and (root / n).exists()
    ]


def _check_format(context: Context) -> None:
    files = own_sources(context.root, FORMAT_SUFFIXES)
    if not files:
        context.say("clang-format: nothing to look at: no sources under version control")
        return
    status = context.logged(["clang-format-19", "--dry-run", "-Werror", *files], "format.log", "clang-format")
    _judge(context, status, f"clang-format of {len(files)} files", "format.log")
    if status != 0:
        context.say("to mend the layout: clang-format-19 -i FILE")


def _check_tidy(context: Context) -> None:
    own = own_sources(context.root, FORMAT_SUFFIXES)
    folders = [context.folder, *(context.root / f"build-{preset}" for preset in HOST_PRESETS)]
    sources = batches.commands(folders, context.root, set(own))
    if not sources:
        context.say("clang-tidy: nothing to look at: nothing has been configured")
        return
    analyzer = tidy.THOROUGH if context.everything else tidy.QUICK
    digests = tidy.Digests(context.root, own, tidy.salt(context.root, analyzer))
    log = context.logs / "tidy.log"
    run = tidy.Run(context.root, sources, digests, context.folder / "tidy", analyzer)
    outcome = run.all(log, JOBS, context.say)
    context.say(
        f"clang-tidy: {outcome.looked_at} files looked at, {outcome.known_good} unchanged since they passed,"
        f" {outcome.processor_seconds:.0f} processor seconds"
    )
    for finding in outcome.findings:
        context.say(f"  | {finding}")
    if any(finding.check == tidy.COMPILER_ERROR for finding in outcome.findings):
        context.say("what does not compile is mended first; a file that is missing is made by ./check build")
    elif outcome.findings:
        context.say("mend the source; where a check is wrong for us, .clang-tidy turns it off and says why")
    for name in outcome.failed:
        context.count.one(False, f"clang-tidy of {name} (log: {log})")
    context.count.passed += outcome.looked_at - len(outcome.failed)


# ---- Tests


def _run_ctest(context: Context, folder: Path, label: str, arguments: Sequence[str]) -> None:
    if not (folder / "CTestTestfile.cmake").exists():
        context.say(f"{label}: nothing to run: {folder.name} is not configured")
        return
    details, junit = folder / "test-results", context.logs / f"ctest-{label}.xml"
    shutil.rmtree(details, ignore_errors=True)
    details.mkdir()
    junit.unlink(missing_ok=True)
    status = context.logged(
        [
            "ctest",
            "--test-dir",
            str(folder),
            "-j",
            str(JOBS),
            "--output-on-failure",
            "--no-tests=ignore",
            "--output-junit",
            str(junit),
            *arguments,
        ],
        f"ctest-{label}.log",
        label,
    )
    count = of_ctest(junit, details, label) if junit.exists() else Count()
    if not count.passed and not count.failed:
        if status == 0:
            context.say(f"{label}: nothing to run: no tests are registered in {folder.name}")
        else:
            context.count.one(False, f"{label}: ctest failed (log: {context.logs / f'ctest-{label}.log'})")
        return
    if status != 0 and not count.failed:
        count.one(False, f"{label}: ctest ended with status {status}")
    context.say(f"{label}: {count}")
    context.count.add(count)
