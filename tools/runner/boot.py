"""One boot from the options to the outcome: prepares QEMU's folder, runs the session, judges how it ended."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Callable, Sequence

from . import archive, machine
from .console import Console
from .cpio import Archive
from .failure import GUEST_DIED, MISSING_FILE, TIME_LIMIT, Failure
from .link import DamagedLink, Receiver, Sink
from .options import Options
from .session import Outcome, Reason, Session
from .terminal import Terminal


def boot(
    options: Options,
    jobs: Sequence[archive.Job],
    sink: Sink,
    terminal: Terminal | None,
    show: Callable[[bytes], None],
) -> bool:
    """Runs the jobs in one boot, or none, and tells the sink what they produce.

    Returns True when the guest came to its own end, False when the person left.  Raises Failure when neither.
    """
    receiver = Receiver(sink) if jobs or options.gets else None
    console = Console(_console_log(options))
    with tempfile.TemporaryDirectory(prefix="portico-run-") as name:
        folder = Path(name)
        rows, columns = terminal.size() if terminal else (24, 80)
        kind = terminal.kind() if terminal else "dumb"
        words = machine.kernel_words(options, kind, rows, columns, bool(jobs))
        command = _prepare(options, folder, words, jobs)
        session = Session(command, folder, console, show, receiver, terminal, options.time_limit, bool(jobs))
        try:
            if terminal:
                terminal.enter()
            outcome = session.run()
        except DamagedLink as reason:
            raise Failure(GUEST_DIED, f"guest died: its link is damaged: {reason}", console.tail()) from None
        finally:
            if terminal:
                terminal.leave()
            if (log := folder / machine.DEBUG_CONSOLE).exists():
                console.take(log.read_bytes())
            console.close()
    _judge(options, outcome, console, receiver)
    return outcome.reason is Reason.ENDED


def to_standard_output(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


def show_nothing(data: bytes) -> None:
    """The console of a script's run is in the log."""


def _console_log(options: Options) -> Path:
    if options.log:
        return options.log
    logs = options.build_folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return logs / "console.log"


def _prepare(options: Options, folder: Path, words: str, jobs: Sequence[archive.Job]) -> list[str]:
    """Fills QEMU's working directory and returns QEMU's command line."""
    has_archive = bool(jobs or options.puts or options.gets)
    if has_archive:
        archive.write(folder / machine.RUN_ARCHIVE, jobs, options.puts, options.gets, options.build_folder / "root")
    if options.through_grub:
        _link(folder, machine.ISO, options.build_folder / machine.ISO)
        _write_run_disk(folder, machine.grub_settings(words, options.wiring, has_archive), has_archive)
        if options.uefi:
            _link(folder, machine.UEFI_CODE_NAME, machine.UEFI_CODE)
            _require(machine.UEFI_VARIABLES)
            shutil.copy(machine.UEFI_VARIABLES, folder / machine.UEFI_VARIABLES_NAME)
        return machine.command(options, machine.Boot(words, (), through_grub=True, run_disk=True))

    _link(folder, machine.KERNEL, _built(options.build_folder, "kernel", options.kernel))
    modules = [machine.BOOTSTRAP]
    if options.bootstrap:
        _link(folder, machine.BOOTSTRAP, options.bootstrap)
    else:
        _link(folder, machine.BOOTSTRAP, _built(options.build_folder, "user", machine.BOOTSTRAP))
        _link(folder, machine.ROOT_ARCHIVE, options.build_folder / machine.ROOT_ARCHIVE)
        modules += [machine.ROOT_ARCHIVE] + ([machine.RUN_ARCHIVE] if has_archive else [])
    if options.first_task:
        # bootstrap comes last then, for the first task to start it.
        _link(folder, machine.FIRST_TASK, options.first_task)
        modules = [machine.FIRST_TASK] + modules[1:] + [machine.BOOTSTRAP]
    return machine.command(options, machine.Boot(words, tuple(modules), through_grub=False, run_disk=False))


def _judge(options: Options, outcome: Outcome, console: Console, receiver: Receiver | None) -> None:
    """Raises Failure when the guest did not end the way it should."""
    tail = console.tail()
    # The word alone proves nothing when the machine ended well: anybody may print it.
    died_talking = console.panicked and outcome.reason is not Reason.ENDED
    if outcome.qemu_status == machine.PANIC_STATUS or died_talking:
        raise Failure(GUEST_DIED, "guest died: the kernel panicked", tail)
    if outcome.reason is Reason.TIME_LIMIT:
        raise Failure(
            TIME_LIMIT, f"time limit: the guest ran longer than --time-limit {options.time_limit:g}", tail
        )
    if outcome.reason is Reason.NO_GREETING:
        raise Failure(GUEST_DIED, "guest died: it booted, but nothing in it took up the run", tail)
    if outcome.reason is Reason.NO_POWER_OFF:
        raise Failure(GUEST_DIED, "guest died: the run was over, but it did not turn the machine off", tail)
    if outcome.reason is Reason.LEFT:
        return
    if outcome.qemu_status < 0 or outcome.qemu_errors:
        why = outcome.qemu_errors.strip().splitlines()[-1:] or [
            f"QEMU was ended by signal {-outcome.qemu_status}"
        ]
        raise Failure(GUEST_DIED, f"guest died: {why[0]}", tail)
    if outcome.was_reset:
        raise Failure(GUEST_DIED, "guest died: it reset the machine", tail)
    if receiver and not receiver.finished:
        raise Failure(GUEST_DIED, "guest died: the machine ended before the run did", tail)


def _write_run_disk(folder: Path, settings: str, has_archive: bool) -> None:
    with open(folder / machine.RUN_DISK, "wb") as out:
        disk = Archive(out)
        disk.add_bytes("portico/run.cfg", settings.encode())
        if has_archive:
            disk.add_from_host(folder / machine.RUN_ARCHIVE, "portico/run.cpio")
        disk.close()
        out.write(b"\0" * (-out.tell() % 512))


def _built(folder: Path, sub_folder: str, name: str) -> Path:
    """The build keeps programs in a folder by kind, and the kernel beside them."""
    place = folder / sub_folder / name
    return place if place.exists() else folder / name


def _require(path: Path) -> None:
    if not path.is_file():
        raise Failure(MISSING_FILE, f"'{path}' is not there; the build did not make it")


def _link(folder: Path, name: str, target: Path) -> None:
    _require(target)
    (folder / name).symlink_to(target.absolute())
