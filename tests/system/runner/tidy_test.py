"""The analysis stage: which files are looked at, together with which; and that planted faults are found.

Played runs have a clang-tidy that complains of the word "fault" and cannot compile two files that say "clash".
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))

from checker import batches, tidy  # noqa: E402

PLAYED = f"""#!{sys.executable}
import os, re, sys
if "--version" in sys.argv:
    sys.exit()
source = sys.argv[sys.argv.index("--") - 1]
together = re.findall(r'#include "(/[^"]*)"', open(source).read()) or [source]
open(os.environ["TIDY_CALLS"], "a").write(" ".join(together) + "\\n")
texts = {{name: open(name).read() for name in together}}
found = [f"{{n}}:1:1: error: a fault [played-check,-warnings-as-errors]" for n, t in texts.items() if "fault" in t]
if sum("clash" in text for text in texts.values()) > 1:
    found = [f"{{together[0]}}:1:1: error: redefinition [clang-diagnostic-error]"]
print("\\n".join(found))
sys.exit(bool(found))
"""


class Tree(unittest.TestCase):
    def setUp(self) -> None:
        self.root = Path(self.enterContext(tempfile.TemporaryDirectory())).resolve()

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def own(self) -> list[str]:
        found = (p for p in self.root.rglob("kern/*") if p.suffix in (".c", ".cpp", ".h"))
        return sorted(str(p.relative_to(self.root)) for p in found)

    def sources(self, flags: tuple[str, ...] = ("-std=gnu++2b",)) -> dict[str, batches.Command]:
        command = batches.Command(str(self.root), (*flags, f"-I{self.root}"))
        return {name: command for name in self.own() if not name.endswith(".h")}

    def run_tidy(
        self, salt: bytes = b"", sources: dict[str, batches.Command] | None = None
    ) -> tidy.Outcome:
        digests = tidy.Digests(self.root, self.own(), salt)
        run = tidy.Run(self.root, sources or self.sources(), digests, self.root / "tidy")
        return run.all(self.root / "log", 1, lambda text: None)


class Choice(Tree):
    def setUp(self) -> None:
        super().setUp()
        self.write("tools/clang-tidy-19", PLAYED)
        (self.root / "tools" / "clang-tidy-19").chmod(stat.S_IRWXU)
        self.calls = self.root / "calls"
        path = f"{self.root / 'tools'}:{os.environ['PATH']}"
        for name, value in (("PATH", path), ("TIDY_CALLS", str(self.calls))):
            before = os.environ.get(name)
            os.environ[name] = value
            self.addCleanup(lambda n=name, b=before: os.environ.__setitem__(n, b or ""))
        self.write("kern/a.cpp", "#include <kern/a.h>\n")
        self.write("kern/b.cpp", "int b;\n")
        self.write("kern/a.h", '#include "common.h"\n')
        self.write("kern/common.h", "")

    def play(
        self, salt: bytes = b"", sources: dict[str, batches.Command] | None = None
    ) -> tuple[tidy.Outcome, list[str]]:
        """The outcome, and the files of each call of clang-tidy."""
        self.calls.write_text("")
        outcome = self.run_tidy(salt, sources)
        lines = self.calls.read_text().splitlines()
        return outcome, [" ".join(os.path.relpath(w, self.root / "kern") for w in line.split()) for line in lines]

    def test_sources_of_the_same_flags_are_looked_at_together(self) -> None:
        self.assertEqual(self.play()[1], ["a.cpp b.cpp"])

    def test_sources_of_other_flags_are_looked_at_apart(self) -> None:
        sources = self.sources()
        sources["kern/b.cpp"] = batches.Command(str(self.root), ("-DB",))
        self.assertEqual(sorted(self.play(sources=sources)[1]), ["a.cpp", "b.cpp"])

    def test_what_does_not_compile_together_is_looked_at_in_halves(self) -> None:
        self.write("kern/a.cpp", "int a;  // clash\n")
        self.write("kern/b.cpp", "int b;  // clash, fault\n")
        outcome, calls = self.play()
        self.assertEqual(calls, ["a.cpp b.cpp", "a.cpp", "b.cpp"])
        self.assertEqual(outcome.failed, ["kern/b.cpp"])

    def test_what_passed_is_not_looked_at_again(self) -> None:
        self.play()
        outcome, calls = self.play()
        self.assertEqual((calls, outcome.known_good, outcome.failed), ([], 2, []))

    def test_a_header_that_is_included_indirectly_counts(self) -> None:
        self.play()
        self.write("kern/common.h", "int c;\n")
        self.assertEqual(self.play()[1], ["a.cpp"])

    def test_other_checks_or_other_flags_mean_all_files(self) -> None:
        self.play()
        self.assertEqual(self.play(salt=b"another")[1], ["a.cpp b.cpp"])
        self.assertEqual(self.play(salt=b"another", sources=self.sources(("-DX",)))[1], ["a.cpp b.cpp"])

    def test_a_finding_fails_its_source_alone_and_is_not_forgotten(self) -> None:
        self.write("kern/b.cpp", "int fault;\n")
        self.assertEqual(self.play()[0].failed, ["kern/b.cpp"])
        outcome, calls = self.play()
        self.assertEqual((calls, outcome.failed), (["b.cpp"], ["kern/b.cpp"]))
        self.assertEqual([str(f) for f in outcome.findings], ["kern/b.cpp:1: a fault [played-check]"])

    def test_the_command_of_a_source_is_the_first_database_s(self) -> None:
        for folder, flag in (("one", "-DONE"), ("two", "-DTWO")):
            entry = {"directory": str(self.root), "file": str(self.root / "kern/a.cpp")}
            entry["command"] = f"/usr/bin/clang++ {flag} -o a.o -c {entry['file']}"
            self.write(f"{folder}/compile_commands.json", json.dumps([entry]))
        found = batches.commands([self.root / "one", self.root / "two"], self.root, {"kern/a.cpp"})
        self.assertEqual(found, {"kern/a.cpp": batches.Command(str(self.root), ("-DONE",))})


class Names(unittest.TestCase):
    def claims(self, text: str) -> set[str]:
        return batches.claims_of(text)

    def test_helpers_types_values_macros_and_tests_are_names(self) -> None:
        text = "namespace {\nvoid help(int x)\n{\n}\nclass Kind final : Base {\npublic:\n};\nconst int limit = 3;\n"
        self.assertEqual(self.claims(text + "#define SIZE 3\n"), {"help", "Kind", "limit", "#SIZE"})
        self.assertEqual(self.claims("TEST_F(Ports, Die)\n"), {"Ports.Die"})

    def test_members_and_namespaces_are_none(self) -> None:
        text = "namespace mach {\nint Port::read(int)\nusing namespace std;\n    int x;\n"
        self.assertEqual(self.claims(text), set())


class Planted(Tree):
    """The real clang-tidy with the project's own .clang-tidy."""

    def setUp(self) -> None:
        super().setUp()
        (self.root / ".clang-tidy").write_text((ROOT / ".clang-tidy").read_text())
        self.write("kern/good.cpp", "int twice(int n)\n{\n    return n * 2;\n}\n")

    def found(self) -> set[tuple[str, str]]:
        return {(f.name, f.check) for f in self.run_tidy().findings}

    def test_nothing_is_found_in_what_is_good(self) -> None:
        self.assertEqual(self.run_tidy().findings, [])

    def test_a_null_pointer_is_followed_into_a_source_of_a_batch(self) -> None:
        self.write("kern/bad.cpp", "int f(int n)\n{\n    int* p = nullptr;\n    if (n > 7) p = &n;\n    return *p;\n}\n")
        self.assertIn(("kern/bad.cpp", "clang-analyzer-core.NullDereference"), self.found())

    def test_use_after_delete_in_a_header(self) -> None:
        body = "    int* p = new int{1};\n    delete p;\n    return *p;\n"
        self.write("kern/bad.h", "#pragma once\ninline int f()\n{\n" + body + "}\n")
        self.write("kern/bad.cpp", "#include <kern/bad.h>\n")
        self.assertIn(("kern/bad.h", "clang-analyzer-cplusplus.NewDelete"), self.found())

    def test_a_suspicious_semicolon(self) -> None:
        self.write("kern/bad.cpp", "int f(int n)\n{\n    if (n > 3);\n        n = 4;\n    return n;\n}\n")
        self.assertIn(("kern/bad.cpp", "bugprone-suspicious-semicolon"), self.found())

    def test_a_copy_made_for_each_turn_of_a_loop(self) -> None:
        self.write(
            "kern/bad.cpp",
            "struct Big {\n    Big(const Big&);\n    ~Big();\n    int n;\n};\nint f(const Big (&all)[3])\n{\n"
            "    int sum = 0;\n    for (const Big one : all)\n        sum += one.n;\n    return sum;\n}\n",
        )
        self.assertIn(("kern/bad.cpp", "performance-for-range-copy"), self.found())

    def test_a_lock_that_is_not_held_fails_the_analysis_too(self) -> None:
        lock = "struct __attribute__((capability(\"mutex\"))) Lock {};\nLock lock;\n"
        guarded = "int guarded __attribute__((guarded_by(lock)));\n"
        self.write("kern/bad.cpp", lock + guarded + "int f() { return guarded; }\n")
        sources = self.sources(("-std=gnu++2b", "-Wthread-safety", "-Werror"))
        self.assertEqual(self.run_tidy(sources=sources).failed, ["kern/bad.cpp"])


if __name__ == "__main__":
    unittest.main()
