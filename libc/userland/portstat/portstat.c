/* portstat: what the kernel holds, and for whom.
 *
 * An ordinary program: all it shows comes from calls on the host's port (mach_debug.defs), which every task has.
 */
#include <getopt.h>
#include <inttypes.h>
#include <mach/mach.h>
#include <mach/mach_debug.h>
#include <mach/mach_debug_types.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "usage: portstat [-t | -s] [-h]\n"
                           "Shows the tasks, and how much of everything there is in the system.\n"
                           "  -t, --tasks    only the tasks, a line each\n"
                           "  -s, --summary  only the sums, a line each: name, tab, number\n"
                           "  -h, --help     this text\n"
                           "The columns and sums are explained in portstat(1).\n";

static void fail(const char* what, kern_return_t code)
{
    fprintf(stderr, "portstat: %s: error %#x\n", what, (unsigned)code);
    exit(1);
}

static void show_task(const mach_debug_task_t* task)
{
    printf("%5" PRIu64 " %-16.*s %4" PRIu64 " %6" PRIu64 " %5" PRIu64 " %7" PRIu64 " %5" PRIu64 " %9" PRIu64
           " %9" PRIu64 " %9" PRIu64 " %8.2f\n",
           task->id, (int)sizeof task->name, task->name, task->threads, task->ports, task->port_sets,
           task->rights, task->dead_names, task->resident_pages, task->messages_sent, task->messages_received,
           (double)task->time_ns / 1e9);
}

static void show_tasks(void)
{
    mach_debug_task_t task;
    kern_return_t code;

    printf("%5s %-16s %4s %6s %5s %7s %5s %9s %9s %9s %8s\n", "TASK", "NAME", "THR", "PORTS", "SETS",
           "RIGHTS", "DEAD", "PAGES", "SENT", "RECEIVED", "SECONDS");
    for (uint64_t next = 0;; next = task.id + 1) {
        code = mach_debug_task(mach_host_self(), next, &task);
        if (code == KERN_INVALID_VALUE)
            return;
        if (code != KERN_SUCCESS)
            fail("mach_debug_task", code);
        show_task(&task);
    }
}

static void show_summary(void)
{
    mach_debug_counts_t counts;
    kern_return_t code = mach_debug_counts(mach_host_self(), &counts);

    if (code != KERN_SUCCESS)
        fail("mach_debug_counts", code);
    const struct {
        const char* name;
        uint64_t value;
    } lines[] = {
        {"tasks", counts.tasks},
        {"threads", counts.threads},
        {"ports", counts.ports},
        {"port-sets", counts.port_sets},
        {"rights", counts.rights},
        {"messages", counts.messages},
        {"maps", counts.vm_maps},
        {"map-entries", counts.vm_map_entries},
        {"objects", counts.vm_objects},
        {"pages", counts.pages_total},
        {"pages-free", counts.pages_free},
        {"pages-wired", counts.pages_wired},
        {"pages-file-cache", counts.pages_file_cache},
        {"pages-kernel", counts.pages_kernel},
        {"kernel-stacks", counts.kernel_stacks},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        printf("%s\t%" PRIu64 "\n", lines[i].name, lines[i].value);
}

int main(int argc, char** argv)
{
    static const struct option options[] = {
        {"tasks", no_argument, NULL, 't'},
        {"summary", no_argument, NULL, 's'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    int tasks = 1, summary = 1, option;

    while ((option = getopt_long(argc, argv, "tsh", options, NULL)) != -1) {
        if (option == 'h')
            return fputs(help, stdout) == EOF || fflush(stdout) == EOF;
        if (option == '?') {
            fputs(help, stderr);
            return 2;
        }
        tasks = option == 't';
        summary = option == 's';
    }
    if (optind < argc) {
        fprintf(stderr, "portstat: '%s': takes no arguments\n%s", argv[optind], help);
        return 2;
    }
    if (tasks)
        show_tasks();
    if (tasks && summary)
        putchar('\n');
    if (summary)
        show_summary();
    return fflush(stdout) == EOF || ferror(stdout);
}
