// The table of block, made by mig.  Changes here will be lost.
#include "block_description.h"

namespace mig::description {
namespace {
constexpr Argument block_read_arguments[] = {
    {"device", "mach_port_t", Kind::Port, Format::PortName, Role::RequestPort, true, false, false, false, false, false, 19, 17, no_argument, 4, 4, 1, 0},
    {"first", "uint64_t", Kind::Scalar, Format::Unsigned, Role::Data, true, false, false, false, false, false, 0, 0, no_argument, 8, 8, 1, 1},
    {"count", "uint32_t", Kind::Scalar, Format::Unsigned, Role::Data, true, false, false, false, false, false, 0, 0, no_argument, 4, 4, 1, 2},
    {"data", "vm_offset_t", Kind::Memory, Format::Unsigned, Role::Data, false, true, false, false, true, false, 0, 0, no_argument, 0, 1, 1073741824, 3},
};
constexpr Slot block_read_request_slots[] = {
    {Part::Ndr, no_argument, false, 24, 8},
    {Part::Value, 1, false, 32, 8},
    {Part::Value, 2, false, 40, 4},
};
constexpr uint8_t block_read_reply_descriptors[] = {3};
constexpr Slot block_read_reply_slots[] = {
    {Part::Ndr, no_argument, false, 44, 8},
    {Part::Count, 3, false, 52, 4},
};

constexpr Argument block_trim_arguments[] = {
    {"device", "mach_port_t", Kind::Port, Format::PortName, Role::RequestPort, true, false, false, false, false, false, 19, 17, no_argument, 4, 4, 1, 0},
    {"list", "block_list_t", Kind::Varying, Format::Unsigned, Role::Data, true, false, false, false, false, false, 0, 0, no_argument, 128, 8, 16, 1},
    {"name", "block_name_t", Kind::String, Format::Character, Role::Data, true, false, true, false, false, false, 0, 0, no_argument, 32, 1, 32, 2},
    {"done", "uint32_t", Kind::Scalar, Format::Unsigned, Role::Data, false, true, false, false, false, false, 0, 0, no_argument, 4, 4, 1, 3},
};
constexpr Slot block_trim_request_slots[] = {
    {Part::Ndr, no_argument, false, 24, 8},
    {Part::Count, 1, false, 32, 4},
    {Part::Data, 1, false, 36, 128},
    {Part::StringOffset, 2, true, 164, 4},
    {Part::StringCount, 2, true, 168, 4},
    {Part::Data, 2, true, 172, 32},
};
constexpr Slot block_trim_reply_slots[] = {
    {Part::Ndr, no_argument, false, 24, 8},
    {Part::ReturnCode, no_argument, false, 32, 4},
    {Part::Value, 3, false, 36, 4},
};

constexpr Argument block_forget_arguments[] = {
    {"device", "mach_port_t", Kind::Port, Format::PortName, Role::RequestPort, true, false, false, false, false, false, 19, 17, no_argument, 4, 4, 1, 0},
    {"owner", "mach_port_t", Kind::Port, Format::PortName, Role::Data, true, false, false, false, false, false, 17, 17, no_argument, 4, 4, 1, 1},
};
constexpr uint8_t block_forget_request_descriptors[] = {1};

constexpr Routine routines[] = {
    {"block_read", 2900, false, block_read_arguments, {2900, 44, 44, {}, block_read_request_slots}, {3000, 56, 56, block_read_reply_descriptors, block_read_reply_slots}},
    {"block_trim", 2902, false, block_trim_arguments, {2902, 44, 204, {}, block_trim_request_slots}, {3002, 40, 40, {}, block_trim_reply_slots}},
    {"block_forget", 2903, true, block_forget_arguments, {2903, 40, 40, block_forget_request_descriptors, {}}, {}},
};

}  // namespace

constinit const Interface block_description{"block", false, 2900, 2904, routines};

}  // namespace mig::description
