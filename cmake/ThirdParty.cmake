# Third-party parts in the build (tools/third-party.sh builds them, once, into a cache outside the tree).
#
#   portico_third_party(<part> [INPUTS <file or folder>...] [DEPENDS <part>...])
#
# makes <build>/third-party/<part>, a link into the cache, and the target third-party-<part>.  The file
# <build>/third-party/<part>.stamp changes when the link was made anew: depend on it, not on what is behind the link,
# whose files are as old as the cache.
set(PORTICO_THIRD_PARTY ${CMAKE_BINARY_DIR}/third-party)
option(PORTICO_CLEAN_THIRD_PARTY "Build third-party parts anew even if the cache has them" OFF)

function(portico_third_party part)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "INPUTS;DEPENDS")
    set(inputs ${CMAKE_SOURCE_DIR}/tools/third-party.sh)
    foreach(input ${arg_INPUTS})
        if(IS_DIRECTORY ${input})
            file(GLOB_RECURSE files CONFIGURE_DEPENDS ${input}/*)
            list(APPEND inputs ${files})
        else()
            list(APPEND inputs ${input})
        endif()
    endforeach()
    set(needed)
    foreach(need ${arg_DEPENDS})
        list(APPEND needed ${PORTICO_THIRD_PARTY}/${need}.stamp)
    endforeach()
    set(stamp ${PORTICO_THIRD_PARTY}/${part}.stamp)
    add_custom_command(OUTPUT ${stamp}
        COMMAND ${CMAKE_SOURCE_DIR}/tools/third-party.sh $<$<BOOL:${PORTICO_CLEAN_THIRD_PARTY}>:--clean>
                build ${part} ${PORTICO_THIRD_PARTY}/${part}
        COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
        DEPENDS ${inputs} ${needed}
        COMMENT "Third-party part ${part}"
        COMMAND_EXPAND_LISTS USES_TERMINAL VERBATIM)
    add_custom_target(third-party-${part} DEPENDS ${stamp})
endfunction()
