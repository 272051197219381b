// unix-server/exec/program_stack.h
//
// The first contents of a program's stack: argument and environment strings, vectors, auxiliary vector, as the System V
// ABI for x86-64 lays them out.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf_image.h"

namespace portico {

struct StackContents {
    uint64_t stack_pointer;   // Where argc lies.
    uint64_t start;           // Address of bytes[0], a multiple of the page size.
    std::vector<char> bytes;  // Up to the top of the stack.
};

struct ProgramStrings {
    std::vector<std::string> arguments;
    std::vector<std::string> environment;
    std::string path;  // AT_EXECFN
};

// `load_base` is what was added to the image's addresses; `top` is the stack's end, a multiple of the page size.
StackContents build_stack(const ProgramStrings& strings, const ElfImage& image, uint64_t load_base,
                          uint64_t top, std::span<const char, 16> random);

// Splits "a\0b\0" into strings; what follows the last NUL is dropped.
std::vector<std::string> split_strings(std::span<const char> bytes);

// "#! /bin/sh -e": the interpreter and its one argument.  False if `head` is no such line or has no interpreter.
bool parse_interpreter_line(std::span<const char> head, std::string& interpreter, std::string& argument);

}  // namespace portico
