"""One boot: QEMU as a child, its three sockets, the person's terminal and the time limit, in one loop.

Owns        the QEMU process, which never outlives run(): it is killed on every way out.
Invariants  (S1) The runner listens on every socket before QEMU starts.
            (S2) What QEMU had written when it ended is read to its end before the outcome is known.
"""

from __future__ import annotations

import contextlib
import enum
import json
import os
import selectors
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Sequence

from . import machine
from .console import Console
from .link import Receiver
from .terminal import HELP, Keys, Terminal

_CHUNK = 65536
_MOST_TYPED_AHEAD = 65536
# A run that has sent its end has nothing left to do but to turn the machine off.
POWER_OFF_PATIENCE = 15.0
# Generous: UEFI under emulation on a loaded machine.  A silent guest must still come to an end.
GREETING_PATIENCE = 240.0


class Reason(enum.Enum):
    ENDED = "ended"  # QEMU ended by itself.
    LEFT = "left"  # Ctrl-A x.
    TIME_LIMIT = "time limit"
    NO_GREETING = "no greeting"  # The guest's hostlink never spoke.
    NO_POWER_OFF = "no power off"  # It said all it had to, but the machine ran on.


@dataclass(frozen=True)
class Outcome:
    reason: Reason
    qemu_status: int
    qemu_errors: str
    was_reset: bool


