"""The heart of ./run: builds the system, boots it in QEMU, and brings out what comes out of it.

Reading order: main.py (what happens in which order), options.py, build.py, archive.py (what travels in),
machine.py
(QEMU's command line), session.py (one boot), link.py (what travels out), terminal.py (the person's side).

Python's standard library only: nothing has to be installed before this can tell what has to be installed.
"""
