// tests/system/unix/hostile/attacker.h
//
// A process that means harm: user nobody, with one open file of every kind, and with what an insider has.  It sends to each of its
// ports whatever mig's tables let one think of, and looks only at what comes back; whether others are well is for the test to say.
//
// Owns        the ports, and the port to which answers come.
// Invariant   (A1) Whenever a message has been sent, the victim has answered a question after it, so it has seen the message and
//                  lives; or the victim's port is dead, which is the attacker's own loss, unless it is a port for everybody.
#pragma once

#include "insider.h"
#include "service_world.h"
#include "shared.h"

#include <array>

#include <mach/mach.h>

namespace hostile {

class Attacker {
public:
    // Closes every descriptor of the process, and gives up being root.  `before` says what there was before the process.
    Attacker(Shared& shared, Insider::Names before);

    // Each returns the child's exit status.
    int learn();          // Which victim serves which routine?
    int attack();         // Goes on at shared.next, for some messages.
    int forget_forged();  // Ends the processes that there never were.

private:
    enum class Outcome : uint8_t { Done, Gone, Failed };

    struct Item {
        const mig::description::Routine* routine;
        uint32_t number;  // Of the routine, in Shared::known.
        Victim victim;
        uint32_t change;  // From request_changes() on: damaged.
        uint32_t index;
    };

    void open_victims(Insider::Names known);
    void find_common(const Insider& insider);
    mach_port_t find_new(const Insider& insider, Insider::Names& known, const char* interface);
    bool serves(mach_port_t port, const mig::description::Routine& routine);
    bool is_alive(Victim victim) const;
    mach_port_t port(Victim victim) const { return ports_[static_cast<size_t>(victim)]; }
    mach_port_t& port(Victim victim) { return ports_[static_cast<size_t>(victim)]; }

    static bool is_about_others(const Item& item);
    bool begin(const Item& item);
    bool try_item(const Item& item);
    Outcome fate_of(Victim victim);
    Outcome attempt(const Item& item);
    mig::fuzz::Request make(const Item& item);
    bool send(mach_msg_header_t* header, uint32_t size);
    Outcome await_answers(const Item& item, bool sent);
    Outcome take(const Item& item, mach_msg_header_t* header);
    Outcome give_up_waiting();
    void complain(const char* what);
    void say_what_comes(const Item& item);

    Shared& shared_;
    std::array<mach_port_t, victims> ports_{};
    // Messages carry what a process has.
    ServiceWorld world_{std::span{ports_}.first(first_inner)};
    mach_port_t reply_port_ = mach_reply_port();
    uint32_t begun_ = 0;
};

}  // namespace hostile
