// unix-server/multi/tty/main.cpp
//
// The terminal service as a task of its own.
#include "../../fs/devices.h"
#include "../../support/startup.h"
#include "../../tty/char_line.h"
#include "../../tty/tty_service.h"

using namespace portico;

int main(int argc, char** argv)
{
    const ServerOptions options = ServerOptions::parse(argc, argv);
    mach::EventLoop loop{{options.suspension_seed}};

    const auto tty = std::make_shared<TtyService>(loop);
    process_notices::Remote notices{loop, require_service("process.notices")};
    tty->add_terminal("/dev/console", serial_device(0),
                      std::make_unique<CharLine>(loop, require_service("console")), notices);
    tty->add_terminal("/dev/ttyS1", serial_device(1),
                      std::make_unique<CharLine>(loop, require_service("link")), notices);
    offer_service("tty", *tty);
    loop.run();
    return 0;
}
