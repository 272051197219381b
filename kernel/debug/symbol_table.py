#!/usr/bin/env python3
"""Makes the kernel's symbol table: assembler source from the symbols of an image.

Usage: symbol_table.py NM IMAGE OUTPUT

The table lies behind the image's text, so linking the image again with it moves no function.
"""
import subprocess
import sys


def functions(nm, image):
    """(address, name) of every function, demangled, one name per address."""
    listing = subprocess.run([nm, "--defined-only", "--numeric-sort", "--demangle", image],
                             check=True, capture_output=True, text=True).stdout
    last = None
    for line in listing.splitlines():
        address, kind, name = line.split(" ", 2)
        value = int(address, 16)
        if kind not in "tTwW" or value < 0xFFFFFFFF80000000 or value == last:
            continue
        last = value
        yield value & 0xFFFFFFFF, name.split("(", 1)[0] or name


def main():
    nm, image, output = sys.argv[1:]
    names = bytearray()
    rows = []
    for address, name in functions(nm, image):
        rows.append((address, len(names)))
        names += name.encode() + b"\0"
    with open(output, "w") as out:
        out.write('.section .symbols, "a"\n.balign 8\n')
        out.write(".globl symbol_table, symbol_count, symbol_names\nsymbol_table:\n")
        out.writelines(f".long {address:#x}, {offset}\n" for address, offset in rows)
        out.write(f"symbol_count:\n.long {len(rows)}\nsymbol_names:\n")
        text = names.decode().split("\0")[:-1]
        out.writelines('.asciz "{}"\n'.format(t.replace("\\", "\\\\").replace('"', '\\"')) for t in text)


if __name__ == "__main__":
    main()
