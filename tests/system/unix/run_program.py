"""Runs a program of GUEST_TESTs as a process of the guest's Unix; its result lines come out on standard output.

By hand, for a campaign: run_program.py --slice all build/user/unix-test-load, or --slice 17/100 for a part of it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build-folder", type=Path, default=ROOT / "build")
    parser.add_argument("--wiring", default="single", choices=("single", "multi"))
    parser.add_argument("--time-limit", type=int, default=3600)
    parser.add_argument("--slice", default="all", metavar="N/100", help="a part of the campaign, or all")
    parser.add_argument("--only", default="", metavar="TEXT", help="only tests whose name contains this")
    parser.add_argument("--kernel", default="portico.elf", help="portico-checked.elf for deaths")
    parser.add_argument("--icount", action="store_true")
    parser.add_argument("--smp", default="1")
    parser.add_argument("--put", action="append", default=[], metavar="HOST:GUEST")
    parser.add_argument("--first-task", type=Path, metavar="FILE", help="as ./run's")
    parser.add_argument("program", type=Path)
    given = parser.parse_args()

    name = given.program.name
    log = given.build_folder / "logs" / f"{name}-{given.wiring}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [str(ROOT / "run"), "--no-build", "--build-folder", str(given.build_folder)]
    command += ["--wiring", given.wiring, "--time-limit", str(given.time_limit), "--log", str(log), "--smp", given.smp]
    command += ["--put", f"{given.program}:/test/{name}"]
    for put in given.put:
        command += ["--put", put]
    command += ["--kernel", given.kernel]
    command += ["--icount"] if given.icount else []
    command += ["--first-task", str(given.first_task)] if given.first_task else []
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as script:
        script.write(f"PORTICO_SLICE={given.slice} exec /test/{name} '{given.only}'\n")
        script.flush()
        status = subprocess.run(command + ["--script", script.name], check=False).returncode
    if status != 0:
        print(f"run_program.py: status {status}; the end of {log}:")
        print("\n".join(log.read_text(errors="replace").splitlines()[-30:]) if log.exists() else "(no log)")
    return status


if __name__ == "__main__":
    sys.exit(main())
