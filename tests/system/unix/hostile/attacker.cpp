// tests/system/unix/hostile/attacker.cpp
#include "attacker.h"

#include "kept_files.h"
#include "processes.h"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <mach/notify.h>
#include <mig/walk.h>
#include <portico/file.h>
#include <portico/fs.h>

namespace hostile {
namespace {

using namespace mig::description;
using guest::drain;

constexpr uid_t nobody = 65534;
constexpr uint32_t messages_of_a_child = 400;
constexpr mach_msg_timeout_t patience =
    20'000;                               // Milliseconds.  Nobody that lives takes so long to say "unknown".
constexpr mach_msg_timeout_t moment = 5;  // For an answer that another service is asked for first.
constexpr mach_msg_id_t question = 0x7fffff00;  // A routine that nobody has.

alignas(8) std::byte room[mig::fuzz::request_room];

mach_msg_header_t* room_header() { return reinterpret_cast<mach_msg_header_t*>(room); }

// A signal that arrives meanwhile does not count as an answer.
mach_msg_return_t receive(mach_port_t name, mach_msg_timeout_t limit)
{
    mach_msg_return_t code;
    do {
        code = mach_msg_trap(room_header(), MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof room, name, limit);
    } while (code == MACH_RCV_INTERRUPTED);
    return code;
}

mach_port_t channel_of(mach_port_t fs, int descriptor)
{
    mach_port_t channel = MACH_PORT_NULL;
    uint32_t kind = 0;
    (void)fs_channel(fs, descriptor, &channel, &kind);
    return channel;
}

void give_up_being_root()
{
    (void)setgroups(0, nullptr);
    if (setgid(nobody) != 0 || setuid(nobody) != 0)
        _exit(2);
}

}  // namespace

Attacker::Attacker(Shared& shared) : shared_{shared}
{
    for (int descriptor = 0; descriptor < 256; ++descriptor)
        close(descriptor);
    open_victims();
}

void Attacker::open_victims()
{
    (void)chdir(work_folder);
    const int terminal = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK);
    give_up_being_root();
    const int of_another = open(readable_file, O_RDONLY);
    const int file = open("file", O_RDWR | O_CREAT, 0644);
    const int directory = open(".", O_RDONLY | O_DIRECTORY);
    int ends[2] = {-1, -1};
    (void)pipe(ends);
    (void)!write(ends[1], room, 100);
    (void)!write(file, room, 10'000);
    (void)mkfifo("fifo", 0600);
    const int fifo = open("fifo", O_RDWR | O_NONBLOCK);
    const int device = open("/dev/null", O_RDWR);
    const int proc = open("/proc/self/stat", O_RDONLY);

    mach_port_array_t own = nullptr;
    mach_msg_type_number_t count = 0;
    if (mach_ports_lookup(mach_task_self(), &own, &count) != KERN_SUCCESS || count < 2)
        _exit(2);
    const mach_port_t fs = own[1];
    ports_ = {own[0],
              fs,
              channel_of(fs, file),
              channel_of(fs, of_another),
              channel_of(fs, directory),
              channel_of(fs, ends[0]),
              channel_of(fs, ends[1]),
              channel_of(fs, fifo),
              channel_of(fs, terminal),
              channel_of(fs, device),
              channel_of(fs, proc),
              MACH_PORT_NULL};
    uint64_t size = 0;
    (void)file_map(port(Victim::File), TRUE, &ports_.back(), &size);
    // A message may be made to move such a right: there are enough of each.
    for (const mach_port_t each : ports_)
        (void)mach_port_mod_refs(mach_task_self(), each, MACH_PORT_RIGHT_SEND, 10'000);
}

bool Attacker::is_alive(Victim victim) const
{
    mach_port_type_t type = 0;
    return mach_port_type(mach_task_self(), port(victim), &type) == KERN_SUCCESS &&
           (type & MACH_PORT_TYPE_SEND) != 0;
}

void Attacker::complain(const char* what)
{
    std::snprintf(shared_.complaint, sizeof shared_.complaint, "%s", what);
}

// For whoever has to find out which message it was.
void Attacker::say_what_comes(const Item& item)
{
    const bool is_damaged = item.change >= mig::fuzz::request_changes(*item.routine);
    const mig::fuzz::Change change = mig::fuzz::request_change(*item.routine, is_damaged ? 0 : item.change);
    std::snprintf(shared_.last_item, sizeof shared_.last_item, "item %u: %s to port %u, %s %llu", item.index,
                  item.routine->name, static_cast<unsigned>(item.victim),
                  is_damaged ? "damaged" : mig::fuzz::name_of(change.what),
                  static_cast<unsigned long long>(change.value));
}

// False: it is for the next child, which has all its ports.
bool Attacker::begin(const Item& item)
{
    if (begun_ > 0 && (begun_ == messages_of_a_child || !is_alive(item.victim)))
        return false;
    ++begun_;
    shared_.next = item.index + 1;
    say_what_comes(item);
    return true;
}

// The same item is the same message, in whatever order they are tried.
mig::fuzz::Request Attacker::make(const Item& item)
{
    mig::fuzz::Generator generator{world_, 0x20261129ull << 32 | item.index};
    const uint32_t changes = mig::fuzz::request_changes(*item.routine);
    const bool is_damaged = item.change >= changes;
    const auto change = is_damaged ? static_cast<uint32_t>(generator.random().below(changes)) : item.change;
    // Answers to a service's own port, too.
    const bool misleads =
        mig::fuzz::request_change(*item.routine, change).what == mig::fuzz::Change::LocalDisposition &&
        item.index % 2 == 0;
    const mach_port_t reply_port = misleads ? ports_[generator.random().below(ports_.size())] : reply_port_;
    mig::fuzz::Request request = generator.request(
        *item.routine, room, {port(item.victim), MACH_MSG_TYPE_COPY_SEND}, reply_port, change);
    if (is_damaged)
        generator.damage(request);
    return request;
}

bool Attacker::send(mach_msg_header_t* header, uint32_t size)
{
    mach_msg_return_t code;
    do {
        code = mach_msg_trap(header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL, patience);
    } while (code == MACH_SEND_INTERRUPTED);
    if (code == MACH_SEND_TIMED_OUT)
        complain("its queue stays full");
    return code == MACH_MSG_SUCCESS;
}

Attacker::Outcome Attacker::attempt(const Item& item)
{
    const mig::fuzz::Request request = make(item);
    const bool sent = send(request.header(), request.size);
    shared_.tally.sent += sent ? 1 : 0;
    mach_msg_header_t ask{};
    ask.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    ask.msgh_size = sizeof ask;
    ask.msgh_remote_port = port(item.victim);
    ask.msgh_local_port = reply_port_;
    ask.msgh_id = question;
    Outcome outcome = Outcome::Gone;
    if (send(&ask, sizeof ask))
        outcome = await_answers(item, sent);
    else if (shared_.complaint[0] != '\0')
        outcome = Outcome::Failed;
    world_.clean_up();
    drain(reply_port_);
    mach_port_type_t type = 0;
    (void)mach_port_type(mach_task_self(), reply_port_, &type);
    if ((type & MACH_PORT_TYPE_RECEIVE) == 0)
        reply_port_ = mach_reply_port();
    return outcome;
}

// Until the question has been answered (A1), and a moment longer for an answer to the message.
Attacker::Outcome Attacker::await_answers(const Item& item, bool sent)
{
    bool asked = true;
    bool open = sent && !item.routine->simple;
    Outcome outcome = open ? Outcome::Known : Outcome::Unknown;
    while (asked || open) {
        const mach_msg_return_t code = receive(reply_port_, asked ? patience : moment);
        if (code == MACH_RCV_TIMED_OUT && !asked)
            return give_up_waiting(outcome);
        if (code == MACH_RCV_TIMED_OUT)
            complain("no answer to a question after it");
        if (code != MACH_MSG_SUCCESS)
            return code == MACH_RCV_TIMED_OUT ? Outcome::Failed : Outcome::Gone;  // It has lost its port.
        mach_msg_header_t* header = room_header();
        if (header->msgh_id == question + 100) {
            asked = false;
        } else if (header->msgh_id == MACH_NOTIFY_SEND_ONCE) {
            ++shared_.tally.let_go;
            if (!is_alive(item.victim))
                return Outcome::Gone;
            open = false;
        } else {
            open = false;
            outcome = take(item, header);
            if (outcome == Outcome::Failed)
                return outcome;
        }
        mach_msg_destroy(header);
    }
    return outcome;
}

// The request waits for something that will not come.  It must end with the port that its answer was for.
Attacker::Outcome Attacker::give_up_waiting(Outcome outcome)
{
    ++shared_.tally.parked;
    (void)mach_port_mod_refs(mach_task_self(), reply_port_, MACH_PORT_RIGHT_RECEIVE, -1);
    reply_port_ = mach_reply_port();
    return outcome;
}

Attacker::Outcome Attacker::take(const Item& item, mach_msg_header_t* header)
{
    const Routine& routine = *item.routine;
    const std::span<const std::byte> bytes{room, header->msgh_size};
    ++shared_.tally.answered;
    if (header->msgh_id != routine.reply.id)
        return Outcome::Known;  // It was made into another request.
    if (const char* wrong = wrong_with_reply(routine, bytes)) {
        complain(wrong);
        return Outcome::Failed;
    }
    const auto code =
        MACH_MSGH_BITS_IS_COMPLEX(header->msgh_bits)
            ? KERN_SUCCESS
            : static_cast<kern_return_t>(word_at(bytes, sizeof(mach_msg_header_t) + sizeof(NDR_record_t)));
    if (code == KERN_SUCCESS) {
        ++shared_.tally.succeeded;
        ++shared_.succeeded[item.interface_number];
    }
    return code == MIG_BAD_ID ? Outcome::Unknown : Outcome::Known;
}

// False: this child has done what it can.
bool Attacker::try_item(const Item& item, bool& known)
{
    if (!begin(item))
        return false;
    const Outcome outcome = attempt(item);
    known = outcome != Outcome::Unknown;
    return outcome != Outcome::Failed;
}

int Attacker::learn()
{
    bool goes_on = true;
    for_each_routine(
        [&](uint32_t number, uint32_t interface_number, const Interface&, const Routine& routine) {
            for (uint32_t victim = 0; victim < victims && goes_on; ++victim) {
                const Item item{&routine, interface_number, static_cast<Victim>(victim), 0,
                                number * victims + victim};
                if (item.index < shared_.next)
                    continue;
                // Whoever ends the attacker has understood him, so this is said first.
                const auto bit = static_cast<uint16_t>(1u << victim);
                shared_.known[number] |= bit;
                bool known = true;
                goes_on = try_item(item, known);
                if (!known && !routine.simple)
                    shared_.known[number] &= static_cast<uint16_t>(~bit);
            }
        });
    shared_.over = goes_on;
    return 0;
}

int Attacker::attack()
{
    bool goes_on = true;
    uint32_t index = 0;
    for_each_routine(
        [&](uint32_t number, uint32_t interface_number, const Interface&, const Routine& routine) {
            const uint32_t changes = mig::fuzz::request_changes(routine) + damaged_requests;
            for (uint32_t victim = 0; victim < victims && goes_on; ++victim) {
                if ((shared_.known[number] >> victim & 1) == 0)
                    continue;
                for (uint32_t change = 0; change < changes && goes_on; ++change, ++index) {
                    bool known = true;
                    if (index >= shared_.next && guest::in_slice(index))
                        goes_on = try_item(
                            {&routine, interface_number, static_cast<Victim>(victim), change, index}, known);
                }
            }
        });
    shared_.over = goes_on;
    return 0;
}

}  // namespace hostile
