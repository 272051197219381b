# How the kernel is compiled and linked.
#
#   portico_kernel_sources(<variable> <folder>...)
#       The C++ and assembler sources of folders below kernel/ (without their subfolders).  For the kernel, and for the
#       host tests, which compile the same lib/, kern/, ipc/, vm/ and device/ over arch/host.
#
#   portico_kernel_library(<name> LOCKS smp|up SOURCES <file>... [LINK <library>...] [INCLUDES <dir>...]
#                          [CHECKED])
#       An object library with the kernel's flags.  LOCKS says whose lock word it is compiled with (design D7): that of
#       lib/lock/smp, or that of lib/lock/up for a machine with one processor.  CHECKED: with the debug checks, whatever
#       the configuration says.
#
#   portico_kernel_executable(<target> OUTPUT <name> OBJECTS <library>... SCRIPT <linker script>)
#       <build>/<name>: linked twice, because the symbol table that a panic prints from is made from the first result.
#
# PORTICO_KERNEL_INCLUDES are the include folders that every kernel source needs, whatever machine it is compiled for.

set(PORTICO_KERNEL_DIR ${CMAKE_SOURCE_DIR}/kernel)
set(PORTICO_KERNEL_INCLUDES ${PORTICO_KERNEL_DIR} ${PORTICO_KERNEL_DIR}/include)
set(PORTICO_KERNEL_PLAIN_DEFINES KERNEL=1 BOOST_NO_EXCEPTIONS BOOST_DISABLE_ASSERTS)
set(PORTICO_KERNEL_DEFINES ${PORTICO_KERNEL_PLAIN_DEFINES} PORTICO_DEBUG_CHECKS=$<BOOL:${PORTICO_DEBUG_CHECKS}>)

