"""Makes the glue between an interface's C stubs and tests/unit/mig/round_trip.h.

usage: round_trip.py INTERFACE.json USER_HEADER SERVER_HEADER OUTPUT.cpp NAMES.h

NAMES.h gives the routines names that no other interface in the program has.

Of every routine it prints the server's side, which compares what arrives with what was sent and answers with what the test
has chosen, and a call of the user's stub.  Parameters are found in the headers, by their names: the glue knows no more of C
types than a person who calls the stubs.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

BY_REFERENCE = ("array", "varying-array", "string", "rights")
OUT_OF_LINE = ("memory", "ports")


def is_by_address(argument: dict) -> bool:
    return argument["kind"] in BY_REFERENCE or argument["direction"] != "in" or "by_pointer" in argument


def prototypes(header: str) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Function to what it returns and its parameters, each a type and a name."""
    found = {}
    for result, name, text in re.findall(r"^(\w[\w ]*[ *])(\w+)\((.*)\);$", header, re.MULTILINE):
        parameters = [] if text == "void" else re.findall(r"((?:[\w]+[ *]+)+)(\w+)(?:, |$)", text)
        found[name] = (result.strip(), [(kind.strip(), each) for kind, each in parameters])
    return found


class Routine:
    def __init__(self, routine: dict, user: tuple, server: tuple) -> None:
        self.routine, self.user, self.server = routine, user, server
        self.arguments = {each["name"]: (at, each) for at, each in enumerate(routine["arguments"])}

    def part_of(self, parameter: str) -> tuple[int, dict, str]:
        """The argument that a parameter belongs to, and which part of it: '', 'Cnt', 'Poly' or 'Dealloc'."""
        for part in ("", "Cnt", "Poly", "Dealloc"):
            name = parameter.removesuffix(part) if part else parameter
            if parameter.endswith(part) and name in self.arguments:
                return (*self.arguments[name], part)
        raise ValueError(f"{self.routine['name']}: whose is the parameter {parameter}?")

    def passed(self, kind: str, parameter: str) -> str:
        at, argument, part = self.part_of(parameter)
        is_address = kind.endswith("*")
        if part:
            field = {"Cnt": "count", "Poly": "disposition", "Dealloc": "dealloc"}[part]
            return f"{'&' if is_address else ''}call.item({at}).user.{field}"
        if argument["role"] in ("wait-time", "send-time", "msg-option"):
            return "0"
        if is_address and argument["role"] != "data":  # What the trailer tells the user.
            return f"call.item({at}).room<{kind}>()"
        if argument["role"] == "data" and is_by_address(argument):
            return f"call.item({at}).room<{kind}>()"
        return f"call.item({at}).value<{kind}>()"

    def item(self, argument: dict) -> str:
        words = [f'"{argument["name"]}"', f"Role::{argument['role'].title().replace('-', '')}",
                 f"Kind::{argument['kind'].title().replace('-', '')}",
                 f"Direction::{argument['direction'].title()}"]
        size = argument.get("size", 4)
        numbers = [size, argument.get("element_size", size), argument.get("limit", 1)]
        counted = argument.get("count_field", "").removesuffix("Cnt")
        counter = self.arguments[counted][0] if counted else -1
        flags = [argument.get("count_in_out", False), argument.get("overwrite", False),
                 argument.get("auto", False), not argument.get("server_only", False)]
        dispositions = [DISPOSITIONS[argument.get(each, "none")] for each in ("sent", "received")]
        return "{" + ", ".join(words + [str(each) for each in numbers + [counter]] +
                               [str(each).lower() for each in flags] + dispositions) + "}"

    def print(self, user_name: str, server_name: str) -> list[str]:
        name = self.routine["name"]
        kind, parameters = self.server
        text = ", ".join(f"{each} {parameter}" for each, parameter in parameters)
        lines = [f'extern "C" {kind} {server_name}({text})', "{", "    Call& mig_call = Call::current();"]
        # Counts first: how much there is to compare, or room for, is what they say.
        for part in ("Cnt", "Poly", "Dealloc", ""):
            for each, parameter in parameters:
                at, argument, found = self.part_of(parameter)
                if found != part or (part == "" and argument["role"] in ("msg-option",)):
                    continue
                function = {"Cnt": "count", "Poly": "disposition", "Dealloc": "dealloc", "": "data"}[part]
                is_pointer = argument["role"] == "data" and part == "" and \
                    is_by_address(argument)
                by_address = is_pointer or (part != "" and each.endswith("*"))
                lines.append(f"    mig_call.serve_{function}({at}, {'' if by_address else '&'}{parameter});")
        value = len(self.routine["arguments"]) - 1  # Of a function.
        match self.routine.get("style"):
            case "procedure":
                lines.append("    static_cast<void>(mig_call.finish());")
            case "function":
                lines += [f"    {kind} mig_value{{}};", f"    mig_call.serve_data({value}, &mig_value);",
                          "    static_cast<void>(mig_call.finish());", "    return mig_value;"]
            case _:
                lines.append("    return mig_call.finish();")
        lines += ["}", "", f"static kern_return_t call_{name}([[maybe_unused]] Call& call)", "{"]
        passed = ",\n        ".join(self.passed(*each) for each in self.user[1])
        call = f"{user_name}({passed});"
        match self.routine.get("style"):
            case "procedure":
                lines += [f"    {call}", "    return call.take_error();"]
            case "function":
                lines += [f"    const {self.user[0]} mig_value = {call}",
                          f"    std::memcpy(call.item({value}).user.room.data(), &mig_value, sizeof mig_value);",
                          "    return call.take_error();"]
            case _:
                lines.append(f"    return {call}")
        lines += ["}", ""]
        items = ",\n    ".join(self.item(each) for each in self.routine["arguments"])
        lines += [f"static const Item {name}_items[] = {{", f"    {items}}};", ""]
        return lines


DISPOSITIONS = {"none": "0", "polymorphic": "polymorphic"} | {
    each: "MACH_MSG_TYPE_" + each.upper().replace("-", "_")
    for each in ("move-receive", "move-send", "move-send-once", "copy-send", "make-send", "make-send-once")}


def main() -> int:
    description, user_header, server_header, output, names = map(Path, sys.argv[1:])
    interface = json.loads(description.read_text())
    user, server = prototypes(user_header.read_text()), prototypes(server_header.read_text())
    name = interface["subsystem"]
    lines = [f"// Made by round_trip.py from {description.name}.", '#include "round_trip.h"', "",
             f'#include "{user_header.name}"', f'#include "{server_header.name}"', "",
             "using namespace mig::round_trip;", ""]
    entries = []
    for routine in interface["routines"]:
        user_name = interface["user_prefix"] + routine["name"]
        server_name = interface["server_prefix"] + routine["name"]
        lines += Routine(routine, user[user_name], server[server_name]).print(user_name, server_name)
        entries.append(f'    {{"{routine["name"]}", call_{routine["name"]}, {str(routine["simple"]).lower()}, '
                       f'{str("style" not in routine and not routine["simple"]).lower()}, '
                       f'{routine["name"]}_items}},')
    lines += ["static const Routine routines[] = {", *entries, "};", "",
              "namespace mig::round_trip {", f"extern const Interface {name}_trips;",
              f'const Interface {name}_trips{{"{name}", {name}_server, {name}_subsystem.maxsize, routines}};',
              "}"]
    output.write_text("\n".join(lines) + "\n")
    served = [interface["server_prefix"] + each["name"] for each in interface["routines"]]
    names.write_text("".join(f"#define {each} {name}_{each}\n" for each in served))
    return 0


if __name__ == "__main__":
    sys.exit(main())
