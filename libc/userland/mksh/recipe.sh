# mksh, the login shell: $out/lib/libmksh.a.
. "$repository/libc/userland/guest.sh"
package=mksh
upstream=59c
sha256=77ae1665a337f1c48c61d6b961db3e52119b38e58884d1c89684af31f87bc506
inputs=("${guest_inputs[@]}")
needs=(newlib)

build() {
    make_guest_compiler
    # Its Build.sh knows the systems by name; for one it does not know it looks at everything, which is what we want.
    run env CC="$guest_cc" CFLAGS="-O2 -g -ffunction-sections -fdata-sections" CPPFLAGS="-D_GNU_SOURCE" \
        TARGET_OS=Portico TARGET_OSREV=1 sh "$source/Build.sh" -r
    gather_objects . "$out/lib/libmksh.a"
}
