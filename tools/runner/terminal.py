"""The person's side: a terminal in raw mode, and the few keys that are not the guest's.

The terminal is restored by leave(), which the runner calls however it ends; ./run, the shell script around
it, does so once more for the case that this process is killed.
"""

from __future__ import annotations

import os
import shutil
import termios
import tty

PREFIX = 0x01  # Ctrl-A, as in QEMU's own multiplexer.

HELP = (
    b"\r\nCtrl-A h  this help\r\nCtrl-A x  leave: the machine is turned off at once\r\n"
    b"Ctrl-A Ctrl-A  send Ctrl-A to the guest\r\n"
)


class Terminal:
    """Standard input and output, if a person is there; else a plain pair of files."""

    def __init__(self, input_descriptor: int, output_descriptor: int) -> None:
        self.input = input_descriptor
        self.output = output_descriptor
        self.is_person = os.isatty(input_descriptor)
        self._saved: list | None = None

    def enter(self) -> None:
        if self.is_person:
            self._saved = termios.tcgetattr(self.input)
            tty.setraw(self.input, termios.TCSANOW)

    def leave(self) -> None:
        if self._saved is not None:
            termios.tcsetattr(self.input, termios.TCSADRAIN, self._saved)
            self._saved = None

    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        try:
            size = os.get_terminal_size(self.output)
        except OSError:
            size = shutil.get_terminal_size()
        return (size.lines or 24, size.columns or 80)

    @staticmethod
    def kind() -> str:
        """TERM, as far as it can stand in a kernel command line."""
        kind = os.environ.get("TERM", "")
        return kind if kind and all(c.isalnum() or c in "-_.+" for c in kind) else "vt100"


class Keys:
    """Sorts what is typed: for the guest, or for the runner."""

    def __init__(self) -> None:
        self._after_prefix = False
        self.leave = False
        self.help = False

    def for_guest(self, typed: bytes) -> bytes:
        """What the guest gets; sets `leave` and `help` on the way."""
        to_guest = bytearray()
        for byte in typed:
            if not self._after_prefix:
                if byte == PREFIX:
                    self._after_prefix = True
                else:
                    to_guest.append(byte)
                continue
            self._after_prefix = False
            if byte in b"xX":
                self.leave = True
                return bytes(to_guest)
            if byte in b"hH?":
                self.help = True
            elif byte == PREFIX or byte in b"aA":
                to_guest.append(PREFIX)
            else:
                to_guest.append(byte)
        return bytes(to_guest)
