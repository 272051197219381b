# The stubs and headers of the kernel's interfaces, for user space and for host tests alike.
#
#   mach_headers          an INTERFACE library: <mach/...>, <portico/...>, <mig/...>
#   mach_user_stubs       (variable) the C user stubs
#   mach_runtime_sources  (variable) the C++ run-time but for the clock
set(kernel_defs ${CMAKE_SOURCE_DIR}/kernel/include/mach)
set(mach_folder ${CMAKE_SOURCE_DIR}/libc/mach)

set(interfaces
    clock device_priv host_priv host_security ledger mach_debug mach_host mach_port memory_object_control sync task
    thread_act vm_map)
list(TRANSFORM interfaces PREPEND ${kernel_defs}/ OUTPUT_VARIABLE interface_files)
list(TRANSFORM interface_files APPEND .defs)
mig_stubs(mach DEFS ${interface_files} LANG c)
mig_stubs(mach_trap_stubs DEFS ${kernel_defs}/mach_traps.defs LANG trap-user)
# What the kernel says to servers.
mig_stubs(mach_notices LANG c++
    DEFS ${kernel_defs}/memory_object.defs ${kernel_defs}/exc.defs ${kernel_defs}/device_notify.defs)

# What every server says to bootstrap.
mig_stubs(bootstrap_client LANG c DEFS ${CMAKE_SOURCE_DIR}/bootstrap/include/portico/bootstrap.defs
    INCLUDES ${CMAKE_SOURCE_DIR}/bootstrap/include)

add_library(mach_headers INTERFACE)
target_include_directories(mach_headers INTERFACE
    ${mach_folder}/include ${CMAKE_SOURCE_DIR}/kernel/include ${CMAKE_CURRENT_BINARY_DIR})
target_link_libraries(mach_headers INTERFACE mach mach_trap_stubs mach_notices bootstrap_client)

set(mach_user_stubs ${mach_SOURCES})
list(FILTER mach_user_stubs INCLUDE REGEX "User\\.c$")
set(mach_runtime_sources
    call.cpp event_loop.cpp event_loop_messages.cpp event_loop_ports.cpp memory.cpp message_buffer.cpp object.cpp
    rights.cpp)
list(TRANSFORM mach_runtime_sources PREPEND ${mach_folder}/cxx/)
