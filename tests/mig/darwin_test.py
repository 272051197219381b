"""Interfaces of the shape that public Mach systems have compile without a word, and so do their stubs.

usage: darwin_test.py MIG SOURCE_FOLDER [C_COMPILER]
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MIG = COMPILER = ""
ROOT = Path()
SIDES: dict[str, list[str]] = {"program": [], "kernel as server": ["-DKERNEL_SERVER=1"],
                               "kernel as user": ["-DKERNEL_USER=1"]}


def run(*command: str | Path) -> str:
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True)
    return done.stdout + done.stderr + ("" if done.returncode == 0 else f"\nstatus {done.returncode}")


class Darwin(unittest.TestCase):
    maxDiff = None

    def interfaces(self) -> list[tuple[Path, str, list[str]]]:
        files = [path for path in sorted((ROOT / "tests/mig/darwin").glob("*.defs")) if path.name != "types.defs"]
        self.assertGreater(len(files), 4)
        return [(path, side, defines) for path in files for side, defines in SIDES.items()]

    def test_mig_has_nothing_to_say(self) -> None:
        for path, side, defines in self.interfaces():
            with self.subTest(path.name, side=side):
                # That memory has no limit is how these interfaces are, and the one warning.
                said = run(MIG, "check", "--dialect", "osf", *defines, path)
                self.assertEqual([line for line in said.splitlines()
                                  if ("error" in line or "warning" in line) and "M0312" not in line], [])

    def test_their_stubs_compile(self) -> None:
        for path, side, defines in self.interfaces():
            with self.subTest(path.name, side=side), tempfile.TemporaryDirectory() as folder:
                name = path.stem
                self.assertEqual(run(MIG, "generate", "--lang", "c", "--dialect", "osf", "--out", folder, *defines,
                                     path), "")
                includes = [f"-I{each}" for each in (folder, path.parent, ROOT / "kernel/include",
                                                     ROOT / "mig/runtime/include")]
                sources = [f"{folder}/{name}Server.c"]
                if "server" not in side:  # A kernel's types are not those of its users.
                    sources.append(f"{folder}/{name}User.c")
                for source in sources:
                    self.assertEqual(run(COMPILER, "-std=gnu23", "-Wall", "-Wextra", "-Werror", "-Wno-cast-qual",
                                         "-fsyntax-only", *defines, *includes, source), "", source)


if __name__ == "__main__":
    MIG, ROOT = sys.argv[1], Path(sys.argv[2])
    COMPILER = sys.argv[3] if len(sys.argv) > 3 else "clang-19"
    unittest.main(argv=sys.argv[:1])
