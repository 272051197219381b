"""./run against a stand-in for QEMU: what it hands in, what it brings out, and how it ends.

The guest's side of the host link is the real hostlink, built for this machine.
"""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
HOSTLINK = ROOT / "libc/userland/hostlink"


def build_hostlink(folder: Path) -> Path:
    """CMake's target hostlink-native, or the same by hand where there is no build folder."""
    given = os.environ.get("HOSTLINK_NATIVE")
    if given:
        return Path(given)
    program = folder / "hostlink"
    sources = [
        str(HOSTLINK / f"{name}.c")
        for name in ("main", "link", "manifest", "job", "files", "power_off_native")
    ]
    subprocess.run(["clang-19", "-D_GNU_SOURCE", "-O1", "-o", str(program), *sources], check=True)
    return program


class RunTest(unittest.TestCase):
    """Gives each test a build folder that looks finished, and a stand-in for QEMU."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.shared = Path(tempfile.mkdtemp(prefix="runner-test-"))
        cls.hostlink = build_hostlink(cls.shared)
        cls.build = cls.shared / "build"
        for name in ("kernel/portico.elf", "user/bootstrap", "root.cpio", "portico.iso"):
            (cls.build / name).parent.mkdir(parents=True, exist_ok=True)
            (cls.build / name).write_bytes(b"")

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.shared)

    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="runner-case-", dir=self.shared))

    def environment(self, guest: str) -> dict[str, str]:
        return {
            **os.environ,
            "PORTICO_QEMU": str(HERE / "fake_qemu.py"),
            "FAKE_GUEST": guest,
            "FAKE_HOSTLINK": str(self.hostlink),
        }

    def command(self, *arguments: str) -> list[str]:
        return [str(ROOT / "run"), "--no-build", "--build-folder", str(self.build), *arguments]

    def run_it(self, guest: str, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(guest),
            input=text,
            text=True,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def script(self, text: str, *arguments: str, guest: str = "hostlink") -> subprocess.CompletedProcess[str]:
        file = self.folder / "a script.sh"
        file.write_text(text)
        return self.run_it(guest, "--script", str(file), *arguments)


class Scripts(RunTest):
    def test_output_error_and_status_come_out_apart(self) -> None:
        done = self.script("echo out; echo err >&2; exit 42")
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("out\n", "err\n", 42))

    def test_every_status_comes_through(self) -> None:
        for status in (0, 1, 121, 125, 128, 255):
            with self.subTest(status):
                self.assertEqual(self.script(f"exit {status}").returncode, status)

    def test_a_signal_is_told_as_a_shell_tells_it(self) -> None:
        self.assertEqual(self.script("kill -9 $$").returncode, 128 + 9)

    def test_the_world_of_a_script_is_the_documented_one(self) -> None:
        done = self.script('env | grep -v ^PWD= | sort; umask; ls; echo "$0"; cat; tty')
        self.assertEqual(
            done.stdout,
            "LC_ALL=C\nPATH=/bin:/usr/bin:/sbin:/usr/sbin\nTZ=UTC0\n0022\na script.sh\n./a script.sh\nnot a tty\n",
        )

    def test_a_megabyte_with_every_byte_comes_through(self) -> None:
        everything = bytes(range(256)) * 4096
        (self.folder / "everything").write_bytes(everything)
        file = self.folder / "script"
        file.write_text("cat ../../../everything")
        done = subprocess.run(
            self.command("--script", str(file), "--put", f"{self.folder}/everything:/everything"),
            env=self.environment("hostlink"),
            capture_output=True,
            timeout=60,
            check=False,
        )
        self.assertEqual(done.stdout, everything)

    def test_output_of_a_background_process_is_waited_for(self) -> None:
        self.assertEqual(self.script("(sleep 1; echo late) & echo early").stdout, "early\nlate\n")

    def test_the_words_reach_the_kernel(self) -> None:
        log = self.folder / "log"
        self.script("true", "--wiring", "multi", "--append", "suspend-seed=7", "--log", str(log))
        self.assertIn("wiring=multi term=dumb rows=24 cols=80 run suspend-seed=7", log.read_text())


class Files(RunTest):
    def test_a_tree_goes_in_and_comes_out_as_it_was(self) -> None:
        tree = self.folder / "tree"
        (tree / "sub" / "empty").mkdir(parents=True)
        (tree / "sub" / "program").write_text("#!/bin/sh\n")
        (tree / "sub" / "program").chmod(0o755)
        (tree / "tab\there").write_bytes(b"\0\xff" * 5000)
        (tree / "link").symlink_to("sub/program")
        done = self.script(
            "cp -a ../../../data ../../../copy",
            "--put",
            f"{tree}:/data",
            "--get",
            f"/copy:{self.folder}/back",
        )
        self.assertEqual((done.stderr, done.returncode), ("", 0))
        subprocess.run(["diff", "-r", "--no-dereference", str(tree), str(self.folder / "back")], check=True)
        self.assertTrue(os.access(self.folder / "back/sub/program", os.X_OK))
        self.assertEqual(os.readlink(self.folder / "back/link"), "sub/program")

    def test_a_file_that_is_not_there_is_named(self) -> None:
        done = self.script("exit 3", "--get", f"/nowhere:{self.folder}/x")
        self.assertEqual(done.returncode, 122)
        self.assertRegex(
            done.stderr, r"^run: --get '.*/nowhere': No such file or directory \(in the guest\)\n$"
        )


class Failures(RunTest):
    def assert_failure(self, done: subprocess.CompletedProcess[str], status: int, message: str) -> None:
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertRegex(done.stderr.splitlines()[0], "^run: .*" + message)
        self.assertEqual([line for line in done.stderr.splitlines()[1:] if not line.startswith("  | ")], [])

    def test_wrong_options_name_the_value(self) -> None:
        for arguments, value in (
            (("--wiring", "both"), "both"),
            (("--smp", "zero"), "zero"),
            (("--smp", "0"), "0"),
            (("--memory", "1"), "1"),
            (("--time-limit", "-3"), "-3"),
            (("--put", "x"), "x"),
            (("--get", "relative:x"), "relative:x"),
            (("--frobnicate",), "frobnicate"),
            (("surplus",), "surplus"),
            (("--put", "/etc:/../x"), "x"),
            (("--put", "/etc/passwd:/proc/x"), "/proc/x"),
        ):
            with self.subTest(arguments):
                self.assert_failure(self.run_it("shell", *arguments), 121, value)

    def test_missing_files_are_named(self) -> None:
        for arguments in (
            ("--script", "/no/such"),
            ("--put", "/no/such:/x"),
            ("--get", "/x:/no/such/y"),
            ("--log", "/no/such/y"),
            ("--bootstrap", "/no/such"),
            ("--first-task", "/no/such"),
        ):
            with self.subTest(arguments):
                self.assert_failure(self.run_it("shell", *arguments), 122, "/no/such")
        self.assert_failure(self.run_it("shell", "--script", "/etc"), 122, "/etc")

    def test_a_guest_that_panics(self) -> None:
        done = self.script("true", guest="panic")
        self.assert_failure(done, 124, "panicked")
        self.assertIn("  | panic: (P1) broken\n", done.stderr)

    def test_the_word_panic_alone_is_no_panic(self) -> None:
        done = self.run_it("shell", text="\npanic: at the disco\npoweroff\n")
        self.assertEqual((done.stderr, done.returncode), ("", 0))

    def test_a_guest_that_resets_itself(self) -> None:
        self.assert_failure(self.script("true", guest="reset"), 124, "reset")

    def test_a_guest_that_ends_in_the_middle(self) -> None:
        self.assert_failure(self.script("yes | head -n 1000", guest="cut"), 124, "before the run did")

    def test_a_damaged_link(self) -> None:
        self.assert_failure(self.script("echo hello", guest="garble"), 124, "damaged")

    def test_a_machine_that_qemu_refuses(self) -> None:
        self.assert_failure(self.script("true", guest="refuse"), 124, "not possible")

    def test_the_time_limit(self) -> None:
        started = time.monotonic()
        self.assert_failure(self.script("true", "--time-limit", "1", guest="mute"), 125, "time limit.* 1")
        self.assertLess(time.monotonic() - started, 10)

    def test_the_time_limit_of_a_script_that_runs_on(self) -> None:
        self.assert_failure(self.script("sleep 30", "--time-limit", "1"), 125, "time limit")

    def test_a_build_that_is_not_there(self) -> None:
        done = self.run_it("shell", "--headless", "--build-folder", str(self.folder))
        self.assert_failure(done, 122, "portico.iso")


class Console(RunTest):
    def test_standard_input_that_is_no_terminal_reaches_the_guest(self) -> None:
        done = self.run_it("shell", text="echo \x01x\npoweroff\n")
        self.assertEqual(
            (done.stdout, done.stderr, done.returncode), ("$ ECHO \x01X\nPOWEROFF\n\nbye\n", "", 0)
        )

    def start_on_terminal(self, guest: str) -> tuple[subprocess.Popen[bytes], int, int]:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            self.command(),
            env=self.environment(guest),
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        return process, master, slave

    def read_until(self, master: int, wanted: bytes) -> bytes:
        seen = b""
        limit = time.monotonic() + 20
        while wanted not in seen:
            self.assertLess(time.monotonic(), limit, seen)
            if select.select([master], [], [], 0.1)[0]:
                seen += os.read(master, 4096)
        return seen

    def test_interrupt_goes_to_the_guest_and_the_terminal_is_restored(self) -> None:
        ends = {
            "Ctrl-A x": (lambda p, m: os.write(m, b"\x01x"), 0),
            "poweroff": (lambda p, m: os.write(m, b"poweroff"), 0),
            "SIGTERM": (lambda p, m: p.terminate(), 128 + signal.SIGTERM),
        }
        for name, (end, status) in ends.items():
            with self.subTest(name):
                process, master, slave = self.start_on_terminal("shell")
                before = termios.tcgetattr(slave)
                self.read_until(master, b"$ ")
                self.assertFalse(termios.tcgetattr(slave)[3] & termios.ISIG)
                os.write(master, b"a\x03b")
                self.read_until(master, b"A\x03B")
                end(process, master)
                self.assertEqual(process.wait(20), status)
                self.assertEqual(termios.tcgetattr(slave), before)
                os.close(master)
                os.close(slave)

    def test_the_terminal_is_restored_when_the_runner_is_killed(self) -> None:
        process, master, slave = self.start_on_terminal("shell")
        before = termios.tcgetattr(slave)
        self.read_until(master, b"$ ")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        process.wait(20)
        self.assertEqual(termios.tcgetattr(slave), before)
        os.close(master)
        os.close(slave)


if __name__ == "__main__":
    unittest.main()
