/* tests/unit/mig/played_mach_msg.h: mach_msg() for stubs that talk to a server in the same program. */
#ifndef MIG_TESTS_PLAYED_MACH_MSG_H
#define MIG_TESTS_PLAYED_MACH_MSG_H

#include <mach/message.h>

#ifdef __cplusplus
extern "C" {
#endif

mach_msg_return_t played_mach_msg(mach_msg_header_t* msg, mach_msg_option_t option, mach_msg_size_t send_size,
                                  mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
                                  mach_msg_timeout_t timeout, mach_port_name_t notify);

#ifdef __cplusplus
}

#include <cstddef>
#include <functional>
#include <vector>

namespace played {

using Bytes = std::vector<std::byte>;

// What went through last, as the receiver saw it.
extern Bytes request, reply;
extern unsigned destroyed;  // Messages given to mach_msg_destroy().
extern int reply_ports;     // Taken and not put back or deallocated.
// Given to mig_deallocate().
extern std::vector<const void*> deallocated;
bool has_been_deallocated(const void* address);
extern unsigned lost_reply_ports;  // Deallocated.

// Changes the next reply on its way to the client.
extern std::function<void(Bytes&)> tamper;
// Instead of a reply, the next call fails with this.
extern mach_msg_return_t failure;
// Behind the requests to come; its own size says how much of it there is.
extern mach_msg_context_trailer_t trailer;

// Who serves; each program that uses this defines it.
struct Server {
    boolean_t (*serve)(mach_msg_header_t* request, mach_msg_header_t* reply);
    mach_msg_size_t largest_reply;
};
extern Server server;

// What a right that is sent with this disposition arrives as.
mach_msg_type_name_t arriving(mach_msg_type_name_t disposition);

// Gives a request, as it arrives, to the server; in buffers without a byte to spare.
Bytes serve(const Bytes& request);

}  // namespace played
#endif

#endif
