"""The tables of figures in the documentation: made from a run, never by hand.

In a page they stand between two lines, `<!-- ./bench --table: NAME -->` and `<!-- end of NAME -->`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Callable, Mapping, Sequence

from .figures import Figure
from .groups import SMP_SUFFIX
from .peers import KERNELS, UNIX
from .profile import Line

Figures = Mapping[str, Figure]


def replace(page: Path, name: str, table: str) -> None:
    """Puts the table in its place in the page."""
    begin, end = f"<!-- ./bench --table: {name} -->\n", f"<!-- end of {name} -->"
    text = page.read_text()
    before, found, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not found or not found_end:
        raise ValueError(f"{page} has no place for the table {name}")
    page.write_text(f"{before}{begin}{table}\n{found_end}{after}")


def kernels(figures: Figures) -> str:
    lines = [
        "| operation | GNU Mach | seL4 | NOVA | Fiasco | our aim | **Portico** | with locks |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for peer in KERNELS:
        cells = [_number(peer.gnu_mach), peer.sel4 or "–", peer.nova or "–", _number(peer.fiasco)]
        cells += [f"≤ {peer.aim:,}", _ours(figures, peer.row, peer.aim)]
        with_locks = figures.get(peer.row + SMP_SUFFIX)
        cells.append(f"{with_locks.median:,}" if with_locks else "–")
        lines.append(f"| {peer.operation} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def unix(figures: Figures) -> str:
    lines = ["| operation | Linux | **Portico** | ours : theirs |", "|---|--:|--:|--:|"]
    for peer in UNIX:
        figure = figures.get(peer.row)
        if not figure:
            lines.append(f"| {peer.operation} | {_number(peer.linux)} | – | – |")
            continue
        cost = peer.linux / max(figure.minimum, 1) if peer.is_rate else figure.minimum / peer.linux
        lines.append(f"| {peer.operation} | {_number(peer.linux)} | {_number(figure.minimum)} | {cost:.2f} |")
    return "\n".join(lines)


def above(figures: Figures) -> list[str]:
    """The rows that cost more than they should."""
    return [peer.row for peer in KERNELS if (figure := figures.get(peer.row)) and figure.median > peer.aim]


def counts(rows: Sequence[str], profile_of: Callable[[str], Sequence[Line]], most: int) -> str:
    """For each row its costliest functions, in one paragraph."""
    text = []
    for row in rows:
        lines = profile_of(row)
        shown = [f"{_short(line.function)} {line.count:,.0f}" for line in lines[:most]]
        total = sum(line.count for line in lines)
        rest = total - sum(line.count for line in lines[:most])
        text.append(f"**`{row}`**, {total:,.0f} on average: {' · '.join(shown)} · others {rest:,.0f}\n")
    return "\n".join(text)


def _ours(figures: Figures, row: str, aim: int) -> str:
    figure = figures.get(row)
    if not figure:
        return "–"
    return f"**{figure.median:,}**" if figure.median <= aim else f"{figure.median:,}"


def _number(value: int | None) -> str:
    if value is None:
        return "–"
    return f"{value / 1e6:,.1f} M" if value >= 10_000_000 else f"{value:,}"


def _short(function: str) -> str:
    """A function's name without its arguments and anonymous name spaces."""
    return re.sub(r"\(.*", "", function.replace("(anonymous namespace)::", ""))
