# Stubs made by mig.
#
#   mig_stubs(<target> DEFS <file>... LANG c|c++|kernel|trap-user|trap-kernel|description|json
#             [INCLUDES <dir>...] [DEFINES <name>...])
#
# Compiles interface definitions into <build>/.../<target>/ and makes an INTERFACE library <target> whose include
# directories are that folder and mig's run-time headers.  Sets in the caller's scope
#
#   <target>_SOURCES   the sources that were generated, for add_library() or portico_user_library()
#   <target>_HEADERS   the headers
#   <target>_DIR       where they are
#
# A stub is made again when its .defs, anything that includes, or mig itself has changed.  The folders kernel/include
# and those of INCLUDES are searched for included files.  Whoever compiles a source depends on it through the custom
# command; whoever only includes a header adds add_dependencies(<theirs> <target>).
#
# The files are named after the subsystem, which is read from the .defs when CMake runs (file.defs=name overrides it).
set(MIG_RUNTIME_INCLUDE ${CMAKE_SOURCE_DIR}/mig/runtime/include)

# The name that follows `subsystem` or `traps`, whatever comments and conditionals stand between.
function(mig_interface_name variable defs)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${defs})
    file(READ ${defs} text)
    string(REPLACE ";" " ; " text "${text}")
    string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" " " text "${text}")
    string(REGEX REPLACE "(^|\n)[ \t]*#[^\n]*" " " text "${text}")
    string(REGEX MATCH "(^|[ \t\n])([Ss]ubsystem|SUBSYSTEM|traps)[ \t\n]+((KernelUser|KernelServer|kerneluser|kernelserver)[ \t\n]+)*([A-Za-z_0-9]+)[ \t\n]+[0-9]"
        found "${text}")
    if(NOT found)
        message(FATAL_ERROR "${defs} declares neither `subsystem` nor `traps`")
    endif()
    set(${variable} ${CMAKE_MATCH_5} PARENT_SCOPE)
endfunction()

function(mig_stubs target)
    cmake_parse_arguments(ARG "" "LANG" "DEFS;INCLUDES;DEFINES" ${ARGN})
    set(dir ${CMAKE_CURRENT_BINARY_DIR}/${target})
    set(options --dialect osf -I ${CMAKE_SOURCE_DIR}/kernel/include)
    foreach(include ${ARG_INCLUDES})
        list(APPEND options -I ${include})
    endforeach()
    foreach(define ${ARG_DEFINES})
        list(APPEND options -D ${define})
    endforeach()

    set(all_sources)
    set(all_headers)
    foreach(entry ${ARG_DEFS})
        string(REPLACE "=" ";" parts ${entry})
        list(GET parts 0 defs)
        get_filename_component(defs ${defs} ABSOLUTE)
        list(LENGTH parts count)
        if(count GREATER 1)
            list(GET parts 1 name)
        else()
            mig_interface_name(name ${defs})
        endif()
        if(ARG_LANG STREQUAL "c")
            set(sources ${name}User.c ${name}Server.c)
            set(headers ${name}.h ${name}_server.h)
        elseif(ARG_LANG STREQUAL "c++")
            set(sources ${name}_remote.cpp ${name}_server.cpp)
            set(headers ${name}_interface.h)
        elseif(ARG_LANG STREQUAL "kernel")
            set(sources ${name}_kernel.cpp)
            set(headers ${name}_kernel.h)
        elseif(ARG_LANG STREQUAL "trap-user")
            set(sources ${name}.S)
            set(headers ${name}.h)
        elseif(ARG_LANG STREQUAL "trap-kernel")
            string(REGEX REPLACE "s$" "" singular ${name})
            set(sources ${singular}_table.cpp)
            set(headers ${singular}_table.h)
        elseif(ARG_LANG STREQUAL "description")
            set(sources ${name}_description.cpp)
            set(headers ${name}_description.h)
        elseif(ARG_LANG STREQUAL "json")
            set(sources)
            set(headers ${name}.json)
        else()
            message(FATAL_ERROR "mig_stubs(${target}): LANG is '${ARG_LANG}'")
        endif()
        list(TRANSFORM sources PREPEND ${dir}/)
        list(TRANSFORM headers PREPEND ${dir}/)
        set(first ${sources} ${headers})
        list(GET first 0 first)
        add_custom_command(
            OUTPUT ${sources} ${headers}
            COMMAND mig generate --lang ${ARG_LANG} --out ${dir} ${options} -MF ${dir}/${name}.d -MT ${first} ${defs}
            DEPENDS mig ${defs}
            DEPFILE ${dir}/${name}.d
            COMMENT "mig ${ARG_LANG} ${name}.defs"
            VERBATIM)
        list(APPEND all_sources ${sources})
        list(APPEND all_headers ${headers})
        list(APPEND all_names ${name})
    endforeach()

    add_custom_target(${target}_generate DEPENDS ${all_sources} ${all_headers})
    add_library(${target} INTERFACE)
    add_dependencies(${target} ${target}_generate)
    target_include_directories(${target} INTERFACE ${dir} ${MIG_RUNTIME_INCLUDE} ${ARG_INCLUDES})
    set(${target}_SOURCES ${all_sources} PARENT_SCOPE)
    set(${target}_HEADERS ${all_headers} PARENT_SCOPE)
    set(${target}_DIR ${dir} PARENT_SCOPE)
    set(${target}_NAMES ${all_names} PARENT_SCOPE)
endfunction()

# The tables of interfaces, and the catalogue that lists them: declares in <target>/catalogue.h
#     namespace mig::description { extern const Catalogue <name>; }
# Sets the variables of mig_stubs().
function(mig_descriptions target name)
    cmake_parse_arguments(ARG "" "" "DEFS;INCLUDES" ${ARGN})
    mig_stubs(${target} LANG description DEFS ${ARG_DEFS} INCLUDES ${ARG_INCLUDES})
    set(declared)
    set(listed)
    foreach(interface ${${target}_NAMES})
        string(APPEND declared "extern const Interface ${interface}_description;\n")
        string(APPEND listed "    &${interface}_description,\n")
    endforeach()
    file(CONFIGURE OUTPUT ${${target}_DIR}/catalogue.h CONTENT
        "#pragma once\n\n#include <mig/description.h>\n\nnamespace mig::description {\nextern const Catalogue ${name};\n}\n")
    file(CONFIGURE OUTPUT ${${target}_DIR}/catalogue.cpp CONTENT
        "#include \"catalogue.h\"\n\nnamespace mig::description {\n\n${declared}
static constexpr const Interface* all[] = {\n${listed}};\n\nconstinit const Catalogue ${name}{all};\n\n}\n")
    foreach(variable SOURCES HEADERS DIR NAMES)
        set(${target}_${variable} ${${target}_${variable}} PARENT_SCOPE)
    endforeach()
    set(${target}_SOURCES ${${target}_SOURCES} ${${target}_DIR}/catalogue.cpp PARENT_SCOPE)
endfunction()
