// bootstrap/archive.h: the boot archive, a cpio archive in the "newc" form (System V release 4), read in
// place.
//
// Owns        nothing: it looks at bytes that somebody keeps mapped.
// Invariants  (A1) What an entry says of itself has been checked against the archive's size before it is
//             believed.
#ifndef PORTICO_BOOTSTRAP_ARCHIVE_H
#define PORTICO_BOOTSTRAP_ARCHIVE_H

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace boot {

struct ArchiveEntry {
    std::string_view path;  // Without leading "/" or "./".
    unsigned mode;
    std::span<const std::byte> data;
};

class Archive {
public:
    explicit Archive(std::span<const std::byte> bytes) : bytes_{bytes} {}

    // The regular file at `path`, which may start with "/". Nothing if there is none, or the archive is
    // malformed before it.
    std::optional<std::span<const std::byte>> find(std::string_view path) const;

    // The entry at `offset`, which then moves to the next one. Nothing at the end, and where the archive is
    // malformed.
    std::optional<ArchiveEntry> next(size_t& offset) const;

private:
    std::span<const std::byte> bytes_;
};

}  // namespace boot

#endif
