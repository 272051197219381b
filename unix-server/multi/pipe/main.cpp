// unix-server/multi/pipe/main.cpp
//
// The pipe service as a task of its own.
#include "../../pipe/pipe.h"
#include "../../support/startup.h"

using namespace portico;

int main(int argc, char** argv)
{
    const ServerOptions options = ServerOptions::parse(argc, argv);
    mach::EventLoop loop{{options.suspension_seed}};

    const auto pipe = std::make_shared<PipeService>();
    offer_service("pipe", *pipe);
    loop.run();
    return 0;
}
