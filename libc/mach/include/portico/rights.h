// portico/rights.h: rights as objects. Move-only; a right that is dropped is given up.
//
// Owns        one user reference (or the receive right, or the set) under a name in this task's space.
// Lock        none: a right belongs to one event loop.
// Invariants  (R1) name() is MACH_PORT_NULL, MACH_PORT_DEAD, or this object's to give up exactly once.
#ifndef PORTICO_RIGHTS_H
#define PORTICO_RIGHTS_H

#include <utility>
#include <vector>

#include <mach/message.h>
#include <mach/port.h>
#include <mach/result.h>

namespace mach {

// What the kinds of rights have in common: a name, and what to do when it is dropped.
template <typename Kind>
class Right {
public:
    constexpr Right() = default;
    constexpr explicit Right(mach_port_t name) : name_{name} {}  // Takes over the reference.
    constexpr Right(Right&& other) noexcept : name_{other.release()} {}
    Right& operator=(Right&& other) noexcept
    {
        if (this != &other)
            reset(other.release());
        return *this;
    }
    ~Right() { reset(); }

    mach_port_t name() const { return name_; }
    explicit operator bool() const { return MACH_PORT_VALID(name_); }

    // The caller gives the right up from now on; a message that moves it, for example.
    [[nodiscard]] constexpr mach_port_t release() { return std::exchange(name_, MACH_PORT_NULL); }

    void reset(mach_port_t name = MACH_PORT_NULL)
    {
        const mach_port_t old = std::exchange(name_, name);
        if (MACH_PORT_VALID(old))
            Kind::give_up(old);
    }

private:
    mach_port_t name_ = MACH_PORT_NULL;
};

class SendRight : public Right<SendRight> {
public:
    using Right::Right;

    // One more reference. KERN_INVALID_RIGHT if the port has died, KERN_INVALID_NAME if there is no right.
    Result<SendRight> copy() const;

    // One more reference to a right that somebody else owns.
    static Result<SendRight> copy_of(mach_port_t name);

private:
    friend class Right<SendRight>;
    static void give_up(mach_port_t name);
};

// A send-once right that is dropped unused lets the port's receiver know (MACH_NOTIFY_SEND_ONCE).
class SendOnceRight : public Right<SendOnceRight> {
public:
    using Right::Right;

private:
    friend class Right<SendOnceRight>;
    static void give_up(mach_port_t name);
};

// The port dies with it.
class ReceiveRight : public Right<ReceiveRight> {
public:
    using Right::Right;

    static Result<ReceiveRight> allocate();

    Result<SendRight> make_send() const;
    Result<void> set_queue_limit(mach_port_msgcount_t messages);
    Result<void> set_context(mach_port_context_t context);

    // Out-of-line memory that goes back to a pager is copied in the sender's thread (design D13).
    Result<void> copy_memory_at_send();

private:
    friend class Right<ReceiveRight>;
    static void give_up(mach_port_t name);
};

class PortSet : public Right<PortSet> {
public:
    using Right::Right;

    static Result<PortSet> allocate();

    Result<void> insert(const ReceiveRight& member);

private:
    friend class Right<PortSet>;
    static void give_up(mach_port_t name);
};

// Rights that travel out of line. A SendRight is as large as its name, so the elements' memory can be sent as
// it is.
using PortArray = std::vector<SendRight>;
static_assert(sizeof(SendRight) == sizeof(mach_port_t));

}  // namespace mach

#endif
