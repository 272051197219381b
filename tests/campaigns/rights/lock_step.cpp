#include "lock_step.h"

#include <algorithm>
#include <sstream>

#include <ipc/ipc_pset.h>
#include <ipc/mach_port_calls.h>
#include <kern/reaper.h>
#include <mach/result.h>
#include <mach_port_kernel.h>

using rights_model::Entry;
using rights_model::PortId;

namespace {

constexpr size_t trace_shown = 25;
constexpr size_t names_few = 6;
constexpr size_t names_enough = 24;  // With more in a space, rights rather end than begin.

#pragma pack(push, 4)
struct PortsMessage {
    mach_msg_base_t base;
    std::array<mach_msg_port_descriptor_t, 3> ports;
    mach_msg_max_trailer_t trailer;
};
// Of notifications with a number.
struct NumberMessage {
    mach_msg_header_t header;
    NDR_record_t ndr;
    uint32_t number;
};
#pragma pack(pop)

constexpr user_address_t at(const auto& user) { return user.memory; }

bool carries_number(int id)
{
    return id == MACH_NOTIFY_DEAD_NAME || id == MACH_NOTIFY_PORT_DELETED || id == MACH_NOTIFY_NO_SENDERS;
}

uint32_t number_in(const void* message, int id)
{
    if (!carries_number(id))
        return 0;
    NumberMessage notification;
    std::memcpy(&notification, message, sizeof notification);
    return notification.number;
}

constexpr std::array all_dispositions{MACH_MSG_TYPE_MOVE_RECEIVE,   MACH_MSG_TYPE_MOVE_SEND,
                                      MACH_MSG_TYPE_MOVE_SEND_ONCE, MACH_MSG_TYPE_COPY_SEND,
                                      MACH_MSG_TYPE_MAKE_SEND,      MACH_MSG_TYPE_MAKE_SEND_ONCE};

}  // namespace

// ---- The tasks, each with a thread that does what it is given and stops itself.

void LockStep::SetUp()
{
    MessageFixture::SetUp();
    for (Actor& actor : actors_) {
        actor.user = make_user_task();
        actor.thread = start_user(*actor.user, [&actor] {
            for (;;) {
                if (actor.work)
                    actor.work();
                actor.work = nullptr;
                (void)current_thread().suspend();
                (void)call("swtch", {});
            }
        });
    }
    run_until_idle();
    model_.emplace(space_count);
}

void LockStep::TearDown()
{
    for (Actor& actor : actors_)
        actor = {};
    MessageFixture::TearDown();
}

void LockStep::in_thread(unsigned space, std::function<void()> work)
{
    Actor& actor = actors_[space];
    actor.work = std::move(work);
    EXPECT_TRUE(actor.thread->resume());
    run_until_idle();
    EXPECT_FALSE(actor.work) << "a call with a time limit of zero waits";
}

// ---- Choosing.

LockStep::Name LockStep::any_name(unsigned space, mach_port_type_t preferred)
{
    const auto& names = model_->names(space);
    if (names.empty() || one_in(25))
        return std::array<Name, 4>{MACH_PORT_NULL, MACH_PORT_DEAD, any(64) << 8, any(1u << 31)}[any(4)];
    Name name = MACH_PORT_NULL;
    for (unsigned attempt = 0; attempt < 4; ++attempt) {
        const auto found = std::next(names.begin(), any(static_cast<unsigned>(names.size())));
        name = found->first;
        if (preferred == MACH_PORT_TYPE_NONE || found->second.has(preferred))
            break;
    }
    return name;
}

// Of an index that the kernel's own choices have not reached; perhaps in use from an earlier call.
LockStep::Name LockStep::fresh_name(unsigned space)
{
    return one_in(6) ? any_name(space) : MACH_PORT_MAKE(1000u + any(40), any(3));
}

