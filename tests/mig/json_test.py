"""The JSON of every interface of the system says what docs/mig-json.md says that it says.

usage: json_test.py MIG SOURCE_FOLDER
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unittest
from pathlib import Path

MIG = ""
ROOT = Path()
HEADERS = {"osf": 24, "gnu": 32}
SIZES = {"descriptor-count": 4, "port-descriptor": 12, "memory-descriptor": 16,
         "ports-descriptor": 16, "ndr": 8, "return-code": 4, "count": 4, "string-offset": 4, "string-count": 4,
         "capacity": 4, "address": 8}


def interface_files() -> list[Path]:
    found = [path for path in ROOT.glob("*/**/*.defs")
             if "include" in path.parts or path.match("tests/mig/good/*.defs")]
    return sorted(path for path in found if not path.relative_to(ROOT).parts[0].startswith("build")
                  and re.search(r"^\s*(subsystem|traps)\b", path.read_text(), re.MULTILINE | re.IGNORECASE))


def description(path: Path) -> dict:
    includes = [f"-I{ROOT / folder}" for folder in
                ("kernel/include", "drivers/include", "unix-server/include", "bootstrap/include")]
    done = subprocess.run([MIG, "json", *includes, str(path)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class Json(unittest.TestCase):
    interfaces: list[dict] = []
    documented: set[str] = set()

    @classmethod
    def setUpClass(cls) -> None:
        cls.interfaces = [description(path) for path in interface_files()]
        cls.documented = set(re.findall(r"[`\"]([a-z_-]+)[`\"]", (ROOT / "docs/mig-json.md").read_text()))

    def messages(self) -> list[tuple[str, dict]]:
        return [(f"{interface['subsystem']}.{routine['name']}.{which}", routine[which])
                for interface in self.interfaces if "subsystem" in interface
                for routine in interface["routines"] for which in ("request", "reply") if which in routine]

    def test_there_are_interfaces(self) -> None:
        self.assertGreater(len(self.interfaces), 30)
        self.assertIn("mach_traps", [each.get("traps") for each in self.interfaces])
        self.assertEqual({each["dialect"] for each in self.interfaces}, {"osf", "gnu"})

    def test_a_message_begins_with_the_header_of_its_format(self) -> None:
        for interface in self.interfaces:
            for routine in interface["routines"] if "subsystem" in interface else []:
                header = routine["request"]["layout"][0]
                self.assertEqual((header["part"], header["size"]), ("header", HEADERS[interface["dialect"]]))

    def test_the_stretches_of_a_message_cover_it_without_gap_or_overlap(self) -> None:
        for name, message in self.messages():
            at = 0
            for part in message["layout"]:
                self.assertEqual(part["offset"], at, f"{name}: {part}")
                self.assertEqual(part["size"], SIZES.get(part["part"], part["size"]), f"{name}: {part}")
                at += (part["size"] + 3) & ~3
            self.assertEqual(at, message["maximum_size"], name)
            varying = sum((part["size"] + 3) & ~3 for part in message["layout"] if part["part"] == "data")
            self.assertEqual(message["maximum_size"] - message["minimum_size"], varying, name)

    def test_every_argument_that_travels_has_its_place(self) -> None:
        for interface in self.interfaces:
            for routine in interface["routines"] if "subsystem" in interface else []:
                for argument in routine["arguments"]:
                    travels = argument["role"] == "data"
                    in_request = travels and argument["direction"] != "out" or "count_in_out" in argument
                    in_reply = travels and argument["direction"] != "in"
                    for which, expected in (("request", in_request), ("reply", in_reply)):
                        named = any(part.get("argument") == argument["name"]
                                    for part in routine.get(which, {"layout": []})["layout"])
                        self.assertEqual(named, expected, f"{routine['name']}.{argument['name']} in {which}")

    def test_who_owns_each_right_and_region_is_told(self) -> None:
        for interface in self.interfaces:
            for routine in interface["routines"] if "subsystem" in interface else []:
                for argument in routine["arguments"]:
                    out_of_line = argument["role"] == "data" and argument["kind"] in ("port", "memory", "ports", "rights")
                    told = {which for which in ("request", "reply") if f"{which}_ownership" in argument}
                    expected = {"in": {"request"}, "out": {"reply"}, "inout": {"request", "reply"}}
                    self.assertEqual(told, expected[argument["direction"]] if out_of_line else set(),
                                     f"{routine['name']}.{argument['name']}")

    def test_a_pointer_of_a_trap_has_an_extent(self) -> None:
        for interface in self.interfaces:
            for trap in interface["routines"] if "traps" in interface else []:
                names = {argument["name"] for argument in trap["arguments"]}
                for argument in trap["arguments"]:
                    if argument["kind"] == "pointer":
                        self.assertTrue(argument.get("limit", 0) > 0 or argument["count_argument"] in names)

    def test_every_member_and_word_is_documented(self) -> None:
        def visit(value: object, key: str = "") -> None:
            if isinstance(value, dict):
                for name, inner in value.items():
                    self.assertTrue(name in self.documented or name.removeprefix("reply_") in self.documented or
                                    name.replace("reply_", "request_") in self.documented, f"member {name}")
                    visit(inner, name)
            elif isinstance(value, list):
                for inner in value:
                    visit(inner, key)
            elif key in ("part", "kind", "format", "role", "sent", "received", "direction", "sender", "success", "failure"):
                if isinstance(value, str):
                    self.assertIn(value, self.documented, f"{key} {value}")
        for interface in self.interfaces:
            visit(interface)


if __name__ == "__main__":
    MIG, ROOT = sys.argv[1], Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
