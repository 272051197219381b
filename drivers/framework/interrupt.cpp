// drivers/framework/interrupt.cpp
#include "interrupt.h"

#include <mach/mach.h>

#include "start.h"

namespace driver {

mach::Result<std::shared_ptr<Interrupt>> Interrupt::open(const char* right_name, std::function<void()> handle)
{
    NamedRight named = TRY(get_right(right_name));
    auto interrupt = std::make_shared<Interrupt>(std::move(named.right), std::move(handle));
    const mach_port_t notices = TRY(interrupt->receive_name());
    TRY(mach::result_of(device_interrupt_register(interrupt->line_.name(), notices)));
    return interrupt;
}

void Interrupt::acknowledge() { (void)device_interrupt_acknowledge(line_.name()); }

void Interrupt::device_interrupt_notice(natural_t, natural_t) { handle_(); }

}  // namespace driver
