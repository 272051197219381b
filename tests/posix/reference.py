"""Runs a script on the build machine, in the world that the guest gives it: the other half of every
comparison.

An empty folder, `env -i LC_ALL=C TZ=UTC0`, a PATH that holds only links to one dash and one busybox, umask
022, standard input from /dev/null, a session of its own, called as `sh ./NAME`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_NOT_LINKED = {"sh", "ash", "hush", "busybox"}  # sh is dash.


@dataclass(frozen=True)
class Result:
    """What a script left.  `trouble` says that there is nothing to compare, and why."""

    output: bytes
    error: bytes
    status: int
    trouble: str = ""


class Reference:
    """One dash and one busybox.  Use as a context: the folder of links goes with it."""

    def __init__(self, dash: Path, busybox: Path, time_limit: float = 30.0) -> None:
        self._dash = dash
        self._busybox = busybox
        self._time_limit = time_limit
        self._folder = Path(tempfile.mkdtemp(prefix="reference-"))

    def __enter__(self) -> "Reference":
        links = self._folder / "bin"
        links.mkdir()
        (links / "sh").symlink_to(self._dash.absolute())
        applets = subprocess.run(
            [self._busybox, "--list"], capture_output=True, text=True, check=True
        ).stdout.split()
        for applet in applets:
            if applet not in _NOT_LINKED:
                (links / applet).symlink_to(self._busybox.absolute())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder)

    def run(self, name: str, text: bytes) -> Result:
        folder = Path(tempfile.mkdtemp(prefix="work-", dir=self._folder))
        (folder / name).write_bytes(text)
        (folder / name).chmod(0o755)
        folder.chmod(0o755)
        links = self._folder / "bin"
        process = subprocess.Popen(
            [links / "sh", "./" + name],
            executable=links / "sh",
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            umask=0o022,
            env={"LC_ALL": "C", "TZ": "UTC0", "PATH": str(links)},
        )
        try:
            output, error = process.communicate(timeout=self._time_limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, error = process.communicate()
            return Result(output, error, 0, f"ran longer than {self._time_limit:g} s on the build machine")
        status = process.returncode
        return Result(output, error, status if status >= 0 else 128 - status)
