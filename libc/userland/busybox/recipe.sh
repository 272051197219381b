# busybox, the usual utilities: for the guest $out/lib/libbusybox.a and $out/applets, the list of its commands; for
# the host $out/bin/busybox, $out/applets and $out/testsuite.  Its testsuite wants an `echo-ne`, which it would compile
# itself: $out/lib/libecho-ne.a and $out/bin/echo-ne, to be put beside the tests.
#
# One configuration (config) serves both.  It has no applet that needs Linux, and no shell: dash is the shell.
. "$repository/libc/userland/guest.sh"
package=busybox
upstream=1.35.0
sha256=faeeb244c35a348a334f4a59e44626ee870fb07b6884d68c10ae8bc19f83a694
inputs=(libc/userland/busybox/config)
if [ "$part" = busybox ]; then
    inputs+=("${guest_inputs[@]}")
    needs=(newlib)
fi

build() {
    # Debian's sources are upstream's; the version that is printed carries no date.
    export SOURCE_DATE_EPOCH=0
    run cp "$repository/libc/userland/busybox/config" "$source/.config"
    local cc=clang-19
    local tools=(HOSTCC=clang-19 SKIP_STRIP=y KBUILD_VERBOSE=0)
    if [ "$part" = busybox ]; then
        make_guest_compiler
        # Where the sources say __linux__ they mean that <sys/sysinfo.h> exists.
        cc="$guest_cc -include sys/sysinfo.h"
        tools+=(AR=llvm-ar-19 LD="ld.lld-19 -m elf_x86_64" NM=llvm-nm-19 OBJCOPY=llvm-objcopy-19)
    fi
    cd "$source" || exit 1
    run make -j"$jobs" "${tools[@]}" CC="$cc" busybox_unstripped
    # The configuration was taken as it is: an option that has changed its meaning must not pass unseen.
    if ! diff <(grep -v '^#' .config) <(grep -v '^#' "$repository/libc/userland/busybox/config"); then
        echo "third-party: busybox asked for other options than its config has"
        exit 1
    fi
    run make "${tools[@]}" CC="$cc" busybox.links
    mkdir -p "$out/bin"
    sed 's|.*/||' busybox.links | LC_ALL=C sort >"$out/applets"
    run test -s "$out/applets"
    if [ "$part" = busybox ]; then
        gather_objects . "$out/lib/libbusybox.a"
        run $guest_cc -O2 -c scripts/echo.c -o echo-ne.o
        run llvm-ar-19 rcs "$out/lib/libecho-ne.a" echo-ne.o
        return
    fi
    run cp busybox_unstripped "$out/bin/busybox"
    run clang-19 -O2 -w scripts/echo.c -o "$out/bin/echo-ne"
    run cp -r testsuite "$out/testsuite"
    run cp .config "$out/testsuite/.config"
}
