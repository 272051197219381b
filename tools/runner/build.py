"""Brings what is built up to date, with progress for a person and a log for the rest.

Quick when there is nothing to do: one look by ninja.  Two commands that start at once build one after the
other.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Iterator, Sequence

from .failure import BUILD_FAILED, WRONG_OPTION, Failure

JOBS = 2
_NINJA_STEP = re.compile(r"^\[(\d+)/(\d+)\] (.*)")
_TAIL_LINES = 40
_LINE_EVERY = 15.0  # Seconds between two lines where there is no terminal to draw on.


class Progress:
    """One line that is drawn anew on a terminal; a line now and then in a log; nothing when quiet."""

    def __init__(self, title: str, quiet: bool, stream: IO[str] = sys.stderr) -> None:
        self._title = title
        self._stream = stream
        self._drawing = stream.isatty()
        self._silent = quiet and not self._drawing
        self._started = self._last = time.monotonic()
        self._shown = False

    def step(self, text: str) -> None:
        now = time.monotonic()
        if self._silent or now - self._last < (0.1 if self._drawing else _LINE_EVERY):
            return
        self._last = now
        line = f"{self._title}: {text} ({now - self._started:.0f} s)"
        if self._drawing:
            width = os.get_terminal_size(self._stream.fileno()).columns or 80
            self._stream.write("\r\x1b[K" + line[: width - 1])
        else:
            self._stream.write(line + "\n")
        self._shown = True
        self._stream.flush()

    def done(self) -> None:
        if self._shown and self._drawing:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def run_logged(
    command: Sequence[str],
    log: Path,
    title: str,
    quiet: bool,
    cwd: Path | None = None,
    append: bool = False,
    environment: dict[str, str] | None = None,
) -> int:
    """Runs a command with all its output in `log`; returns its status."""
    log.parent.mkdir(parents=True, exist_ok=True)
    progress = Progress(title, quiet)
    with open(log, "ab" if append else "wb") as file:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
        )
        assert process.stdout
        try:
            for raw in process.stdout:
                file.write(raw)
                text = raw.decode("utf-8", "replace").strip()
                step = _NINJA_STEP.match(text)
                progress.step(f"{step[1]} of {step[2]}: {step[3]}" if step else text)
        except BaseException:
            process.terminate()
            raise
        finally:
            progress.done()
            status = process.wait()
    return status


def tail(log: Path, lines: int = _TAIL_LINES) -> list[str]:
    return log.read_text("utf-8", "replace").splitlines()[-lines:]


def install_packages(root: Path, command: str, purposes: Sequence[str], quiet: bool) -> None:
    environment = {**os.environ, "PORTICO_COMMAND": command, "PORTICO_QUIET": "yes" if quiet else "no"}
    status = subprocess.run(
        [root / "tools/install-packages", *purposes], stdin=subprocess.DEVNULL, env=environment, check=False
    ).returncode
    if status != 0:
        # The installer has said what to type.
        raise Failure(WRONG_OPTION, "not set up: Debian packages are missing")


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One build at a time in one build folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def configure(root: Path, preset: str, folder: Path, quiet: bool) -> None:
    if (folder / "build.ninja").exists():
        return  # Ninja itself configures again when a CMakeLists.txt has changed.
    log = folder / "logs" / "configure.log"
    if run_logged(["cmake", "--preset", preset], log, "configure", quiet, cwd=root) != 0:
        raise Failure(BUILD_FAILED, f"build failed: cmake --preset {preset} (log: {log})", tail(log))


def build(root: Path, preset: str, folder: Path, quiet: bool, targets: Sequence[str] = ()) -> None:
    with locked(folder):
        configure(root, preset, folder, quiet)
        log = folder / "logs" / "build.log"
        command = ["cmake", "--build", str(folder), "-j", str(JOBS)]
        if targets:
            command += ["--target", *targets]
        if run_logged(command, log, "build", quiet, cwd=root) != 0:
            raise Failure(BUILD_FAILED, f"build failed: {_first_error(log)} (log: {log})", tail(log))


def _first_error(log: Path) -> str:
    for line in log.read_text("utf-8", "replace").splitlines():
        if "error:" in line or line.startswith("FAILED:") or line.startswith("ninja: error"):
            return line.strip()
    return "see the log"
