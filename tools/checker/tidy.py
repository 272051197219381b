"""clang-tidy over our own sources, in batches (batches.py), with all processors the caller gives.

A source that passed is remembered by a digest of itself, of every header of ours that it includes, directly or
not, of how it is compiled, of the checks and of clang-tidy: it is looked at again when one of these has changed.
The compilation databases are those of the build stage, so nothing is configured or compiled for the analysis.
"""

from __future__ import annotations

import hashlib
import os
import re
import resource
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Iterable, Mapping

from .batches import Batch, Command, divide

CLANG_TIDY = "clang-tidy-19"
PROGRESS_EVERY = 20.0  # Seconds.
# The analyzer follows each path through a function, and into what it calls.  It must be told to look into what is
# included, for that is where a batch's sources are.  Bounds keep it out of the C++ library and out of what calls
# deeply: without them kernel/vm/vm_map.cpp alone takes 25 s, with them as much as all other checks.
THOROUGH = ("-analyzer-opt-analyze-headers",)
QUICK = (*THOROUGH, "-analyzer-config", "mode=shallow,c++-stdlib-inlining=false,max-nodes=15000")
_INCLUDE = re.compile(rb'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
_FINDING = re.compile(
    r"^(?P<file>/[^:\n]+):(?P<line>\d+):\d+: (?:warning|error): (?P<text>.*) \[(?P<check>[^\]]+)\]$"
)
COMPILER_ERROR = "clang-diagnostic-error"


@dataclass(frozen=True, order=True)
class Finding:
    name: str  # Of the file, as git has it.
    line: int
    check: str
    text: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}: {self.text} [{self.check}]"


@dataclass
class Outcome:
    looked_at: int = 0
    known_good: int = 0  # Since an earlier run.
    failed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    processor_seconds: float = 0.0


class Digests:
    """Of a source and all headers of ours that it reaches; a header is found by the end of its path."""

    def __init__(self, root: Path, sources: Iterable[str], salt: bytes) -> None:
        self._root = root
        self._salt = salt
        self._texts: dict[str, bytes] = {}
        self._includes: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for name in sources:
            self._by_name.setdefault(os.path.basename(name), []).append(name)

    def of(self, source: str, command: Command) -> str:
        seen, pending = {source}, [source]
        while pending:
            for header in self._included_by(pending.pop()):
                if header not in seen:
                    seen.add(header)
                    pending.append(header)
        digest = hashlib.sha256(self._salt + repr(command.flags).encode())
        for name in sorted(seen):
            digest.update(name.encode() + b"\0" + self._text(name) + b"\0")
        return digest.hexdigest()

    def _text(self, name: str) -> bytes:
        if name not in self._texts:
            self._texts[name] = (self._root / name).read_bytes()
        return self._texts[name]

    def _included_by(self, name: str) -> list[str]:
        if name not in self._includes:
            found = []
            for match in _INCLUDE.finditer(self._text(name)):
                path = os.fsdecode(match[1])
                candidates = self._by_name.get(os.path.basename(path), [])
                found += [c for c in candidates if ("/" + c).endswith("/" + path.lstrip("./"))]
            self._includes[name] = found
        return self._includes[name]


def salt(root: Path, analyzer: tuple[str, ...]) -> bytes:
    """What every verdict depends on: the checks, how they are run, and which clang-tidy runs them."""
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=False).stdout
    return (root / ".clang-tidy").read_bytes() + version + repr(analyzer).encode()


