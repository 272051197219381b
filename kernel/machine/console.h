// kernel/machine/console.h
//
// The early console, and the ways in which a machine ends.
#ifndef PORTICO_MACHINE_CONSOLE_H
#define PORTICO_MACHINE_CONSOLE_H

namespace machine {

void console_put(char character);  // Nothing, once a driver has the device.
void console_release();            // A driver takes the device.
void console_take_back();          // A panic.

// Registers, backtrace, and the end.  `again`: a panic inside of a panic; says and does as little as possible.
[[noreturn]] void stop_after_panic(bool again);

// False (it returns) if the machine has no way to do it.
bool power_off();
bool reboot();
[[noreturn]] void halt();

}  // namespace machine

#endif
