// mig/codegen/writer.cpp
#include "codegen/writer.h"

namespace migc {

std::string Writer::fill(std::string_view pattern, const std::vector<std::string>& arguments)
{
    std::string result;
    size_t next = 0;
    for (const char letter : pattern) {
        if (letter == '$')
            result += arguments.at(next++);
        else
            result += letter;
    }
    return result;
}

void Writer::print(const std::string& line)
{
    if (line.empty()) {
        text_ += '\n';
        return;
    }
    if (line.front() == '}' && depth_ != 0)
        --depth_;
    const bool is_label = line.ends_with(":") && depth_ != 0;
    text_.append((depth_ - (is_label ? 1 : 0)) * 4, ' ');
    text_ += line;
    text_ += '\n';
    if (line.back() == '{')
        ++depth_;
}

Writer& Writer::blank()
{
    if (!text_.ends_with("\n\n") && !text_.ends_with("{\n"))
        text_ += '\n';
    return *this;
}

Writer& Writer::raw(std::string_view line)
{
    text_ += line;
    text_ += '\n';
    return *this;
}

std::vector<std::string> comment_lines(std::string_view text)
{
    std::vector<std::string> lines{""};
    for (const char letter : text) {
        if (letter == '\n')
            lines.emplace_back();
        else
            lines.back() += letter;
    }
    for (std::string& line : lines) {
        const size_t start = line.find_first_not_of(" \t*");
        const size_t end = line.find_last_not_of(" \t");
        line = start == std::string::npos || start > end ? "" : line.substr(start, end - start + 1);
    }
    while (!lines.empty() && lines.back().empty())
        lines.pop_back();
    while (!lines.empty() && lines.front().empty())
        lines.erase(lines.begin());
    return lines;
}

Writer& Writer::comment(std::string_view text, bool cxx)
{
    const std::vector<std::string> lines = comment_lines(text);
    for (size_t at = 0; at < lines.size(); ++at) {
        const std::string prefix = cxx ? "// " : at == 0 ? "/* " : " * ";
        const std::string suffix = !cxx && at + 1 == lines.size() ? " */" : "";
        std::string line = prefix + lines[at] + suffix;
        line.erase(line.find_last_not_of(' ') + 1);
        text_.append(depth_ * 4, ' ');
        text_ += line + '\n';
    }
    return *this;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string result;
    for (const std::string& part : parts) {
        if (!result.empty())
            result += separator;
        result += part;
    }
    return result;
}

std::string upper(std::string_view text)
{
    std::string result{text};
    for (char& letter : result) {
        if (letter >= 'a' && letter <= 'z')
            letter = static_cast<char>(letter - 'a' + 'A');
    }
    return result;
}

}  // namespace migc
