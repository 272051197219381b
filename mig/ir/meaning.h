// mig/ir/meaning.h
//
// What the numbers of an interface stand for, as far as their types' names tell, and whose things are afterwards.  The
// wire format does not need it; whoever shows a message to a person, or tries bad values, does.
#pragma once

#include "ir/ir.h"

namespace migc::ir {

enum class Format {
    Signed,
    Unsigned,
    Boolean,
    Character,
    Real,
    Address,
    Size,
    ReturnCode,
    PortName,
    Bytes,  // Plain data without a meaning of its own.
};

// Of the type, or of its elements if it has several.
Format format_of(const Type& type);
const char* word(Format format);

// How C and the interfaces' readers call these.
const char* word(Type::Kind kind);
const char* word(Direction direction);
const char* word(Role role);
const char* word(Disposition disposition);
const char* word(Slot::Kind kind);

// What remains with the sender of a right or of a region: "keeps" it, "gives" it, or "chooses" by a further argument.
const char* sender_of(const Argument& argument);

}  // namespace migc::ir
