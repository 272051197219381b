"""The group boot: what the kernel executes from its entry to the first instruction of user mode.

No program can measure that, so the profiler counts it from outside.
"""

from __future__ import annotations

from pathlib import Path

from . import profile
from .figures import Figure
from .groups import KERNELS, Group, Settings, run

# MiB.  The smaller one is what ./run gives a machine.
MEMORY = 512
MORE_MEMORY = 2048

ROW = "boot.kernel"


def plugin(settings: Settings, output: Path, borders: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Words for QEMU's command line that make it count into `output`."""
    file = settings.folder / "tools" / "profiler.so"
    return "-plugin", ",".join((f"file={file}", f"output={output}") + borders)


def count(settings: Settings, group: Group, kernel: str, memory: int, output: Path) -> profile.Counted:
    """One boot.  The kernel's entry is a physical address; a first task begins where it is loaded."""
    entry = profile.Program(settings.folder / KERNELS[kernel]).entry
    begin = profile.LOAD_ADDRESSES[0] + profile.Program(group.program(settings.folder)).entry
    borders = (f"begin={entry:#x}", f"end={begin:#x}")
    run(settings, group, kernel, memory=memory, qemu=plugin(settings, output, borders))
    return profile.read(output)


def figures(settings: Settings, group: Group, kernel: str) -> list[Figure]:
    output = settings.folder / "logs" / f"{ROW}.profile"
    less, more = (
        count(settings, group, kernel, memory, output).by_processor()[0] for memory in (MEMORY, MORE_MEMORY)
    )
    found = {
        ROW: less,
        f"{ROW}.mib": less // MEMORY,
        f"{ROW}.mib.more": (more - less) // (MORE_MEMORY - MEMORY),
    }
    return [Figure(name, value, value, "instructions") for name, value in found.items()]
