// tests/system/unix/hostile/attacker.cpp
#include "attacker.h"

#include "kept_files.h"
#include "processes.h"

#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <grp.h>
#include <sstream>
#include <string>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>

#include <bootstrap.h>
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

const Interface* interface_named(std::string_view name)
{
    for (const Interface* interface : system_interfaces) {
        if (name == interface->name)
            return interface;
    }
    return nullptr;
}

// The words after `serves` and `registers` in bootstrap's configuration.
std::vector<std::string> configured_services()
{
    std::vector<std::string> services;
    std::ifstream file{"/etc/bootstrap.conf"};
    for (std::string line; std::getline(file, line);) {
        std::istringstream words{line};
        std::string word;
        words >> word;
        if (word != "serves" && word != "registers")
            continue;
        while (words >> word)
            services.push_back(word);
    }
    return services;
}

// Who serves it takes our word for whom a call is about.
bool is_trusted(Victim victim) { return static_cast<uint32_t>(victim) >= first_inner; }

void give_up_being_root()
{
    (void)setgroups(0, nullptr);
    if (setgid(nobody) != 0 || setuid(nobody) != 0)
        _exit(2);
}

}  // namespace

Attacker::Attacker(Shared& shared, Insider::Names before) : shared_{shared}
{
    for (int descriptor = 0; descriptor < 256; ++descriptor)
        close(descriptor);
    open_victims(std::move(before));
    // A message may be made to move such a right: there are enough of each.
    for (const mach_port_t each : ports_) {
        if (each != MACH_PORT_NULL)
            (void)mach_port_mod_refs(mach_task_self(), each, MACH_PORT_RIGHT_SEND, 10'000);
    }
}

void Attacker::open_victims(Insider::Names known)
{
    const Insider insider;
    find_common(insider);
    port(Victim::ExceptionPort) = find_new(insider, known, "exc");
    (void)setpgid(0, 0);  // Signals to its group are for itself alone.
    (void)chdir(work_folder);
    const int terminal = open("/dev/console", O_RDWR | O_NOCTTY | O_NONBLOCK);
    port(Victim::TerminalDescription) = find_new(insider, known, "description");
    give_up_being_root();
    const int of_another = open(readable_file, O_RDONLY);
    const int file = open("file", O_RDWR | O_CREAT, 0644);
    const int directory = open(".", O_RDONLY | O_DIRECTORY);
    (void)!write(file, room, 10'000);
    port(Victim::Pager) = find_new(insider, known, "memory_object");
    int ends[2] = {-1, -1};
    (void)pipe(ends);
    (void)!write(ends[1], room, 100);
    port(Victim::PipeDescription) = find_new(insider, known, "description");
    (void)mkfifo("fifo", 0600);
    const int fifo = open("fifo", O_RDWR | O_NONBLOCK);
    port(Victim::FifoDescription) = find_new(insider, known, "description");
    const int device = open("/dev/null", O_RDWR);
    const int proc = open("/proc/self/stat", O_RDONLY);

    mach_port_array_t own = nullptr;
    mach_msg_type_number_t count = 0;
    if (mach_ports_lookup(mach_task_self(), &own, &count) != KERN_SUCCESS || count < 2)
        _exit(2);
    const mach_port_t fs = own[1];
    port(Victim::Process) = own[0];
    port(Victim::Fs) = fs;
    port(Victim::File) = channel_of(fs, file);
    port(Victim::FileOfAnother) = channel_of(fs, of_another);
    port(Victim::Directory) = channel_of(fs, directory);
    port(Victim::PipeReader) = channel_of(fs, ends[0]);
    port(Victim::PipeWriter) = channel_of(fs, ends[1]);
    port(Victim::Fifo) = channel_of(fs, fifo);
    port(Victim::Terminal) = channel_of(fs, terminal);
    port(Victim::Device) = channel_of(fs, device);
    port(Victim::ProcFile) = channel_of(fs, proc);
    uint64_t size = 0;
    (void)file_map(port(Victim::File), TRUE, &port(Victim::Mapping), &size);
}

// Services are those of bootstrap's configuration, without the one that carries what this test prints.
void Attacker::find_common(const Insider& insider)
{
    uint32_t victim = first_service;
    for (const std::string& name : configured_services()) {
        if (name != "link" && victim < victims)
            ports_[victim++] = insider.service(name.c_str());
    }
    const std::vector<mach_port_t> clients = insider.clients_of_bootstrap();
    for (const mach_port_t client : clients) {
        if (client == clients.front() || client == clients.back())
            port(client == clients.front() ? Victim::BootstrapOfDriver : Victim::BootstrapOfServer) = client;
        else
            (void)mach_port_deallocate(mach_task_self(), client);
    }
}

mach_port_t Attacker::find_new(const Insider& insider, Insider::Names& known, const char* interface)
{
    const Interface* const wanted = interface_named(interface);
    return insider.new_port(known,
                            [&](mach_port_t right) { return serves(right, wanted->routines.front()); });
}

// A message of the routine's number that is too short for all: who knows it says that it is wrong, and does nothing.
bool Attacker::serves(mach_port_t port, const Routine& routine)
{
    struct {
        mach_msg_header_t header;
        uint32_t surplus;
    } probe{};
    probe.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE);
    probe.header.msgh_size = sizeof probe;
    probe.header.msgh_remote_port = port;
    probe.header.msgh_local_port = reply_port_;
    probe.header.msgh_id = routine.request.id;
    if (!send(&probe.header, sizeof probe))
        return false;
    if (receive(reply_port_, patience) != MACH_MSG_SUCCESS) {
        complain("no answer to a question");
        return false;
    }
    const auto code = static_cast<kern_return_t>(
        word_at({room, room_header()->msgh_size}, sizeof(mach_msg_header_t) + sizeof(NDR_record_t)));
    const bool is_reply = room_header()->msgh_id == routine.request.id + 100;
    mach_msg_destroy(room_header());
    return is_reply && code != MIG_BAD_ID;
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

// For whoever has to find out which message it was: it is in the system's log, too, should the whole personality end by it.
void Attacker::say_what_comes(const Item& item)
{
    const bool is_damaged = item.change >= mig::fuzz::request_changes(*item.routine);
    const mig::fuzz::Change change = mig::fuzz::request_change(*item.routine, is_damaged ? 0 : item.change);
    std::snprintf(shared_.last_item, sizeof shared_.last_item, "item %u: %s to victim %u, %s %llu",
                  item.index, item.routine->name, static_cast<unsigned>(item.victim),
                  is_damaged ? "damaged" : mig::fuzz::name_of(change.what),
                  static_cast<unsigned long long>(change.value));
    (void)bootstrap_log(port(Victim::BootstrapOfServer), shared_.last_item,
                        static_cast<mach_msg_type_number_t>(std::strlen(shared_.last_item)));
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

// A trusted caller may do to a process what it likes; 1 is there in every system.
bool Attacker::is_about_others(const Item& item)
{
    const mig::fuzz::Change change = mig::fuzz::request_change(*item.routine, item.change);
    if (!is_trusted(item.victim) || item.change >= mig::fuzz::request_changes(*item.routine) ||
        change.what != mig::fuzz::Change::Value || change.value != 1)
        return false;
    const Slot& slot = item.routine->request.slots[change.index];
    return slot.part == Part::Value && names_process(item.routine->arguments[slot.argument]);
}

// The same item is the same message, in whatever order they are tried.
mig::fuzz::Request Attacker::make(const Item& item)
{
    mig::fuzz::Generator generator{world_, 0x20261129ull << 32 | item.index};
    const uint32_t changes = mig::fuzz::request_changes(*item.routine);
    const bool is_damaged = item.change >= changes;
    world_.begin_item(item.index, is_trusted(item.victim));
    const auto change = is_damaged ? static_cast<uint32_t>(generator.random().below(changes)) : item.change;
    // Answers to a service's own port, too.
    const bool misleads =
        mig::fuzz::request_change(*item.routine, change).what == mig::fuzz::Change::LocalDisposition &&
        item.index % 2 == 0;
    const mach_port_t reply_port = misleads ? ports_[generator.random().below(first_inner)] : reply_port_;
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
    const Outcome outcome = send(&ask, sizeof ask) ? await_answers(item, sent) : fate_of(item.victim);
    world_.clean_up();
    drain(reply_port_);
    mach_port_type_t type = 0;
    (void)mach_port_type(mach_task_self(), reply_port_, &type);
    if ((type & MACH_PORT_TYPE_RECEIVE) == 0)
        reply_port_ = mach_reply_port();
    return outcome;
}

// Whose port is gone has lost it by what it did; but a port for everybody stays, or its server has died.
Attacker::Outcome Attacker::fate_of(Victim victim)
{
    if (static_cast<uint32_t>(victim) >= first_common && !is_alive(victim))
        complain("its server has died");
    return shared_.complaint[0] == '\0' ? Outcome::Gone : Outcome::Failed;
}

// Until the question has been answered (A1), and a moment longer for an answer to the message.
Attacker::Outcome Attacker::await_answers(const Item& item, bool sent)
{
    bool asked = true;
    bool open = sent && !item.routine->simple;
    while (asked || open) {
        const mach_msg_return_t code = receive(reply_port_, asked ? patience : moment);
        if (code == MACH_RCV_TIMED_OUT && !asked)
            return give_up_waiting();
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
                return fate_of(item.victim);
            open = false;
        } else {
            open = false;
            if (take(item, header) == Outcome::Failed)
                return Outcome::Failed;
        }
        mach_msg_destroy(header);
    }
    return Outcome::Done;
}

// The request waits for something that will not come.  It must end with the port that its answer was for.
Attacker::Outcome Attacker::give_up_waiting()
{
    ++shared_.tally.parked;
    (void)mach_port_mod_refs(mach_task_self(), reply_port_, MACH_PORT_RIGHT_RECEIVE, -1);
    reply_port_ = mach_reply_port();
    return Outcome::Done;
}

Attacker::Outcome Attacker::take(const Item& item, mach_msg_header_t* header)
{
    const Routine& routine = *item.routine;
    const std::span<const std::byte> bytes{room, header->msgh_size};
    ++shared_.tally.answered;
    if (header->msgh_id != routine.reply.id)
        return Outcome::Done;  // It was made into another request.
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
        ++shared_.succeeded[item.number];
    }
    return Outcome::Done;
}

// False: this child has done what it can.
bool Attacker::try_item(const Item& item) { return begin(item) && attempt(item) != Outcome::Failed; }

// An interface of which a port does not know the first routine is none of its own.
int Attacker::learn()
{
    for (uint32_t victim = 0; victim < victims; ++victim) {
        const Interface* asked = nullptr;
        bool knows = false;
        for_each_routine([&](uint32_t number, const Interface& interface, const Routine& routine) {
            const mach_port_t name = ports_[victim];
            if (name == MACH_PORT_NULL || (&interface == asked && !knows))
                return;
            const bool is_known = serves(name, routine);
            knows = is_known || (&interface == asked && knows);
            asked = &interface;
            if (is_known)
                shared_.known[number] |= 1u << victim;
        });
    }
    shared_.over = true;
    return 0;
}

int Attacker::attack()
{
    bool goes_on = true;
    uint32_t index = 0;
    for_each_routine([&](uint32_t number, const Interface&, const Routine& routine) {
        const uint32_t tries = good_requests + mig::fuzz::request_changes(routine) + damaged_requests;
        for (uint32_t victim = 0; victim < victims && goes_on; ++victim) {
            if ((shared_.known[number] >> victim & 1) == 0)
                continue;
            for (uint32_t at = 0; at < tries && goes_on; ++at, ++index) {
                const uint32_t change = at < good_requests ? 0 : at - good_requests;
                const Item item{&routine, number, static_cast<Victim>(victim), change, index};
                // A good one is in every slice.
                if (index >= shared_.next && (at == 0 || guest::in_slice(index)) && !is_about_others(item))
                    goes_on = try_item(item);
            }
        }
    });
    shared_.over = goes_on;
    return 0;
}

// Whoever forged a process is the one who has to end it.
int Attacker::forget_forged()
{
    for (int32_t pid = ServiceWorld::first_forged;
         pid < ServiceWorld::first_forged + ServiceWorld::forged_processes; ++pid) {
        world_.speak_of(pid);
        for_each_routine([&](uint32_t number, const Interface& interface, const Routine& routine) {
            const bool ends = routine.name == std::string_view{"process_exited"} ||
                              routine.name == std::string_view{"process_reaped"};
            for (uint32_t victim = first_service; victim < victims; ++victim) {
                if (&interface != interface_named("process_events") || !ends ||
                    (shared_.known[number] >> victim & 1) == 0)
                    continue;
                // The services that bootstrap names are numbered after the victims that have names.
                // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange)
                (void)attempt({&routine, number, static_cast<Victim>(victim), 0, 0});
            }
        });
    }
    shared_.over = true;
    return 0;
}

}  // namespace hostile
