"""mig as a person types it: the status of `mig diff`, what back ends refuse, help of each command, and the completion in bash.

usage: command_test.py MIG SOURCE_FOLDER
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

MIG = ""
ROOT = Path()
COMMANDS = ["generate", "check", "diff", "json", "doc"]


def mig(*words: object) -> subprocess.CompletedProcess:
    return subprocess.run([MIG, *map(str, words)], capture_output=True, text=True, check=False)


def completed(*words: str) -> list[str]:
    """What bash offers for the last of these words, behind `mig`."""
    script = ('source "$1"; mig=$2; shift 2; COMP_WORDS=("$mig" "$@"); COMP_CWORD=$#; _mig; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(["bash", "-c", script, "bash", ROOT / "mig/completion/mig.bash", MIG, *words],
                          capture_output=True, text=True, check=True, cwd=ROOT / "tests/mig/diff")
    return done.stdout.split()


class Diff(unittest.TestCase):
    def states(self, name: str) -> tuple[Path, Path]:
        return ROOT / f"tests/mig/diff/{name}.old.defs", ROOT / f"tests/mig/diff/{name}.new.defs"

    def test_compatible_states_give_nothing_and_status_0(self) -> None:
        done = mig("diff", *self.states("same"))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_break_is_on_standard_output_and_gives_status_1(self) -> None:
        done = mig("diff", *self.states("messages"))
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertIn("messages.new.defs:11:30: error M0405: ", done.stdout)
        self.assertIn("warning M0411: ", done.stdout)

    def test_a_file_with_mistakes_gives_status_2(self) -> None:
        done = mig("diff", self.states("same")[0], ROOT / "tests/mig/bad/syntax.defs")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("error M0003", done.stderr)
        self.assertEqual(mig("diff", "one.defs").returncode, 2)


class BackEnds(unittest.TestCase):
    def test_what_is_for_c_alone_is_refused_by_the_others_and_nothing_is_written(self) -> None:
        words = {"shared_counts": ["array of rights", "sameCount"], "osf_words": ["overwrite", "auto"]}
        for name, refused in words.items():
            for language in ("c++", "kernel"):
                with self.subTest(name, language=language), tempfile.TemporaryDirectory() as folder:
                    done = mig("generate", "--lang", language, "--out", folder, "-I", ROOT / "kernel/include",
                               ROOT / f"tests/mig/good/{name}.defs")
                    self.assertEqual((done.returncode, list(Path(folder).iterdir())), (1, []))
                    for word in refused:
                        self.assertRegex(done.stderr, f"error M0121: .*{word}.* has no {re.escape(language)} stubs")


class Help(unittest.TestCase):
    def test_each_command_has_a_page(self) -> None:
        for command in COMMANDS:
            page = mig(command, "--help")
            self.assertEqual(page.returncode, 0)
            self.assertTrue(page.stdout.startswith(f"mig {command}: "), page.stdout)
            self.assertEqual(mig("help", command).stdout, page.stdout)
        self.assertEqual(mig("help", "nothing").returncode, 2)


class Completion(unittest.TestCase):
    def test_commands(self) -> None:
        self.assertEqual(completed("d"), ["diff", "doc"])
        self.assertEqual(completed("help", ""), [*COMMANDS, "help"])

    def test_every_option_of_every_command(self) -> None:
        for command in COMMANDS:
            page = mig("help", command).stdout
            named = set(re.findall(r"(?<=[ ,])--?[A-Za-z][A-Za-z-]*",
                                   "\n".join(line for line in page.split("\n") if line.startswith("    -"))))
            self.assertTrue({"-I", "--dialect", "-MF"} <= named)
            self.assertEqual(set(completed(command, "-")), named, command)
        self.assertIn("-sheader", completed("-"))

    def test_values_and_files(self) -> None:
        self.assertEqual(completed("generate", "--lang", "trap"), ["trap-user", "trap-kernel"])
        self.assertEqual(completed("check", "--dialect", ""), ["osf", "gnu"])
        self.assertEqual(sorted(completed("diff", "same")), ["same.new.defs", "same.old.defs"])


if __name__ == "__main__":
    MIG, ROOT = sys.argv[1], Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