class Session:
    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        console: Console,
        show: Callable[[bytes], None],
        receiver: Receiver | None,
        terminal: Terminal | None,
        time_limit: float | None,
        needs_greeting: bool,
    ) -> None:
        self._command = command
        self._folder = folder
        self._console = console
        self._show = show
        self._receiver = receiver
        self._terminal = terminal
        self._selector = selectors.PollSelector()  # Unlike epoll it takes a regular file as standard input.
        self._streams: dict[str, socket.socket] = {}
        self._keys = Keys()
        self._typed = bytearray()
        self._listening = False
        self._input_ended = False
        self._monitor = bytearray()
        self._was_reset = False
        self._reason: Reason | None = None
        now = time.monotonic()
        self._limit = now + time_limit if time_limit else None
        self._greeting_limit = now + GREETING_PATIENCE if receiver and needs_greeting else None
        self._power_off_limit: float | None = None

    def run(self) -> Outcome:
        for name in (machine.CONSOLE_SOCKET, machine.LINK_SOCKET, machine.MONITOR_SOCKET):
            self._listen(name)
        errors_path = self._folder / "qemu-errors"
        with open(errors_path, "wb") as errors:
            qemu = subprocess.Popen(
                self._command,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
        try:
            self._loop(qemu)
        finally:
            if qemu.poll() is None:
                qemu.kill()
            qemu.wait()
            self._close()
        text = errors_path.read_text("utf-8", "replace")
        return Outcome(self._reason or Reason.ENDED, qemu.returncode, text, self._was_reset)

    # ---- The loop

    def _loop(self, qemu: subprocess.Popen[bytes]) -> None:
        ended = os.pidfd_open(qemu.pid)
        try:
            self._selector.register(ended, selectors.EVENT_READ, "ended")
            self._listen_to_person(True)
            while self._reason is None:
                for key, events in self._selector.select(self._patience()):
                    self._dispatch(key, events)
                self._check_limits()
            if self._reason is Reason.ENDED:
                self._drain()
        finally:
            os.close(ended)

    def _dispatch(self, key: selectors.SelectorKey, events: int) -> None:
        name = key.data
        if name == "ended":
            self._reason = Reason.ENDED
        elif name == "typed":
            self._take_typed()
        elif name.startswith("listen "):
            self._accept(key.fileobj, name.removeprefix("listen "))
        elif events & selectors.EVENT_READ:
            self._take(name)
        else:
            self._send_typed()

    def _patience(self) -> float | None:
        limits = [limit for limit in (self._limit, self._greeting_limit, self._power_off_limit) if limit]
        return max(0.0, min(limits) - time.monotonic()) if limits else None

    def _check_limits(self) -> None:
        if self._reason is not None:
            return
        now = time.monotonic()
        if self._receiver and self._receiver.greeted:
            self._greeting_limit = None
        if self._limit and now >= self._limit:
            self._reason = Reason.TIME_LIMIT
        elif self._greeting_limit and now >= self._greeting_limit:
            self._reason = Reason.NO_GREETING
        elif self._power_off_limit and now >= self._power_off_limit:
            self._reason = Reason.NO_POWER_OFF

    # ---- Sockets

    def _listen(self, name: str) -> None:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._folder / name))
        listener.listen(1)
        self._streams["listen " + name] = listener
        self._selector.register(listener, selectors.EVENT_READ, "listen " + name)

    def _accept(self, listener: object, name: str) -> None:
        assert isinstance(listener, socket.socket)
        stream, _ = listener.accept()
        self._selector.unregister(listener)
        self._streams[name] = stream
        self._selector.register(stream, selectors.EVENT_READ, name)
        if name == machine.MONITOR_SOCKET:
            _send(stream, b'{"execute":"qmp_capabilities"}\n')
        elif name == machine.CONSOLE_SOCKET:
            self._send_typed()

    def _take(self, name: str) -> bool:
        """Reads one chunk; False at the end of the stream."""
        stream = self._streams[name]
        try:
            data = stream.recv(_CHUNK)
        except ConnectionError:
            data = b""
        if not data:
            self._selector.unregister(stream)
            stream.close()
            del self._streams[name]
            return False
        if name == machine.CONSOLE_SOCKET:
            self._console.take(data)
            self._show(data)
        elif name == machine.MONITOR_SOCKET:
            self._take_monitor(data)
        else:
            self._take_link(stream, data)
        return True

    def _take_link(self, stream: socket.socket, data: bytes) -> None:
        if self._receiver is None or self._receiver.finished:
            return
        answer = self._receiver.feed(data)
        if self._receiver.finished:
            self._power_off_limit = time.monotonic() + POWER_OFF_PATIENCE
        _send(stream, answer)

    def _take_monitor(self, data: bytes) -> None:
        """Listens for the one thing that nothing else tells: the guest reset itself, as a triple fault does.
        """
        self._monitor += data
        while (end := self._monitor.find(b"\n")) >= 0:
            line, self._monitor = self._monitor[:end], self._monitor[end + 1 :]
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if event.get("event") == "SHUTDOWN" and event.get("data", {}).get("reason") == "guest-reset":
                self._was_reset = True

    def _drain(self) -> None:
        """QEMU is gone, so every stream ends; one that was never accepted has nothing in it."""
        for name in (machine.CONSOLE_SOCKET, machine.LINK_SOCKET, machine.MONITOR_SOCKET):
            listener = self._streams.get("listen " + name)
            if listener and name not in self._streams:
                listener.setblocking(False)
                try:
                    self._accept(listener, name)
                except (BlockingIOError, ConnectionError):
                    continue
            while name in self._streams and self._take(name):
                pass

    def _close(self) -> None:
        for stream in self._streams.values():
            stream.close()
        self._selector.close()

    # ---- The person

    def _take_typed(self) -> None:
        assert self._terminal
        try:
            typed = os.read(self._terminal.input, 4096)
        except OSError:
            typed = b""
        if not typed:  # A person who is gone, or the end of a file: the guest runs on.
            self._listen_to_person(False)
            self._input_ended = True
            return
        # Only a person has keys of the runner's own; a file goes to the guest as it is.
        to_guest = self._keys.for_guest(typed) if self._terminal.is_person else typed
        if self._keys.leave:
            self._reason = Reason.LEFT
        if self._keys.help:
            self._keys.help = False
            self._show(HELP)
        self._typed += to_guest
        self._send_typed()

    def _send_typed(self) -> None:
        """Sends what the line takes now.  While it takes nothing, it is watched, and input past a limit
        waits.
        """
        console = self._streams.get(machine.CONSOLE_SOCKET)
        if console is None:
            return
        if self._typed:
            try:
                del self._typed[: console.send(self._typed, socket.MSG_DONTWAIT)]
            except BlockingIOError:
                pass
            except ConnectionError:
                self._typed.clear()
        writing = selectors.EVENT_WRITE if self._typed else 0
        self._selector.modify(console, selectors.EVENT_READ | writing, machine.CONSOLE_SOCKET)
        self._listen_to_person(len(self._typed) < _MOST_TYPED_AHEAD)

    def _listen_to_person(self, listen: bool) -> None:
        if self._terminal is None or self._input_ended or listen == self._listening:
            return
        self._listening = listen
        if listen:
            self._selector.register(self._terminal.input, selectors.EVENT_READ, "typed")
        else:
            self._selector.unregister(self._terminal.input)


def _send(stream: socket.socket, data: bytes) -> None:
    """To a QEMU that may have ended already: what it had to say still waits in the stream, and is read."""
    with contextlib.suppress(ConnectionError):
        stream.sendall(data)


def turn_signals_into_exceptions() -> None:
    """So that every `finally` runs, the terminal's above all."""

    def leave(number: int, _frame: object) -> None:
        raise SystemExit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, leave)
