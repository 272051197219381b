"""What the runner says when it is the runner, and not the guest, that failed.

A guest's script may itself end with any status from 0 to 255, so a status alone proves nothing; the line
`run: ...` on standard error does.
"""

from __future__ import annotations

import sys
from typing import Sequence

WRONG_OPTION = 121  # Also: packages are missing and nobody here may install them.
MISSING_FILE = 122
BUILD_FAILED = 123
GUEST_DIED = 124
TIME_LIMIT = 125


class Failure(Exception):
    """Ends the command with `status` after one line that says which value or which part failed.

    `tail` is the end of the log that explains it: the console's, or the build's.
    """

    def __init__(self, status: int, message: str, tail: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.tail = list(tail)


def report(command: str, failure: Failure) -> int:
    """Prints the failure as the user sees it and returns the status to end with."""
    print(f"{command}: {failure.message}", file=sys.stderr)
    for line in failure.tail:
        print(f"  | {line}", file=sys.stderr)
    sys.stderr.flush()
    return failure.status
