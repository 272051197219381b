"""docs/interfaces/ has a page for every interface of the system, and it is what mig makes of it now.

usage: doc_test.py MIG SOURCE_FOLDER [--update]
"""

from __future__ import annotations

import re
import subprocess
import sys
import unittest
from pathlib import Path

MIG = ""
ROOT = Path()
FOLDERS = ("kernel/include/mach", "drivers/include/device", "unix-server/include/portico", "bootstrap/include/portico")
INCLUDES = ("kernel/include", "drivers/include", "unix-server/include", "bootstrap/include")


def pages() -> dict[str, str]:
    made: dict[str, str] = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.defs")):
            if not re.search(r"^\s*(subsystem|traps)\b", path.read_text(), re.MULTILINE):
                continue
            done = subprocess.run([MIG, "doc", *(f"-I{ROOT / include}" for include in INCLUDES), str(path)],
                                  capture_output=True, text=True, check=True)
            name = re.match(r"# (\w+)\n", done.stdout)
            assert name is not None
            made[f"{name[1]}.md"] = done.stdout
    return made


class Documentation(unittest.TestCase):
    def test_every_page_is_up_to_date(self) -> None:
        made = pages()
        kept = {path.name: path.read_text() for path in (ROOT / "docs/interfaces").glob("*.md")}
        self.assertEqual(sorted(made), sorted(kept))
        for name, text in made.items():
            self.assertTrue(text == kept[name], f"docs/interfaces/{name} is old: run this with --update")


if __name__ == "__main__":
    MIG, ROOT = sys.argv[1], Path(sys.argv[2])
    if "--update" in sys.argv:
        (ROOT / "docs/interfaces").mkdir(exist_ok=True)
        for old in (ROOT / "docs/interfaces").glob("*.md"):
            old.unlink()
        for name, text in pages().items():
            (ROOT / "docs/interfaces" / name).write_text(text)
    else:
        unittest.main(argv=sys.argv[:1])
