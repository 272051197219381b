# For the recipes of programs: a compiler for Portico before Portico's own libraries exist.
#
# Configuration scripts ask which functions there are by linking.  So the programs' objects are compiled against a
# sysroot whose POSIX layer is a list: every function that libc/posix promises (libc/posix/NEEDED.md) as a symbol
# and no more.  The programs themselves are linked by the build, when the real libraries are there.
guest_inputs=(libc/userland/guest.sh libc/posix/NEEDED.md libc/posix/include tools/portico-cc.in
    tools/make-sysroot.sh cmake/portico-link-flags.txt)

# Makes $PWD/bin/portico-cc with its sysroot.
make_guest_compiler() {
    local flags name lib=$PWD/sysroot/usr/lib
    run "$repository/tools/make-sysroot.sh" "$PWD/sysroot" "${folder_of[newlib]}" "$repository/libc/posix/include"
    {
        sed -n '/^- /s/[`-]//gp' "$repository/libc/posix/NEEDED.md" | tr ' ' '\n' | while read -r name; do
            [ -z "$name" ] || printf '.weak %s\n%s:\n' "$name" "$name"
        done
        echo '.globl _start, __getreent; _start: jmp main; __getreent: ud2'
    } >stubs.s
    run clang-19 --target=x86_64-unknown-portico-elf -c stubs.s -o "$lib/crt0.o"
    flags=$(cat "$repository/cmake/portico-link-flags.txt")
    mkdir -p bin
    sed "s|@PORTICO_SYSROOT@|$PWD/sysroot|; s|@PORTICO_LINK_LINE@|$flags|" "$repository/tools/portico-cc.in" \
        >bin/portico-cc && chmod +x bin/portico-cc
    run test -s bin/portico-cc
    guest_cc=$PWD/bin/portico-cc
}

# Gathers the objects in and below folder $1 into the library $2: what the build links with crt and libc.
gather_objects() {
    mkdir -p "$(dirname "$2")"
    find "$1" -name '*.o' ! -name built-in.o ! -path '*/scripts/*' ! -path '*/sysroot/*' ! -name stubs.o | LC_ALL=C sort >objects.list
    run test -s objects.list
    run llvm-ar-19 rcs "$2" @objects.list
}
