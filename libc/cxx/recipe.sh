# libc++, libc++abi, libunwind and the compiler's built-in functions: $out/include/c++/v1 and
# $out/lib/{libc++,libc++abi,libunwind,libbuiltins}.a, against our newlib, with exceptions and threads (POSIX's).
#
# The built-in functions are compiled here too, because Debian's copy of them uses the red zone (design D21).
package=llvm-toolchain-19
upstream=19.1.7
sha256=ae498f3bc58ae2d9f64ef5f0c035c4240152bf015a5b7738b15c22e93bdc97ce
members=(--wildcards --no-wildcards-match-slash '*/runtimes' '*/libcxx' '*/libcxxabi' '*/libunwind' '*/cmake'
    '*/llvm/cmake' '*/compiler-rt/lib/builtins')
inputs=(libc/abi-flags.sh libc/posix/include/link.h libc/posix/include/dlfcn.h libc/posix/include/sys/statvfs.h)
needs=(newlib)

# Functions of 128-bit integers and of extended floating point that clang calls out of line on x86-64.
builtins=(ashlti3 ashrti3 lshrti3 divti3 modti3 udivti3 umodti3 udivmodti4 divmodti4 multi3 muloti4 mulodi4 mulosi4
    absvti2 addvti3 subvti3 mulvti3 negvti2 negti2 clzti2 ctzti2 ffsti2 cmpti2 ucmpti2 paritydi2 parityti2 popcountdi2
    popcountti2 powisf2 powidf2 powixf2 mulsc3 muldc3 mulxc3 divsc3 divdc3 divxc3 fixsfti fixdfti fixxfti fixunssfti
    fixunsdfti fixunsxfti fixunsxfdi floattisf floattidf floattixf floatuntisf floatuntidf floatuntixf
    extendhfsf2 truncsfhf2 truncdfhf2 truncsfbf2 truncdfbf2 bswapdi2 bswapsi2)

build() {
    . "$repository/libc/abi-flags.sh"
    local newlib=${folder_of[newlib]} name headers
    mkdir -p headers/sys "$out/lib" builtins
    run cp "$repository/libc/posix/include/"{link,dlfcn}.h headers/
    run cp "$repository/libc/posix/include/sys/statvfs.h" headers/sys/
    headers="-isystem $PWD/headers -isystem $newlib/include"

    for name in "${builtins[@]}"; do
        run clang-19 $code_flags $headers -w -c "$source/compiler-rt/lib/builtins/$name.c" -o "builtins/$name.o"
    done
    run llvm-ar-19 rcs "$out/lib/libbuiltins.a" builtins/*.o

    # newlib keeps character classes in a signed char, which <regex> of this version does not compile with; libc++ has
    # a table of its own.  Strict compilations (-std=c++23) see no POSIX or GNU functions of newlib without _GNU_SOURCE.
    run cmake -S "$source/runtimes" -B cxx -G Ninja -DCMAKE_BUILD_TYPE=Release \
        -DCMAKE_SYSTEM_NAME=Generic -DCMAKE_SYSTEM_PROCESSOR=x86_64 -DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY \
        -DCMAKE_C_COMPILER=clang-19 -DCMAKE_CXX_COMPILER=clang++-19 -DCMAKE_ASM_COMPILER=clang-19 \
        -DCMAKE_AR="$(command -v llvm-ar-19)" -DCMAKE_RANLIB="$(command -v llvm-ranlib-19)" \
        -DCMAKE_C_FLAGS="$code_flags $headers -D_GNU_SOURCE" -DCMAKE_ASM_FLAGS="$code_flags $headers" \
        -DCMAKE_CXX_FLAGS="$code_flags $headers -D_GNU_SOURCE" \
        -DCMAKE_C_FLAGS_RELEASE="-DNDEBUG" -DCMAKE_CXX_FLAGS_RELEASE="-DNDEBUG" \
        -DLLVM_ENABLE_RUNTIMES="libunwind;libcxxabi;libcxx" -DLLVM_INCLUDE_TESTS=OFF -DLLVM_ENABLE_ASSERTIONS=OFF \
        -DCMAKE_INSTALL_PREFIX="$out" -DUNIX=ON \
        -DLIBUNWIND_ENABLE_SHARED=OFF -DLIBUNWIND_ENABLE_STATIC=ON -DLIBUNWIND_USE_COMPILER_RT=ON \
        -DLIBUNWIND_ENABLE_ASSERTIONS=OFF -DLIBUNWIND_INCLUDE_TESTS=OFF \
        -DLIBCXXABI_ENABLE_SHARED=OFF -DLIBCXXABI_USE_LLVM_UNWINDER=ON -DLIBCXXABI_USE_COMPILER_RT=ON \
        -DLIBCXXABI_HAS_PTHREAD_API=ON -DLIBCXXABI_INCLUDE_TESTS=OFF -DLIBCXXABI_ENABLE_ASSERTIONS=OFF \
        -DLIBCXX_ENABLE_SHARED=OFF -DLIBCXX_CXX_ABI=libcxxabi -DLIBCXX_USE_COMPILER_RT=ON \
        -DLIBCXX_HAS_PTHREAD_API=ON -DLIBCXX_INCLUDE_TESTS=OFF -DLIBCXX_INCLUDE_BENCHMARKS=OFF \
        -DLIBCXX_ENABLE_TIME_ZONE_DATABASE=OFF -DPython3_EXECUTABLE=/usr/bin/python3 \
        -DLIBCXX_EXTRA_SITE_DEFINES=_LIBCPP_PROVIDES_DEFAULT_RUNE_TABLE
    run ninja -C cxx -j"$jobs"
    run ninja -C cxx install
    rm -rf "$out/share"
    ls -R "$out/lib"
}
