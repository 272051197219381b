"""Profiles: what tools/profiler/plugin.c counted, by function.

The plugin counts instructions by address and bytes.  Here they get the names of functions: a kernel address
from the kernel's symbols, a user address from the one program that has the same bytes there.
"""

from __future__ import annotations

import bisect
import json
import struct
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable, Sequence

KERNEL_HALF = 1 << 63
# Where programs are loaded: the first task and what the process service loads; what bootstrap loads.
# kernel/kern/startup.cpp, unix-server/exec/program_loader.cpp, bootstrap/task_loader.cpp
LOAD_ADDRESSES = (0x400000, 0x10000000)

_HEADER = struct.Struct("<16xHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_LOAD = 1  # Type of a program header.
_SYMBOL_TABLE = 2  # Type of a section.
_NO_TYPE, _FUNCTION = 0, 2  # Types of a symbol; labels of assembler code have none.


class Program:
    """The symbols and the text of an ELF-64 file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.read_bytes()
        header = _HEADER.unpack_from(self._file)
        self.entry, segments, sections = header[3:6]
        self._segments = [
            _SEGMENT.unpack_from(self._file, segments + i * header[8]) for i in range(header[9])
        ]
        self._symbols = sorted(self._read_symbols(sections, header[10], header[11]))
        self._starts = [start for start, _, _ in self._symbols]

    def _read_symbols(self, at: int, size: int, count: int) -> Iterable[tuple[int, int, str]]:
        sections = [_SECTION.unpack_from(self._file, at + i * size) for i in range(count)]
        for section in sections:
            if section[1] != _SYMBOL_TABLE:
                continue
            names = sections[section[6]][4]
            for place in range(section[4], section[4] + section[5], _SYMBOL.size):
                name, info, _, index, value, length = _SYMBOL.unpack_from(self._file, place)
                if info & 0xF in (_NO_TYPE, _FUNCTION) and index != 0:
                    end = self._file.index(b"\0", names + name)
                    yield value, length, self._file[names + name : end].decode()

    def has(self, address: int, code: bytes) -> bool:
        for kind, _, offset, start, _, in_file, _, _ in self._segments:
            if kind == _LOAD and start <= address and address + len(code) <= start + in_file:
                place = offset + address - start
                return self._file[place : place + len(code)] == code
        return False

    def address_of(self, function: str) -> int:
        return next(start for start, _, name in self._symbols if name == function)

    def function(self, address: int) -> str:
        """The symbol that covers the address, or else the nearest label without a size before it."""
        index = bisect.bisect_right(self._starts, address)
        while index > 0:
            index -= 1
            start, length, name = self._symbols[index]
            if name and (length == 0 or address < start + length):
                return name
        return f"{address:#x}"


@dataclass(frozen=True)
class Line:
    """One function's share."""

    count: float  # Instructions an operation.
    program: str
    function: str


@dataclass(frozen=True)
class Counted:
    """A profile as the plugin wrote it."""

    windows: Sequence[int]  # By processor: how often it began to count.
    instructions: Sequence[tuple[int, bytes, Sequence[int]]]  # Address, code, executions by processor.

    def by_processor(self) -> list[int]:
        return [sum(counts) for counts in zip(*(counts for _, _, counts in self.instructions))]


def read(path: Path) -> Counted:
    windows: Sequence[int] = ()
    instructions = []
    for line in path.read_text().splitlines():
        first, *rest = line.split()
        if first == "windows":
            windows = [int(word) for word in rest]
        else:
            instructions.append((int(first, 16), bytes.fromhex(rest[0]), [int(word) for word in rest[1:]]))
    return Counted(windows, instructions)


def by_function(
    counted: Counted, operations: int, kernel: Program, programs: Sequence[Program], inlined: bool
) -> list[Line]:
    """The functions, the costliest first.  With `inlined` a function that was inlined counts as one, too."""
    places: Counter[tuple[Program | None, int]] = Counter()
    for address, code, counts in counted.instructions:
        places[_owner(address, code, kernel, programs)] += sum(counts)
    names = _inlined_names(places) if inlined else _names(places)
    total: Counter[tuple[str, str]] = Counter()
    for place, count in places.items():
        total[place[0].path.name if place[0] else "?", names[place]] += count
    return [Line(count / operations, program, name) for (program, name), count in total.most_common()]


def _owner(
    address: int, code: bytes, kernel: Program, programs: Sequence[Program]
) -> tuple[Program | None, int]:
    if address >= KERNEL_HALF:
        return kernel, address
    for program in programs:
        for base in LOAD_ADDRESSES:
            if program.has(address - base, code):
                return program, address - base
    return None, address


Names = dict[tuple[Program | None, int], str]


def _names(places: Iterable[tuple[Program | None, int]]) -> Names:
    names = {place: place[0].function(place[1]) if place[0] else hex(place[1]) for place in places}
    mangled = sorted(set(names.values()))
    output = subprocess.run(
        ["llvm-cxxfilt-19"], input="\n".join(mangled), capture_output=True, text=True, check=True
    ).stdout
    readable = dict(zip(mangled, output.splitlines()))
    return {place: readable[name] for place, name in names.items()}


def _inlined_names(places: Iterable[tuple[Program | None, int]]) -> Names:
    """From the debugging information: the innermost function that was inlined at each place."""
    names: Names = {}
    by_program: dict[Program | None, list[int]] = {}
    for program, address in places:
        by_program.setdefault(program, []).append(address)
    for program, addresses in by_program.items():
        if program is None:
            names.update({(program, address): hex(address) for address in addresses})
            continue
        output = subprocess.run(
            ["llvm-symbolizer-19", "--obj", str(program.path), "--inlines", "--output-style=JSON"],
            input="\n".join(map(hex, addresses)),
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
        for address, line in zip(addresses, output):
            frames = json.loads(line).get("Symbol") or [{"FunctionName": ""}]
            names[program, address] = frames[0]["FunctionName"] or program.function(address)
    return names


def table(lines: Sequence[Line], least: float) -> str:
    """One function a line: instructions an operation, program, function; those below `least` are one."""
    shown = [line for line in lines if line.count >= least]
    rest = sum(line.count for line in lines) - sum(line.count for line in shown)
    text = [f"{line.count:10.1f}  {line.program:14}  {line.function}" for line in shown]
    if rest > 0:
        text.append(f"{rest:10.1f}  {'':14}  (others)")
    text.append(f"{sum(line.count for line in lines):10.1f}  {'':14}  in all")
    return "\n".join(text)
