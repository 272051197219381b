/* libc/posix/terminal.c: termios and ioctl, as messages to the channel of a terminal. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <portico/fs.h>
#include <portico/io.h>
#include <portico/terminal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define WIRE_CONTROLS (sizeof((unix_termios_t*)0)->c_cc)

static mach_port_t terminal_of(int fd)
{
    struct portico_descriptor descriptor;

    if (__portico_descriptor(fd, &descriptor) != 0)
        return MACH_PORT_NULL;
    if (descriptor.kind != UNIX_CHANNEL_TERMINAL) {
        errno = ENOTTY;
        return MACH_PORT_NULL;
    }
    return descriptor.channel;
}

int tcgetattr(int fd, struct termios* attributes)
{
    mach_port_t terminal = terminal_of(fd);
    unix_termios_t wire;

    if (terminal == MACH_PORT_NULL)
        return -1;
    kern_return_t code = terminal_get_attributes(terminal, &wire);
    if (code != KERN_SUCCESS)
        return __portico_fail(code);
    memset(attributes, 0, sizeof *attributes);
    attributes->c_iflag = wire.c_iflag;
    attributes->c_oflag = wire.c_oflag;
    attributes->c_cflag = wire.c_cflag;
    attributes->c_lflag = wire.c_lflag;
    attributes->c_ispeed = wire.c_ispeed;
    attributes->c_ospeed = wire.c_ospeed;
    memcpy(attributes->c_cc, wire.c_cc, WIRE_CONTROLS);
    return 0;
}

int tcsetattr(int fd, int when, const struct termios* attributes)
{
    mach_port_t terminal = terminal_of(fd);
    unix_termios_t wire = {attributes->c_iflag,
                           attributes->c_oflag,
                           attributes->c_cflag,
                           attributes->c_lflag,
                           attributes->c_ispeed,
                           attributes->c_ospeed,
                           {0}};
    struct portico_call call;
    kern_return_t code;
    int permitted = 0; /* to do it from the background */

    if (terminal == MACH_PORT_NULL)
        return -1;
    memcpy(wire.c_cc, attributes->c_cc, WIRE_CONTROLS);
    for (;;) {
        do {
            __portico_call_begin(&call, terminal, io_cancel);
            code = terminal_set_attributes(terminal, call.number, when, permitted, wire);
        } while (__portico_call_again(&call, code));
        if (code != UNIX_ERROR_BACKGROUND)
            return __portico_finish(code);
        int again = __portico_background(1);
        if (again < 0)
            return -1;
        permitted = again == 0;
    }
}

int tcgetwinsize(int fd, struct winsize* size)
{
    mach_port_t terminal = terminal_of(fd);
    unix_winsize_t wire;

    if (terminal == MACH_PORT_NULL)
        return -1;
    kern_return_t code = terminal_get_window_size(terminal, &wire);
    if (code == KERN_SUCCESS)
        *size = (struct winsize){wire.rows, wire.columns, wire.x_pixels, wire.y_pixels};
    return __portico_finish(code);
}

int tcsetwinsize(int fd, const struct winsize* size)
{
    mach_port_t terminal = terminal_of(fd);
    const unix_winsize_t wire = {size->ws_row, size->ws_col, size->ws_xpixel, size->ws_ypixel};

    return terminal == MACH_PORT_NULL ? -1 : __portico_finish(terminal_set_window_size(terminal, wire));
}

pid_t tcgetpgrp(int fd)
{
    mach_port_t terminal = terminal_of(fd);
    int32_t group = -1;

    if (terminal == MACH_PORT_NULL)
        return -1;
    kern_return_t code = terminal_get_foreground(terminal, &group);
    return code == KERN_SUCCESS ? group : __portico_fail(code);
}

int tcsetpgrp(int fd, pid_t group)
{
    mach_port_t terminal = terminal_of(fd);
    kern_return_t code;
    int permitted = 0; /* to do it from the background */

    if (terminal == MACH_PORT_NULL)
        return -1;
    while ((code = terminal_set_foreground(terminal, permitted, group)) == UNIX_ERROR_BACKGROUND) {
        int again = __portico_background(1);
        if (again < 0)
            return -1;
        permitted = again == 0;
    }
    return __portico_finish(code);
}

pid_t tcgetsid(int fd)
{
    mach_port_t terminal = terminal_of(fd);
    int32_t session = -1;

    if (terminal == MACH_PORT_NULL)
        return -1;
    kern_return_t code = terminal_get_session(terminal, &session);
    return code == KERN_SUCCESS ? session : __portico_fail(code);
}