class Run:
    def __init__(
        self,
        root: Path,
        sources: Mapping[str, Command],
        digests: Digests,
        folder: Path,
        analyzer: tuple[str, ...] = QUICK,
    ) -> None:
        self._root = root
        self._sources = sources
        self._digests = digests
        self._analyzer = analyzer
        self._areas = sorted({name.split("/")[0] for name in sources})  # Generated files are not among them.
        self._stamps = folder / "passed"
        self._batches = folder / "batches"
        for place in (self._stamps, self._batches):
            place.mkdir(parents=True, exist_ok=True)

    def all(self, log: Path, jobs: int, say: Callable[[str], None]) -> Outcome:
        outcome = Outcome()
        before = _children_seconds()
        wanted = [name for name in self._sources if not self._is_known_good(name)]
        outcome.known_good = len(self._sources) - len(wanted)
        said = time.monotonic()
        with open(log, "w", encoding="utf-8") as file, ThreadPoolExecutor(jobs) as pool:
            batches = divide(self._root, self._sources, wanted)
            try:
                for done in as_completed([pool.submit(self._look_at, str(i), b) for i, b in enumerate(batches)]):
                    names, findings, text = done.result()
                    file.write(text)
                    self._judge(names, findings, outcome)
                    if time.monotonic() - said > PROGRESS_EVERY:
                        said = time.monotonic()
                        say(f"clang-tidy: {outcome.looked_at} of {len(wanted)} files")
            except BaseException:  # Interrupted: what is not begun is not done.
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        outcome.processor_seconds = _children_seconds() - before
        outcome.findings = sorted(set(outcome.findings))
        return outcome

    def _judge(self, names: list[str], findings: list[Finding], outcome: Outcome) -> None:
        """A finding in a source is that source's; one in a header is everyone's who may have included it."""
        guilty = {f.name for f in findings}
        failed = [n for n in names if n in guilty] if guilty <= set(names) else list(names)
        outcome.looked_at += len(names)
        outcome.failed += failed
        outcome.findings += findings
        for name in set(names) - set(failed):
            self._stamp(name).write_text(self._digests.of(name, self._sources[name]))

    def _look_at(self, label: str, batch: Batch) -> tuple[list[str], list[Finding], str]:
        if len(batch.names) == 1:
            return batch.names, *self._clang_tidy(self._root / batch.names[0], batch)
        together = self._batches / f"{label}{os.path.splitext(batch.names[0])[1]}"
        together.write_text("".join(f'#include "{self._root / n}"  // NOLINT\n' for n in batch.names))
        findings, text = self._clang_tidy(together, batch)
        if not any(f.check == COMPILER_ERROR for f in findings):
            return batch.names, findings, text
        text, findings = f"{' '.join(batch.names)}: do not compile together, so in halves\n{text}", []
        middle = len(batch.names) // 2
        for half, names in (("a", batch.names[:middle]), ("b", batch.names[middle:])):
            _, of_half, more = self._look_at(label + half, Batch(batch.command, names))
            findings += of_half
            text += more
        return batch.names, findings, text

    def _clang_tidy(self, source: Path, batch: Batch) -> tuple[list[Finding], str]:
        analyzer = [word for flag in self._analyzer for word in ("-Xclang", flag)]
        done = subprocess.run(
            [
                CLANG_TIDY,
                "--quiet",
                "--warnings-as-errors=*",
                f"--config-file={self._root / '.clang-tidy'}",
                f"--header-filter=^{re.escape(str(self._root))}/({'|'.join(self._areas)})/",
                str(source),
                "--",
                *batch.command.flags,
                # In a batch one source's helper is in the other's sight; the build has looked for this.
                "-Wno-shadow",
                *analyzer,
            ],
            cwd=batch.command.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        findings = [f for f in map(self._finding, done.stdout.splitlines()) if f]
        if done.returncode and not findings:
            findings = [Finding(batch.names[0], 1, "clang-tidy", f"ended with status {done.returncode}")]
        return findings, done.stdout + (done.stderr if done.returncode else "")

    def _finding(self, line: str) -> Finding | None:
        match = _FINDING.match(line)
        if not match:
            return None
        name = os.path.relpath(match["file"], self._root)
        check = match["check"].replace(",-warnings-as-errors", "")
        return Finding(name, int(match["line"]), check, match["text"])

    def _stamp(self, name: str) -> Path:
        return self._stamps / name.replace("/", "%")

    def _is_known_good(self, name: str) -> bool:
        stamp = self._stamp(name)
        return stamp.exists() and stamp.read_text() == self._digests.of(name, self._sources[name])


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
