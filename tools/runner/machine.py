"""QEMU's command line: which machine a run gets.

Pure functions of their arguments, so that tests can read what they make.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .options import Options

# Where isa-debug-exit listens: the guest ends QEMU by writing a code there.
DEBUG_EXIT_PORT = 0xF4
PANIC_STATUS = 0x60 << 1 | 1  # What QEMU then ends with after a panic (kernel/arch/x86_64/power.cpp).

UEFI_CODE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
UEFI_VARIABLES = Path("/usr/share/OVMF/OVMF_VARS_4M.fd")

# Names in the run's own folder, QEMU's working directory.  Short and plain: QEMU splits module lists at
# commas and spaces, and the guest sees these names as the modules' command lines.
KERNEL = "portico.elf"
BOOTSTRAP = "bootstrap"
FIRST_TASK = "first-task"
ROOT_ARCHIVE = "root.cpio"
RUN_ARCHIVE = "run.cpio"
RUN_DISK = "run-disk.cpio"
ISO = "portico.iso"
UEFI_CODE_NAME = "uefi-code.fd"
UEFI_VARIABLES_NAME = "uefi-variables.fd"
DEBUG_CONSOLE = "debug-console"
CONSOLE_SOCKET = "console"
LINK_SOCKET = "link"
MONITOR_SOCKET = "monitor"


@dataclass(frozen=True)
class Boot:
    """What is booted, besides the machine that boots it."""

    kernel_words: str
    modules: tuple[str, ...]
    through_grub: bool
    run_disk: bool


def qemu_program() -> str:
    """Tests put a stand-in here."""
    return os.environ.get("PORTICO_QEMU", "qemu-system-x86_64")


def command(options: Options, boot: Boot) -> list[str]:
    line = ["setpriv", "--pdeathsig", "KILL", qemu_program(), "-nodefaults", "-no-user-config", "-no-reboot"]
    line += ["-machine", "pc", "-display", "none", "-m", str(options.memory)]
    line += _clock(options) + list(options.qemu)
    line += ["-device", f"isa-debug-exit,iobase={DEBUG_EXIT_PORT:#x},iosize=0x04"]
    if options.debug_console:
        line += ["-chardev", f"file,id=debug,path={DEBUG_CONSOLE}"]
        line += ["-device", "isa-debugcon,iobase=0xe9,chardev=debug"]
    # The runner listens before QEMU starts, so QEMU connects and no byte is lost.
    for port, socket in (("serial", CONSOLE_SOCKET), ("serial", LINK_SOCKET), ("mon", MONITOR_SOCKET)):
        if socket == CONSOLE_SOCKET and options.debug_console:
            line += ["-serial", "null"]
            continue
        line += ["-chardev", f"socket,id={socket},path={socket}"]
        line += (
            ["-serial", f"chardev:{socket}"]
            if port == "serial"
            else ["-mon", f"chardev={socket},mode=control"]
        )
    line += _grub_boot(options, boot) if boot.through_grub else _quick_boot(boot)
    if options.gdb:
        line += ["-gdb", "tcp:127.0.0.1:1234", "-S"]
    return line


def _clock(options: Options) -> list[str]:
    """Design D20: with --icount one instruction is one nanosecond, and two boots are alike to the last one.
    """
    if not options.icount:
        return ["-accel", "tcg", "-cpu", "max", "-smp", str(options.processors), "-rtc", "base=utc"]
    return [
        "-accel",
        "tcg",
        "-icount",
        "shift=0,sleep=off",
        "-smp",
        "1",
        "-cpu",
        "max,-erms",
        "-seed",
        "1",
        "-rtc",
        "base=2024-01-01,clock=vm",
    ]


def _quick_boot(boot: Boot) -> list[str]:
    return ["-kernel", KERNEL, "-append", boot.kernel_words, "-initrd", ",".join(boot.modules)]


def _grub_boot(options: Options, boot: Boot) -> list[str]:
    line = ["-drive", f"file={ISO},format=raw,media=cdrom,if=ide,index=2,readonly=on", "-boot", "d"]
    if boot.run_disk:
        # GRUB reads the run archive from a disk that is nothing but a cpio archive.
        line += ["-drive", f"file={RUN_DISK},format=raw,if=ide,index=0,snapshot=on"]
    if options.uefi:
        line += ["-drive", f"if=pflash,format=raw,unit=0,readonly=on,file={UEFI_CODE_NAME}"]
        line += ["-drive", f"if=pflash,format=raw,unit=1,file={UEFI_VARIABLES_NAME}"]
    return line


def kernel_words(options: Options, terminal: str, rows: int, columns: int, has_jobs: bool) -> str:
    words = [f"term={terminal}", f"rows={rows}", f"cols={columns}"]
    if not options.through_grub:  # There the menu's entry says it.
        words.insert(0, f"wiring={options.wiring}")
    if has_jobs:
        words.append("run")
    return " ".join(words + list(options.words))


def grub_settings(words: str, entry: str, run_archive: bool) -> str:
    """What the ISO's grub.cfg reads from the run disk (tools/make-iso writes the other half)."""
    return (
        f"set default={entry}\nset timeout=0\n"
        f'set portico_words="{words}"\n'
        f"set portico_run={'yes' if run_archive else 'no'}\n"
    )