LockStep::NamedRight LockStep::any_right(unsigned space)
{
    const mach_msg_type_name_t disposition = all_dispositions[any(all_dispositions.size())];
    const mach_port_type_t fitting =
        disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE ? MACH_PORT_TYPE_SEND_ONCE
        : disposition == MACH_MSG_TYPE_MOVE_SEND || disposition == MACH_MSG_TYPE_COPY_SEND
            ? MACH_PORT_TYPE_SEND
            : MACH_PORT_TYPE_RECEIVE;
    return {any_name(space, fitting), disposition};
}

LockStep::NamedRight LockStep::any_destination(unsigned space)
{
    NamedRight right = any_right(space);
    while (right.disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
        right = any_right(space);
    return right;
}

// ---- Steps.

void LockStep::run(uint64_t seed, unsigned steps)
{
    random_.seed(seed);
    for (unsigned i = 0; i < steps && !differs_; ++i) {
        step();
        if (!differs_)
            compare();
    }
    if (!differs_)
        return;
    std::ostringstream text;
    const size_t first = trace_.size() > trace_shown ? trace_.size() - trace_shown : 0;
    for (size_t i = first; i < trace_.size(); ++i)
        text << "  " << trace_[i] << "\n";
    ADD_FAILURE() << "seed " << seed << ", step " << trace_.size() << "\n" << text.str();
}

void LockStep::step()
{
    using Step = void (LockStep::*)();
    static constexpr std::array<Step, 16> steps{
        &LockStep::step_allocate,   &LockStep::step_rename,  &LockStep::step_end,
        &LockStep::step_references, &LockStep::step_members, &LockStep::step_members,
        &LockStep::step_insert,     &LockStep::step_insert,  &LockStep::step_extract,
        &LockStep::step_request,    &LockStep::step_request, &LockStep::step_attributes,
        &LockStep::step_send,       &LockStep::step_send,    &LockStep::step_send,
        &LockStep::step_receive};
    trace_.emplace_back();
    model_->begin_step();
    // A trace in which most names denote nothing says little.
    size_t fewest = names_enough;
    for (unsigned i = 0; i < space_count; ++i)
        fewest = std::min(fewest, model_->names(i).size());
    const bool begin = fewest < names_few && one_in(3);
    (this->*(begin ? &LockStep::step_allocate : steps[any(steps.size())]))();
    if (!model_->fault().empty())
        differ(model_->fault());
}

void LockStep::step_allocate()
{
    const unsigned in = any_space();
    const mach_port_right_t right = one_in(20)  ? any(7)
                                    : one_in(5) ? MACH_PORT_RIGHT_PORT_SET
                                    : one_in(8) ? MACH_PORT_RIGHT_DEAD_NAME
                                                : MACH_PORT_RIGHT_RECEIVE;
    const Name wanted = one_in(4) ? fresh_name(in) : MACH_PORT_NULL;
    if (wanted == MACH_PORT_DEAD || model_->names(in).size() > names_enough)
        return step_end();
    note("allocate in " + std::to_string(in) + " right " + std::to_string(right) + " name " +
         std::to_string(wanted));
    const auto made = ipc_name_allocate(space(in), right, wanted);
    model_->given({made.value_or(MACH_PORT_NULL)});
    said("allocate", made ? KERN_SUCCESS : made.error(), model_->allocate(in, right, wanted));
}

void LockStep::step_rename()
{
    const unsigned in = any_space();
    const Name from = any_name(in);
    const Name to = fresh_name(in);
    note("rename in " + std::to_string(in) + " " + std::to_string(from) + " to " + std::to_string(to));
    if (MACH_PORT_INDEX(from) == MACH_PORT_INDEX(to))
        return;  // Of one slot's generations the interface says nothing.
    said("rename", mach::code_of(mach_port_calls::mach_port_rename(IpcSpaceRef{space(in)}, from, to)),
         model_->rename(in, from, to));
}

void LockStep::step_end()
{
    const unsigned in = any_space();
    const Name name = any_name(in);
    const bool all = one_in(3);
    note((all ? "destroy in " : "deallocate in ") + std::to_string(in) + " " + std::to_string(name));
    if (all)
        said("destroy", mach::code_of(ipc_right_destroy(space(in), name)), model_->destroy(in, name));
    else
        said("deallocate", mach::code_of(ipc_right_dealloc(space(in), name)), model_->deallocate(in, name));
}

void LockStep::step_references()
{
    const unsigned in = any_space();
    const Name name = any_name(in);
    const mach_port_right_t right = one_in(20) ? any(8) : any(MACH_PORT_RIGHT_NUMBER);
    const mach_port_delta_t delta = one_in(10) ? std::array{0xfffe, -0xfffe, 0x7fffffff, -0x7fffffff}[any(4)]
                                               : static_cast<int>(any(5)) - 2;
    note("mod_refs in " + std::to_string(in) + " " + std::to_string(name) + " right " +
         std::to_string(right) + " by " + std::to_string(delta));
    said("mod_refs", mach::code_of(ipc_right_delta(space(in), name, right, delta)),
         model_->mod_refs(in, name, right, delta));
    uint32_t expected = 0;
    const auto kernel = ipc_right_references(space(in), name, right);
    said("get_refs", kernel ? KERN_SUCCESS : kernel.error(), model_->get_refs(in, name, right, expected));
    if (kernel.value_or(0) != expected)
        differ("get_refs: the kernel says " + std::to_string(kernel.value_or(0)) + ", the model " +
               std::to_string(expected));
}

void LockStep::step_attributes()
{
    const unsigned in = any_space();
    const Name name = any_name(in, MACH_PORT_TYPE_RECEIVE);
    const IpcSpaceRef where{space(in)};
    if (one_in(2)) {
        const uint32_t count = any(4);
        note("set_mscount in " + std::to_string(in) + " " + std::to_string(name) + " " +
             std::to_string(count));
        said("set_mscount", mach::code_of(mach_port_calls::mach_port_set_mscount(where, name, count)),
             model_->set_make_send_count(in, name, count));
        return;
    }
    const auto limit = static_cast<integer_t>(one_in(10) ? 2000 : any(4));
    note("queue limit in " + std::to_string(in) + " " + std::to_string(name) + " " + std::to_string(limit));
    said("set_attributes",
         mach::code_of(
             mach_port_calls::mach_port_set_attributes(where, name, MACH_PORT_LIMITS_INFO, {&limit, 1})),
         model_->set_limit(in, name, static_cast<uint32_t>(limit)));
}

void LockStep::step_members()
{
    const unsigned in = any_space();
    const Name member = any_name(in, MACH_PORT_TYPE_RECEIVE);
    const Name set = any_name(in, MACH_PORT_TYPE_PORT_SET);
    const IpcSpaceRef where{space(in)};
    const std::string names =
        " in " + std::to_string(in) + " " + std::to_string(member) + " set " + std::to_string(set);
    switch (any(3)) {
    case 0:
        note("insert_member" + names);
        return said("insert_member",
                    mach::code_of(mach_port_calls::mach_port_insert_member(where, member, set)),
                    model_->insert_member(in, member, set));
    case 1:
        note("extract_member" + names);
        return said("extract_member",
                    mach::code_of(mach_port_calls::mach_port_extract_member(where, member, set)),
                    model_->extract_member(in, member, set));
    default:
        note("move_member" + names);
        return said("move_member", mach::code_of(mach_port_calls::mach_port_move_member(where, member, set)),
                    model_->move_member(in, member, set));
    }
}

void LockStep::step_insert()
{
    const unsigned from = any_space();
    const unsigned to = any_space();
    const NamedRight right = any_right(from);
    const Name name = one_in(2) ? fresh_name(to) : any_name(to);
    note("insert from " + std::to_string(from) + " " + std::to_string(right.name) + " as " +
         std::to_string(right.disposition) + " to " + std::to_string(to) + " name " + std::to_string(name));
    mach::Result<IpcRight> taken = ipc_right_copyin(space(from), right.name, right.disposition, true);
    const kern_return_t code = taken ? mach::code_of(mach_port_calls::mach_port_insert_right(
                                           IpcSpaceRef{space(to)}, name, std::move(*taken)))
                                     : taken.error();
    said("insert_right", code, model_->insert_right(from, right, to, name));
}

void LockStep::step_extract()
{
    const unsigned from = any_space();
    const unsigned to = any_space();
    const NamedRight right = any_right(from);
    if (model_->names(to).size() > names_enough)
        return step_end();
    note("extract from " + std::to_string(from) + " " + std::to_string(right.name) + " as " +
         std::to_string(right.disposition) + " to " + std::to_string(to));
    mach::Result<IpcRight> taken =
        mach_port_calls::mach_port_extract_right(IpcSpaceRef{space(from)}, right.name, right.disposition);
    if (taken)
        model_->given({ipc_right_copyout(space(to), *taken).value_or(MACH_PORT_NULL)});
    said("extract_right", taken ? KERN_SUCCESS : taken.error(), model_->extract_right(from, right, to));
}

void LockStep::step_request()
{
    const unsigned in = any_space();
    const Name name = any_name(in);
    const int id = std::array{MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS,
                              MACH_NOTIFY_PORT_DESTROYED, MACH_NOTIFY_SEND_ONCE}[one_in(20) ? 4 : any(4)];
    const uint32_t sync = any(2);
    const Name hears = one_in(5) ? MACH_PORT_NULL : any_name(in, MACH_PORT_TYPE_RECEIVE);
    const auto found = model_->names(in).find(hears);
    const bool can_hear = found != model_->names(in).end() && found->second.has(MACH_PORT_TYPE_RECEIVE);
    if (hears != MACH_PORT_NULL && !can_hear)
        return step_end();
    note("request " + std::to_string(id) + " in " + std::to_string(in) + " " + std::to_string(name) +
         " sync " + std::to_string(sync) + " to " + std::to_string(hears));
    SendOnceRight notify;
    if (can_hear)
        notify = make_send_once(space(in), hears);
    mach::Result<SendOnceRight> previous = mach_port_calls::mach_port_request_notification(
        IpcSpaceRef{space(in)}, name, id, sync, std::move(notify));
    if (previous) {
        IpcRight right{std::move(*previous)};
        model_->given({ipc_right_copyout(space(in), right).value_or(MACH_PORT_NULL)});
    }
    said("request_notification", previous ? KERN_SUCCESS : previous.error(),
         model_->request_notification(in, name, id, sync, hears));
}

void LockStep::step_send()
{
    const unsigned in = any_space();
    const int id = 1000 + next_id_++;
    const NamedRight remote = any_destination(in);
    const NamedRight local = one_in(2) ? any_destination(in) : NamedRight{};
    std::vector<NamedRight> body;
    for (unsigned count = any(body_limit + 1); count > 0; --count)
        body.push_back(any_right(in));
    std::string text = "send " + std::to_string(id) + " in " + std::to_string(in) + " to " +
                       std::to_string(remote.name) + "/" + std::to_string(remote.disposition) + " reply " +
                       std::to_string(local.name) + "/" + std::to_string(local.disposition) + " body";
    for (const NamedRight& right : body)
        text += " " + std::to_string(right.name) + "/" + std::to_string(right.disposition);
    note(text);
    std::vector<Name> came_back;
    const mach_msg_return_t code = kernel_send(in, id, remote, local, body, came_back);
    model_->given(came_back);
    said("send", code, model_->send(in, id, remote, local, body));
}

void LockStep::step_receive()
{
    const unsigned in = any_space();
    const Name name = any_name(in, MACH_PORT_TYPE_RECEIVE | MACH_PORT_TYPE_PORT_SET);
    note("receive in " + std::to_string(in) + " " + std::to_string(name));
    std::vector<Name> came;
    const Model::Arrived arrived = kernel_receive(in, name, came);
    model_->given(came);
    said("receive", arrived.code, model_->receive(in, name, arrived));
}

// ---- Messages through the trap.

mach_msg_return_t LockStep::kernel_send(unsigned in, int id, NamedRight remote, NamedRight local,
                                        const std::vector<NamedRight>& body, std::vector<Name>& came_back)
{
    PortsMessage message{};
    message.base.header.msgh_bits =
        MACH_MSGH_BITS(remote.disposition, local.disposition) | (body.empty() ? 0 : MACH_MSGH_BITS_COMPLEX);
    message.base.header.msgh_remote_port = remote.name;
    message.base.header.msgh_local_port = local.name;
    message.base.header.msgh_id = id;
    message.base.body.msgh_descriptor_count = static_cast<mach_msg_size_t>(body.size());
    for (size_t i = 0; i < body.size(); ++i) {
        message.ports[i].name = body[i].name;
        message.ports[i].disposition = body[i].disposition;
        message.ports[i].type = MACH_MSG_PORT_DESCRIPTOR;
    }
    const auto size =
        static_cast<mach_msg_size_t>(sizeof message.base + body.size() * sizeof(mach_msg_port_descriptor_t));
    mach_msg_return_t code = MACH_MSG_SUCCESS;
    in_thread(in, [&] {
        const user_address_t buffer = actors_[in].user.memory;
        machine::host::store(buffer, message);
        code = mach_msg(buffer, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0, MACH_PORT_NULL);
        if (code == MACH_SEND_TIMED_OUT)
            message = machine::host::load<PortsMessage>(buffer);
    });
    if (code == MACH_SEND_TIMED_OUT) {
        came_back = {message.base.header.msgh_remote_port, message.base.header.msgh_local_port};
        for (size_t i = 0; i < body.size(); ++i)
            came_back.push_back(message.ports[i].name);
    }
    return code;
}

rights_model::Model::Arrived LockStep::kernel_receive(unsigned in, Name name, std::vector<Name>& came)
{
    Model::Arrived arrived;
    PortsMessage message{};
    in_thread(in, [&] {
        const user_address_t buffer = actors_[in].user.memory;
        arrived.code = mach_msg(buffer, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(PortsMessage), name);
        message = machine::host::load<PortsMessage>(buffer);
    });
    if (arrived.code != MACH_MSG_SUCCESS)
        return arrived;
    const mach_msg_header_t& header = message.base.header;
    arrived.id = header.msgh_id;
    arrived.word = number_in(&message, header.msgh_id);
    arrived.port = header.msgh_local_port;
    came.push_back(header.msgh_remote_port);
    if (MACH_MSGH_BITS_IS_COMPLEX(header.msgh_bits))
        for (size_t i = 0; i < message.base.body.msgh_descriptor_count && i < body_limit; ++i)
            came.push_back(message.ports[i].name);
    return arrived;
}

// ---- Comparing.

void LockStep::note(std::string text) { trace_.back() = std::move(text); }

void LockStep::differ(const std::string& what)
{
    if (!differs_)
        trace_.back() += "   <- " + what;
    differs_ = true;
}

void LockStep::said(const char* call, kern_return_t kernel, kern_return_t model)
{
    if (kernel != model)
        differ(std::string{call} + ": the kernel says " + std::to_string(kernel) + ", the model " +
               std::to_string(model));
}

void LockStep::compare()
{
    while (!reaper_idle())
        run_until_idle();
    for (unsigned i = 0; i < space_count && !differs_; ++i)
        compare_names(i);
}

void LockStep::compare_names(unsigned in)
{
    const auto& names = model_->names(in);
    if (names_in_use(space(in)) != names.size())
        differ("space " + std::to_string(in) + " has " + std::to_string(names_in_use(space(in))) +
               " names, the model " + std::to_string(names.size()));
    for (const auto& [name, entry] : names) {
        const mach::Result<IpcRightInfo> info = ipc_right_info(space(in), name);
        const mach_port_type_t type =
            entry.type | (entry.dead_name != rights_model::no_port ? MACH_PORT_TYPE_DNREQUEST : 0);
        if (!info || info->type != type || info->user_references != entry.references)
            return differ("name " + std::to_string(name) + " of space " + std::to_string(in) +
                          ": kernel type " + std::to_string(info ? info->type >> 16 : 0) + " references " +
                          std::to_string(info ? info->user_references : 0) + ", model type " +
                          std::to_string(type >> 16) + " references " + std::to_string(entry.references));
        if (entry.has(MACH_PORT_TYPE_RECEIVE))
            compare_receive_right(in, name, entry.port);
        if (entry.has(MACH_PORT_TYPE_PORT_SET))
            compare_set(in, name, entry);
        if (differs_)
            return;
    }
}

void LockStep::compare_receive_right(unsigned in, Name name, PortId id)
{
    const rights_model::Port& expected = model_->port(id);
    const RefPtr<IpcPort> found = port_of(space(in), name);
    compare_queue(*found, id);
    IpcPort& port = *found;
    Guard guard{port.lock()};
    const std::array<std::array<uint32_t, 2>, 8> counts{{
        {port.queue().next_sequence_number, expected.sequence},
        {port.make_send_count(), expected.make_sends},
        {port.queue().limit, expected.limit},
        {port.queue().send_once_notices, expected.send_once_notices},
        {port.send_once_rights(), expected.send_onces},
        {port.send_rights(), expected.sends},
        {static_cast<bool>(port.port_destroyed_request()), expected.port_destroyed != rights_model::no_port},
        {static_cast<bool>(port.no_senders_request()), expected.no_senders != rights_model::no_port},
    }};
    static constexpr std::array what{"sequence number",        "make-send count",   "queue limit",
                                     "send-once notices",      "send-once rights",  "send rights",
                                     "port-destroyed request", "no-senders request"};
    for (size_t i = 0; i < counts.size(); ++i)
        if (counts[i][0] != counts[i][1])
            return differ(std::string{what[i]} + " of " + std::to_string(name) + " in space " +
                          std::to_string(in) + ": kernel " + std::to_string(counts[i][0]) + ", model " +
                          std::to_string(counts[i][1]));
}

void LockStep::compare_queue(IpcPort& port, PortId id)
{
    std::vector<Model::Seen> seen;
    {
        Guard guard{port.lock()};
        for (IpcKmsg& message : port.queue().messages)
            seen.push_back({message.id(), number_in(message.bytes().data(), message.id())});
    }
    if (model_->settle_queue(id, seen))
        return;
    std::string text = "queue: kernel";
    for (const Model::Seen& message : seen)
        text += " " + std::to_string(message.id) + ":" + std::to_string(message.word);
    text += ", model";
    for (const Model::Seen& message : model_->queue_of(id))
        text += " " + std::to_string(message.id) + ":" + std::to_string(message.word);
    differ(text);
}

void LockStep::compare_set(unsigned in, Name name, const Entry& entry)
{
    RefPtr<IpcPset> set;
    {
        Guard guard{space(in).lock()};
        set = RefPtr<IpcPset>{space(in).lookup(name)->pset};
    }
    std::vector<Name> members(ipc_pset_members(*set, {}));
    ipc_pset_members(*set, members);
    std::vector<Name> expected;
    for (const PortId id : entry.members)
        expected.push_back(model_->port(id).name);
    std::ranges::sort(members);
    std::ranges::sort(expected);
    if (members != expected)
        differ("members of set " + std::to_string(name) + " in space " + std::to_string(in));
}
