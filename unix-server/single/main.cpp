// unix-server/single/main.cpp
//
// The wiring in which all services are one task and call each other directly.
#include "../fs/devices.h"
#include "../fs/file_service.h"
#include "../pipe/pipe.h"
#include "../process/process_service.h"
#include "../support/startup.h"
#include "../tty/char_line.h"
#include "../tty/tty_service.h"

using namespace portico;

int main(int argc, char** argv)
{
    const ServerOptions options = ServerOptions::parse(argc, argv);
    mach::EventLoop loop{{options.suspension_seed}};

    const auto tty = std::make_shared<TtyService>(loop);
    const auto pipe = std::make_shared<PipeService>();
    const auto fs = std::make_shared<FileService>(loop, *tty, *pipe);
    const auto process = std::make_shared<ProcessService>(
        loop, ProcessService::Services{*fs, *fs, *tty, require_right("host-priv")});
    tty->add_terminal("/dev/console", serial_device(0),
                      std::make_unique<CharLine>(loop, require_service("console")), *process);
    tty->add_terminal("/dev/ttyS1", serial_device(1),
                      std::make_unique<CharLine>(loop, require_service("link")), *process);

    if (const auto unpacked = fs->unpack_all(); !unpacked)
        give_up("the boot archive", unpacked.error());
    if (const auto started = loop.spawn(process->run_init({"/sbin/init"}, options.init_environment()));
        !started)
        give_up("process 1", started.error());
    loop.run();
    return 0;
}
