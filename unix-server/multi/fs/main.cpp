// unix-server/multi/fs/main.cpp
//
// The file service as a task of its own.
#include "../../fs/file_service.h"
#include "../../support/startup.h"
#include "../links.h"

using namespace portico;

int main(int argc, char** argv)
{
    const ServerOptions options = ServerOptions::parse(argc, argv);
    mach::EventLoop loop{{options.suspension_seed}};

    TtyLink tty{loop};
    PipeLink pipe{loop};
    const auto fs = std::make_shared<FileService>(loop, tty, pipe);
    if (const auto unpacked = fs->unpack_all(); !unpacked)
        give_up("the boot archive", unpacked.error());
    offer_service("fs", *fs);
    loop.run();
    return 0;
}
