// drivers/char/ns16550/main.cpp: the driver of serial ports.
//
// Arguments: the names of its ports in the configuration; words with '=' concern others. One thread, one
// loop: interrupts and requests are messages alike.
#include <cstdio>
#include <string>
#include <vector>

#include <portico/event_loop.h>

#include "serial_port.h"

int main(int argc, char** argv)
{
    mach::EventLoop loop{mach::EventLoop::Options::from_arguments(argc, argv)};
    std::vector<std::shared_ptr<SerialPort>> ports;
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name.find('=') != std::string::npos)
            continue;
        auto port = SerialPort::open(name);
        if (port.has_value())
            ports.push_back(std::move(*port));
        else
            std::printf("%s: no serial port, error %#x\n", name.c_str(), static_cast<unsigned>(port.error()));
    }
    loop.run();
    return 0;
}
