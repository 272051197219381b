"""The host's end of the host link: turns the bytes of the second serial port into what the run produced.

libc/userland/hostlink/protocol.h is the definition of what travels.

Invariants
(L1) Once a good hello has arrived, every byte belongs to a frame with the right checksum and the next
sequence number.
(L2) What a sink is told arrives in the order in which the guest sent it.
"""

from __future__ import annotations

import enum
import struct
import zlib
from typing import Protocol

MAGIC = b"PL"
VERSION = 1
HEADER = struct.Struct("<2sBBII")
CHECKSUM = struct.Struct("<I")
MOST_PAYLOAD = 4096


class DamagedLink(Exception):
    """A frame is missing, out of order or garbled: nothing that follows can be trusted."""


class Ending(enum.IntEnum):
    EXITED = 0
    SIGNALLED = 1
    TIME_LIMIT = 2
    NOT_STARTED = 3


class Sink(Protocol):
    """Who wants to know what the run produces."""

    def output(self, job: int, data: bytes) -> None:
        ...

    def error(self, job: int, data: bytes) -> None:
        ...

    def status(self, job: int, ending: Ending, value: int) -> None:
        ...

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        ...

    def data(self, get: int, data: bytes) -> None:
        ...

    def missing(self, get: int, error: int, path: bytes) -> None:
        ...


def encode(kind: str, sequence: int, payload: bytes) -> bytes:
    """One frame; the host sends only acknowledgements, tests send the rest."""
    frame = HEADER.pack(MAGIC, ord(kind), 0, sequence, len(payload)) + payload
    return frame + CHECKSUM.pack(zlib.crc32(frame[2:]))


class Receiver:
    """Feeds on bytes, tells the sink.  `finished` once the end has arrived."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = bytearray()
        self._next_sequence = 0
        self.greeted = False
        self.finished = False

    def feed(self, data: bytes) -> bytes:
        """Takes what arrived; returns what is to be sent back."""
        self._buffer += data
        while not self.finished:
            frame = self._next_frame()
            if frame is None:
                return b""
            self._handle(*frame)
        return encode("A", 0, CHECKSUM.pack(self._next_sequence - 1))

    def _next_frame(self) -> tuple[str, bytes] | None:
        if not self.greeted and not self._skip_to_hello():
            return None
        if len(self._buffer) < HEADER.size:
            return None
        magic, kind, zero, sequence, length = HEADER.unpack_from(self._buffer)
        if magic != MAGIC or zero != 0 or length > MOST_PAYLOAD:
            raise DamagedLink(f"frame {self._next_sequence} does not begin like one")
        end = HEADER.size + length + CHECKSUM.size
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[:end])
        del self._buffer[:end]
        if CHECKSUM.unpack_from(frame, end - CHECKSUM.size)[0] != zlib.crc32(frame[2 : -CHECKSUM.size]):
            raise DamagedLink(f"frame {self._next_sequence} has a wrong checksum")
        if sequence != self._next_sequence:
            raise DamagedLink(f"frame {sequence} came where {self._next_sequence} was due")
        self._next_sequence += 1
        return chr(kind), frame[HEADER.size : -CHECKSUM.size]

    def _skip_to_hello(self) -> bool:
        """Drops what firmware or a boot loader may have written before the guest's program spoke."""
        start = self._buffer.find(HEADER.pack(MAGIC, ord("H"), 0, 0, 8))
        if start < 0:
            del self._buffer[: -HEADER.size]
            return False
        del self._buffer[:start]
        return True

    def _handle(self, kind: str, payload: bytes) -> None:
        count = {"H": 2, "J": 1, "O": 1, "E": 1, "S": 3, "F": 3, "D": 1, "X": 2, "Z": 1}.get(kind)
        if count is None or len(payload) < 4 * count:
            raise DamagedLink(f"frame {self._next_sequence - 1} is of no known kind")
        numbers = struct.unpack_from(f"<{count}I", payload)
        rest = payload[4 * count :]
        if kind == "H":
            self._greet(numbers[0])
        elif kind == "O":
            self._sink.output(numbers[0], rest)
        elif kind == "E":
            self._sink.error(numbers[0], rest)
        elif kind == "S":
            self._sink.status(numbers[0], Ending(numbers[1]), numbers[2])
        elif kind == "F":
            self._sink.file(numbers[0], numbers[1], rest[: numbers[2]], rest[numbers[2] :])
        elif kind == "D":
            self._sink.data(numbers[0], rest)
        elif kind == "X":
            self._sink.missing(numbers[0], numbers[1], rest)
        elif kind == "Z":
            self.finished = True

    def _greet(self, version: int) -> None:
        if version != VERSION:
            raise DamagedLink(f"the guest speaks version {version} of the link, the host {VERSION}")
        self.greeted = True
