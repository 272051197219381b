/* The manifest: what the host wants run and brought back.
 *
 * A text file that tools/runner/archive.py writes.  Fields are separated by tabs; in a field \t, \n and \\ stand for a
 * tab, a new line and a backslash.  The first line is "portico-run 1".  Then, in any order:
 *
 *     env    NAME=VALUE                     the whole environment of every job, one variable a line
 *     umask  OCTAL                          of every job
 *     job    NUMBER DIRECTORY SECONDS ARG...  run this there, for at most so long (0: for ever)
 *     get    NUMBER PATH                    after the jobs, send this file or tree
 */
#ifndef HOSTLINK_MANIFEST_H
#define HOSTLINK_MANIFEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct job {
    uint32_t number;
    char* directory;
    unsigned time_limit; /* Seconds; 0 is none. */
    char** arguments;    /* Ends with a null pointer, as execvp() wants it. */
};

struct wanted_file {
    uint32_t number;
    char* path;
};

struct manifest {
    char** environment; /* Ends with a null pointer. */
    mode_t umask;
    struct job* jobs;
    size_t job_count;
    struct wanted_file* gets;
    size_t get_count;
};

/* Reads `path`; `root` is put before every absolute path in it (empty in the guest).  Ends the process with a message
 * when the manifest cannot be read or makes no sense: the host wrote it, so both are faults of ours. */
void manifest_read(struct manifest* manifest, const char* path, const char* root);

#endif
