"""./run from the first option to the last status."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Sequence

from . import archive, build
from .boot import boot, show_nothing, to_standard_output
from .failure import GUEST_DIED, Failure, report
from .link import Ending
from .options import Options, parse
from .received import RunSink
from .session import turn_signals_into_exceptions
from .terminal import Terminal

COMMAND = "run"
PURPOSES = ("python", "build", "third-party", "image", "boot")


def main(arguments: Sequence[str], root: Path) -> int:
    turn_signals_into_exceptions()
    try:
        options = parse(arguments, root)
        if options.build:
            # A script's own output must not be mixed with ours, so there only a terminal sees progress.
            quiet = options.script is not None
            build.install_packages(root, COMMAND, PURPOSES, quiet)
            build.build(root, "release", options.build_folder, quiet)
        return run(options)
    except Failure as failure:
        return report(COMMAND, failure)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), 1
        )  # Who read our output is gone; nothing more to tell them.
        return 128 + signal.SIGPIPE


def run(options: Options) -> int:
    """Boots as the options say and returns the status for the shell."""
    jobs = [archive.script_job(options.script)] if options.script else []
    sink = RunSink(options.gets)
    terminal = None if options.script or options.headless else Terminal(0, 1)
    ended = boot(options, jobs, sink, terminal, show_nothing if options.script else to_standard_output)
    if not ended:
        return 0
    sink.gets.finish()
    return _status_of(sink) if jobs else 0


def _status_of(sink: RunSink) -> int:
    """The script's status as a shell would tell it."""
    if sink.ending is Ending.EXITED:
        return sink.value
    if sink.ending is Ending.SIGNALLED:
        return 128 + sink.value
    if sink.ending is Ending.NOT_STARTED:
        raise Failure(GUEST_DIED, f"guest died: the script was not started: {os.strerror(sink.value)}")
    raise Failure(GUEST_DIED, "guest died: the run ended without the script's status")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path(__file__).resolve().parents[2]))
