// kernel/ipc/message_layout.h
//
// Reading and writing fields of a message's bytes, which are aligned to four only.  For ipc_copyin.cpp and
// ipc_copyout.cpp.
#ifndef PORTICO_IPC_MESSAGE_LAYOUT_H
#define PORTICO_IPC_MESSAGE_LAYOUT_H

#include <cstddef>
#include <cstring>
#include <span>

#include <mach/message.h>

// Walks over the descriptors of a complex message.
class DescriptorCursor {
public:
    explicit DescriptorCursor(std::span<std::byte> bytes)
        : bytes_{bytes}, at_{sizeof(mach_msg_header_t) + sizeof(mach_msg_body_t)}
    {
    }

    // The next descriptor's kind; `none` if it does not fit into the message.
    static constexpr mach_msg_descriptor_type_t none = 0xff;
    mach_msg_descriptor_type_t kind() const
    {
        mach_msg_type_descriptor_t common;
        if (!read_at(common))
            return none;
        return common.type;
    }
    // Reads one and goes on to the next; false if it does not fit.
    template <class Descriptor>
    [[nodiscard]] bool read(Descriptor& descriptor)
    {
        if (!read_at(descriptor))
            return false;
        at_ += sizeof descriptor;
        return true;
    }
    // Writes one, whose room is known to be there, and goes on.
    template <class Descriptor>
    void write(const Descriptor& descriptor)
    {
        std::memcpy(bytes_.data() + at_, &descriptor, sizeof descriptor);
        at_ += sizeof descriptor;
    }

    template <class Descriptor>
    void skip()
    {
        at_ += sizeof(Descriptor);
    }

private:
    template <class Descriptor>
    [[nodiscard]] bool read_at(Descriptor& descriptor) const
    {
        if (bytes_.size() < at_ + sizeof descriptor)
            return false;
        std::memcpy(&descriptor, bytes_.data() + at_, sizeof descriptor);
        return true;
    }

    std::span<std::byte> bytes_;
    size_t at_;
};

#endif
