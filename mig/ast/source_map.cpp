// mig/ast/source_map.cpp
#include "ast/source_map.h"

#include <cctype>
#include <map>

namespace migc {

namespace {

struct Marker {
    uint32_t line;
    std::string file;
};

// `# 12 "name" flags` and `#line 12 "name"`; anything else that begins with # (a #pragma) is no marker.
std::optional<Marker> parse_marker(std::string_view line)
{
    size_t at = line.find_first_not_of(" \t", 1);
    if (line.empty() || line[0] != '#' || at == std::string_view::npos)
        return std::nullopt;
    if (line.substr(at, 4) == "line")
        at = line.find_first_not_of(" \t", at + 4);
    Marker marker{0, {}};
    bool digits = false;
    for (; at < line.size() && std::isdigit(static_cast<unsigned char>(line[at])); ++at, digits = true)
        marker.line = marker.line * 10 + static_cast<uint32_t>(line[at] - '0');
    const size_t open = line.find('"', at);
    const size_t close = line.rfind('"');
    if (!digits || open == std::string_view::npos || close <= open)
        return std::nullopt;
    for (size_t i = open + 1; i < close; ++i) {
        if (line[i] == '\\' && i + 1 < close)
            ++i;
        marker.file += line[i];
    }
    return marker;
}

}  // namespace

SourceMap::SourceMap(const std::string& text, const std::string& file)
{
    std::map<std::string, std::shared_ptr<const std::string>> files;
    const auto shared_name = [&files](const std::string& name) {
        std::shared_ptr<const std::string>& entry = files[name];
        if (!entry)
            entry = std::make_shared<const std::string>(name);
        return entry;
    };
    std::shared_ptr<const std::string> current = shared_name(file);
    uint32_t number = 1;
    for (size_t start = 0; start <= text.size();) {
        size_t end = text.find('\n', start);
        if (end == std::string::npos)
            end = text.size();
        auto line = std::make_shared<const std::string>(text, start, end - start);
        lines_.push_back({current, line, number++});
        if (std::optional<Marker> marker = parse_marker(*line)) {
            current = shared_name(marker->file);
            number = marker->line;
        }
        start = end + 1;
    }
}

Position SourceMap::position(size_t line, size_t column) const
{
    const Line& found = lines_[std::min(line == 0 ? 0 : line - 1, lines_.size() - 1)];
    return {found.file, found.number, static_cast<uint32_t>(column + 1), found.text};
}

}  // namespace migc
