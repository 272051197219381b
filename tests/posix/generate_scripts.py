#!/usr/bin/env python3
"""Makes shell scripts from a seed: the same seed gives the same script, on every machine and for ever.

    generate_scripts.py --seed N                        prints one script
    generate_scripts.py --count N [--slice I/100] DIR   writes seeds 0 to N - 1, or that
                                                        hundredth of them, into DIR

Invariants of every script
(G1) It ends: loops run over lists or counters, recursion has a depth, nothing waits for what may not come.
(G2) Its output is determined: no process numbers, times or inode numbers, no order that depends on speed.
(G3) It uses dash and the utilities that the issue of the first system lists, and needs an empty folder only.
Errors are wanted: what they say, and the status they leave, is compared too.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from typing import Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

from script_words import FILES, SAFE_GLOBS, VARIABLES, Words  # noqa: E402

DEEPEST = 4
SLICES = 100


class Script(Words):
    """Writes one script.  Statements are chosen by weight; depth bounds how they nest."""

    def __init__(self, seed: int) -> None:
        super().__init__(random.Random(f"portico script {seed}"))
        self._lines: list[str] = []
        self._indent = 0
        self._functions: list[str] = []
        self._counter = 0
        self._depth = 0
        self._in_function = False
        self._text = self._write(seed)

    @property
    def text(self) -> str:
        return self._text

    # ---- The whole

    def _write(self, seed: int) -> str:
        self._emit(f"# seed {seed}")
        for name in VARIABLES:
            self._emit(f"{name}={self._quoted(self._word())}")
        for name in FILES[:3]:
            self._emit(f"printf '%s\\n' {self._words(1, 6)} > {name}")
        if self._chance(0.2):
            self._emit("trap 'echo \"end with $?\"' EXIT")
        for _ in range(self._random.randint(1, 3)):
            self._function()
        for number in range(self._random.randint(6, 14)):
            self._statement()
            if self._chance(0.5):
                self._emit(f'echo "{number}: $?"')
        self._emit('echo "$a|$b|$c|$d|$e"')
        self._emit("cat f1 f2 f3 out.1 out.2 2>&1")
        if self._chance(0.5):
            self._emit(f"exit {self._random.choice((0, 1, 2, 7, 126, 255))}")
        return "\n".join(self._lines) + "\n"

    def _statement(self) -> None:
        self._depth += 1
        simple: list[tuple[int, Callable[[], None]]] = [
            (10, self._print),
            (8, self._assign),
            (8, self._pipeline),
            (5, self._redirect),
            (5, self._here_document),
            (5, self._substitution),
            (4, self._arithmetic),
            (4, self._call),
            (3, self._test_list),
            (3, self._set_arguments),
            (3, self._read_loop),
            (3, self._error),
            (2, self._files),
            (2, self._glob),
            (2, self._evaluate),
        ]
        compound: list[tuple[int, Callable[[], None]]] = [
            (6, self._if),
            (6, self._for),
            (4, self._while),
            (5, self._case),
            (4, self._subshell),
            (2, self._group),
            (2, self._background),
            (2, self._errexit),
            (1, self._getopts),
            (1, self._trap),
            (1, self._fifo),
            (1, self._archive),
        ]
        choices = simple + (compound if self._depth < DEEPEST else [])
        self._random.choices([c[1] for c in choices], [c[0] for c in choices])[0]()
        self._depth -= 1

    # ---- Simple statements

    def _emit(self, line: str) -> None:
        self._lines.append("    " * self._indent + line)

    def _raw(self, line: str) -> None:
        self._lines.append(line)  # Here-documents: the indentation would be part of the text.

    def _print(self) -> None:
        arguments = " ".join(self._argument() for _ in range(self._random.randint(1, 3)))
        form = self._random.choice(("printf '%s\\n'", "printf '<%s>'", "printf '%-8s|'", "printf '%s,%s\\n'"))
        self._emit(f"{form} {arguments}")
        if "\\n" not in form:
            self._emit("echo")

    def _assign(self) -> None:
        self._emit(f"{self._variable()}={self._argument()}")

    def _pipeline(self) -> None:
        source = self._random.choice(
            (
                f"printf '%s\\n' {self._words(1, 6)}",
                f"seq {self._random.randint(1, 60)}",
                f"seq 20000 | head -n {self._random.randint(1, 9)}",
                f"cat {self._file()}",
                f'echo "{self._expansion()}"',
            )
        )
        filters = [self._filter() for _ in range(self._random.randint(1, 5))]
        self._emit(" | ".join([source, *filters]))

    def _redirect(self) -> None:
        file, other = self._file(), self._file()
        self._emit(
            self._random.choice(
                (
                    f"echo {self._argument()} > {file}",
                    f"echo {self._argument()} >> {file}",
                    f"cat < {file}",
                    f"{{ echo out; echo err >&2; }} > {file} 2>&1",
                    f"{{ echo out; echo err >&2; }} 2> {file}",
                    f"cat {file} > {file}.copy && cmp {file} {file}.copy",
                    f"exec 3> {file}; echo {self._argument()} >&3; exec 3>&-",
                    f"exec 4< {file}; read -r {self._variable()} <&4; exec 4<&-",
                    f": > {file}",
                    f"wc -c < {file} | tr -d ' '",
                    f"cat < {file} > {other}.new; mv {other}.new {other}",
                    f"(set -C; echo x > {file}) 2>&1",
                )
            )
        )

    def _here_document(self) -> None:
        delimiter = "'END'" if self._chance(0.4) else "END"
        self._emit(f"{self._filter().split(' | ')[0]} <<{delimiter}")
        for _ in range(self._random.randint(1, 4)):
            self._raw(f"line {self._number()} {self._expansion()} $(echo substituted) \\$kept")
        self._raw("END")

    def _substitution(self) -> None:
        text = self._command_text()
        self._emit(
            f'{self._variable()}="$({text})"' if self._chance(0.7) else f'echo `echo ticks` "$({text})"'
        )

    def _arithmetic(self) -> None:
        self._counter += 1
        name = f"n{self._counter}"
        self._emit(f"{name}=$(({self._expression(3)}))")
        operator = self._random.choice(("+=", "-=", "*=", "|=", "<<= 1 +"))
        self._emit(f"echo $(({name} {operator} {self._random.randint(1, 9)})) ${name}")

    def _call(self) -> None:
        if self._functions and not self._in_function:
            arguments = " ".join(self._argument() for _ in range(self._random.randint(0, 3)))
            self._emit(f"{self._random.choice(self._functions)} {arguments}".rstrip())
        else:
            self._print()

    def _test_list(self) -> None:
        self._emit(f"{self._condition()} && echo yes || echo no")

    def _set_arguments(self) -> None:
        self._emit(f"set -- {self._words(0, 5)}")
        self._emit(
            self._random.choice(
                (
                    "echo $#",
                    'for argument; do printf "<%s>" "$argument"; done; echo',
                    'printf "%s/" "$@"; echo',
                    '[ $# -gt 1 ] && shift && echo "$#:$1"',
                    '(IFS=+; echo "$*")',
                )
            )
        )

    def _read_loop(self) -> None:
        ifs = self._random.choice(("", "IFS= ", "IFS=: ", "IFS=, "))
        self._emit(f'while {ifs}read -r left right; do printf \'%s=%s\\n\' "$left" "$right"; done < f1 2>&1')

    def _error(self) -> None:
        self._emit(
            self._random.choice(
                (
                    "no_such_command_here",
                    "cat /no/such/file",
                    "ls no-such-file",
                    "(exit 9)",
                    "cd /no/such/folder",
                    "./f1",
                    "(: ${unset_thing:?is needed})",
                    "rmdir f1",
                    "mkdir f1",
                    "(set -u; echo $unset_thing)",
                    "sh -c 'kill -TERM $$' 2>/dev/null",
                    "expr 1 + word",
                    "(readonly r=1; r=2; echo no)",
                    "cat < no-such-file",
                    "rm no-such-file",
                    "sh -c 'exit 33'",
                    "[ 1 -eq word ]",
                )
            )
        )

    def _files(self) -> None:
        self._emit(
            self._random.choice(
                (
                    "mkdir -p t/u/v; find t | sort",
                    "cp f1 f9; rm f9; ls",
                    "ln -sf f1 soft; readlink soft; cat soft",
                    "ln f2 hard 2>/dev/null; stat -c '%h %a %s' f2",
                    "chmod 600 f3; stat -c %A f3; chmod 644 f3",
                    "touch t.empty; find . -name 't.*' -size 0",
                    "for x in f1 f2; do mv $x $x.moved; mv $x.moved $x; done; ls f*",
                    "dd if=/dev/zero bs=100 count=3 2>/dev/null | wc -c | tr -d ' '",
                    "(umask 077; : > private; stat -c %a private)",
                    "find . -type f | sort | xargs wc -c | tail -n 1 | awk '{ print $1 }'",
                    "diff f1 f2",
                    "cmp f1 f1 && echo same",
                    "du -s . >/dev/null && echo counted",
                    "test f1 -ef f1 && echo one",
                )
            )
        )

    def _glob(self) -> None:
        self._emit(f"echo {self._random.choice(SAFE_GLOBS)} {self._random.choice(SAFE_GLOBS)}")

    def _evaluate(self) -> None:
        name = self._variable()
        self._emit(f"eval 'echo \"evaluated: ${name}\"'")
        self._emit(f'eval {name}=\\$#; echo "${name}"')

    # ---- Compound statements

    def _body(self, least: int = 1, most: int = 3) -> None:
        self._indent += 1
        for _ in range(self._random.randint(least, most)):
            self._statement()
        self._indent -= 1

    def _function(self) -> None:
        name = f"function_{len(self._functions)}"
        self._emit(f"{name}() {{")
        self._in_function = True
        self._indent += 1
        self._emit(f"local {self._variable()}={self._quoted(self._word())}")
        self._indent -= 1
        self._depth += 1
        self._body()
        self._depth -= 1
        if self._chance(0.5):
            self._emit(f"    return {self._random.choice((0, 1, 5))}")
        self._in_function = False
        self._emit("}")
        self._functions.append(name)

    def _if(self) -> None:
        self._emit(f"if {self._condition()}; then")
        self._body()
        if self._chance(0.3):
            self._emit(f"elif {self._condition()}; then")
            self._body()
        if self._chance(0.6):
            self._emit("else")
            self._body()
        self._emit("fi")

    def _for(self) -> None:
        self._counter += 1
        name = f"i{self._counter}"
        items = self._random.choice((self._words(1, 4), "$(seq 1 3)", "f*", '"$@"', "$a $b", "1 2 3"))
        self._emit(f"for {name} in {items}; do")
        self._emit(f'    echo "{name}=${name}"')
        if self._chance(0.2):
            self._emit(f"    {self._condition()} && {self._random.choice(('break', 'continue'))}")
        self._body(1, 2)
        tail = self._random.choice(("", "", f" | {self._filter()}", f" > {self._sink()}", " 2>&1"))
        self._emit("done" + tail)

    def _while(self) -> None:
        self._counter += 1
        name = f"i{self._counter}"
        self._emit(f"{name}=0")
        word, test = self._random.choice((("while", "-lt"), ("until", "-ge")))
        self._emit(f"{word} [ ${name} {test} {self._random.randint(1, 4)} ]; do")
        self._emit(f"    {name}=$(({name} + 1))")
        self._body(1, 2)
        self._emit("done")

    def _case(self) -> None:
        self._emit(f'case "{self._expansion()}" in')
        for _ in range(self._random.randint(1, 3)):
            pattern = self._random.choice(
                ("a*", "[0-9]*", "*' '*", "?", "'*'", "alpha | beta", "*[!a-z]*", "''", "x1 | y*")
            )
            self._emit(f"{pattern})")
            self._body(1, 2)
            self._emit(";;")
        if self._chance(0.7):
            self._emit("*) echo other ;;")
        self._emit("esac")

    def _subshell(self) -> None:
        self._emit("(")
        self._body()
        if self._chance(0.4):
            self._emit(f"    exit {self._random.randint(0, 9)}")
        self._emit(")" + self._random.choice(("", " 2>&1", f" | {self._filter()}", f" > {self._sink()}")))

    def _group(self) -> None:
        self._emit("{")
        self._body()
        self._emit("}" + self._random.choice(("", f" | {self._filter()}", f" >> {self._sink()}")))

    def _background(self) -> None:
        # One at a time, or each into a file of its own: so the order is determined.
        if self._chance(0.5):
            self._emit(f"(echo working; exit {self._random.randint(0, 9)}) & wait $!")
        else:
            self._emit(
                'for job in 1 2 3; do (echo "job $job" > job.$job) & done; wait; cat job.1 job.2 job.3'
            )

    def _errexit(self) -> None:
        self._emit("(")
        self._emit("    set -e")
        self._body(1, 2)
        self._emit(f"    {self._random.choice(('false', 'true', '! true', '(exit 4)', 'false || true'))}")
        self._emit("    echo survived")
        self._emit(")")

    def _getopts(self) -> None:
        arguments = " ".join(
            self._random.choice(("-a", "-b value", "-ab", "-c", "-x", "--", "word"))
            for _ in range(self._random.randint(1, 4))
        )
        self._emit("OPTIND=1")
        self._emit(f"set -- {arguments}")
        self._emit(
            'while getopts :ab:c option; do echo "$option ${OPTARG-none}"; done; shift $((OPTIND - 1)); echo "$*"'
        )

    def _trap(self) -> None:
        self._emit(
            self._random.choice(
                (
                    "(trap 'echo leaving $?' EXIT; exit 6)",
                    "trap 'echo usr1' USR1; kill -USR1 $$; trap - USR1",
                    "(trap '' TERM; sh -c 'kill -TERM $PPID'; echo immune)",
                    "sh -c 'trap \"echo caught; exit 8\" TERM; kill -TERM $$; echo not reached'",
                )
            )
        )

    def _fifo(self) -> None:
        self._counter += 1
        name = f"fifo{self._counter}"
        self._emit(f"mkfifo {name}; (seq 1 5 > {name}) & {self._filter()} < {name}; wait; rm -f {name}")

    def _archive(self) -> None:
        self._emit("tar -cf - f1 f2 | gzip | gzip -d | tar -tf -")


def script(seed: int) -> str:
    return Script(seed).text


def slice_of(count: int, part: int) -> Iterator[int]:
    """The seeds of one hundredth.  Neighbours fall into different slices, so every slice is a fair sample."""
    return (seed for seed in range(count) if seed % SLICES == part)


def parse_slice(text: str) -> int:
    part, _, whole = text.partition("/")
    if whole != str(SLICES) or not part.isdigit() or not 0 <= int(part) < SLICES:
        raise argparse.ArgumentTypeError(f"'{text}' is not I/{SLICES} with I from 0 to {SLICES - 1}")
    return int(part)


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes shell scripts from a seed.")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--count", type=int, default=20000)
    parser.add_argument("--slice", type=parse_slice)
    parser.add_argument("folder", nargs="?", type=Path)
    given = parser.parse_args()
    if given.seed is not None:
        sys.stdout.write(script(given.seed))
        return 0
    if given.folder is None:
        parser.error("a folder to write to is needed, or --seed")
    given.folder.mkdir(parents=True, exist_ok=True)
    seeds = range(given.count) if given.slice is None else slice_of(given.count, given.slice)
    for seed in seeds:
        (given.folder / f"seed-{seed:05d}.sh").write_text(script(seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
