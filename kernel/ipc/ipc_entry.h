// kernel/ipc/ipc_entry.h
//
// One name in a space: which rights it denotes, to what, and with how many user references.
//
// Owns        one reference to the port or set; its send right or send-once right counts in the port (R1);
//             the notification request registered under the name.
// Lock        the space's.  An entry never moves while the space lives (ipc_space.h).
// Invariants  (E1) rights is one of: nothing (free), Receive, Send, Receive+Send, SendOnce, PortSet,
//                  DeadName.
//             (E2) user_references > 0 exactly with Send, SendOnce or DeadName; SendOnce has 1.
//                  The entry's send right counts once in its port, however many user references it has.
//             (E3) The entry is in the space's tree by port exactly if it has Send and not Receive.  (A
//                  receive right's name is in the port itself.)  So a space has at most one name for its send
//                  and receive rights to one port; send-once rights have a name each.
//             (E4) The port of an entry with Receive is alive and says InSpace{space, name}.
//             (E5) An entry with another right may have a dead port: whoever meets one turns it into a dead
//                  name.
//             (E6) A free entry carries the name that it will be given out under: a generation after its last one, so
//                  that the old name denotes nothing.
#ifndef PORTICO_IPC_IPC_ENTRY_H
#define PORTICO_IPC_IPC_ENTRY_H

#include <bit>
#include <cstdint>

#include <boost/intrusive/list_hook.hpp>
#include <boost/intrusive/set_hook.hpp>

#include <mach/port.h>

class IpcPort;
class IpcPset;
class IpcNameRequest;

struct IpcEntry {
    enum Right : uint8_t {
        None = 0,
        Receive = 1 << 0,
        Send = 1 << 1,
        SendOnce = 1 << 2,
        PortSet = 1 << 3,
        DeadName = 1 << 4,
    };
    using PortHook =
        boost::intrusive::set_member_hook<boost::intrusive::optimize_size<true>,
                                          boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    using FreeHook =
        boost::intrusive::list_member_hook<boost::intrusive::link_mode<boost::intrusive::normal_link>>;

    union {
        IpcPort* port = nullptr;  // With Receive, Send, SendOnce.
        IpcPset* pset;            // With PortSet.
    };
    IpcNameRequest* request = nullptr;  // Dead-name or send-possible; only with a port.
    PortHook by_port;
    FreeHook among_free;  // The space's list, while the entry is free.
    // Index and generation.  Of a free entry: what it will be called (E6).
    mach_port_name_t name = MACH_PORT_DEAD;
    uint16_t user_references = 0;
    uint8_t rights = None;

    uint32_t index() const { return MACH_PORT_INDEX(name); }
    bool in_use() const { return rights != None; }
    // The next generation: the low byte, and no carry.
    void renew_name()
    {
        static_assert(std::endian::native == std::endian::little && MACH_PORT_GEN(0x1ff) == 0xff);
        ++reinterpret_cast<uint8_t&>(name);
    }
    bool has(uint8_t wanted) const { return (rights & wanted) != 0; }
    bool has_port() const { return has(Receive | Send | SendOnce); }
    mach_port_type_t type() const { return mach_port_type_t{rights} == 0 ? 0 : type_bits(); }

private:
    mach_port_type_t type_bits() const
    {
        return (has(Receive) ? MACH_PORT_TYPE_RECEIVE : 0) | (has(Send) ? MACH_PORT_TYPE_SEND : 0) |
               (has(SendOnce) ? MACH_PORT_TYPE_SEND_ONCE : 0) | (has(PortSet) ? MACH_PORT_TYPE_PORT_SET : 0) |
               (has(DeadName) ? MACH_PORT_TYPE_DEAD_NAME : 0);
    }
};

#endif
