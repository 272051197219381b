"""What the same operations cost in other systems, in guest instructions.

Measured in QEMU 7.2 as ./bench measures (docs/benchmarks.md), on the newest public sources of April 2026,
release builds.  The remote procedure calls of seL4 and Fiasco leave out the user's own instructions.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    """A row of the table of kernels.  None: the system has no such thing, or it was not measured."""

    row: str
    operation: str
    gnu_mach: int | None
    sel4: str | None
    nova: str | None
    fiasco: int | None
    aim: int


@dataclass(frozen=True)
class Unix:
    """A row of the table of Unix.  Linux 6.1; instructions, or a rate where more is better."""

    row: str
    operation: str
    linux: int
    is_rate: bool = False


KERNELS = (
    Kernel("ipc.trap.null", "null trap", 76, "80", "52", 82, 80),
    Kernel("ipc.rpc.kernel", "RPC to the kernel (`mach_port_type`)", 1129, "335–513", None, None, 600),
    Kernel("ipc.rpc.register", "RPC across tasks, in registers", None, "456", "307", 1058, 420),
    Kernel("ipc.rpc.32", "RPC across tasks, 32 bytes in memory", 1687, None, None, None, 550),
    Kernel("ipc.rpc.32.thread", "the same, two threads of a task", 2132, "410", "257", None, 550),
    Kernel("ipc.rpc.32.set", "the same, the server receives from a set", 1687, None, None, None, 560),
    Kernel("ipc.rpc.32.smp", "the same on the kernel with locks", 2001, "616", None, None, 620),
    Kernel("ipc.rpc.32.sse", "the same, both sides use SSE", 1979, "442", None, None, 600),
    Kernel("ipc.rpc.queued", "RPC that is queued", 2200, "1,640", None, None, 2000),
    Kernel("ipc.rpc.4k", "4 KiB inline, empty reply", 3033, None, "1,547 (1 KiB)", None, 1600),
    Kernel("ipc.rpc.right", "a port right sent, and given up", 4185, "1,423", None, None, 1500),
    Kernel("ipc.ool.64k.untouched", "64 KiB out of line, untouched", 5181, None, None, None, 2500),
    Kernel("ipc.ool.64k.read", "the same, read", 24378, None, None, None, 9000),
    Kernel("ipc.ool.64k.written", "the same, written", 131249, None, None, None, 30000),
    Kernel("ipc.ool.1m.untouched", "1 MiB out of line, untouched", 5739, None, None, None, 2500),
    Kernel("ipc.ool.1m.read", "the same, read", 310665, None, None, None, 90000),
    Kernel("ipc.ool.1m.written", "the same, written", 4754895, None, None, None, 450000),
    Kernel("vm.fault.zero", "zero-fill fault", 6084, None, None, None, 1100),
    Kernel(
        "vm.allocate_touch_deallocate", "allocate, touch, deallocate a page", 8690, None, None, None, 2500
    ),
    Kernel("vm.fault.pager", "fault served by a pager, one page", 12095, "2,069", None, None, 2500),
    Kernel("vm.fault.pager.cluster", "the same, 16 at once, per page", 12095, None, None, None, 700),
    Kernel("ipc.exception", "exception to a handler and back", 1774, "1,253", "520", 1150, 1000),
    Kernel(
        "ipc.thread.create_run_terminate", "thread made, run, terminated", 12173, "7,440", None, None, 5000
    ),
    Kernel("ipc.task.create_terminate", "task made, terminated", 29137, "26,300", None, None, 12000),
    Kernel("ipc.port.allocate_destroy", "port allocated, destroyed", 2733, "1,693", "334", None, 800),
    Kernel("boot.kernel.mib", "kernel's start, per MiB of RAM", 90000, None, None, None, 2000),
)

UNIX = (
    Unix("unix.getpid", "getpid", 314),
    Unix("unix.read.zero", "read 1 byte of `/dev/zero`", 689),
    Unix("unix.open_close", "open, close", 5390),
    Unix("unix.stat.1", "stat, 1 component", 3181),
    Unix("unix.stat.4", "stat, 4 components", 4210),
    Unix("unix.read.4k", "read 4 KiB", 1898),
    Unix("unix.read.64k", "read 64 KiB", 16926),
    Unix("unix.write.4k", "write 4 KiB", 2298),
    Unix("unix.create_unlink", "create, unlink", 14486),
    Unix("unix.rename_twice", "rename twice", 14670),
    Unix("unix.poll.16", "poll, 16 descriptors", 2647),
    Unix("unix.pipe.bandwidth", "pipe, KiB per million instructions", 1293, is_rate=True),
    Unix("unix.pipe.ping_pong", "pipe ping-pong, 1 byte", 10305),
    Unix("unix.socket.ping_pong", "Unix socket ping-pong", 17046),
    Unix("unix.context_switch", "context switch, 2 processes", 5147),
    Unix("unix.fork_exit", "fork, exit", 148365),
    Unix("unix.fork_exec", "fork, exec, exit", 302567),
    Unix("unix.fork_exec_sh", "fork, exec `sh -c`", 398877),
    Unix("unix.mmap.1", "mmap, touch, unmap 1 page", 23364),
    Unix("unix.mmap.256", "mmap, touch, unmap 256 pages", 1081379),
    Unix("unix.fault.file", "fault on a mapped file, per page", 1121),
    Unix("unix.signal", "signal to self", 3824),
    Unix("unix.file.bandwidth", "read 8 MiB, KiB per million instructions", 3804, is_rate=True),
    Unix("unix.shell.nothing", "`sh -c :`", 430_000),
    Unix("unix.shell.fork_exec.200", "200 × fork, exec", 40_700_000),
    Unix("unix.shell.substitution.200", "200 × `x=$(echo $i)`", 52_600_000),
    Unix("unix.shell.pipeline", "`seq 20000 \\| sort -n \\| uniq \\| wc`", 267_500_000),
    Unix("unix.shell.make_tree", "make a tree of 1,000 files", 60_900_000),
    Unix("unix.shell.copy_tree", "copy it", 42_300_000),
    Unix("unix.shell.tar_tree", "tar it", 114_900_000),
    Unix("unix.shell.remove.3000", "remove 3,000 files", 48_400_000),
    Unix("unix.boot", "boot to the first user output", 1_563_000_000),
)
