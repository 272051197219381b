/* In the guest: the run is over, so the machine ends. */
#include "power_off.h"

#include <stdio.h>
#include <sys/reboot.h>

void power_off(void)
{
    reboot(RB_POWER_OFF);
    perror("hostlink: reboot"); /* It returns only when it failed; the host's time limit does the rest. */
}
