// tests/unit/mig/played_mach_msg.cpp
//
// What the kernel does between a client and a server that share one space: rights keep their names, dispositions become what
// arrives, and out-of-line memory stays where it is.
#include "played_mach_msg.h"

#include <mach/vm_types.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace played {

Bytes request, reply;
unsigned destroyed = 0;
int reply_ports = 0;
unsigned lost_reply_ports = 0;
std::vector<const void*> deallocated;
std::function<void(Bytes&)> tamper;
mach_msg_return_t failure = MACH_MSG_SUCCESS;

namespace {

template <class T>
T load(const Bytes& bytes, size_t offset)
{
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

template <class T>
void store(Bytes& bytes, size_t offset, const T& value)
{
    std::memcpy(bytes.data() + offset, &value, sizeof value);
}

void deliver_descriptors(Bytes& message)
{
    size_t offset = sizeof(mach_msg_base_t);
    for (uint32_t left = load<uint32_t>(message, sizeof(mach_msg_header_t)); left != 0; --left) {
        auto port = load<mach_msg_port_descriptor_t>(message, offset);
        if (port.type == MACH_MSG_PORT_DESCRIPTOR) {
            port.disposition = arriving(port.disposition) & 0xffu;
            store(message, offset, port);
            offset += sizeof port;
            continue;
        }
        auto ports = load<mach_msg_ool_ports_descriptor_t>(message, offset);
        if (ports.type == MACH_MSG_OOL_PORTS_DESCRIPTOR)
            ports.disposition = arriving(ports.disposition) & 0xffu;
        store(message, offset, ports);
        offset += sizeof ports;
    }
}

// From what was sent to what arrives: the header's ports change places.
Bytes deliver(Bytes message)
{
    auto header = load<mach_msg_header_t>(message, 0);
    const mach_msg_bits_t bits = header.msgh_bits;
    std::swap(header.msgh_local_port, header.msgh_remote_port);
    header.msgh_bits =
        MACH_MSGH_BITS(arriving(MACH_MSGH_BITS_LOCAL(bits)), arriving(MACH_MSGH_BITS_REMOTE(bits))) |
        (bits & MACH_MSGH_BITS_COMPLEX);
    store(message, 0, header);
    if (MACH_MSGH_BITS_IS_COMPLEX(bits))
        deliver_descriptors(message);
    return message;
}

}  // namespace

mach_msg_type_name_t arriving(mach_msg_type_name_t disposition)
{
    switch (disposition) {
    case MACH_MSG_TYPE_COPY_SEND:
    case MACH_MSG_TYPE_MAKE_SEND:
        return MACH_MSG_TYPE_MOVE_SEND;
    case MACH_MSG_TYPE_MAKE_SEND_ONCE:
        return MACH_MSG_TYPE_MOVE_SEND_ONCE;
    default:
        return disposition;
    }
}

mach_msg_context_trailer_t trailer{.msgh_trailer_type = 0,
                                   .msgh_trailer_size = sizeof(mach_msg_context_trailer_t),
                                   .msgh_seqno = 0,
                                   .msgh_sender = {},
                                   .msgh_audit = {},
                                   .msgh_context = 0};

bool has_been_deallocated(const void* address)
{
    return std::ranges::find(deallocated, address) != deallocated.end();
}

Bytes serve(const Bytes& arrived)
{
    Bytes in = arrived;
    const auto* first = reinterpret_cast<const std::byte*>(&trailer);
    in.resize(round_msg(arrived.size()));
    in.insert(in.end(), first, first + trailer.msgh_trailer_size);
    Bytes out(server.largest_reply, std::byte{0xee});
    server.serve(reinterpret_cast<mach_msg_header_t*>(in.data()),
                 reinterpret_cast<mach_msg_header_t*>(out.data()));
    out.resize(reinterpret_cast<mach_msg_header_t*>(out.data())->msgh_size);
    return out;
}

}  // namespace played

mach_msg_return_t played_mach_msg(mach_msg_header_t* msg, mach_msg_option_t option, mach_msg_size_t send_size,
                                  mach_msg_size_t rcv_size, mach_port_name_t, mach_msg_timeout_t,
                                  mach_port_name_t)
{
    using namespace played;
    const auto* first = reinterpret_cast<const std::byte*>(msg);
    request = deliver(Bytes(first, first + send_size));
    if (failure != MACH_MSG_SUCCESS)
        return std::exchange(failure, MACH_MSG_SUCCESS);
    Bytes answer = serve(request);
    if ((option & MACH_RCV_MSG) == 0)
        return MACH_MSG_SUCCESS;
    reply = deliver(std::move(answer));
    if (tamper)
        std::exchange(tamper, nullptr)(reply);
    if (rcv_size < reply.size() + sizeof(mach_msg_trailer_t))
        return MACH_RCV_TOO_LARGE;
    std::memcpy(msg, reply.data(), reply.size());
    if (GET_RCV_ELEMENTS(option) != MACH_RCV_TRAILER_NULL &&
        rcv_size >= round_msg(reply.size()) + trailer.msgh_trailer_size)
        std::memcpy(reinterpret_cast<std::byte*>(msg) + round_msg(reply.size()), &trailer,
                    trailer.msgh_trailer_size);
    return MACH_MSG_SUCCESS;
}

extern "C" {

mach_port_t mig_get_reply_port()
{
    ++played::reply_ports;
    return 77;
}
void mig_put_reply_port(mach_port_t) { --played::reply_ports; }
void mig_dealloc_reply_port(mach_port_t)
{
    --played::reply_ports;
    ++played::lost_reply_ports;
}
void mach_msg_destroy(mach_msg_header_t*) { ++played::destroyed; }
void mig_deallocate(vm_address_t address, vm_size_t size)
{
    if (size != 0)
        played::deallocated.push_back(reinterpret_cast<const void*>(address));
}
}
