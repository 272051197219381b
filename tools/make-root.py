#!/usr/bin/env python3
"""Lays out the root file system the system starts with, and packs it.

    make-root.py --out DIR --archive FILE --skeleton DIR [--applets LIST] [--program FILE=PATH]... [--link PATH=TARGET]...

DIR is made anew: directories, the skeleton's files, the programs (stripped), a link to /bin/busybox for each of its
applets that is not there already, and the other links.  FILE is the same tree as a "newc" cpio archive.  Order, owners
and times do not depend on the machine, so equal inputs give equal archives.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from runner.cpio import Archive  # noqa: E402

# 2024-01-01 00:00 UTC, when the clock of a deterministic boot starts.
TIME = 1704067200

DIRECTORIES = {
    "bin": 0o755, "dev": 0o755, "etc": 0o755, "home": 0o755, "home/guest": 0o755, "mnt": 0o755, "proc": 0o555,
    "root": 0o700, "tmp": 0o1777, "usr": 0o755, "usr/bin": 0o755, "var": 0o755, "var/log": 0o755, "var/tmp": 0o1777,
}


def copy_skeleton(skeleton: Path, out: Path) -> None:
    for source in sorted(skeleton.rglob("*")):
        if source.is_file():
            target = out / source.relative_to(skeleton)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o644)


def put_program(out: Path, program: str) -> None:
    file, path = program.split("=", 1)
    target = out / path
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["llvm-strip-19", "-o", str(target), file], check=True)
    target.chmod(0o755)


def put_link(out: Path, path: str, target: str) -> None:
    link = out / path
    if not link.is_symlink() and not link.exists():
        link.symlink_to(target)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--skeleton", type=Path, required=True)
    parser.add_argument("--applets", type=Path)
    parser.add_argument("--program", action="append", default=[])
    parser.add_argument("--link", action="append", default=[])
    options = parser.parse_args()

    out = options.out
    if out.exists():
        shutil.rmtree(out)
    for path in DIRECTORIES:
        (out / path).mkdir(parents=True)
    copy_skeleton(options.skeleton, out)
    for program in options.program:
        put_program(out, program)
    for link in options.link:
        put_link(out, *link.split("=", 1))
    if options.applets:
        for applet in options.applets.read_text().split():
            put_link(out, f"bin/{applet}", "busybox")

    # Modes of directories come last, so that one that may not be written can be filled.
    for path, mode in DIRECTORIES.items():
        (out / path).chmod(mode)
    for path in sorted(out.rglob("*"), reverse=True):
        os.utime(path, (TIME, TIME), follow_symlinks=False)
    unfinished = options.archive.with_suffix(".unfinished")
    with open(unfinished, "wb") as file:
        archive = Archive(file)
        for name in sorted(os.listdir(out)):
            archive.add_from_host(out / name, name)
        archive.close()
    unfinished.replace(options.archive)


main()
