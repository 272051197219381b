// tests/bench/guest/ipc_messages.h
//
// The messages that the benchmarks of the group ipc exchange, and both ends of an RPC with them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include <mach/mach.h>

#include "partner.h"

namespace bench {

#pragma pack(push, 4)
struct Plain32 {  // 32 bytes with the header.
    mach_msg_header_t header;
    std::uint64_t word;
};
struct Plain4K {
    mach_msg_header_t header;
    std::array<char, 4096> data;
};
struct WithRight {
    mach_msg_header_t header;
    mach_msg_body_t body;
    mach_msg_port_descriptor_t right;
};
struct WithMemory {
    mach_msg_header_t header;
    mach_msg_body_t body;
    mach_msg_ool_descriptor_t memory;
};

template <typename Message>
struct Buffer {  // What a receive needs: room for the trailer, too.
    Message message;
    mach_msg_trailer_t trailer;
};
#pragma pack(pop)

// ---- The server's end

// Turns a request into its reply of `size` bytes.
inline void make_reply(mach_msg_header_t& header, mach_msg_size_t size)
{
    header.msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(header.msgh_bits), 0);
    header.msgh_size = size;
    header.msgh_local_port = MACH_PORT_NULL;
    header.msgh_id += 100;
}

// Answers requests for ever; `work` sees each before its answer of `reply_size` bytes goes out.
template <typename Message, typename Work>
[[noreturn]] void serve(mach_port_t port, mach_msg_size_t reply_size, Work&& work)
{
    Buffer<Message> buffer;
    mach_msg_header_t& header = buffer.message.header;
    require(mach_msg(&header, MACH_RCV_MSG, 0, sizeof buffer, port, 0, MACH_PORT_NULL), "receive");
    for (;;) {
        work(buffer.message);
        make_reply(header, reply_size);
        require(mach_msg(&header, MACH_SEND_MSG | MACH_RCV_MSG, reply_size, sizeof buffer, port, 0,
                         MACH_PORT_NULL),
                "reply and receive");
    }
}

// ---- The client's end

// One client's reply port and its buffer, in which a request is filled in and the reply arrives.
template <typename Message>
class Client {
public:
    explicit Client(mach_port_t server) : server_{server}, reply_port_{mach_reply_port()} {}

    Message& message() { return buffer_.message; }

    // A request that is plain, or (`complex`) as message() says.
    kern_return_t call(mach_msg_bits_t complex = 0, mach_msg_option_t options = MACH_SEND_MSG | MACH_RCV_MSG)
    {
        buffer_.message.header = {MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) |
                                      complex,
                                  sizeof(Message),
                                  server_,
                                  reply_port_,
                                  MACH_PORT_NULL,
                                  request_id};
        const kern_return_t code = mach_msg(&buffer_.message.header, options, sizeof(Message), sizeof buffer_,
                                            reply_port_, 0, MACH_PORT_NULL);
        return code | (buffer_.message.header.msgh_id ^ (request_id + 100));
    }

private:
    static constexpr mach_msg_id_t request_id = 4242;

    Buffer<Message> buffer_{};
    mach_port_t server_;
    mach_port_t reply_port_;
};

}  // namespace bench
