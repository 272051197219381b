/* What /proc tells about memory, load and time, in the forms of other systems. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

/* The value of one line of /proc/meminfo, in bytes. */
static void take_line(const char* line, const char* name, unsigned long* value)
{
    size_t length = strlen(name);

    if (strncmp(line, name, length) == 0 && line[length] == ':')
        *value = strtoul(line + length + 1, NULL, 10) * 1024;
}

static int take_memory(struct sysinfo* info)
{
    char line[128];
    FILE* file = fopen("/proc/meminfo", "re");

    if (!file)
        return -1;
    while (fgets(line, sizeof line, file)) {
        take_line(line, "MemTotal", &info->totalram);
        take_line(line, "MemFree", &info->freeram);
        take_line(line, "Shmem", &info->sharedram);
        take_line(line, "Buffers", &info->bufferram);
        take_line(line, "SwapTotal", &info->totalswap);
        take_line(line, "SwapFree", &info->freeswap);
    }
    fclose(file);
    return 0;
}

int getloadavg(double* loads, int count)
{
    double all[3];
    FILE* file = fopen("/proc/loadavg", "re");

    if (!file)
        return -1;
    int found = fscanf(file, "%lf %lf %lf", &all[0], &all[1], &all[2]);
    fclose(file);
    if (found < count)
        count = found;
    for (int i = 0; i < count; i++)
        loads[i] = all[i];
    return count;
}

int sysinfo(struct sysinfo* info)
{
    double loads[3] = {0}, uptime = 0;
    FILE* file = fopen("/proc/uptime", "re");

    memset(info, 0, sizeof *info);
    info->mem_unit = 1;
    if (!file)
        return -1;
    int found = fscanf(file, "%lf", &uptime);
    fclose(file);
    if (found != 1) {
        errno = EIO;
        return -1;
    }
    info->uptime = (long)uptime;
    if (getloadavg(loads, 3) == 3)
        for (int i = 0; i < 3; i++)
            info->loads[i] = (unsigned long)(loads[i] * 65536);
    return take_memory(info);
}

/* One "processor" line each in /proc/cpuinfo; one processor where there is no such file. */
int get_nprocs(void)
{
    char line[128];
    int count = 0;
    FILE* file = fopen("/proc/cpuinfo", "re");

    if (!file)
        return 1;
    while (fgets(line, sizeof line, file))
        count += strncmp(line, "processor", 9) == 0;
    fclose(file);
    return count > 0 ? count : 1;
}

int get_nprocs_conf(void) { return get_nprocs(); }

/* The number that an administrator gave the machine, else 0. */
long gethostid(void)
{
    int number = 0;
    FILE* file = fopen("/etc/hostid", "re");

    if (file) {
        if (fread(&number, sizeof number, 1, file) != 1)
            number = 0;
        fclose(file);
    }
    return number;
}
