"""The groups of benchmarks, and how one is booted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runner import archive
from runner.boot import boot, show_nothing
from runner.failure import GUEST_DIED, Failure
from runner.link import Ending
from runner.options import Options, Transfer


@dataclass(frozen=True)
class Group:
    """One program, build/user/bench-NAME (its source is in tests/bench/guest), and the kernels that it is
    measured on.
    """

    name: str
    first_task: bool  # Kernel and program, nothing else; or a program of the whole system.
    kernels: tuple[str, ...]
    helpers: tuple[str, ...] = ()  # Further programs that it executes, build/user/HELPER.

    def program(self, folder: Path) -> Path:
        return folder / "user" / f"bench-{self.name}"

    def suffix(self, kernel: str) -> str:
        """Where there are two kernels, rows of the one for several processors are told apart."""
        return SMP_SUFFIX if kernel == "smp" and len(self.kernels) > 1 else ""


# The kernel for one processor is what the peers' figures are for; the one for several, which is shipped, has
# locks.
KERNELS = {"up": "portico-up.elf", "smp": "portico.elf"}
SMP_SUFFIX = ".smp"
GROUPS = {
    group.name: group
    for group in (
        Group("ipc", True, ("up", "smp")),
        Group("vm", True, ("up", "smp")),
        Group("unix", False, ("smp",), helpers=("bench-nothing",)),
        Group("boot", True, ("up", "smp")),
    )
}


@dataclass(frozen=True)
class Settings:
    """What the command line says of every boot."""

    folder: Path
    wiring: str
    time_limit: float
    words: tuple[str, ...] = ()  # For the kernel.


@dataclass
class _Collected:
    """A process's output and end, for the link's sink."""

    text: bytearray
    ending: Ending | None = None
    value: int = 0

    def output(self, job: int, data: bytes) -> None:
        self.text += data

    def error(self, job: int, data: bytes) -> None:
        self.text += data

    def status(self, job: int, ending: Ending, value: int) -> None:
        self.ending, self.value = ending, value

    def file(self, get: int, mode: int, path: bytes, target: bytes) -> None:
        ...

    def data(self, get: int, data: bytes) -> None:
        ...

    def missing(self, get: int, error: int, path: bytes) -> None:
        ...


def run(
    settings: Settings,
    group: Group,
    kernel: str,
    row: str | None = None,
    memory: int = 512,
    qemu: tuple[str, ...] = (),
) -> str:
    """Boots the group's program, for all its rows or for one; returns what it printed."""
    logs = settings.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"bench-{group.name}-{kernel}.log"
    common = {
        "icount": True,
        "headless": True,
        "time_limit": settings.time_limit,
        "wiring": settings.wiring,
        "memory": memory,
        "log": log,
        "build_folder": settings.folder,
        "kernel": KERNELS[kernel],
        "qemu": qemu,
    }
    words = settings.words
    collected = _Collected(bytearray())
    if group.first_task:
        words += ("--", row) if row else ()
        boot(
            Options(
                bootstrap=group.program(settings.folder), words=words, debug_console=True, **common
            ),
            [],
            collected,
            None,
            show_nothing,
        )
        return log.read_text("utf-8", "replace")
    in_guest = f"/bin/bench-{group.name}"
    script = archive.Job(0, "bench.sh", f"exec {in_guest} {row or ''}\n".encode())
    puts = tuple(
        Transfer(settings.folder / "user" / name, f"/bin/{name}")
        for name in (f"bench-{group.name}", *group.helpers)
    )
    boot(
        Options(puts=puts, quick=True, words=words, **common),
        [script],
        collected,
        None,
        show_nothing,
    )
    text = collected.text.decode("utf-8", "replace")
    if collected.ending is not Ending.EXITED or collected.value != 0:
        raise Failure(GUEST_DIED, f"guest died: bench-{group.name} failed", text.splitlines()[-20:])
    return text
