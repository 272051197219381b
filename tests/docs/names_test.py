#!/usr/bin/python3
"""What the documentation names exists: files, functions, and the pages that it links to."""

import re
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
FOLDERS = ("kernel", "mig", "libc", "bootstrap", "drivers", "pager", "unix-server", "tests", "tools", "docs", "cmake")
SUFFIXES = (".cpp", ".h", ".c", ".S", ".defs", ".py", ".sh", ".md", ".in", ".txt", ".conf", ".g4")
# Made by the build.
ELSEWHERE = ("build", "build-")
# Files of the build that are named without their folder, and names that examples make up.
NO_FILES = {"mach_trap_table.h", "mach_trap_table.cpp", "a.defs", "b.defs"}


def pages():
    listed = [SOURCE / name for name in ("README.md", "CONTRIBUTING.md")]
    return listed + sorted((SOURCE / "docs").rglob("*.md"))


def words_in_code(text):
    """What stands between back-ticks outside of blocks, without the page's examples."""
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    return re.findall(r"`([^`\n]+)`", text)


def file_is_there(name, known):
    """A path from the top, or one that ends a path: pages of a folder leave out what all their files share."""
    name = name.rstrip("/")
    if name in NO_FILES or "*" in name or "{" in name or "<" in name or name.split("/")[0].startswith(ELSEWHERE):
        return True
    return (SOURCE / name).exists() or any(path.endswith("/" + name) for path in known)


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.known = {
            str(path.relative_to(SOURCE))
            for folder in FOLDERS
            for path in (SOURCE / folder).rglob("*")
            if path.is_file()
        }
        wanted = (".cpp", ".h", ".c", ".S", ".defs", ".py", ".cmake", "CMakeLists.txt")
        cls.code = "\n".join(
            (SOURCE / name).read_text("utf-8", "replace") for name in sorted(cls.known) if name.endswith(wanted)
        )

    def test_files_that_are_named_exist(self):
        missing = []
        for page in pages():
            for word in words_in_code(page.read_text()):
                for part in re.findall(r"[\w./*{},<>-]+", word):
                    is_path = part.startswith(tuple(folder + "/" for folder in FOLDERS))
                    is_file = part.endswith(SUFFIXES) and not part.startswith((".", "/"))
                    if (is_path or is_file) and not file_is_there(part, self.known):
                        missing.append(f"{page.relative_to(SOURCE)}: {part}")
        self.assertEqual(missing, [])

    def test_functions_that_are_named_with_parentheses_exist(self):
        missing = []
        for page in pages():
            for word in words_in_code(page.read_text()):
                for name in re.findall(r"^(?:\w+::)*(\w+)\(", word):
                    if not re.search(rf"\b{name}\b", self.code):
                        missing.append(f"{page.relative_to(SOURCE)}: {name}()")
        self.assertEqual(missing, [])

    def test_members_that_are_named_with_colons_exist(self):
        missing = []
        for page in pages():
            for word in words_in_code(page.read_text()):
                for scope, name in re.findall(r"^(\w+)::(\w+)", word):
                    if not re.search(rf"\b{scope}\b", self.code) or not re.search(rf"\b{name}\b", self.code):
                        missing.append(f"{page.relative_to(SOURCE)}: {scope}::{name}")
        self.assertEqual(missing, [])

    def test_links_lead_to_files(self):
        broken = []
        for page in pages():
            for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text()):
                if not target.startswith("http") and not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(SOURCE)}: {target}")
        self.assertEqual(broken, [])


if __name__ == "__main__":
    unittest.main()
