/* The parts of <termios.h> that only change a struct termios.  The speed is kept twice: coded in c_cflag, as
 * programs look for it, and in c_ispeed and c_ospeed. */
#include <errno.h>
#include <termios.h>

static int valid(speed_t speed) { return speed <= B38400 || (speed >= B57600 && speed <= B1000000); }

speed_t cfgetospeed(const struct termios* t) { return t->c_cflag & CBAUD; }

speed_t cfgetispeed(const struct termios* t) { return t->c_cflag & CBAUD; }

int cfsetospeed(struct termios* t, speed_t speed)
{
    if (!valid(speed)) {
        errno = EINVAL;
        return -1;
    }
    t->c_cflag = (t->c_cflag & ~(tcflag_t)CBAUD) | speed;
    t->c_ospeed = speed;
    return 0;
}

/* Input and output have one speed; 0 means "as the output". */
int cfsetispeed(struct termios* t, speed_t speed)
{
    if (speed != 0 && cfsetospeed(t, speed) < 0)
        return -1;
    t->c_ispeed = t->c_cflag & CBAUD;
    return 0;
}

int cfsetspeed(struct termios* t, speed_t speed)
{
    return cfsetospeed(t, speed) < 0 ? -1 : cfsetispeed(t, speed);
}

void cfmakeraw(struct termios* t)
{
    t->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    t->c_oflag &= ~(tcflag_t)OPOST;
    t->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    t->c_cflag = (t->c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    t->c_cc[VMIN] = 1;
    t->c_cc[VTIME] = 0;
}
