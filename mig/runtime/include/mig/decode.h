// mig/decode.h
//
// A message as one line of text, for traces:
//
//     vm_map.vm_allocate request address=0x10000 size=8192 flags=1
//     vm_map.vm_allocate reply code=0 address=0x7f0000000000
//     io.io_write reply code=-301
//     fs.fs_open request call=7 directory=3 path="/etc/motd" flags=0x0 ... (cut)
//
// No allocation, no exceptions; reads nothing outside `message`, which may be the first part of a longer one.
#ifndef MIG_DECODE_H
#define MIG_DECODE_H

#include <cstddef>
#include <span>
#include <string_view>

#include <mig/description.h>

namespace mig::description {

// The text stands in `line`; what does not fit is cut, and then it ends in "...".
std::string_view decode(Catalogue catalogue, std::span<const std::byte> message, std::span<char> line);

}  // namespace mig::description

#endif