int tcdrain(int fd)
{
    mach_port_t terminal = terminal_of(fd);
    struct portico_call call;
    kern_return_t code;

    if (terminal == MACH_PORT_NULL)
        return -1;
    do {
        __portico_call_begin(&call, terminal, io_cancel);
        code = terminal_drain(terminal, call.number);
    } while (__portico_call_again(&call, code));
    return __portico_finish(code);
}

int tcflush(int fd, int queue)
{
    mach_port_t terminal = terminal_of(fd);

    return terminal == MACH_PORT_NULL ? -1 : __portico_finish(terminal_flush(terminal, queue));
}

int tcflow(int fd, int action)
{
    mach_port_t terminal = terminal_of(fd);

    return terminal == MACH_PORT_NULL ? -1 : __portico_finish(terminal_flow(terminal, action));
}

int tcsendbreak(int fd, int duration)
{
    mach_port_t terminal = terminal_of(fd);

    return terminal == MACH_PORT_NULL ? -1 : __portico_finish(terminal_send_break(terminal, duration));
}

int isatty(int fd) { return terminal_of(fd) != MACH_PORT_NULL; }

int ttyname_r(int fd, char* name, size_t size)
{
    char found[UNIX_NAME_MAX + 1];
    mach_port_t terminal = terminal_of(fd);

    if (terminal == MACH_PORT_NULL)
        return errno;
    kern_return_t code = terminal_name(terminal, found);
    if (code != KERN_SUCCESS)
        return __portico_errno_of(code);
    if (strlcpy(name, found, size) >= size)
        return ERANGE;
    return 0;
}

char* ttyname(int fd)
{
    static char name[UNIX_NAME_MAX + 1];
    int error = ttyname_r(fd, name, sizeof name);

    if (error == 0)
        return name;
    errno = error;
    return NULL;
}

char* ctermid(char* buffer)
{
    static char name[] = "/dev/tty";

    return buffer ? strcpy(buffer, name) : name;
}

static int set_nonblocking(int fd, int on)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0)
        return -1;
    return fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

static int readable_bytes(int fd, int* amount)
{
    mach_port_t channel = __portico_channel(fd);
    uint64_t ready = 0;

    if (channel == MACH_PORT_NULL)
        return -1;
    kern_return_t code = io_readable(channel, &ready);
    if (code == KERN_SUCCESS)
        *amount = (int)ready;
    return __portico_finish(code);
}

static int simple_request(int fd, kern_return_t (*request)(mach_port_t))
{
    mach_port_t terminal = terminal_of(fd);

    return terminal == MACH_PORT_NULL ? -1 : __portico_finish(request(terminal));
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list arguments;
    va_start(arguments, request);
    void* argument = va_arg(arguments, void*);
    va_end(arguments);

    switch (request) {
    case TCGETS:
        return tcgetattr(fd, argument);
    case TCSETS:
        return tcsetattr(fd, TCSANOW, argument);
    case TCSETSW:
        return tcsetattr(fd, TCSADRAIN, argument);
    case TCSETSF:
        return tcsetattr(fd, TCSAFLUSH, argument);
    case TIOCGWINSZ:
        return tcgetwinsize(fd, argument);
    case TIOCSWINSZ:
        return tcsetwinsize(fd, argument);
    case TIOCGPGRP: {
        pid_t group = tcgetpgrp(fd);
        if (group >= 0)
            *(pid_t*)argument = group;
        return group >= 0 ? 0 : -1;
    }
    case TIOCSPGRP:
        return tcsetpgrp(fd, *(pid_t*)argument);
    case TIOCGSID: {
        pid_t session = tcgetsid(fd);
        if (session >= 0)
            *(pid_t*)argument = session;
        return session >= 0 ? 0 : -1;
    }
    case TIOCSCTTY:
        return simple_request(fd, terminal_acquire);
    case TIOCNOTTY:
        return simple_request(fd, terminal_release);
    case FIONREAD:
        return readable_bytes(fd, argument);
    case FIONBIO:
        return set_nonblocking(fd, *(int*)argument);
    case FIOCLEX:
        return fcntl(fd, F_SETFD, FD_CLOEXEC);
    case FIONCLEX:
        return fcntl(fd, F_SETFD, 0);
    default:
        errno = ENOTTY;
        return -1;
    }
}
