"""The console's output: the log that keeps it, the tail that explains a failure, and the panic in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

_KEPT = 16384
_TAIL_LINES = 20
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z@`]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|.)")
_PANIC = re.compile(rb"^panic( while panicking)?:", re.MULTILINE)


class Console:
    def __init__(self, log: Path) -> None:
        self._log: BinaryIO = open(log, "wb", buffering=0)
        self._kept = b""
        self.panicked = False

    def take(self, data: bytes) -> None:
        self._log.write(data)
        self._kept += data
        # Looked for before the front is cut off, so that a panic with a long backtrace is not missed.
        self.panicked = self.panicked or bool(_PANIC.search(self._kept.replace(b"\r", b"")))
        self._kept = self._kept[-_KEPT:]

    def tail(self) -> list[str]:
        """The last lines as plain text: what moved the cursor or rang a bell has no place on the host's
        terminal.
        """
        text = _ESCAPES.sub("", self._kept.decode("utf-8", "replace"))
        lines = ["".join(c for c in line if c.isprintable() or c == "\t") for line in text.split("\n")]
        return [line.rstrip() for line in lines if line.strip()][-_TAIL_LINES:]

    def close(self) -> None:
        self._log.close()
