"""The options of ./run: what they are called, what they may hold, and what is wrong with them."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn, Sequence

from .failure import MISSING_FILE, WRONG_OPTION, Failure

WIRINGS = ("single", "multi")
MOST_PROCESSORS = 64
LEAST_MEMORY = 24  # MiB; what GRUB itself needs.
LEAST_MEMORY_UEFI = 64

DESCRIPTION = """\
Builds Portico if need be and boots it in QEMU.  Without --script the terminal is the guest's console: ^C goes
to the guest, Ctrl-A x leaves, Ctrl-A h tells more.
"""

EPILOG = """\
Statuses from 121 to 125 come with one line 'run: ...' on standard error and are the runner's own:
121 wrong option, or packages missing; 122 missing file; 123 build failed; 124 guest died; 125 time limit.
Any other status is the script's.
"""


@dataclass(frozen=True)
class Transfer:
    """One --put (host to guest) or --get (guest to host); a file or a tree."""

    host: Path
    guest: str


@dataclass(frozen=True)
class Options:
    script: Path | None = None
    puts: tuple[Transfer, ...] = ()
    gets: tuple[Transfer, ...] = ()
    wiring: str = "single"
    time_limit: float | None = None
    processors: int = 1
    memory: int = 512
    icount: bool = False
    gdb: bool = False
    uefi: bool = False
    iso: bool = False
    headless: bool = False
    log: Path | None = None
    words: tuple[str, ...] = ()
    # The log goes to a file by the emulator's debug port, and the serial line takes everything at once: then
    # the host's pace has no influence at all on the guest.  It shows when the boot is over.
    debug_console: bool = False
    qemu: tuple[str, ...] = ()  # More words for the emulator's command line.
    bootstrap: Path | None = None
    first_task: Path | None = None
    kernel: str = "portico.elf"
    build: bool = True
    quick: bool = False  # Without GRUB, even for a person.
    build_folder: Path = field(default_factory=lambda: Path("build"))

    @property
    def through_grub(self) -> bool:
        """A person boots the way a real machine does; what tests call often takes the short way."""
        quick = self.quick or self.script or self.bootstrap or self.first_task or self.icount or self.gdb
        return self.iso or self.uefi or not quick


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Failure(WRONG_OPTION, f"{message} (./run --help tells the options)")


def _number(what: str, low: int, high: int) -> "argparse._ActionType":
    def convert(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            raise Failure(WRONG_OPTION, f"{what} '{text}' is not a number from {low} to {high}")
        return value

    return convert


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e9:
        raise Failure(WRONG_OPTION, f"--time-limit '{text}' is not a number of seconds above 0")
    return value


def _wiring(text: str) -> str:
    if text not in WIRINGS:
        raise Failure(WRONG_OPTION, f"--wiring '{text}' is neither single nor multi")
    return text


def _words(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise Failure(WRONG_OPTION, f"--append {text!r} holds characters that a kernel command line cannot")
    return text


def _put(text: str) -> Transfer:
    # The guest's path starts with '/', so the last ":/" is the border even when the host's path has colons.
    host, border, guest = text.rpartition(":/")
    if not border or not host:
        raise Failure(WRONG_OPTION, f"--put '{text}' is not HOST:GUEST with an absolute path in the guest")
    return Transfer(Path(host), _guest_path("--put", text, "/" + guest))


def _get(text: str) -> Transfer:
    guest, border, host = text.partition(":")
    if not border or not host or not guest.startswith("/"):
        raise Failure(WRONG_OPTION, f"--get '{text}' is not GUEST:HOST with an absolute path in the guest")
    return Transfer(Path(host), _guest_path("--get", text, guest))


def _guest_path(option: str, text: str, path: str) -> str:
    if ".." in path.split("/"):
        raise Failure(WRONG_OPTION, f"{option} '{text}' climbs with '..' in the guest's path")
    return path


def _parser() -> _Parser:
    parser = _Parser(
        prog="./run",
        description=DESCRIPTION,
        epilog=EPILOG,
        allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--script",
        metavar="FILE",
        type=Path,
        help="run FILE with the guest's sh, standard input /dev/null; end with its status",
    )
    add(
        "--put",
        metavar="HOST:GUEST",
        type=_put,
        action="append",
        default=[],
        help="copy a file or a tree into the guest before it starts; may be repeated",
    )
    add(
        "--get",
        metavar="GUEST:HOST",
        type=_get,
        action="append",
        default=[],
        help="copy a file or a tree out of the guest after the run; may be repeated",
    )
    add(
        "--wiring",
        metavar="WIRING",
        type=_wiring,
        default="single",
        help="single (one Unix server, the default) or multi (one task a service)",
    )
    add("--time-limit", metavar="SECONDS", type=_seconds, help="wall time that the guest may take")
    add(
        "--smp",
        metavar="N",
        type=_number("--smp", 1, MOST_PROCESSORS),
        default=1,
        help="processors (default 1)",
    )
    add(
        "--memory",
        metavar="MiB",
        type=_number("--memory", LEAST_MEMORY, 1 << 20),
        default=512,
        help="memory (default 512)",
    )
    add("--icount", action="store_true", help="deterministic: one guest instruction is one nanosecond")
    add("--gdb", action="store_true", help="wait for gdb at localhost:1234 before the first instruction")
    add("--iso", action="store_true", help="boot the ISO by GRUB even where a test would take the short way")
    add("--uefi", action="store_true", help="boot the ISO by UEFI instead of BIOS")
    add(
        "--headless",
        action="store_true",
        help="no person: nothing is read from the terminal, the console goes to standard output",
    )
    add("--log", metavar="FILE", type=Path, help="the console's log (default build/logs/console.log)")
    tests = parser.add_argument_group("for tests")
    add = tests.add_argument
    add(
        "--append",
        metavar="WORDS",
        type=_words,
        action="append",
        default=[],
        help="words for the kernel's command line, such as suspend-seed=7",
    )
    add(
        "--bootstrap",
        metavar="FILE",
        type=Path,
        help="boot the kernel with FILE as its first task and nothing else; implies --headless",
    )
    add(
        "--first-task",
        metavar="FILE",
        type=Path,
        help="boot FILE before bootstrap, which it starts itself: a debugger of all that follows;"
        " the log is the kernel's then, with all that bootstrap tells",
    )
    add("--quick", action="store_true", help="boot the kernel without GRUB even where a person watches")
    add(
        "--kernel",
        metavar="NAME",
        default=Options.kernel,
        help="which kernel of the build folder to boot, without GRUB (default portico.elf)",
    )
    add("--no-build", action="store_true", help="boot what is built already")
    add("--build-folder", metavar="DIR", type=Path, default=None, help="default build")
    return parser


def _require(path: Path, option: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except IsADirectoryError:
        raise Failure(MISSING_FILE, f"{option} '{path}': is a directory") from None
    except OSError as error:
        raise Failure(MISSING_FILE, f"{option} '{path}': {error.strerror}") from None


def _check_together(options: Options) -> None:
    """What no single value shows: combinations, and files that have to exist."""
    if options.script:
        _require(options.script, "--script")
    if options.bootstrap:
        _require(options.bootstrap, "--bootstrap")
        if options.script or options.puts or options.gets:
            raise Failure(
                WRONG_OPTION, "--bootstrap boots no Unix: it goes with neither --script, --put nor --get"
            )
        if options.through_grub:
            raise Failure(WRONG_OPTION, "--bootstrap goes with neither --iso nor --uefi")
    if options.first_task:
        _require(options.first_task, "--first-task")
        if options.bootstrap or options.through_grub:
            raise Failure(WRONG_OPTION, "--first-task goes with neither --bootstrap, --iso nor --uefi")
    for put in options.puts:
        if not os.path.lexists(put.host):
            raise Failure(MISSING_FILE, f"--put '{put.host}': No such file or directory")
    for get in options.gets:
        if not get.host.absolute().parent.is_dir():
            raise Failure(MISSING_FILE, f"--get '{get.host}': there is no folder to put it into")
    if options.uefi and options.memory < LEAST_MEMORY_UEFI:
        raise Failure(
            WRONG_OPTION,
            f"--memory '{options.memory}' is too little for --uefi: at least {LEAST_MEMORY_UEFI}",
        )
    if options.icount and options.processors > 1:
        raise Failure(
            WRONG_OPTION, f"--smp '{options.processors}' does not go with --icount, which runs one processor"
        )
    if options.log and not options.log.absolute().parent.is_dir():
        raise Failure(MISSING_FILE, f"--log '{options.log}': there is no folder to put it into")


def parse(arguments: Sequence[str], root: Path) -> Options:
    """Raises Failure with the offending value; --help prints and exits as argparse does."""
    given = _parser().parse_args(arguments)
    options = Options(
        script=given.script,
        puts=tuple(given.put),
        gets=tuple(given.get),
        wiring=given.wiring,
        time_limit=given.time_limit,
        processors=given.smp,
        memory=given.memory,
        icount=given.icount,
        gdb=given.gdb,
        uefi=given.uefi,
        iso=given.iso,
        quick=given.quick or given.kernel != Options.kernel,
        kernel=given.kernel,
        headless=given.headless or given.bootstrap is not None,
        log=given.log,
        words=tuple(given.append),
        bootstrap=given.bootstrap,
        first_task=given.first_task,
        debug_console=given.first_task is not None,
        build=not given.no_build,
        build_folder=given.build_folder or root / "build",
    )
    _check_together(options)
    return options
