// bootstrap/guardian.h: starts the configured tasks, hears when one dies, and starts it again.
//
// Owns        a record per configured task, with the right to its port while it lives.
// Lock        none: one event loop.
// Invariants  (G1) A task that lives has a Client, whose port is its bootstrap port, and a watch on its task
//             port.
//             (G2) A client may do what the description of its task says, and nothing else.
//             (G3) The tasks of a group, and all tasks that they have made, are charged to the group's ledger.
//                  It ends with the group, and all of them with it: a program does not outlive its services.
//             (G4) No task of a group is started while another one of it is being ended, so that none finds
//                  services of the old ones.
#ifndef PORTICO_BOOTSTRAP_GUARDIAN_H
#define PORTICO_BOOTSTRAP_GUARDIAN_H

#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <bootstrap_interface.h>
#include <portico/event_loop.h>

#include "archive.h"
#include "configuration.h"
#include "host.h"
#include "services.h"

namespace boot {

// The bootstrap port of one running task.
class Client final : public bootstrap::Interface, public mach::Object {
public:
    Client(const TaskDescription& task, const Services& services, const Host& host)
        : task_{task}, services_{services}, host_{host}
    {
    }

    bool dispatch(mig::Request& request) override { return bootstrap::Server::dispatch(*this, request); }

    mach::Async<mach::Result<mach::ReceiveRight>> check_in(std::string_view name) override;
    mach::Async<mach::Result<void>> register_(std::string_view name, mach::SendRight service) override;
    mach::Async<mach::Result<mach::SendRight>> look_up(std::string_view name, boolean_t wait) override;
    mach::Async<mach::Result<bootstrap::GetRightReply>> get_right(std::string_view name) override;
    void log(std::span<const char> text) override;

private:
    mach::Result<Service*> served(std::string_view name) const;

    const TaskDescription& task_;
    const Services& services_;
    const Host& host_;
};

class Guardian {
public:
    Guardian(const Configuration& configuration, std::string wiring,
             std::vector<std::string> common_arguments, const Archive& archive, const Host& host);

    // Makes the services' ports, then starts every task of the wiring. What cannot be started is logged, and
    // does not keep the others from starting.
    mach::Result<void> start_all();

    // For tests of what comes after a death: ends the task of this name after a time.
    mach::Async<void> end_later(std::string name, mach::Time after);

private:
    struct Record {
        explicit Record(const TaskDescription* task) : description{task} {}

        const TaskDescription* description;
        std::shared_ptr<Client> client;
        mach::SendRight task;
        mach::DeathWatch watch;
        mach::Time started = 0;
        unsigned quick_deaths = 0;
        bool start_is_due = false;
        bool is_being_ended = false;  // By end_group(); its death is not known yet.
    };

    void start(Record& record);
    mach::Result<void> try_to_start(Record& record);
    void died(Record& record);
    void start_again(Record& record);
    mach::Async<void> start_later(Record& record, mach::Time when);
    mach::Result<mach_port_t> ledger_of(const TaskDescription& task);
    void end_group(const Record& first);
    bool group_is_ending(const Record& member) const;

    const Configuration& configuration_;
    const std::string wiring_;
    const std::vector<std::string> common_arguments_;
    const Archive& archive_;
    const Host& host_;
    Services services_;
    std::list<Record> records_;
    std::map<std::string, mach::SendRight> ledgers_;  // Of groups, by their names.
};

}  // namespace boot

#endif
