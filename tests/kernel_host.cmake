# The kernel on the build machine: kernel-host is its own lib/, kern/, ipc/, vm/ and device/ over the simulated machine of
# kernel/arch/host; kernel-fixture and ipc-fixture are what tests of it share.
#
#   portico_kernel_unit_test(<name> SOURCES <file>... [LINK <target>...])
#
# makes a GoogleTest program with kernel_fixture.h.  ctest runs each of its tests by itself, and the program as a whole on
# one to three simulated processors that alternate at lock operations as a seed says; that without the death tests, which
# would start it again and again.
if(NOT PORTICO_HOST_TESTS)
    return()
endif()

mig_stubs(kernel-host-servers LANG kernel DEFS ${PORTICO_KERNEL_SERVED} DEFINES KERNEL_SERVER)
mig_stubs(kernel-host-users LANG kernel DEFS ${PORTICO_KERNEL_USED} DEFINES KERNEL_USER)
mig_stubs(kernel-host-traps LANG trap-kernel DEFS ${CMAKE_SOURCE_DIR}/kernel/include/mach/mach_traps.defs)

portico_kernel_sources(kernel_sources lib kern ipc vm device arch/host)
# Zones get their elements from the sanitizers' allocator (zone_host.cpp).
list(REMOVE_ITEM kernel_sources ${PORTICO_KERNEL_DIR}/kern/zone_slab.cpp)

set(kernel_host_includes ${PORTICO_KERNEL_INCLUDES} ${PORTICO_KERNEL_DIR}/arch/host/include)
# No exceptions and no type information, as in the kernel; its headers rely on that.  What lives on a kernel stack is
# told by its address (lib/census.h), so ASan must leave locals where they are.
set(kernel_host_options -fno-exceptions -fno-rtti -include cstddef)
if(PORTICO_SANITIZERS MATCHES "address")
    list(APPEND kernel_host_options -fsanitize-address-use-after-return=never)
endif()
if(PORTICO_SANITIZERS MATCHES "undefined")
    list(APPEND kernel_host_options -fno-sanitize=vptr)
endif()

portico_host_library(kernel-host
    SOURCES ${kernel_sources} ${kernel-host-servers_SOURCES} ${kernel-host-users_SOURCES} ${kernel-host-traps_SOURCES}
    LINK kernel-host-servers kernel-host-users kernel-host-traps
    INCLUDES ${kernel_host_includes}
    DEFINES ${PORTICO_KERNEL_DEFINES})
target_compile_options(kernel-host PUBLIC ${kernel_host_options})
target_precompile_headers(kernel-host PRIVATE <kern/task.h> <kern/thread.h> <vm/vm_map.h>)

set(unit_folder ${CMAKE_SOURCE_DIR}/tests/unit)
portico_host_library(kernel-fixture
    SOURCES ${unit_folder}/kernel_fixture.cpp
    LINK kernel-host GTest::gmock
    INCLUDES ${unit_folder})
target_precompile_headers(kernel-fixture PRIVATE <gmock/gmock.h> <kernel_fixture.h>)
portico_host_library(ipc-fixture
    SOURCES ${unit_folder}/ipc/ipc_fixture.cpp ${unit_folder}/ipc/message_fixture.cpp
    LINK kernel-fixture)
target_precompile_headers(ipc-fixture REUSE_FROM kernel-fixture)

function(portico_kernel_unit_test name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    portico_host_test(${name} SOURCES ${arg_SOURCES} LINK kernel-fixture ${arg_LINK})
    target_precompile_headers(${name} REUSE_FROM kernel-fixture)
    foreach(seed 1 2 3 4)
        math(EXPR processors "1 + ${seed} % 3")
        add_test(NAME ${name}.interleaved.${seed} COMMAND ${name} --gtest_filter=-*Death.*)
        set_tests_properties(${name}.interleaved.${seed} PROPERTIES TIMEOUT 120 ENVIRONMENT
            "PORTICO_HOST_PROCESSORS=${processors};PORTICO_HOST_SEED=${seed};PORTICO_HOST_EVERY=5")
    endforeach()
endfunction()
