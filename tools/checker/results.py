"""Counts tests: ctest's own results, and single tests where a test program wrote GoogleTest's XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)  # Names, and where to read more.

    def add(self, other: "Count") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures

    def one(self, good: bool, name: str) -> None:
        if good:
            self.passed += 1
        else:
            self.failed += 1
            self.failures.append(name)

    def __str__(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return text + (f", {self.skipped} skipped" if self.skipped else "")


def of_ctest(junit: Path, details: Path, label: str) -> Count:
    """Reads ctest's report.  A test that wrote details/NAME.xml counts by what is in there, if that was
    whole.
    """
    count = Count()
    for case in ET.parse(junit).getroot().iter("testcase"):
        name = case.get("name", "?")
        good = case.get("status") == "run" and case.find("failure") is None
        if case.find("skipped") is not None or case.get("status") in ("disabled", "notrun"):
            # A test that could not be run at all is a failure: only the test itself may say that it does not
            # apply.
            if case.get("status") == "disabled" or _said_skipped(case):
                count.skipped += 1
            else:
                count.one(False, f"{label}: {name} was not run")
            continue
        single = _of_googletest(details / f"{name}.xml", name)
        if single is not None and (good or single.failed):
            count.add(single)
        else:
            count.one(good, f"{label}: {name}")
    return count


def _said_skipped(case: ET.Element) -> bool:
    output = case.findtext("system-out") or ""
    return "[  SKIPPED ]" in output


def _of_googletest(report: Path, label: str) -> Count | None:
    if not report.is_file():
        return None
    try:
        root = ET.parse(report).getroot()
    except ET.ParseError:
        return None
    count = Count()
    for case in root.iter("testcase"):
        if case.get("result") == "suppressed" or case.get("status") == "notrun":
            continue
        if case.get("result") == "skipped":
            count.skipped += 1
        else:
            count.one(case.find("failure") is None, f"{label}: {case.get('classname')}.{case.get('name')}")
    return count
