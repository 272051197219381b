"""Which of our sources clang-tidy sees together, as one translation unit that includes them all.

Most of what the analysis of a file costs is its headers: they are parsed and matched anew for each source.  So
sources that are compiled with the same flags are looked at together, and their headers once.  Findings name the
source's own file and line all the same.

Two sources that name the same thing at namespace scope (a helper in an anonymous namespace, a macro) do not
compile together, so they are kept apart.  The names are read off the text, which our layout allows: namespaces
are not indented, so what begins in the first column is declared at namespace scope.  Where the text misleads, the
batch does not compile and is looked at in halves: slower, never wrong.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Mapping, Sequence

LARGEST = 14  # Sources of one batch: more would leave a processor idle at the end.
SUFFIXES = (".c", ".cpp")

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_MACRO = re.compile(r"^#\s*define\s+(\w+)", re.MULTILINE)
_INCLUDE = re.compile(r"^#\s*include\b", re.MULTILINE)
_TYPE = re.compile(
    r"^(?:template\s*<[^\n]*>\s*|typedef\s+)*"
    r"(?:class|struct|union|enum(?:\s+class)?|concept|using)\s+([^\n:{;=]*)"
)
_VALUE = re.compile(r"([\w:~]+)\s*(?:\[[^\n]*?\]\s*)*(?:[;={(]|$)")
# What begins in the first column and declares nothing that could be declared twice.
_NO_NAME = re.compile(
    r"(?:(?:inline\s+)?namespace|using(?!\s+\w+\s*=)|public|private|protected|static_assert|INSTANTIATE_\w+)\b"
    r"|extern \"C\" \{|[A-Z_]+\("
)
_WORDS = {"extern", "void", "int", "alignas", "__attribute__", "GUARDED_BY", "REQUIRES"}
_TEST = re.compile(r"^(?:TEST|TEST_F|TEST_P|GUEST_TEST)\(\s*(\w+)\s*,\s*(\w+)")


@dataclass(frozen=True)
class Command:
    """How a source is compiled, less the source itself and the output."""

    folder: str
    flags: tuple[str, ...]


@dataclass
class Batch:
    command: Command
    names: list[str] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)

    def has_room_for(self, claims: set[str]) -> bool:
        return len(self.names) < LARGEST and not self.claimed & claims


def commands(folders: Sequence[Path], root: Path, own: set[str]) -> dict[str, Command]:
    """Each of our compiled sources, and how the first of the folders that knows it compiles it.

    A source that is part of several programs is looked at once.
    """
    known: dict[str, Command] = {}
    for folder in folders:
        database = folder / "compile_commands.json"
        if not database.exists():
            continue
        for entry in json.loads(database.read_text()):
            name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
            if name in own and name.endswith(SUFFIXES):
                known.setdefault(name, Command(entry["directory"], _flags(entry)))
    return known


def _flags(entry: Mapping[str, str]) -> tuple[str, ...]:
    words = iter(shlex.split(entry["command"])[1:])
    flags = []
    for word in words:
        if word in ("-o", "-MF", "-MT", "-MQ"):
            next(words, None)
        elif word not in ("-c", "-MD", "-MMD", entry["file"]):
            flags.append(word)
    return tuple(flags)


def divide(root: Path, sources: Mapping[str, Command], names: Iterable[str]) -> list[Batch]:
    """The named sources in batches, the largest first, so that none is left running alone at the end."""
    groups: dict[tuple[Command, str, str], list[Batch]] = {}
    for name in sorted(names):
        text = _COMMENT.sub(" ", (root / name).read_text(encoding="utf-8"))
        key = (sources[name], os.path.splitext(name)[1], _prelude(text))
        batches, claims = groups.setdefault(key, []), claims_of(text)
        batch = next((b for b in batches if b.has_room_for(claims)), None)
        if batch is None:
            batch = Batch(sources[name])
            batches.append(batch)
        batch.names.append(name)
        batch.claimed |= claims
    found = [batch for batches in groups.values() for batch in batches]
    return sorted(found, key=lambda b: (-len(b.names), b.names[0]))


def _prelude(text: str) -> str:
    """The macros defined before the first header: they may decide what the headers declare."""
    first = _INCLUDE.search(text)
    return "\n".join(line for line in text[: first.start()].splitlines() if line.startswith("#")) if first else ""


def claims_of(text: str) -> set[str]:
    """What no other source of the batch may name: types, functions, values of namespace scope, and macros."""
    claims = {"#" + name for name in _MACRO.findall(text)}
    for line in text.splitlines():
        if not line or not (line[0].isalpha() or line[0] in "_["):
            continue
        test = _TEST.match(line)
        if test:
            claims.add(f"{test[1]}.{test[2]}")
            continue
        if _NO_NAME.match(line):
            continue
        kind = _TYPE.match(line)
        if kind:
            claims |= set([w for w in re.findall(r"\w+", kind[1]) if w != "final"][-1:])
            continue
        value = _VALUE.search(line)
        if value and "::" not in value[1]:
            claims.add(value[1])
    return claims - _WORDS
