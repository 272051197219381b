#!/usr/bin/env python3
"""A stand-in for QEMU: takes the runner's command line and plays a guest, good or bad, as FAKE_GUEST says.

hostlink   unpacks the run archive and lets the real hostlink, built for this machine, carry it out over a pty
shell      echoes the console in capitals until it reads "poweroff"
panic      prints a panic and ends
reset      says on the monitor that the guest reset itself, and ends
mute       boots and says nothing more, for ever
refuse     ends at once with a message, as QEMU does over a wrong option
garble     as hostlink, but one byte of the link is turned over
cut        as hostlink, but the machine ends in the middle
stay       as hostlink, but the machine stays on after the end
"""

from __future__ import annotations

import os
import pty
import select
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def connect(arguments: list[str], name: str) -> socket.socket:
    definition = next(a for a in arguments if a.startswith(f"socket,id={name},"))
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect(definition.partition("path=")[2])
    return stream


def unpack(archive: Path, root: Path) -> None:
    """A reader of its own, so that the writer is not only compared with itself."""
    data = archive.read_bytes()
    at = 0
    while True:
        assert data[at : at + 6] == b"070701", at
        fields = [int(data[at + 6 + 8 * i : at + 14 + 8 * i], 16) for i in range(13)]
        mode, size, name_size = fields[1], fields[6], fields[11]
        name = data[at + 110 : at + 110 + name_size - 1].decode()
        at += (110 + name_size + 3) & ~3
        body = data[at : at + size]
        at += (size + 3) & ~3
        if name == "TRAILER!!!":
            return
        place = root / name
        if mode & 0o170000 == 0o040000:
            place.mkdir()
        elif mode & 0o170000 == 0o120000:
            place.symlink_to(body.decode())
        else:
            place.write_bytes(body)
        if mode & 0o170000 != 0o120000:
            place.chmod(mode & 0o7777)


def play_hostlink(arguments: list[str], link: socket.socket, guest: str) -> None:
    root = Path(tempfile.mkdtemp(prefix="fake-guest-"))
    unpack(Path("run.cpio"), root)
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [
            os.environ["FAKE_HOSTLINK"],
            "--device",
            os.ttyname(slave),
            "--manifest",
            str(root / "run/manifest"),
            "--root",
            str(root),
        ]
    )
    passed = 0
    while process.poll() is None:
        ready, _, _ = select.select([master, link], [], [], 0.05)
        if link in ready and (data := link.recv(4096)):
            os.write(master, data)
        if master in ready:
            data = bytearray(os.read(master, 4096))
            if guest == "garble" and passed <= 40 < passed + len(data):
                data[40 - passed] ^= 0x20
            passed += len(data)
            link.sendall(data)
            if guest == "cut" and passed > 100:
                process.kill()
                return
    if guest == "stay":
        time.sleep(60)


def play_shell(console: socket.socket) -> None:
    console.sendall(b"$ ")
    typed = b""
    while b"poweroff" not in typed:
        data = console.recv(4096)
        typed += data
        console.sendall(data.upper())
    console.sendall(b"\r\nbye\r\n")


def main() -> int:
    arguments = sys.argv[1:]
    guest = os.environ.get("FAKE_GUEST", "shell")
    if guest == "refuse":
        print("qemu-system-x86_64: -smp 99: not possible", file=sys.stderr)
        return 1
    console, link, monitor = (connect(arguments, name) for name in ("console", "link", "monitor"))
    if "-append" in arguments:
        console.sendall(b"words: " + arguments[arguments.index("-append") + 1].encode() + b"\r\n")
    if guest == "shell":
        play_shell(console)
    elif guest == "panic":
        console.sendall(b"\r\npanic: (P1) broken\x1b[0m\r\nrip=0\r\n")
        return 193
    elif guest == "reset":
        monitor.sendall(b'{"event":"SHUTDOWN","data":{"guest":true,"reason":"guest-reset"}}\n')
    elif guest == "mute":
        time.sleep(60)
    else:
        play_hostlink(arguments, link, guest)
    return 0


if __name__ == "__main__":
    sys.exit(main())
