# dash, the shell that scripts run under: for the guest $out/lib/libdash.a, for the host $out/bin/dash.
#
# Both have line numbers, and dash's own globbing and pattern matching, so that they differ in nothing but the system.
. "$repository/libc/userland/guest.sh"
package=dash
upstream=0.5.12
sha256=6a474ac46e8b0b32916c4c60df694c82058d3297d8b385b74508030ca4a8f28a
options=(--enable-lineno --disable-glob --disable-fnmatch --without-libedit --disable-static)
if [ "$part" = dash ]; then
    inputs=("${guest_inputs[@]}")
    needs=(newlib)
fi

build() {
    if [ "$part" = dash-host ]; then
        run "$source/configure" "${options[@]}" CC=clang-19 CFLAGS="-O2 -g"
        run make -j"$jobs"
        run install -D -m 755 src/dash "$out/bin/dash"
        return
    fi
    make_guest_compiler
    run "$source/configure" "${options[@]}" --build=x86_64-pc-linux-gnu --host=x86_64-portico-elf \
        CC="$guest_cc" CC_FOR_BUILD=clang-19 CFLAGS="-O2 -g -ffunction-sections -fdata-sections"
    run make -j"$jobs"
    gather_objects src "$out/lib/libdash.a"
}
