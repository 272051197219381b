"""The run archive: what travels into the guest, and the manifest that tells hostlink what to do with it.

The file service unpacks the archive over the root tree before init starts.  Scripts lie at
/run/script/NUMBER/NAME, each alone in a folder of its own that is also its working directory; /run/manifest
is described in libc/userland/hostlink/manifest.h.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

from .cpio import Archive, UnsupportedFile
from .failure import MISSING_FILE, WRONG_OPTION, Failure
from .options import Transfer

MANIFEST = "/run/manifest"

# Nothing of the host leaks into a run: the same script sees the same world tomorrow and elsewhere.
ENVIRONMENT = {"LC_ALL": "C", "TZ": "UTC0", "PATH": "/bin:/usr/bin:/sbin:/usr/sbin"}


_MADE_BY_GUEST = ("dev", "proc")


@dataclass(frozen=True)
class Job:
    """One script, to be called as `sh ./NAME` in a folder that holds nothing else."""

    number: int
    name: str
    text: bytes
    time_limit: int = 0  # Seconds; 0 is none.

    @property
    def folder(self) -> str:
        return f"/run/script/{self.number:03d}"


def script_job(script: Path, number: int = 0, time_limit: int = 0) -> Job:
    return Job(number, script.name, script.read_bytes(), time_limit)


def manifest(jobs: Sequence[Job], gets: Sequence[Transfer]) -> bytes:
    lines = [["portico-run 1"], ["umask", "022"]]
    lines += [["env", f"{name}={value}"] for name, value in ENVIRONMENT.items()]
    lines += [
        ["job", str(job.number), job.folder, str(job.time_limit), "sh", "./" + job.name] for job in jobs
    ]
    lines += [["get", str(number), get.guest] for number, get in enumerate(gets)]
    return b"".join(os.fsencode("\t".join(map(_escape, fields)) + "\n") for fields in lines)


def write(path: Path, jobs: Sequence[Job], puts: Sequence[Transfer], gets: Sequence[Transfer], root: Path) -> None:
    """`root` holds the files that the guest has anyway."""
    with open(path, "wb") as out:
        archive = Archive(out)
        for put in puts:
            try:
                archive.add_from_host(put.host, _destination(put, root))
            except UnsupportedFile as reason:
                raise Failure(MISSING_FILE, f"--put: {reason}") from None
            except OSError as error:
                raise Failure(MISSING_FILE, f"--put '{error.filename}': {error.strerror}") from None
        for job in jobs:
            archive.add_bytes(f"{job.folder}/{job.name}", job.text, mode=0o755)
        if jobs or gets:
            archive.add_bytes(MANIFEST, manifest(jobs, gets))
        archive.close()


def _destination(put: Transfer, root: Path) -> str:
    """As with cp, a destination that ends with a slash, or is a folder of the guest's, is where a file is put into."""
    inside = put.guest.strip("/")
    if inside.split("/")[0] in _MADE_BY_GUEST:
        raise Failure(WRONG_OPTION, f"--put to '{put.guest}': the guest makes what is in there itself")
    if put.guest.endswith("/"):
        return f"{put.guest}{put.host.absolute().name}"
    if not put.host.is_dir() and (not inside or (root / inside).is_dir()):
        return f"{put.guest}/{put.host.absolute().name}"
    return put.guest


def _escape(field: str) -> str:
    return field.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
