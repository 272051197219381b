// kernel/lib/format.cpp: printf's formats for lib/print.h.
#include <lib/print.h>

#include <algorithm>
#include <cstring>

namespace {

// One conversion, from '%' to its letter.
struct Conversion {
    bool left = false;
    bool zero = false;
    bool prefix = false;
    size_t width = 0;
    size_t precision = SIZE_MAX;  // SIZE_MAX: none given.
    unsigned longs = 0;           // 2: 64 bits.
    char letter = 0;
};

class Writer {
public:
    Writer(char* into, size_t size) : into_{into}, limit_{size == 0 ? 0 : size - 1}, terminate_{size != 0} {}

    void put(char c)
    {
        if (length_ < limit_)
            into_[length_] = c;
        ++length_;
    }
    void put(char c, size_t times)
    {
        while (times-- != 0)
            put(c);
    }
    size_t finish()
    {
        if (terminate_)
            into_[std::min(length_, limit_)] = '\0';
        return length_;
    }

private:
    char* into_;
    size_t limit_;
    bool terminate_;
    size_t length_ = 0;
};

void write_padded(Writer& out, const Conversion& c, std::string_view sign, std::string_view digits,
                  bool zeros)
{
    const size_t used = sign.size() + digits.size();
    const size_t padding = c.width > used ? c.width - used : 0;
    if (!c.left && !zeros)
        out.put(' ', padding);
    for (char s : sign)
        out.put(s);
    if (!c.left && zeros)
        out.put('0', padding);
    for (char d : digits)
        out.put(d);
    if (c.left)
        out.put(' ', padding);
}

void write_number(Writer& out, const Conversion& c, uint64_t value, bool negative)
{
    const bool hex = c.letter == 'x' || c.letter == 'X' || c.letter == 'p';
    const unsigned base = hex ? 16 : c.letter == 'o' ? 8 : 10;
    const char* letters = c.letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char text[66];
    size_t at = sizeof text;
    do {
        text[--at] = letters[value % base];
        value /= base;
    } while (value != 0);
    const size_t least = c.precision == SIZE_MAX ? 0 : std::min<size_t>(c.precision, 64);
    while (sizeof text - at < least)
        text[--at] = '0';
    const std::string_view sign = negative ? "-" : (hex && (c.prefix || c.letter == 'p')) ? "0x" : "";
    write_padded(out, c, sign, {text + at, sizeof text - at}, c.zero && c.precision == SIZE_MAX);
}

size_t bounded_length(const char* text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] != '\0')
        ++length;
    return length;
}

size_t read_digits(const char*& format)
{
    size_t value = 0;
    while (*format >= '0' && *format <= '9')
        value = value * 10 + static_cast<size_t>(*format++ - '0');
    return value;
}

// va_list is an array on x86-64, so it travels in a structure.
struct Arguments {
    va_list list;

    uint64_t next_unsigned(unsigned longs)
    {
        return longs != 0 ? va_arg(list, uint64_t) : va_arg(list, unsigned);
    }
    int64_t next_signed(unsigned longs) { return longs != 0 ? va_arg(list, int64_t) : va_arg(list, int); }
};

Conversion read_conversion(const char*& format, Arguments& arguments)
{
    Conversion c;
    for (;; ++format) {
        if (*format == '-')
            c.left = true;
        else if (*format == '0')
            c.zero = true;
        else if (*format == '#')
            c.prefix = true;
        else if (*format != '+' && *format != ' ')
            break;
    }
    if (*format == '*') {
        c.width = static_cast<size_t>(std::max<int64_t>(arguments.next_signed(0), 0));
        ++format;
    } else {
        c.width = read_digits(format);
    }
    if (*format == '.') {
        ++format;
        if (*format == '*') {
            const int64_t given = arguments.next_signed(0);
            c.precision = given < 0 ? SIZE_MAX : static_cast<size_t>(given);
            ++format;
        } else {
            c.precision = read_digits(format);
        }
    }
    for (; *format == 'l' || *format == 'z' || *format == 'j' || *format == 'h'; ++format)
        c.longs += *format != 'h';
    c.letter = *format;
    return c;
}

void write_conversion(Writer& out, const Conversion& c, Arguments& arguments)
{
    switch (c.letter) {
    case 'd':
    case 'i': {
        const int64_t value = arguments.next_signed(c.longs);
        write_number(out, c, value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value),
                     value < 0);
        break;
    }
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        write_number(out, c, arguments.next_unsigned(c.longs), false);
        break;
    case 'p':
        write_number(out, c, arguments.next_unsigned(2), false);
        break;
    case 'c': {
        const char character = static_cast<char>(arguments.next_signed(0));
        write_padded(out, c, "", {&character, 1}, false);
        break;
    }
    case 's': {
        const char* text = reinterpret_cast<const char*>(arguments.next_unsigned(2));
        if (text == nullptr)
            text = "(null)";
        write_padded(out, c, "", {text, bounded_length(text, c.precision)}, false);
        break;
    }
    default:
        out.put('%');
        if (c.letter != '\0' && c.letter != '%')
            out.put(c.letter);
        break;
    }
}

}  // namespace

size_t format_text_list(char* into, size_t size, const char* format, va_list list)
{
    Arguments arguments;
    va_copy(arguments.list, list);
    Writer out{into, size};
    while (*format != '\0') {
        if (*format != '%') {
            out.put(*format++);
            continue;
        }
        ++format;
        const Conversion c = read_conversion(format, arguments);
        write_conversion(out, c, arguments);
        if (*format != '\0')
            ++format;
    }
    va_end(arguments.list);
    return out.finish();
}

size_t format_text(char* into, size_t size, const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const size_t length = format_text_list(into, size, format, arguments);
    va_end(arguments);
    return length;
}
