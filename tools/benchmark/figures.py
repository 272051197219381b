"""Figures: the lines that benchmark programs print, and what makes a run worth nothing.

A line is NAME, minimum, median and unit, separated by tabs; NAME is like ipc.rpc.32.  Every program also
measures a loop of 1,000 instructions under the name `calibration`: unless both its figures are 1000, nothing
the run says counts.  Nor does it if an operation failed: then a line says `failed`, the row and the code.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, replace
from typing import Iterable

CALIBRATION = "calibration"
CALIBRATED = 1000

_LINE = re.compile(
    r"^(?P<name>[a-z0-9_]+(?:\.[a-z0-9_]+)*)\t(?P<least>\d+)\t(?P<median>\d+)\t(?P<unit>[A-Za-z ]+)$"
)
_FAILURE = re.compile(r"^failed\t(?P<what>.*)\t(?P<code>-?\d+)\r?$", re.MULTILINE)


@dataclass(frozen=True)
class Figure:
    name: str
    minimum: int
    median: int
    unit: str

    def renamed(self, suffix: str) -> Figure:
        return replace(self, name=self.name + suffix)

    def line(self) -> str:
        return f"{self.name}\t{self.minimum}\t{self.median}\t{self.unit}"

    def json(self) -> dict[str, str | int]:
        return asdict(self)


class Rejected(Exception):
    """The run cannot be trusted; the text says why."""


def parse(log: str) -> list[Figure]:
    """Other lines of a console are passed over.  Raises Rejected if an operation failed."""
    if failure := _FAILURE.search(log):
        raise Rejected(f"{failure['what']} failed with code {failure['code']}")
    found = (_LINE.match(line.rstrip("\r")) for line in log.split("\n"))
    return [Figure(m["name"], int(m["least"]), int(m["median"]), m["unit"]) for m in found if m]


def operations(log: str, row: str) -> int:
    """How many operations the samples of the row were made of; a program says it when asked for one row."""
    found = re.search(rf"^operations\t{re.escape(row)}\t(\d+)\r?$", log, re.MULTILINE)
    if not found:
        raise Rejected(f"there is no row {row}")
    return int(found[1])


def trusted(figures: Iterable[Figure]) -> list[Figure]:
    """The figures without the calibration.  Raises Rejected if that is missing or wrong, or a name comes
    twice.
    """
    result: list[Figure] = []
    calibrated = False
    for figure in figures:
        if figure.name == CALIBRATION:
            calibrated = True
            if (figure.minimum, figure.median) != (CALIBRATED, CALIBRATED):
                raise Rejected(
                    f"a loop of {CALIBRATED} instructions measured {figure.minimum} to {figure.median}"
                )
        elif any(figure.name == other.name for other in result):
            raise Rejected(f"{figure.name} was measured twice")
        else:
            result.append(figure)
    if not calibrated:
        raise Rejected("the program did not measure the loop of 1,000 instructions")
    if not result:
        raise Rejected("the program printed no figure")
    return result
