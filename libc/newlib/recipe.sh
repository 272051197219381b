# newlib, the C library: $out/include and $out/lib/{libc,libm}.a.
#
# overlay/ holds whole files of ours that take the place of newlib's (the headers that fix the ABI, the texts of
# errors and signals); patches/ the small changes.  Each says why.
package=newlib
upstream=3.3.0
sha256=58dd9e3eaedf519360d92d84205c3deef0b3fc286685d1c562e245914ef72c66
inputs=(libc/newlib/overlay libc/newlib/patches libc/abi-flags.sh)

# newlib's sources are older than the compiler's opinion of them.
newlib_warnings="-w -Wno-error=implicit-function-declaration -Wno-error=implicit-int -Wno-error=int-conversion"

build() {
    . "$repository/libc/abi-flags.sh"
    local name
    for name in "$repository"/libc/newlib/patches/*.patch; do
        run patch -d "$source" -p1 -i "$name"
    done
    run cp -r "$repository/libc/newlib/overlay/." "$source/newlib/"

    # Documentation is not built, so makeinfo need not exist.  newlib's own configure is run, not the top one, which
    # would ask for a whole tool chain.
    mkdir newlib && cd newlib
    run env CC="clang-19" CFLAGS="-g $code_flags $newlib_warnings" CC_FOR_BUILD=clang-19 \
        AR=llvm-ar-19 RANLIB=llvm-ranlib-19 AS=clang-19 LD=ld.lld-19 NM=llvm-nm-19 STRIP=llvm-strip-19 \
        READELF=llvm-readelf-19 MAKEINFO=true \
        "$source/newlib/configure" --build=x86_64-pc-linux-gnu --host=x86_64-portico-elf --prefix=/ \
        --disable-newlib-supplied-syscalls --enable-newlib-io-c99-formats --enable-newlib-io-long-long \
        --enable-newlib-io-long-double --enable-newlib-io-pos-args --enable-newlib-mb \
        --enable-newlib-retargetable-locking --disable-multilib --with-newlib
    run make -j"$jobs" MAKEINFO=true all
    run make MAKEINFO=true install-data install-exec DESTDIR="$PWD/installed"
    local lib include
    lib=$(dirname "$(find installed -name libc.a | head -n 1)")
    include=$(dirname "$(find installed -name stdio.h | grep -v /sys/ | head -n 1)")
    mkdir "$out/lib"
    run cp -r "$include" "$out/include"
    run cp "$lib/libc.a" "$lib/libm.a" "$out/lib/"
}
