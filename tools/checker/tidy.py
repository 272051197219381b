"""clang-tidy over our own sources: the newest first, until the time that the analysis may take is used up.

A file that passed is remembered by a digest of itself, of every header of ours that it includes, directly or
not, and of .clang-tidy: it is looked at again when one of these has changed.  The compilation databases are
those of the build stage, so nothing is configured or compiled for the analysis alone.

By default the analyzer's path-sensitive checks, which take most of the time, are left to --everything.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterable, Mapping, Sequence

TIME_LIMIT = 240.0  # Seconds until no further file is begun.
QUICK = "--checks=-clang-analyzer-*"
_INCLUDE = re.compile(rb'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)


@dataclass
class Outcome:
    looked_at: int = 0
    known_good: int = 0  # Since an earlier run.
    left_over: int = 0  # The time was up.
    failed: list[str] = field(default_factory=list)


class Digests:
    """Of a source and all headers of ours that it reaches; a header is found by the end of its path."""

    def __init__(self, root: Path, sources: Iterable[str], salt: bytes) -> None:
        self._root = root
        self._salt = salt
        self._texts: dict[str, bytes] = {}
        self._by_name: dict[str, list[str]] = {}
        for name in sources:
            self._by_name.setdefault(os.path.basename(name), []).append(name)

    def of(self, source: str) -> str:
        seen, pending = {source}, [source]
        while pending:
            for header in self._included_by(pending.pop()):
                if header not in seen:
                    seen.add(header)
                    pending.append(header)
        digest = hashlib.sha256(self._salt)
        for name in sorted(seen):
            digest.update(name.encode() + b"\0" + self._text(name) + b"\0")
        return digest.hexdigest()

    def _text(self, name: str) -> bytes:
        if name not in self._texts:
            self._texts[name] = (self._root / name).read_bytes()
        return self._texts[name]

    def _included_by(self, name: str) -> list[str]:
        found = []
        for match in _INCLUDE.finditer(self._text(name)):
            path = os.fsdecode(match[1])
            candidates = self._by_name.get(os.path.basename(path), [])
            found += [c for c in candidates if ("/" + c).endswith("/" + path.lstrip("./"))]
        return found


def databases(folders: Sequence[Path], root: Path, own: set[str]) -> dict[str, Path]:
    """Each of our compiled sources, and the first folder whose database knows how it is compiled."""
    known: dict[str, Path] = {}
    for folder in folders:
        database = folder / "compile_commands.json"
        if not database.exists():
            continue
        for entry in json.loads(database.read_text()):
            name = os.path.relpath(os.path.join(entry["directory"], entry["file"]), root)
            if name in own:
                known.setdefault(name, folder)
    return known


def newest_first(root: Path, names: Iterable[str]) -> list[str]:
    """By the last commit that touched a file; what is not committed yet comes before all."""
    git = ["git", "-C", str(root)]
    changed = subprocess.run([*git, "diff", "--name-only", "HEAD"], capture_output=True, text=True, check=False)
    log = subprocess.run([*git, "log", "--format=", "--name-only"], capture_output=True, text=True, check=False)
    order: dict[str, int] = {}
    for name in changed.stdout.splitlines() + log.stdout.splitlines():
        order.setdefault(name, len(order))
    return sorted(names, key=lambda name: (order.get(name, len(order)), name))


def run(
    root: Path,
    sources: Mapping[str, Path],
    digests: Digests,
    stamps: Path,
    log: Path,
    everything: bool,
    jobs: int,
) -> Outcome:
    stamps.mkdir(parents=True, exist_ok=True)
    outcome = Outcome()
    deadline = float("inf") if everything else time.monotonic() + TIME_LIMIT
    flags = [] if everything else [QUICK]

    with open(log, "w", encoding="utf-8") as file, ThreadPoolExecutor(jobs) as pool:

        def look_at(name: str) -> tuple[str, str, bool | None]:
            """What clang-tidy says of one file; None: there was no time."""
            if time.monotonic() > deadline:
                return name, "", None
            command = ["clang-tidy-19", "--quiet", "--warnings-as-errors=*", *flags]
            done = subprocess.run(
                [*command, "-p", str(sources[name]), str(root / name)],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            return name, done.stdout + (done.stderr if done.returncode else ""), done.returncode == 0

        wanted = []
        for name in newest_first(root, sources):
            if _is_known_good(stamps, name, digests.of(name), everything):
                outcome.known_good += 1
            else:
                wanted.append(name)
        for name, text, good in pool.map(look_at, wanted):
            file.write(text)
            if good is None:
                outcome.left_over += 1
                continue
            outcome.looked_at += 1
            if good:
                _stamp(stamps, name).write_text(f"{digests.of(name)} {'everything' if everything else 'quick'}\n")
            else:
                outcome.failed.append(name)
    return outcome


def _stamp(stamps: Path, name: str) -> Path:
    return stamps / name.replace("/", "%")


def _is_known_good(stamps: Path, name: str, digest: str, everything: bool) -> bool:
    stamp = _stamp(stamps, name)
    if not stamp.exists():
        return False
    passed, depth = stamp.read_text().split()
    return passed == digest and (depth == "everything" or not everything)
