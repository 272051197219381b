# Tests on the build machine.
#
#   portico_host_test(<name> SOURCES ... [LINK targets] [INCLUDES dirs] [DEFINES ...])
#
# makes a GoogleTest program and registers each of its tests with ctest.  PORTICO_SANITIZERS applies.
if(NOT PORTICO_HOST_TESTS)
    return()
endif()

find_package(GTest REQUIRED)
include(GoogleTest)

set(PORTICO_HOST_FLAGS -fno-omit-frame-pointer)
set(PORTICO_HOST_LINK_FLAGS)
if(PORTICO_SANITIZERS STREQUAL "coverage")
    set(PORTICO_HOST_FLAGS -fprofile-instr-generate -fcoverage-mapping)
    set(PORTICO_HOST_LINK_FLAGS -fprofile-instr-generate)
elseif(PORTICO_SANITIZERS MATCHES "fuzzer")
    string(REPLACE "fuzzer" "fuzzer-no-link" sanitizers "${PORTICO_SANITIZERS}")
    list(APPEND PORTICO_HOST_FLAGS -fsanitize=${sanitizers} -fno-sanitize-recover=all)
    set(PORTICO_HOST_LINK_FLAGS -fsanitize=${sanitizers})
elseif(PORTICO_SANITIZERS)
    list(APPEND PORTICO_HOST_FLAGS -fsanitize=${PORTICO_SANITIZERS} -fno-sanitize-recover=all)
    set(PORTICO_HOST_LINK_FLAGS -fsanitize=${PORTICO_SANITIZERS})
endif()
# A precompiled header is known by its contents, so that compiler caches can use it.
list(APPEND PORTICO_HOST_FLAGS "SHELL:-Xclang -fno-pch-timestamp")

function(portico_host_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;INCLUDES;DEFINES" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${PORTICO_WARNINGS}> ${PORTICO_HOST_FLAGS})
    target_include_directories(${name} PUBLIC ${ARG_INCLUDES})
    target_compile_definitions(${name} PUBLIC ${ARG_DEFINES})
    target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

function(portico_host_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;INCLUDES;DEFINES" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    target_compile_options(${name} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${PORTICO_WARNINGS}> ${PORTICO_HOST_FLAGS})
    target_link_options(${name} PRIVATE ${PORTICO_HOST_LINK_FLAGS})
    target_include_directories(${name} PRIVATE ${ARG_INCLUDES})
    target_compile_definitions(${name} PRIVATE ${ARG_DEFINES})
    target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()
