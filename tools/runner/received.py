"""Where what the guest sends ends up: output on the host's own, files where --get wants them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO, Sequence

from .failure import GUEST_DIED, MISSING_FILE, Failure
from .link import Ending
from .options import Transfer


class GetWriter:
    """Writes the files of --get.  A tree that is there already is written over, file by file.

    The guest's word is not trusted: nothing is written outside the place that --get names.
    """

    def __init__(self, gets: Sequence[Transfer]) -> None:
        self._gets = gets
        self._roots = [_destination(get) for get in gets]
        self._open: BinaryIO | None = None
        self._arrived: set[int] = set()
        self._directory_modes: list[tuple[Path, int]] = []

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        self._close()
        self._arrived.add(get)
        place = self._place(get, path)
        try:
            if stat.S_ISDIR(mode):
                place.mkdir(exist_ok=True)
                self._directory_modes.append((place, stat.S_IMODE(mode)))
                return
            if place.is_symlink() or (place.exists() and not place.is_dir()):
                place.unlink()
            if stat.S_ISLNK(mode):
                os.symlink(target, place)
            else:
                self._open = open(place, "wb")
                os.fchmod(self._open.fileno(), stat.S_IMODE(mode))
        except OSError as error:
            raise Failure(MISSING_FILE, f"--get '{place}': {error.strerror}") from None

    def data(self, data: bytes) -> None:
        if self._open is None:
            raise Failure(GUEST_DIED, "the guest sent a file's data without its name")
        self._open.write(data)

    def missing(self, error: int, path: bytes) -> None:
        raise Failure(MISSING_FILE, f"--get '{os.fsdecode(path)}': {os.strerror(error)} (in the guest)")

    def finish(self) -> None:
        """Directories get their modes last: one without write permission still has to be filled."""
        self._close()
        for place, mode in reversed(self._directory_modes):
            place.chmod(mode)
        for number, get in enumerate(self._gets):
            if number not in self._arrived:
                raise Failure(GUEST_DIED, f"--get '{get.guest}': the guest ended without sending it")

    def _place(self, get: int, path: bytes) -> Path:
        if get >= len(self._gets):
            raise Failure(GUEST_DIED, f"the guest sent file {get}, which nobody asked for")
        transfer = self._gets[get]
        parts = [part for part in os.fsdecode(path).split("/") if part]
        if ".." in parts:
            raise Failure(GUEST_DIED, f"--get '{transfer.guest}': the guest sent a path that climbs")
        return self._roots[get].joinpath(*parts)

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


def _destination(get: Transfer) -> Path:
    """As with cp, an existing folder is the folder to put it into."""
    return get.host / Path(get.guest).name if get.host.is_dir() else get.host


class RunSink:
    """One script: its output goes to ours as it comes."""

    def __init__(self, gets: Sequence[Transfer], out: int = 1, err: int = 2) -> None:
        self.gets = GetWriter(gets)
        self.ending: Ending | None = None
        self.value = 0
        self._out = out
        self._err = err

    def output(self, job: int, data: bytes) -> None:
        _write_all(self._out, data)

    def error(self, job: int, data: bytes) -> None:
        _write_all(self._err, data)

    def status(self, job: int, ending: Ending, value: int) -> None:
        self.ending, self.value = ending, value

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        self.gets.file(get, mode, path, target)

    def data(self, get: int, data: bytes) -> None:
        self.gets.data(data)

    def missing(self, get: int, error: int, path: bytes) -> None:
        self.gets.missing(error, path)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
