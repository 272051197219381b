// tests/campaigns/rights/rights_model.h
//
// Ports and rights as the Mach manual tells them: what every call does to names, counts and queues, and which
// notifications it sets off.  Nothing here knows how a kernel does it; the kernel runs beside it in lock step.
//
// What the manual leaves open the kernel decides and the model follows, after a check that it was free to:
// which number a new name gets, which member of a set is received from, in which order one step's notifications
// arrive, whether a send-once notification comes before or after messages, and which of two comes where a message
// dies with a port's receive right and its last send right: that there are no senders, or that nobody will tell.
//
// Source      K. Loepere, "Mach 3 Kernel Interfaces", 1992, chapters 2 and 3 and the appendix on notifications;
//             kernel/include/mach/mach_port.defs for what Portico states beyond it.
#ifndef PORTICO_TESTS_CAMPAIGNS_RIGHTS_MODEL_H
#define PORTICO_TESTS_CAMPAIGNS_RIGHTS_MODEL_H

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/notify.h>
#include <mach/port.h>

namespace rights_model {

using Name = mach_port_name_t;
using PortId = uint32_t;  // Never used again.
inline constexpr PortId no_port = 0;
inline constexpr PortId dead_port = UINT32_MAX;  // Of a right that was dead when it was taken.

enum class Kind : uint8_t { Send, SendOnce, Receive };

struct Right {
    Kind kind = Kind::Send;
    PortId port = no_port;

    bool real() const { return port != no_port && port != dead_port; }
};

struct Message {
    int id = 0;
    uint32_t word = 0;  // Of notifications: the name, or the count.
    Right destination;
    Right reply;
    std::vector<Right> body;
};

struct Port {
    bool alive = true;
    unsigned space = 0;          // Where it is received, if it is under a name.
    Name name = MACH_PORT_NULL;  // MACH_PORT_NULL: in a message.
    PortId queued_in = no_port;  // ... which waits in this port's queue.
    uint32_t sends = 0;
    uint32_t send_onces = 0;
    uint32_t make_sends = 0;
    uint32_t sequence = 0;
    uint32_t limit = MACH_PORT_QLIMIT_DEFAULT;
    std::deque<Message> queue;
    size_t settled = 0;  // So many of them are in an order that has been compared.
    uint32_t send_once_notices = 0;
    PortId no_senders = no_port;  // Which port has asked to hear.
    PortId port_destroyed = no_port;
};

struct Entry {
    mach_port_type_t type = MACH_PORT_TYPE_NONE;
    PortId port = no_port;
    uint32_t references = 0;     // Of the send, send-once or dead-name right.
    PortId dead_name = no_port;  // Which port has asked to hear.
    std::set<PortId> members;    // Of a set.

    bool has(mach_port_type_t types) const { return (type & types) != 0; }
};

struct NamedRight {
    Name name = MACH_PORT_NULL;
    mach_msg_type_name_t disposition = 0;
};

class Model {
public:
    explicit Model(unsigned spaces) : spaces_(spaces) {}

    // Before each call.
    void begin_step()
    {
        fired_.clear();
        buried_.clear();
    }

    // The names that the kernel has reported for what the next call makes or brings, in order.
    void given(std::vector<Name> names) { given_.assign(names.begin(), names.end()); }
    // What the kernel was not free to do.  Empty: all is well.
    const std::string& fault() const { return fault_; }

    // ---- Calls of mach_port.defs.
    kern_return_t allocate(unsigned space, mach_port_right_t right, Name wanted = MACH_PORT_NULL);
    kern_return_t rename(unsigned space, Name from, Name to);
    kern_return_t destroy(unsigned space, Name name);
    kern_return_t deallocate(unsigned space, Name name);
    kern_return_t get_refs(unsigned space, Name name, mach_port_right_t right, uint32_t& references) const;
    kern_return_t mod_refs(unsigned space, Name name, mach_port_right_t right, mach_port_delta_t delta);
    kern_return_t set_make_send_count(unsigned space, Name name, uint32_t count);
    kern_return_t set_limit(unsigned space, Name name, uint32_t limit);
    kern_return_t move_member(unsigned space, Name member, Name after);
    kern_return_t insert_member(unsigned space, Name member, Name set);
    kern_return_t extract_member(unsigned space, Name member, Name set);
    kern_return_t insert_right(unsigned from, NamedRight right, unsigned to, Name name);
    kern_return_t extract_right(unsigned from, NamedRight right, unsigned to);
    // `notify` names a receive right of the same space, from which a send-once right is made; null: none.  The
    // right that was registered before comes to the space.
    kern_return_t request_notification(unsigned space, Name name, int id, uint32_t sync, Name notify);

