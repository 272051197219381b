"""Writes cpio archives of the "newc" kind, which the file service unpacks and GRUB can read as a file system.

Invariants
(C1) Every directory comes before what is in it, once; every path is relative and has no empty part.
(C2) Owner and group are root: who runs the host has no meaning in the guest.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

_MAGIC = b"070701"
_LARGEST_FIELD = 0xFFFFFFFF
_CHUNK = 1 << 20


class UnsupportedFile(Exception):
    """A file that the archive cannot hold; the text says which and why."""


class Archive:
    """One archive on its way to `out`; close() completes it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._next_inode = 1
        self._position = 0
        self._directories: set[str] = set()

    def add_directory(self, path: str, mode: int = 0o755, mtime: int = 0) -> None:
        path = _relative(path)
        if not path or path in self._directories:
            return
        self._add_parents(path)
        self._directories.add(path)
        self._header(path, stat.S_IFDIR | mode, 0, mtime, links=2)

    def add_bytes(self, path: str, data: bytes, mode: int = 0o644, mtime: int = 0) -> None:
        path = _relative(path)
        self._add_parents(path)
        self._header(path, stat.S_IFREG | mode, len(data), mtime)
        self._write(data)
        self._pad()

    def add_symbolic_link(self, path: str, target: str, mtime: int = 0) -> None:
        path = _relative(path)
        data = os.fsencode(target)
        self._add_parents(path)
        self._header(path, stat.S_IFLNK | 0o777, len(data), mtime)
        self._write(data)
        self._pad()

    def add_from_host(self, source: Path, path: str) -> None:
        """Adds what lies at `source`, with all that is below it: regular files, directories and symbolic
        links.
        """
        status = os.lstat(source)
        mode, mtime = stat.S_IMODE(status.st_mode), max(0, int(status.st_mtime))
        if stat.S_ISDIR(status.st_mode):
            self.add_directory(path, mode, mtime)
            for name in sorted(os.listdir(source)):
                self.add_from_host(source / name, f"{path}/{name}")
        elif stat.S_ISLNK(status.st_mode):
            self.add_symbolic_link(path, os.readlink(source), mtime)
        elif stat.S_ISREG(status.st_mode):
            self._add_file(source, path, status.st_size, mode, mtime)
        else:
            raise UnsupportedFile(f"'{source}' is neither a file, a directory nor a symbolic link")

    def close(self) -> None:
        self._header("TRAILER!!!", 0, 0, 0)

    def _add_file(self, source: Path, path: str, size: int, mode: int, mtime: int) -> None:
        if size > _LARGEST_FIELD:
            raise UnsupportedFile(f"'{source}' is larger than an archive member can be (4 GiB)")
        path = _relative(path)
        self._add_parents(path)
        self._header(path, stat.S_IFREG | mode, size, mtime)
        left = size
        with open(source, "rb") as file:
            while left and (data := file.read(min(left, _CHUNK))):
                self._write(data)
                left -= len(data)
        if left:
            raise UnsupportedFile(f"'{source}' became shorter while it was read")
        self._pad()

    def _add_parents(self, path: str) -> None:
        parent = path.rpartition("/")[0]
        if parent and parent not in self._directories:
            self.add_directory(parent)

    def _header(self, path: str, mode: int, size: int, mtime: int, links: int = 1) -> None:
        name = os.fsencode(path) + b"\0"
        inode, self._next_inode = self._next_inode, self._next_inode + 1
        fields = (inode, mode, 0, 0, links, mtime & _LARGEST_FIELD, size, 0, 0, 0, 0, len(name), 0)
        self._write(_MAGIC + b"".join(b"%08X" % field for field in fields) + name)
        self._pad()

    def _pad(self) -> None:
        self._write(b"\0" * (-self._position % 4))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._position += len(data)


def _relative(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", "."))