function(portico_kernel_sources variable)
    set(sources)
    foreach(folder ${ARGN})
        file(GLOB found CONFIGURE_DEPENDS ${PORTICO_KERNEL_DIR}/${folder}/*.cpp ${PORTICO_KERNEL_DIR}/${folder}/*.S)
        list(APPEND sources ${found})
    endforeach()
    set(${variable} ${sources} PARENT_SCOPE)
endfunction()

# The interfaces of the kernel, on either machine: it serves these, and is a client of those.
set(PORTICO_KERNEL_SERVED
    task thread_act mach_port vm_map memory_object_control mach_host host_priv host_security clock device_priv sync
    ledger mach_debug)
set(PORTICO_KERNEL_USED exc notify memory_object device_notify)
list(TRANSFORM PORTICO_KERNEL_SERVED REPLACE "(.+)" "${PORTICO_KERNEL_DIR}/include/mach/\\1.defs")
list(TRANSFORM PORTICO_KERNEL_USED REPLACE "(.+)" "${PORTICO_KERNEL_DIR}/include/mach/\\1.defs")

if(NOT PORTICO_GUEST)
    return()
endif()

# libc++'s headers come with the compiler (libc++-19-dev); Boost's alone are taken from the host's headers.
find_path(PORTICO_LIBCXX_HEADERS NAMES expected PATHS /usr/lib/llvm-19/include/c++/v1 NO_DEFAULT_PATH)
find_path(PORTICO_BOOST_HEADERS NAMES boost/intrusive/list.hpp REQUIRED)
if(NOT PORTICO_LIBCXX_HEADERS)
    message(FATAL_ERROR "The kernel needs libc++'s headers: install libc++-19-dev")
endif()
set(portico_kernel_host_headers ${CMAKE_BINARY_DIR}/kernel/host-headers)
file(MAKE_DIRECTORY ${portico_kernel_host_headers})
file(CREATE_LINK ${PORTICO_BOOST_HEADERS}/boost ${portico_kernel_host_headers}/boost SYMBOLIC)

set(PORTICO_KERNEL_SYSTEM_INCLUDES
    ${PORTICO_KERNEL_DIR}/lib/freestanding-config ${PORTICO_LIBCXX_HEADERS} ${PORTICO_KERNEL_DIR}/lib/freestanding
    ${portico_kernel_host_headers})

# x87 stays on for the compiler's sake only: libc++ names long double.  No kernel code uses floating point, and
# -mno-implicit-float keeps the compiler from doing so.
set(PORTICO_KERNEL_FLAGS
    --target=x86_64-unknown-portico-elf -ffreestanding -nostdlibinc -fno-pic -mcmodel=kernel -mno-red-zone
    -mno-sse -mno-mmx -mno-implicit-float -fno-omit-frame-pointer -fno-stack-protector -fno-strict-aliasing
    -ffunction-sections -fdata-sections -fno-asynchronous-unwind-tables
    # Instrumentation that a preset asks for is for host code.
    -fno-sanitize=all -fno-profile-instr-generate -fno-coverage-mapping)
set(PORTICO_KERNEL_CXX_FLAGS -nostdinc++ -fno-exceptions -fno-rtti -fno-threadsafe-statics -fno-use-cxa-atexit)

function(portico_kernel_library name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "CHECKED" "LOCKS" "SOURCES;LINK;INCLUDES")
    set(defines ${PORTICO_KERNEL_DEFINES})
    if(arg_CHECKED)
        set(defines ${PORTICO_KERNEL_PLAIN_DEFINES} PORTICO_DEBUG_CHECKS=1)
    endif()
    add_library(${name} OBJECT ${arg_SOURCES})
    target_include_directories(${name} PRIVATE
        ${PORTICO_KERNEL_DIR}/lib/lock/${arg_LOCKS} ${PORTICO_KERNEL_DIR}/arch/x86_64/include
        ${PORTICO_KERNEL_INCLUDES} ${arg_INCLUDES})
    target_compile_definitions(${name} PRIVATE ${defines})
    target_compile_options(${name} PRIVATE ${PORTICO_KERNEL_FLAGS}
        "$<$<COMPILE_LANGUAGE:CXX>:${PORTICO_KERNEL_CXX_FLAGS};${PORTICO_WARNINGS}>")
    foreach(folder ${PORTICO_KERNEL_SYSTEM_INCLUDES})
        target_compile_options(${name} PRIVATE "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-isystem ${folder}>")
    endforeach()
    target_link_libraries(${name} PRIVATE ${arg_LINK})
    set_target_properties(${name} PROPERTIES
        CXX_STANDARD 23 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS ON CXX_SCAN_FOR_MODULES OFF
        POSITION_INDEPENDENT_CODE OFF INTERPROCEDURAL_OPTIMIZATION OFF)
endfunction()

# The image is linked without its symbol table, which is made from the result, and linked again with it: the table lies
# behind the text, so no function moves (arch/x86_64/portico.ld).
function(portico_kernel_executable target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT;SCRIPT" "OBJECTS")
    find_program(PORTICO_LINKER ld.lld-19 REQUIRED)
    find_program(PORTICO_NM llvm-nm-19 REQUIRED)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
    set(objects)
    foreach(library ${arg_OBJECTS})
        list(APPEND objects $<TARGET_OBJECTS:${library}>)
    endforeach()
    set(link ${PORTICO_LINKER} -m elf_x86_64 -static -nostdlib --gc-sections --build-id=none -z noexecstack
        -z max-page-size=4096 -T ${arg_SCRIPT})
    set(output ${CMAKE_BINARY_DIR}/${arg_OUTPUT})
    set(first ${CMAKE_CURRENT_BINARY_DIR}/${arg_OUTPUT}.first)
    set(table ${CMAKE_CURRENT_BINARY_DIR}/${arg_OUTPUT}.symbols)
    set(maker ${PORTICO_KERNEL_DIR}/debug/symbol_table.py)
    add_custom_command(OUTPUT ${output}
        COMMAND ${link} -o ${first} ${objects}
        COMMAND ${Python3_EXECUTABLE} ${maker} ${PORTICO_NM} ${first} ${table}.S
        COMMAND ${CMAKE_CXX_COMPILER} --target=x86_64-unknown-portico-elf -c ${table}.S -o ${table}.o
        COMMAND ${link} -o ${output} ${objects} ${table}.o
        DEPENDS ${arg_OBJECTS} ${objects} ${arg_SCRIPT} ${maker}
        COMMAND_EXPAND_LISTS VERBATIM
        COMMENT "Linking ${arg_OUTPUT}")
    add_custom_target(${target} DEPENDS ${output})
endfunction()
