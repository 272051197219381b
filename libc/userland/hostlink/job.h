/* Runs one job of the manifest and sends what it prints and how it ended. */
#ifndef HOSTLINK_JOB_H
#define HOSTLINK_JOB_H

#include "link.h"
#include "manifest.h"

/* The job gets a session of its own, standard input from /dev/null, and nothing of hostlink's.  It is over when nobody
 * holds its output open any more, just as a caller on the build machine waits for the end of both pipes. */
void job_run(struct link* link, const struct manifest* manifest, const struct job* job);

#endif
