"""The words that generated scripts are made of: names, expansions, expressions, conditions and filters."""

from __future__ import annotations

import random

_WORDS = (
    "alpha",
    "beta",
    "gamma",
    "delta",
    "x1",
    "y22",
    "z333",
    "42",
    "007",
    "-5",
    "Mixed Case",
    "a b  c",
    "tab\there",
    "",
    "*",
    "?",
    "[a-c]",
    "back\\slash",
    "dollar$",
    "quote'd",
    "semi;colon",
    "per%cent",
    "#hash",
    "~",
    "a/b/c.txt",
)
VARIABLES = ("a", "b", "c", "d", "e")
FILES = ("f1", "f2", "f3", "data", "list")
SAFE_GLOBS = ("f*", "?1", "[d-f]*", "*.none", "*")

# Every filter reads all its input, so nobody writing to it is killed by SIGPIPE at a moment that depends on
# speed, and none complains, so its message cannot race another.  {n} becomes a small number.
_FILTERS = (
    "sort",
    "sort -r",
    "sort -n",
    "sort -u",
    "sort | uniq -c | sed 's/^ *//'",
    "uniq",
    "sed -n '1,{n}p'",
    "tail -n {n}",
    "tr a-z A-Z",
    "tr -d aeiou",
    "tr -s ' '",
    "cut -c 1-{n}",
    "cut -d ' ' -f 1",
    "wc -l | tr -d ' '",
    "wc -c | tr -d ' '",
    "sed 's/a/A/g'",
    "sed -n '{n}p'",
    "sed '{n}d'",
    "sed 's/\\(.\\)\\(.\\)/\\2\\1/'",
    "sed '$!d'",
    "sed -e '/a/!s/$/ no a/'",
    "grep a",
    "grep -v b",
    "grep -c '[0-9]'",
    "grep -n .",
    "awk '{{ print NF, $1 }}'",
    "awk '{{ n += length($0) }} END {{ print n + 0 }}'",
    "awk 'NR % 2'",
    "awk '{{ print NR \": \" $0 }}'",
    "cat",
    "cat -",
    "tee copy",
    "od -An -c | tail -n {n}",
    "tr -cd 'a-z0-9 \\n' | xargs -n 2 echo",
    "md5sum | cut -d ' ' -f 1",
    "fold -w {n}",
)


class Words:
    """Chooses words.  All choices of one script come from one generator, so their order is part of the seed.
    """

    def __init__(self, chooser: random.Random) -> None:
        self._random = chooser

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _word(self) -> str:
        return self._random.choice(_WORDS)

    def _number(self) -> int:
        return self._random.choice((0, 1, 2, 3, 5, 7, 10, 16, 99, 1000, -1, -17))

    @staticmethod
    def _quoted(text: str) -> str:
        return "'" + text.replace("'", "'\\''") + "'"

    def _words(self, least: int, most: int) -> str:
        return " ".join(self._quoted(self._word()) for _ in range(self._random.randint(least, most)))

    def _variable(self) -> str:
        return self._random.choice(VARIABLES)

    def _file(self) -> str:
        return self._random.choice(FILES)

    def _sink(self) -> str:
        """Where a compound command writes: never a file that something inside it may read, or it has no end.
        """
        return self._random.choice(("out.1", "out.2"))

    def _expansion(self) -> str:
        """A variable, expanded in one of the ways there are; safe between double quotes."""
        name, pattern = self._variable(), self._random.choice(("a", "*a", "?", "*/", "[0-9]", "* ", "*l"))
        return self._random.choice(
            (
                f"${name}",
                f"${{{name}}}",
                f"${{#{name}}}",
                f"${{{name}:-none}}",
                f"${{{name}-unset}}",
                f"${{{name}:+set}}",
                f"${{unset_{name}:-{self._variable()}}}",
                f"${{{name}#{pattern}}}",
                f"${{{name}##{pattern}}}",
                f"${{{name}%{pattern[::-1]}}}",
                f"${{{name}%%{pattern[::-1]}}}",
                "$#",
                "$?",
                "$*",
            )
        )

    def _argument(self) -> str:
        if self._chance(0.35):
            return f'"{self._expansion()}"'
        if self._chance(0.15):
            return f'"$({self._command_text()})"'
        if self._chance(0.1):
            return f'"$(({self._expression(2)}))"'
        return self._quoted(self._word())

    def _expression(self, depth: int) -> str:
        if depth == 0 or self._chance(0.3):
            return str(abs(self._number()))
        operator = self._random.choice(("+", "-", "*", "&", "|", "^", "<", "<=", "==", "!=", "&&", "||"))
        left, right = self._expression(depth - 1), self._expression(depth - 1)
        if self._chance(0.15):  # A divisor that is never zero: dash tells of that one, but ends.
            return f"({left}) {self._random.choice('/%')} ({right} * 2 + 1)"
        return f"({left} {operator} {right})"

    def _command_text(self) -> str:
        """A command in one line, without side effects, for substitutions and conditions."""
        return self._random.choice(
            (
                f"echo {self._quoted(self._word())}",
                f"printf '%s-' {self._words(1, 3)}",
                f"seq {self._random.randint(1, 6)}",
                f"expr {abs(self._number())} + {abs(self._number())}",
                f"cat {self._file()} 2>/dev/null",
                f'echo "{self._expansion()}" | {self._filter()}',
                f"basename '{self._word().strip('-') or 'x'}'",
                f"dirname '/usr/{abs(self._number())}'",
            )
        ).replace("'quote'd'", "quoted")

    def _filter(self) -> str:
        return self._random.choice(_FILTERS).format(n=self._random.randint(1, 5))

    def _condition(self) -> str:
        name, number = self._variable(), self._number()
        return self._random.choice(
            (
                f'[ "${name}" = {self._quoted(self._word())} ]',
                f'[ -n "${name}" ]',
                f'[ -z "${name}" ]',
                f"[ -f {self._file()} ]",
                f"[ -s {self._file()} ]",
                f"[ {number} -lt {self._number()} ]",
                f"test {number} -ge {self._number()} -o 1 -eq 1",
                f"grep -q a {self._file()} 2>/dev/null",
                "true",
                "false",
                f'[ "${{#{name}}}" -gt 3 ]',
                f"! [ -e {self._file()} ]",
                "(exit 3)",
                f'expr "${name}" : "a.*" >/dev/null',
            )
        )