    // ---- mach_msg() with time limits of zero.
    mach_msg_return_t send(unsigned space, int id, NamedRight remote, NamedRight local,
                           const std::vector<NamedRight>& body);
    // `arrived` is what the kernel says came: its id, and the name of the port that it came on.
    struct Arrived {
        mach_msg_return_t code = MACH_MSG_SUCCESS;
        int id = 0;
        uint32_t word = 0;
        Name port = MACH_PORT_NULL;
    };
    mach_msg_return_t receive(unsigned space, Name name, const Arrived& arrived);

    // ---- Looking.
    const std::map<Name, Entry>& names(unsigned space) const { return spaces_[space]; }
    const Port& port(PortId id) const { return ports_.at(id); }
    unsigned sets_of(unsigned space, PortId port) const;
    // What is new in the queue since the last time may have come in any order: the kernel's is taken on.
    struct Seen {
        int id = 0;
        uint32_t word = 0;
        bool operator==(const Seen&) const = default;
    };
    bool settle_queue(PortId id, const std::vector<Seen>& seen);
    std::vector<Seen> queue_of(PortId id) const;

private:
    // A no-senders notification of `count`, or the send-once notification of a port that died before: both are
    // right.
    struct Either {
        PortId target;
        uint32_t count;
    };
    struct Buried {
        PortId no_senders;
        uint32_t sends;
        uint32_t make_sends;
    };

    Entry* find(unsigned space, Name name);
    const Entry* find(unsigned space, Name name) const;
    Port* alive(PortId id);
    void fail(std::string what);
    bool is_free(unsigned space, Name name) const;
    Name next_given();

    // ---- Rights that leave spaces.
    kern_return_t may_take(const Entry* entry, mach_msg_type_name_t disposition, bool dead_will_do) const;
    Right take(unsigned space, Name name, mach_msg_type_name_t disposition);
    void leave_space(unsigned space, PortId port);
    void forget(unsigned space, Name name);  // The name becomes free.

    // ---- Rights that enter spaces.
    Name known_name(unsigned space, const Right& right) const;
    void enter(unsigned space, Name name, const Right& right);
    void bring(unsigned space, const Right& right);

    // ---- Rights that end.
    void drop(const Right& right);
    void consume(const Right& right);  // The destination of a message that has been received.
    void lose_send(PortId port);
    void lose_send_of_buried(PortId port);
    void kill(PortId port);
    void die(PortId id);
    void notify(PortId target, int id, uint32_t word, std::vector<Right> body = {});
    void notify_unused_send_once(PortId target);
    void enqueue(Message message);
    void destroy(const Message& message);
    bool reaches(PortId from, PortId port) const;
    bool place_in_transit(Message& message);
    void decide_open(PortId id, const std::vector<Seen>& seen);

    kern_return_t receive_right(unsigned space, Name name, Entry*& entry);
    kern_return_t set_right(unsigned space, Name name, Entry*& entry);
    kern_return_t register_dead_name(unsigned space, Name name, uint32_t sync, PortId notify, PortId& old);
    kern_return_t register_in_port(unsigned space, Name name, int id, uint32_t sync, PortId notify,
                                   PortId& old);
    mach_msg_return_t check_header(unsigned space, NamedRight remote, NamedRight local) const;
    void give_back(unsigned space, const Message& message);

    std::vector<std::map<Name, Entry>> spaces_;
    std::map<PortId, Port> ports_;
    PortId next_port_ = 1;
    std::deque<Name> given_;
    std::map<PortId, Either> fired_;   // In this step: the no-senders notifications of these ports.
    std::map<PortId, Buried> buried_;  // In this step: died with such a request.
    std::vector<Either> open_;         // Not yet compared.
    std::string fault_;
};

}  // namespace rights_model

#endif
