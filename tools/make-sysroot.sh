#!/bin/bash
# Composes a sysroot of links: make-sysroot.sh SYSROOT PART...
#
# A part is a folder with include/ and perhaps lib/, or a folder of headers.  Later parts take the place of files of
# the same name in earlier ones.  Libraries of the build itself, which others have put into usr/lib, stay.
set -eu

sysroot=$1
shift
rm -rf "$sysroot/usr/include"
mkdir -p "$sysroot/usr/include" "$sysroot/usr/lib"
for part in "$@"; do
    part=$(readlink -f "$part")
    if [ -d "$part/include" ]; then
        cp -rs --remove-destination "$part/include/." "$sysroot/usr/include"
        cp -s --remove-destination "$part/lib/"*.a "$sysroot/usr/lib"
    else
        cp -rs --remove-destination "$part/." "$sysroot/usr/include"
    fi
done

# What programs ask for with -l although it is all in libc.
for name in pthread dl rt util crypt; do
    rm -f "$sysroot/usr/lib/lib$name.a"
    llvm-ar-19 rc "$sysroot/usr/lib/lib$name.a"
done
