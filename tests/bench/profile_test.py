"""How counts by address become counts by function."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from benchmark.profile import LOAD_ADDRESSES, Counted, Line, Program, by_function, read, table  # noqa: E402

# A program of the build machine's, for its symbols; any will do that is not stripped.
PROGRAM = Path(sys.argv.pop(1)) if len(sys.argv) > 1 else None


class Profiles(unittest.TestCase):
    def test_the_file_of_the_plugin_is_read_by_processor(self) -> None:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("windows 3 0\nffffffff80000000 90 5 1\n400010 0f05 7 0\n")
            file.flush()
            counted = read(Path(file.name))
        self.assertEqual(counted.windows, [3, 0])
        self.assertEqual(counted.instructions[1], (0x400010, b"\x0f\x05", [7, 0]))
        self.assertEqual(counted.by_processor(), [12, 1])

    @unittest.skipUnless(PROGRAM, "no program was named")
    def test_an_instruction_belongs_to_the_function_of_the_program_that_has_its_bytes(self) -> None:
        assert PROGRAM
        program = Program(PROGRAM)
        start = program.address_of("main")
        code = next(bytes([i]) for i in range(256) if program.has(start, bytes([i])))
        other = bytes([code[0] ^ 1])
        counted = Counted([1], [(LOAD_ADDRESSES[1] + start, code, [6]), (LOAD_ADDRESSES[1] + start, other, [4])])
        lines = by_function(counted, 2, program, [program], inlined=False)
        self.assertEqual(lines[0], Line(3.0, PROGRAM.name, "main"))
        self.assertEqual((lines[1].count, lines[1].program), (2.0, "?"))

    def test_small_shares_are_summed_up(self) -> None:
        text = table([Line(10, "a", "f"), Line(0.5, "a", "g"), Line(0.25, "a", "h")], least=1)
        self.assertNotIn(" g", text)
        self.assertIn("0.8", text.splitlines()[1])
        self.assertIn("10.8", text.splitlines()[-1])


if __name__ == "__main__":
    unittest.main()
