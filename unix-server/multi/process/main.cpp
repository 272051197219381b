// unix-server/multi/process/main.cpp
//
// The process service as a task of its own.  Its notices port is offered first: tty waits for it, fs for tty, and this task
// for both.
#include "../../process/process_service.h"
#include "../../support/startup.h"
#include "../links.h"

using namespace portico;

namespace {

// The notices come up before the service that takes them exists.
class Notices final : public mach::Object, public process_notices::Interface {
public:
    bool dispatch(mig::Request& request) override
    {
        return process_notices::Server::dispatch(*this, request);
    }
    void no_senders() override {}
    void signal_group(int32_t pgid, integer_t signal) override
    {
        if (service != nullptr)
            service->signal_group(pgid, signal);
    }
    void hang_up(int32_t sid) override
    {
        if (service != nullptr)
            service->hang_up(sid);
    }

    ProcessService* service = nullptr;
};

}  // namespace

int main(int argc, char** argv)
{
    const ServerOptions options = ServerOptions::parse(argc, argv);
    mach::EventLoop loop{{options.suspension_seed}};

    const auto notices = std::make_shared<Notices>();
    offer_service("process.notices", *notices);
    fs_admin::Remote fs{loop, require_service("fs")};
    process_events::Remote fs_events{loop, require_service("fs")};
    std::shared_ptr<ProcessService> process;
    TtyEventsLink tty_events{loop, [&process] { return process->announce_all_to_tty(); }};
    process = std::make_shared<ProcessService>(
        loop, ProcessService::Services{fs, fs_events, tty_events, require_right("host-priv")});
    notices->service = process.get();
    if (const auto started = loop.spawn(process->run_init({"/sbin/init"}, options.init_environment()));
        !started)
        give_up("process 1", started.error());
    loop.run();
    return 0;
}
