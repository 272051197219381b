/* Turns the machine off.  The build path chooses: power_off_portico.c in the guest, power_off_native.c in tests, where
 * the machine is the developer's. */
#ifndef HOSTLINK_POWER_OFF_H
#define HOSTLINK_POWER_OFF_H

void power_off(void);

#endif
