// mig/codegen/writer.h
//
// Prints code line by line.  Each $ in a line stands for the next argument.  A line that ends in { indents what follows,
// one that begins with } ends that; labels that end in : stand one step to the left.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace migc {

class Writer {
public:
    template <class... Arguments>
    Writer& operator()(std::string_view pattern, const Arguments&... arguments)
    {
        print(fill(pattern, {text(arguments)...}));
        return *this;
    }
    Writer& blank();
    // What `print` prints stands one step further in.
    template <class Print>
    Writer& indented(const Print& print)
    {
        ++depth_;
        print();
        --depth_;
        return *this;
    }
    // A line that is printed as it is.
    Writer& raw(std::string_view line);
    // Comment lines, one for each line of `text`.
    Writer& comment(std::string_view text, bool cxx);

    const std::string& str() const { return text_; }

    static std::string fill(std::string_view pattern, const std::vector<std::string>& arguments);

private:
    static std::string text(std::string_view value) { return std::string{value}; }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    static std::string text(Number number)
    {
        return std::to_string(number);
    }
    void print(const std::string& line);

    std::string text_;
    unsigned depth_ = 0;
};

// The same for a part of a line.
template <class... Arguments>
std::string filled(std::string_view pattern, const Arguments&... arguments)
{
    return Writer::fill(pattern, {std::string{arguments}...});
}

// The text of a comment, line by line, without the stars and blanks that frame it.
std::vector<std::string> comment_lines(std::string_view text);
std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::string upper(std::string_view text);

}  // namespace migc
