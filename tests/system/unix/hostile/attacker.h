// tests/system/unix/hostile/attacker.h
//
// A process that means harm: user nobody, with one open file of every kind, that sends to each of its ports whatever mig's tables
// let one think of.  It looks only at what comes back; whether others are well is for the test to say.
//
// Owns        the ports, and the port to which answers come.
// Invariant   (A1) Whenever a message has been sent, the victim has answered a question after it, so it has seen the message and
//                  lives; or the victim's port is dead, which is the attacker's own loss.
#pragma once

#include "hostile_world.h"
#include "shared.h"

#include <array>

#include <mach/mach.h>

namespace hostile {

class Attacker {
public:
    // Closes every descriptor of the process, and gives up being root.
    explicit Attacker(Shared& shared);

    // Both go on at shared.next, for some messages, and return the child's exit status.
    int learn();  // Which victim serves which routine?
    int attack();

private:
    enum class Outcome : uint8_t { Unknown, Known, Gone, Failed };

    struct Item {
        const mig::description::Routine* routine;
        uint32_t interface_number;
        Victim victim;
        uint32_t change;  // From request_changes() on: damaged.
        uint32_t index;
    };

    void open_victims();
    bool is_alive(Victim victim) const;
    mach_port_t port(Victim victim) const { return ports_[static_cast<size_t>(victim)]; }

    bool begin(const Item& item);
    bool try_item(const Item& item, bool& known);
    Outcome attempt(const Item& item);
    mig::fuzz::Request make(const Item& item);
    bool send(mach_msg_header_t* header, uint32_t size);
    Outcome await_answers(const Item& item, bool sent);
    Outcome take(const Item& item, mach_msg_header_t* header);
    Outcome give_up_waiting(Outcome outcome);
    void complain(const char* what);
    void say_what_comes(const Item& item);

    Shared& shared_;
    std::array<mach_port_t, victims> ports_{};
    guest::HostileWorld world_{ports_};
    mach_port_t reply_port_ = mach_reply_port();
    uint32_t begun_ = 0;
};

}  // namespace hostile
