# How everything that runs in user space on Portico is compiled and linked (design D21).
#
# The project is one CMake project whose compilers are the host's clang-19.  User code is made by the same
# compilers with a target of their own, and linked by ld.lld itself: clang would call the host's gcc for a
# triple that it does not know.  Two functions, for use in any folder:
#
#   portico_user_library(<name> SOURCES <file>... [LINK <library>...] [EXCEPTIONS])
#       A static library.
#
#   portico_user_program(<name> SOURCES <file>... [LINK <library>...] [BARE] [EXCEPTIONS])
#       A static position-independent executable, <build>/user/<name>; $<TARGET_FILE:name> is its path.
#       Without BARE a POSIX program: crt0, libportico-posix, libportico-mach, libc and libc++.
#       With BARE a server: crt0, libportico-bare, libportico-mach, libc and libc++, and no POSIX layer.
#
# What both make are ordinary CMake targets: target_include_directories(), target_compile_definitions(),
# target_link_libraries() and the rest work on them, LINK is public, and a program is linked again when a
# library of its own, the C library or crt changes.  C is gnu17; C++ is gnu++23, without exceptions and
# run-time type information unless EXCEPTIONS is given.  Never link a library made with host flags.
#
# Three targets complete the picture, and are linked as far as they exist: portico-mach (libc/mach: traps, the
# run-time part of mig's stubs), portico-bare (libc/mach: newlib's system calls for servers) and portico-posix
# (libc/posix: the POSIX layer).  An object of portico-mach must not define what portico-posix defines.

set(PORTICO_TRIPLE x86_64-unknown-portico-elf)
set(PORTICO_SYSROOT ${CMAKE_BINARY_DIR}/sysroot)
set(PORTICO_SYSROOT_STAMP ${CMAKE_BINARY_DIR}/sysroot.stamp)   # libc/CMakeLists.txt makes it.

# What defines the ABI: the same words for C and C++, for our code and for third-party parts.
set(PORTICO_ABI_FLAGS
    --target=${PORTICO_TRIPLE} -D__portico__ -D__unix__ -fPIE -mno-red-zone -fomit-frame-pointer -nostdlibinc)

# Separate sections, so that a static program keeps only what it reaches.
set(PORTICO_COMPILE_FLAGS
    ${PORTICO_ABI_FLAGS} ${PORTICO_OPTIMIZATION} -ffunction-sections -fdata-sections
    # Instrumentation that a preset asks for is for host code: its run-time part does not exist here.
    -fno-sanitize=all -fno-profile-instr-generate -fno-coverage-mapping)

set(PORTICO_WARNING_FLAGS -Wall -Wextra -Werror)

# Only relative relocations are left in a static PIE; crt applies them from one plain RELA table, so the packed
# forms are off.  Pages are 4 KiB, and no segment is both writable and executable.
# They are in a file of their own because recipes of third-party parts use them too (libc/userland/guest.sh).
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/portico-link-flags.txt portico_link_line LIMIT_COUNT 1)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/portico-link-flags.txt)

# ld.lld as a "language": a target whose LINKER_LANGUAGE is PORTICO is linked by this rule.  Libraries form one
# group, because newlib calls the system layer and the system layer calls newlib.
find_program(PORTICO_LINKER ld.lld-19 REQUIRED)
set(CMAKE_PORTICO_LINK_EXECUTABLE
    "${PORTICO_LINKER} ${portico_link_line} -o <TARGET> <OBJECTS> --start-group <LINK_LIBRARIES> --end-group")

# What clang would add when it links for the host.  It still does: CMake merely must not repeat it for ld.lld.
foreach(language C CXX)
    set(CMAKE_${language}_IMPLICIT_LINK_LIBRARIES "")
    set(CMAKE_${language}_IMPLICIT_LINK_DIRECTORIES "")
endforeach()

