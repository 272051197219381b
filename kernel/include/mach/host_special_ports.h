/* mach/host_special_ports.h: see special_ports.h. */
#include <mach/special_ports.h>
