// mig/codegen/gnu/gnu_pack.h
//
// Prints how the items of a message are written, checked and found.  Not for use outside codegen/gnu.
#pragma once

#include "codegen/gnu/gnu_names.h"

namespace migc::gnu {

// Where in a message the generated code is: a number until the first varying item, the variable `at` from then on.
class Cursor {
public:
    Cursor(std::string variable, uint32_t offset) : variable_{std::move(variable)}, offset_{offset} {}

    std::string here(uint32_t further = 0) const;
    void step(uint32_t size) { offset_ += ir::pad(size); }
    // Prints that what follows is `bytes` further on than `here(further)`.
    void move_by(Writer& out, uint32_t further, const std::string& bytes);
    // The generated code has set the variable itself.
    void moved();
    const std::string& variable() const { return variable_; }

private:
    std::string variable_;
    uint32_t offset_;
    bool moving_ = false;
};

inline bool has_indefinite(const ir::Message& message)
{
    for (const ir::Slot& slot : message.slots) {
        if (slot.argument != nullptr && slot.argument->type->indefinite)
            return true;
    }
    return false;
}

inline uint32_t description_size(const ir::Type& type) { return type.typed.is_long ? 12 : 4; }
std::string times(const std::string& count, uint32_t factor);

// Writes the items of `message` to `buffer` from the variables of the side that sends it.
class Packer {
public:
    Packer(Writer& out, const ir::Message& message, Side side, std::string buffer)
        : out_{out}, message_{message}, side_{side}, buffer_{std::move(buffer)}
    {
    }

    // Local variables; then the items (the size is then size()).
    void print_locals();
    void print();
    std::string size() const;

private:
    void pack(const ir::Argument& argument, const ir::Slot& slot);
    void pack_value(const ir::Argument& argument);
    void pack_address(const ir::Argument& argument);
    void pack_varying(const ir::Argument& argument);
    void pack_indefinite(const ir::Argument& argument);
    void pack_string(const ir::Argument& argument);
    void pack_word(const std::string& value);
    void print_type(const ir::Argument& argument, const std::string& number, const char* is_inline,
                    const std::string& deallocate);
    void note_rights(const ir::Argument& argument);
    bool by_pointer(const ir::Argument& argument) const { return side_ == Side::User && argument.out(); }
    std::string value(const ir::Argument& argument) const;
    std::string count(const ir::Argument& argument) const;
    std::string poly(const ir::Argument& argument) const;
    std::string deallocate(const ir::Argument& argument) const;

    Writer& out_;
    const ir::Message& message_;
    const Side side_;
    const std::string buffer_;
    Cursor cursor_{"mig_size", ir::typed_header_size};
};

// A function that checks a received message whole.  It is true if every description, count, size and string is right.
void print_check(Writer& out, const ir::Message& message, const std::string& name, bool is_reply);

}  // namespace migc::gnu
