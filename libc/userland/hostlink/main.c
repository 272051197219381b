/* hostlink: carries out what the host asked for in /run/manifest and tells it the result over the host link.
 *
 *     hostlink [--device FILE] [--manifest FILE] [--root DIRECTORY]
 *
 * init starts it in place of a login shell when the kernel's command line has the word "run".  The options are for
 * tests on the build machine: --root is put before every path in the manifest.
 */
#include "files.h"
#include "job.h"
#include "link.h"
#include "manifest.h"
#include "power_off.h"
#include "protocol.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct settings {
    const char* device;
    const char* manifest;
    const char* root;
};

static int take_options(struct settings* settings, int count, char** arguments)
{
    for (int i = 1; i < count; i += 2) {
        if (i + 1 == count)
            return -1;
        if (strcmp(arguments[i], "--device") == 0)
            settings->device = arguments[i + 1];
        else if (strcmp(arguments[i], "--manifest") == 0)
            settings->manifest = arguments[i + 1];
        else if (strcmp(arguments[i], "--root") == 0)
            settings->root = arguments[i + 1];
        else
            return -1;
    }
    return 0;
}

int main(int count, char** arguments)
{
    struct settings settings = {"/dev/ttyS1", "/run/manifest", ""};
    struct manifest manifest;
    struct link link;

    if (take_options(&settings, count, arguments) != 0) {
        fprintf(stderr, "usage: hostlink [--device FILE] [--manifest FILE] [--root DIRECTORY]\n");
        return 2;
    }
    if (link_open(&link, settings.device) != 0) {
        perror(settings.device);
        return 1;
    }
    manifest_read(&manifest, settings.manifest, settings.root);

    const uint32_t hello[2] = {LINK_VERSION, (uint32_t)manifest.job_count};
    link_send(&link, 'H', hello, 2, NULL, 0);
    for (size_t i = 0; i < manifest.job_count; i++)
        job_run(&link, &manifest, &manifest.jobs[i]);
    for (size_t i = 0; i < manifest.get_count; i++)
        files_send(&link, &manifest.gets[i]);

    sync();
    const uint32_t end[1] = {
        0}; /* sync() has no way to fail: a file system in trouble has told the writers. */
    link_send(&link, 'Z', end, 1, NULL, 0);
    if (link_wait_for_acknowledgement(&link) != 0)
        fprintf(stderr, "hostlink: the host did not acknowledge the end\n");
    power_off();
    return 0;
}
