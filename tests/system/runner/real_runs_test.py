#!/usr/bin/python3
"""What a person does with ./run, on the real machine: runner_test.py has the same on a stand-in, in every variant.

Boots are dear, so each looks at much.  PORTICO_BUILD_FOLDER names the build.
"""

import hashlib
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("PORTICO_BUILD_FOLDER", SOURCE / "build"))
SCRIPTS = SOURCE / "tests" / "system" / "scripts"

HELLO_C = r"""
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
static void* nothing(void* argument) { return argument; }
int main(int argc, char** argv)
{
    pthread_t thread;
    int code = pthread_create(&thread, NULL, nothing, NULL);
    printf("hello from C, %d arguments, thread: %s\n", argc, code == ENOSYS ? "ENOSYS" : code == 0 ? "made" : "?");
    return argv[argc] == NULL ? 3 : 4;
}
"""

HELLO_CXX = r"""
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>
int main()
{
    try {
        std::vector<std::string> words{"hello", "from"};
        std::cout << words.at(0) << ' ' << words.at(1) << ' ' << words.at(2) << '\n';
    } catch (const std::out_of_range&) {
        std::cout << "caught" << std::endl;
    }
    std::cerr << "to standard error\n";
}
"""


class RealRuns(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="portico-real-")
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def run_script(self, text, *options, limit=90):
        script = self.folder / "script.sh"
        script.write_text(text)
        return self.run_command("--script", str(script), *options, limit=limit)

    def run_command(self, *options, limit=90):
        command = [str(SOURCE / "run"), "--no-build", "--build-folder", str(BUILD), "--time-limit", str(limit)]
        command += ["--log", str(self.folder / "console.log"), *options]
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit + 60, check=False
        )

    def compile(self, compiler, source, text):
        (self.folder / source).write_text(text)
        program = self.folder / Path(source).stem
        done = subprocess.run(
            [str(BUILD / "bin" / compiler), str(self.folder / source), "-o", str(program)],
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return program

    def test_every_utility_does_what_it_is_for(self):
        done = self.run_command("--script", str(SCRIPTS / "utilities.sh"))
        self.assertEqual((done.returncode, done.stdout.decode()), (0, ""), done.stderr.decode())

    def test_files_of_every_kind_travel_in_and_out_unharmed(self):
        tree = self.folder / "tree"
        (tree / "empty folder").mkdir(parents=True)
        (tree / "bytes").write_bytes(bytes(range(256)) * 512)
        large = self.folder / "large"  # Only inwards: what comes out takes a serial line, byte by byte.
        large.write_bytes(os.urandom(16 << 20))
        (tree / "a name 'with' \"quotes\", $signs & spaces").write_text("odd\n")
        (tree / "-dash").write_text("dash\n")
        (tree / "ünïcode").write_text("unicode\n")
        (tree / "run me").write_text("#!/bin/sh\nexit 200\n")
        (tree / "run me").chmod(0o755)
        (tree / "link").symlink_to("bytes")
        done = self.run_script(
            "cp -a /in/tree /out && sha256sum /out/bytes /in/large && echo error >&2\n'/out/run me'\n",
            *("--put", f"{tree}:/in/tree", "--put", f"{large}:/in/large"),
            *("--get", f"/out:{self.folder / 'back'}"),
        )
        self.assertEqual((done.returncode, done.stderr), (200, b"error\n"))
        sums = [hashlib.sha256(file.read_bytes()).hexdigest() for file in (tree / "bytes", large)]
        self.assertEqual(done.stdout.decode(), f"{sums[0]}  /out/bytes\n{sums[1]}  /in/large\n")
        self.assertEqual(
            subprocess.run(["diff", "-r", "--no-dereference", tree, self.folder / "back"], check=False).returncode, 0
        )
        self.assertEqual(os.readlink(self.folder / "back" / "link"), "bytes")
        self.assertTrue(os.access(self.folder / "back" / "run me", os.X_OK))

    def test_own_programs_run_where_each_service_is_a_task(self):
        c = self.compile("portico-cc", "hello.c", HELLO_C)
        cxx = self.compile("portico-c++", "hellos.cpp", HELLO_CXX)
        done = self.run_script(
            "hello one two; echo $?; hellos; portstat -t\n",
            *("--put", f"{c}:/bin/hello", "--put", f"{cxx}:/bin/hellos"),
            *("--wiring", "multi", "--memory", "128", "--smp", "2"),
        )
        out = done.stdout.decode()
        self.assertEqual((done.returncode, done.stderr), (0, b"to standard error\n"), out)
        self.assertTrue(out.startswith("hello from C, 3 arguments, thread: ENOSYS\n3\nhello from caught\n"), out)
        for task in ("kernel", "bootstrap", "ns16550", "pipe", "tty", "fs", "process", "init"):
            self.assertEqual(len(re.findall(rf"^ +\d+ {task} ", out, re.MULTILINE)), 1, f"{task} in\n{out}")

    def test_descriptors_have_names(self):
        done = self.run_script(
            "echo error >/dev/stderr; echo piped | cat /dev/stdin; echo text >/tmp/f; exec 6</tmp/f; rm /tmp/f\n"
            "cat /dev/fd/6; cat /dev/fd/6; echo all | tee /dev/fd/2 >/dev/null; cat /dev/fd/77 2>/dev/null || echo none\n"
        )
        self.assertEqual((done.returncode, done.stderr), (0, b"error\nall\n"))
        self.assertEqual(done.stdout, b"piped\ntext\ntext\nnone\n")

    def test_a_full_file_system_is_an_error_of_the_write_alone(self):
        file = self.folder / "put.sh"
        file.write_text("echo put\n")
        done = self.run_script(
            "dd if=/dev/zero of=/tmp/big bs=1M count=600 2>/dev/null; echo $?; awk 'BEGIN { print 7 * 6 }' | sort\n"
            "df /tmp | awk 'END { print ($5 + 0 > 90) }'; rm /tmp/big; echo again >/tmp/f; cat /tmp/f; sh /bin/put.sh\n",
            *("--memory", "96", "--put", f"{file}:/bin"),
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, b"1\n42\n1\nagain\nput\n")

    def test_two_runs_by_instruction_count_are_alike(self):
        runs = [self.run_script("date +%s%N; cat /proc/uptime; exit 5\n", "--icount") for _ in range(2)]
        self.assertEqual([run.returncode for run in runs], [5, 5])
        self.assertEqual(runs[0].stdout, runs[1].stdout)

    def test_a_script_that_never_ends_ends_at_the_time_limit(self):
        done = self.run_script("echo begun; while :; do :; done\n", limit=10)
        self.assertEqual((done.returncode, done.stdout), (125, b"begun\n"))
        self.assertRegex(done.stderr.decode(), r"(?m)^run: time limit: ")

    def test_a_guest_that_is_switched_off_has_died(self):
        done = self.run_script("poweroff -f\n")
        self.assertEqual(done.returncode, 124)
        self.assertRegex(done.stderr.decode(), r"(?m)^run: guest died: ")


class Compilers(unittest.TestCase):
    def test_what_is_wrong_is_said_and_told_by_the_status(self):
        with tempfile.TemporaryDirectory() as folder:
            wrong = Path(folder) / "wrong.c"
            wrong.write_text("int main(void) { return undeclared; }\n")
            missing = Path(folder) / "missing.c"
            missing.write_text("int absent(void);\nint main(void) { return absent(); }\n")
            for arguments, wanted in (
                ([], "no input files"),
                ([str(wrong)], "undeclared"),
                ([str(missing), "-o", f"{folder}/out"], "absent"),
                (["-shared", str(wrong)], "-shared"),
            ):
                done = subprocess.run(
                    [str(BUILD / "bin" / "portico-cc"), *arguments], capture_output=True, text=True, cwd=folder, check=False
                )
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(wanted, done.stderr)

    def test_help_tells_how_to_use_it(self):
        for name in ("portico-cc", "portico-c++"):
            done = subprocess.run(
                [str(BUILD / "bin" / name), "--help"], capture_output=True, text=True, check=False
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertIn(f"usage: {name}", done.stdout)


if __name__ == "__main__":
    unittest.main()
