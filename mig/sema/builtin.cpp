// mig/sema/builtin.cpp
#include "sema/builtin.h"

#include <charconv>

namespace migc {

namespace {

using D = ir::Disposition;

constexpr Builtin plain(const char* name, uint32_t number, uint32_t bits, bool is_signed = false,
                        bool is_real = false, bool is_string = false)
{
    return {name, number, bits, false, is_signed, is_real, is_string, D::None, D::None};
}

constexpr Builtin port(const char* name, uint32_t number, D sent, D received)
{
    return {name, number, 32, true, false, false, false, sent, received};
}

// Sorted by kind.  Of names with one number the first stands for it.
constexpr Builtin table[] = {
    plain("MACH_MSG_TYPE_UNSTRUCTURED", 0, 0),
    plain("MACH_MSG_TYPE_BIT", 0, 1),
    plain("MACH_MSG_TYPE_BOOLEAN", 0, 32),
    plain("MACH_MSG_TYPE_INTEGER_16", 1, 16, true),
    plain("MACH_MSG_TYPE_INTEGER_32", 2, 32, true),
    plain("MACH_MSG_TYPE_CHAR", 8, 8),
    plain("MACH_MSG_TYPE_BYTE", 9, 8),
    plain("MACH_MSG_TYPE_INTEGER_8", 9, 8),
    plain("MACH_MSG_TYPE_REAL", 10, 0, true, true),
    plain("MACH_MSG_TYPE_REAL_32", 10, 32, true, true),
    plain("MACH_MSG_TYPE_REAL_64", 10, 64, true, true),
    plain("MACH_MSG_TYPE_INTEGER_64", 11, 64, true),
    plain("MACH_MSG_TYPE_STRING", 12, 8, false, false, true),
    plain("MACH_MSG_TYPE_STRING_C", 12, 8, false, false, true),
    plain("MACH_MSG_TYPE_PORT_NAME", 15, 32),
    port("MACH_MSG_TYPE_MOVE_RECEIVE", 16, D::MoveReceive, D::MoveReceive),
    port("MACH_MSG_TYPE_PORT_RECEIVE", 16, D::Polymorphic, D::MoveReceive),
    port("MACH_MSG_TYPE_MOVE_SEND", 17, D::MoveSend, D::MoveSend),
    port("MACH_MSG_TYPE_PORT_SEND", 17, D::Polymorphic, D::MoveSend),
    port("MACH_MSG_TYPE_MOVE_SEND_ONCE", 18, D::MoveSendOnce, D::MoveSendOnce),
    port("MACH_MSG_TYPE_PORT_SEND_ONCE", 18, D::Polymorphic, D::MoveSendOnce),
    port("MACH_MSG_TYPE_COPY_SEND", 19, D::CopySend, D::MoveSend),
    port("MACH_MSG_TYPE_MAKE_SEND", 20, D::MakeSend, D::MoveSend),
    port("MACH_MSG_TYPE_MAKE_SEND_ONCE", 21, D::MakeSendOnce, D::MoveSendOnce),
    port("MACH_MSG_TYPE_POLYMORPHIC", 0xffffffff, D::Polymorphic, D::Polymorphic),
    port("polymorphic", 0xffffffff, D::Polymorphic, D::Polymorphic),
};

bool equal_ignoring_case(std::string_view left, std::string_view right)
{
    if (left.size() != right.size())
        return false;
    for (size_t at = 0; at < left.size(); ++at) {
        const auto lower = [](char letter) {
            return letter >= 'A' && letter <= 'Z' ? letter + 32 : int{letter};
        };
        if (lower(left[at]) != lower(right[at]))
            return false;
    }
    return true;
}

}  // namespace

const Builtin* find_builtin(std::string_view name)
{
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool is_number = error == std::errc{} && end == name.data() + name.size();
    std::string modern{name};
    if (name.substr(0, 9) == "MSG_TYPE_")  // CMU's older spelling.
        modern = "MACH_" + modern;
    for (const Builtin& each : table) {
        if (is_number ? each.number == number : equal_ignoring_case(each.name, modern))
            return &each;
    }
    return nullptr;
}

}  // namespace migc
