// mig/runtime/decode.cpp
#include <mig/decode.h>
#include <mig/walk.h>

#include <mach/mig_errors.h>

namespace mig::description {

namespace {

constexpr uint32_t shown_elements = 8;
constexpr uint32_t shown_characters = 48;

// Text in a buffer of fixed size.
class Text {
public:
    explicit Text(std::span<char> room) : room_{room} {}

    void put(char letter)
    {
        if (length_ < room_.size())
            room_[length_++] = letter;
        else
            cut_ = true;
    }
    void put(std::string_view text)
    {
        for (const char letter : text)
            put(letter);
    }
    void decimal(uint64_t value)
    {
        char digits[20];
        size_t count = 0;
        do {
            digits[count++] = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0);
        while (count != 0)
            put(digits[--count]);
    }
    void number(int64_t value)
    {
        if (value < 0)
            put('-');
        decimal(value < 0 ? -static_cast<uint64_t>(value) : static_cast<uint64_t>(value));
    }
    void hexadecimal(uint64_t value)
    {
        put("0x");
        int digit = 15;
        while (digit > 0 && (value >> (4 * digit)) == 0)
            --digit;
        for (; digit >= 0; --digit)
            nibble(static_cast<unsigned>(value >> (4 * digit)) & 15);
    }
    void byte(std::byte value)
    {
        nibble(static_cast<unsigned>(value) >> 4);
        nibble(static_cast<unsigned>(value) & 15);
    }

    std::string_view finish()
    {
        for (size_t at = 0; cut_ && at < 3 && at < length_; ++at)
            room_[length_ - 1 - at] = '.';
        return {room_.data(), length_};
    }

private:
    void nibble(unsigned value) { put("0123456789abcdef"[value]); }

