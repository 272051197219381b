/* Sends the files and trees that the host wants to have after the jobs. */
#ifndef HOSTLINK_FILES_H
#define HOSTLINK_FILES_H

#include "link.h"
#include "manifest.h"

/* Sends `wanted` with all that is below it: regular files, directories and symbolic links.  What cannot be read is
 * reported to the host and passed over. */
void files_send(struct link* link, const struct wanted_file* wanted);

#endif
