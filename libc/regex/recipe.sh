# Regular expressions: $out/lib/libregex.a with regcomp(), regexec() and regfree(), which are TRE as musl keeps it.
#
# newlib's own, of 1994, know nothing of the extensions that scripts written for GNU systems use (\| \+ \? \w \b, an
# empty expression).  The header is libc/posix/include/regex.h.
package=musl
upstream=1.2.3
sha256=7d5b0b6062521e4627e099e4c9dc8248d32a30285e959b7eecaa780cf8cfd4a4
members=(--wildcards --no-wildcards-match-slash '*/src/regex' '*/COPYRIGHT')
inputs=(libc/abi-flags.sh libc/posix/include/regex.h)
needs=(newlib)

build() {
    . "$repository/libc/abi-flags.sh"
    local name
    mkdir -p headers "$out/lib" "$out/include"
    run cp "$repository/libc/posix/include/regex.h" headers/
    for name in regcomp regexec tre-mem; do
        run clang-19 $code_flags -g -std=gnu17 -D_GNU_SOURCE -D'hidden=__attribute__((visibility("hidden")))' \
            -DCHARCLASS_NAME_MAX=14 -Wno-everything -isystem headers -isystem "${folder_of[newlib]}/include" \
            -c "$source/src/regex/$name.c" -o "$name.o"
    done
    run llvm-ar-19 rcs "$out/lib/libregex.a" ./*.o
}
