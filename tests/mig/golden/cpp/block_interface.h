// The interface of block, made by mig from block.defs.  Changes here will be lost.
#ifndef MIG_BLOCK_INTERFACE_H
#define MIG_BLOCK_INTERFACE_H

#include <mig/runtime.h>
#include <mach/std_types.h>

namespace block {

// One object per port: the port that a routine is called on is not an argument.  Views (spans, strings) last as long
// as the call; what a routine does not keep of what it was given dies with it.
class Interface {
public:
    virtual ~Interface() = default;

    // Reads `count` blocks from `first`; the driver's copy goes with the reply.
    virtual mach::Async<mach::Result<mach::Memory>> read(uint64_t first, uint32_t count) = 0;

    virtual mach::Async<mach::Result<uint32_t>> trim(std::span<const uint64_t> list, std::string_view name) = 0;

    virtual void forget(mach::SendRight owner) = 0;
};

// Sends each call to a port and awaits the reply.  Arguments must last until the call has been awaited.  One-way calls
// never wait; try_*() says whether one was sent (MACH_SEND_TIMED_OUT: the queue is full).
class Remote final : public Interface {
public:
    Remote(mach::EventLoop& loop, mach::SendRight port) : mig_loop_{loop}, mig_port_{std::move(port)} {}

    mach::Async<mach::Result<mach::Memory>> read(uint64_t first, uint32_t count) override;
    mach::Async<mach::Result<uint32_t>> trim(std::span<const uint64_t> list, std::string_view name) override;
    void forget(mach::SendRight owner) override;
    mach::Result<void> try_forget(mach::SendRight owner);

    const mach::SendRight& port() const { return mig_port_; }

private:
    mach::EventLoop& mig_loop_;
    mach::SendRight mig_port_;
};

// Checks a request whole, then calls the object.  False: its id is not of this interface.
class Server {
public:
    static constexpr mach_msg_id_t first_id = 2900;
    static constexpr mach_msg_id_t end_id = 2904;
    static bool dispatch(Interface& object, mig::Request& request);
};

}  // namespace block

#endif