# Gives a target made from `sources` the flags of user code.
function(portico_user_flags name exceptions)
    set(cxx_flags -D_GNU_SOURCE -fno-threadsafe-statics)
    if(NOT exceptions)
        list(APPEND cxx_flags -fno-exceptions -fno-rtti)
    endif()
    target_compile_options(${name} PRIVATE
        ${PORTICO_COMPILE_FLAGS} ${PORTICO_WARNING_FLAGS}
        "$<$<COMPILE_LANGUAGE:CXX>:${cxx_flags};-nostdinc++>"
        "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${PORTICO_SYSROOT}/usr/include/c++/v1>"
        "SHELL:-isystem ${PORTICO_SYSROOT}/usr/include")
    set_target_properties(${name} PROPERTIES
        C_STANDARD 17 C_STANDARD_REQUIRED ON C_EXTENSIONS ON
        CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS ON
        CXX_SCAN_FOR_MODULES OFF INTERPROCEDURAL_OPTIMIZATION OFF)
    # The headers of the system come before the first compilation, and a change of libc compiles anew.
    get_target_property(sources ${name} SOURCES)
    set_property(SOURCE ${sources} APPEND PROPERTY OBJECT_DEPENDS ${PORTICO_SYSROOT_STAMP})
    add_dependencies(${name} portico-sysroot)
endfunction()

function(portico_user_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "EXCEPTIONS" "" "SOURCES;LINK")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "portico_user_library(${name}): what is '${arg_UNPARSED_ARGUMENTS}'?")
    endif()
    add_library(${name} STATIC ${arg_SOURCES})
    portico_user_flags(${name} "${arg_EXCEPTIONS}")
    target_link_libraries(${name} PUBLIC ${arg_LINK})
endfunction()

# Has the executable `name` linked for Portico, with libraries of its own, the system layer and the C library.
function(portico_user_link name system)
    target_link_libraries(${name} PRIVATE ${ARGN}
        $<TARGET_NAME_IF_EXISTS:${system}> $<TARGET_NAME_IF_EXISTS:portico-pure>
        $<TARGET_NAME_IF_EXISTS:portico-mach>)
    # Found by the linker, not named by path: no rule of ninja's makes these files, the stamp below stands for them.
    target_link_libraries(${name} PRIVATE -L${PORTICO_SYSROOT}/usr/lib
        -l:libc++.a -l:libc++abi.a -l:libunwind.a -l:libregex.a -l:libm.a -l:libc.a -l:libbuiltins.a)
    set_target_properties(${name} PROPERTIES
        LINKER_LANGUAGE PORTICO
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/user
        LINK_DEPENDS ${PORTICO_SYSROOT_STAMP})
    add_dependencies(${name} portico-sysroot)
endfunction()

function(portico_user_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "BARE;EXCEPTIONS" "" "SOURCES;LINK")
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "portico_user_program(${name}): what is '${arg_UNPARSED_ARGUMENTS}'?")
    endif()
    if(arg_BARE)
        set(system portico-bare)
    else()
        set(system portico-posix)
    endif()
    add_executable(${name} ${arg_SOURCES})
    portico_user_flags(${name} "${arg_EXCEPTIONS}")
    target_link_libraries(${name} PRIVATE $<TARGET_OBJECTS:portico-crt>)
    portico_user_link(${name} ${system} ${arg_LINK})
    add_dependencies(${name} portico-crt)
endfunction()

# portico_root_program(<target> <path>...): puts the program into the root file system (<build>/root.cpio), first
# under the first path, then as links to it.  The paths are relative to the root: bin/hello.
function(portico_root_program target path)
    set_property(GLOBAL APPEND PROPERTY PORTICO_ROOT_PROGRAMS ${target})
    set_property(GLOBAL APPEND PROPERTY PORTICO_ROOT_PATHS ${path})
    foreach(link ${ARGN})
        set_property(GLOBAL APPEND PROPERTY PORTICO_ROOT_LINKS ${link}=/${path})
    endforeach()
endfunction()