    std::span<char> room_;
    size_t length_ = 0;
    bool cut_ = false;
};

using Bytes = std::span<const std::byte>;

uint64_t load(Bytes bytes)
{
    uint64_t value = 0;
    __builtin_memcpy(&value, bytes.data(), bytes.size() < sizeof value ? bytes.size() : sizeof value);
    return value;
}

int64_t extended(uint64_t value, size_t size)
{
    const unsigned shift = static_cast<unsigned>(64 - 8 * (size < 8 ? size : 8));
    return static_cast<int64_t>(value << shift) >> shift;
}

// Plain data without a meaning of its own: its first bytes.
void put_bytes(Text& text, Bytes bytes)
{
    text.put('<');
    for (size_t at = 0; at < bytes.size() && at < 2 * shown_elements; ++at)
        text.byte(bytes[at]);
    text.put(bytes.size() > 2 * shown_elements ? "...>" : ">");
}

void put_scalar(Text& text, Format format, Bytes bytes)
{
    const uint64_t value = load(bytes);
    switch (format) {
    case Format::Signed:
    case Format::ReturnCode:
        text.number(extended(value, bytes.size()));
        break;
    case Format::Boolean:
        text.put(value == 0 ? "false" : value == 1 ? "true" : "true?");
        break;
    case Format::Address:
    case Format::PortName:
        text.hexadecimal(value);
        break;
    case Format::Real:
    case Format::Bytes:
        put_bytes(text, bytes);
        break;
    default:
        text.decimal(value);
    }
}

void put_string(Text& text, Bytes bytes, bool ends_with_nul)
{
    text.put('"');
    size_t at = 0;
    for (; at < bytes.size() && at < shown_characters; ++at) {
        const auto letter = static_cast<unsigned char>(bytes[at]);
        if (letter == 0 && ends_with_nul)
            break;
        if (letter < 0x20 || letter >= 0x7f || letter == '"' || letter == '\\') {
            text.put("\\x");
            text.byte(bytes[at]);
        } else {
            text.put(static_cast<char>(letter));
        }
    }
    text.put(at == shown_characters && at < bytes.size() ? "\"..." : "\"");
}

void put_elements(Text& text, const Argument& argument, Bytes bytes)
{
    const uint32_t size = argument.element_size;
    const size_t count = size == 0 ? 0 : bytes.size() / size;
    text.put('[');
    text.decimal(count);
    text.put("]{");
    for (size_t at = 0; at < count && at < shown_elements; ++at) {
        text.put(at == 0 ? "" : " ");
        put_scalar(text, size > 8 ? Format::Bytes : argument.format, bytes.subspan(at * size, size));
    }
    text.put(count > shown_elements ? " ...}" : "}");
}

void put_value(Text& text, const Argument& argument, Bytes bytes)
{
    if (argument.kind == Kind::String ||
        (argument.kind != Kind::Scalar && argument.format == Format::Character))
        put_string(text, bytes, argument.kind == Kind::String);
    else if (argument.kind == Kind::Array || argument.kind == Kind::Varying)
        put_elements(text, argument, bytes);
    else
        put_scalar(text, argument.kind == Kind::Structure ? Format::Bytes : argument.format, bytes);
}

void put_name(Text& text, std::string_view name)
{
    text.put(' ');
    text.put(name);
    text.put('=');
}

void put_disposition(Text& text, uint32_t disposition)
{
    constexpr const char* names[] = {"move-receive", "move-send", "move-send-once",
                                     "copy-send",    "make-send", "make-send-once"};
    text.put('(');
    if (disposition >= MACH_MSG_TYPE_MOVE_RECEIVE && disposition <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
        text.put(names[disposition - MACH_MSG_TYPE_MOVE_RECEIVE]);
    else
        text.decimal(disposition);
    text.put(')');
}

void put_descriptor(Text& text, const Argument& argument, Bytes bytes)
{
    mach_msg_descriptor_t descriptor{};
    __builtin_memcpy(&descriptor, bytes.data(), bytes.size());
    put_name(text, argument.name);
    if (descriptor.type.type == MACH_MSG_PORT_DESCRIPTOR) {
        text.hexadecimal(descriptor.port.name);
        put_disposition(text, descriptor.port.disposition);
    } else if (descriptor.type.type == MACH_MSG_OOL_DESCRIPTOR) {
        text.hexadecimal(descriptor.out_of_line.address);
        text.put('+');
        text.decimal(descriptor.out_of_line.size);
        text.put(descriptor.out_of_line.deallocate != 0 ? "(gives)" : "(keeps)");
    } else if (descriptor.type.type == MACH_MSG_OOL_PORTS_DESCRIPTOR) {
        text.hexadecimal(descriptor.ool_ports.address);
        text.put('[');
        text.decimal(descriptor.ool_ports.count);
        text.put(']');
        put_disposition(text, descriptor.ool_ports.disposition);
    } else {
        text.put("descriptor of type ");
        text.decimal(descriptor.type.type);
    }
}

// False if the message ends before its descriptors do.
bool put_descriptors(Text& text, const Routine& routine, const Message& form, Bytes message)
{
    for (size_t at = 0; at < form.descriptors.size(); ++at) {
        const Argument& argument = routine.arguments[form.descriptors[at]];
        const uint32_t offset = descriptor_offset(routine, form, at);
        const uint32_t size = descriptor_size(argument);
        if (offset + size > message.size())
            return false;
        if (argument.kind != Kind::Rights || word_at(message, offset) != MACH_PORT_NULL)
            put_descriptor(text, argument, message.subspan(offset, size));
    }
    return true;
}

void put_slots(Text& text, const Routine& routine, const Message& form, Bytes message)
{
    Walk walk{routine, form, message};
    for (Place place = walk.next(); place.slot != nullptr; place = walk.next()) {
        const Bytes bytes = message.subspan(place.offset, place.size);
        switch (place.slot->part) {
        case Part::ReturnCode:
            put_name(text, "code");
            put_scalar(text, Format::ReturnCode, bytes);
            break;
        case Part::Capacity:
            put_name(text, routine.arguments[place.slot->argument].name);
            text.put("room ");
            text.decimal(load(bytes));
            break;
        case Part::Value:
        case Part::Data:
            put_name(text, routine.arguments[place.slot->argument].name);
            put_value(text, routine.arguments[place.slot->argument], bytes);
            break;
        default:
            break;
        }
    }
    if (!walk.ok())
        text.put(" (cut)");
    else if (walk.offset() < message.size())
        text.put(" (more)");
}

void put_message(Text& text, const Found& found, const mach_msg_header_t& header, Bytes message)
{
    text.put(found.interface->name);
    text.put('.');
    text.put(found.routine->name);
    text.put(found.is_reply ? " reply" : " request");
    const Message& form = found.is_reply ? found.routine->reply : found.routine->request;
    const bool is_complex = MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits);
    mig_reply_error_t error{};
    if (found.is_reply && !is_complex && header.msgh_size == sizeof error && message.size() >= sizeof error) {
        __builtin_memcpy(&error, message.data(), sizeof error);
        put_name(text, "code");
        text.number(error.RetCode);
    } else if (is_complex == form.descriptors.empty()) {
        text.put(" (of another form)");
    } else if (put_descriptors(text, *found.routine, form, message)) {
        put_slots(text, *found.routine, form, message);
    } else {
        text.put(" (cut)");
    }
}

}  // namespace

std::string_view decode(Catalogue catalogue, std::span<const std::byte> message, std::span<char> line)
{
    Text text{line};
    mach_msg_header_t header{};
    if (message.size() < sizeof header) {
        text.put("no message");
        return text.finish();
    }
    __builtin_memcpy(&header, message.data(), sizeof header);
    if (header.msgh_size < message.size() && header.msgh_size >= sizeof header)
        message = message.first(header.msgh_size);  // Without the trailer.
    const Found found = find(catalogue, header.msgh_id);
    if (found.routine != nullptr) {
        put_message(text, found, header, message);
    } else {
        text.put("message ");
        text.number(header.msgh_id);
        text.put(" of ");
        text.decimal(header.msgh_size);
        text.put(" bytes");
    }
    return text.finish();
}

}  // namespace mig::description
