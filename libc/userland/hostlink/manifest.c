/* Reads the manifest (manifest.h).  What it allocates lives until the process ends. */
#include "manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char first_line[] = "portico-run 1";

static void refuse(const char* what, const char* value)
{
    fprintf(stderr, "hostlink: manifest: %s '%s'\n", what, value);
    exit(1);
}

static void* grown(void* array, size_t count, size_t element_size)
{
    void* larger = realloc(array, count * element_size);
    if (larger == NULL)
        refuse("no memory for", "the manifest");
    return larger;
}

static char* read_whole(const char* path)
{
    FILE* file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    char* text = NULL;
    size_t size = 0;
    size_t got = 4096;
    while (got == 4096) {
        text = grown(text, size + 4097, 1);
        got = fread(text + size, 1, 4096, file);
        size += got;
    }
    fclose(file);
    text[size] = '\0';
    return text;
}

/* Turns the escapes of one field into what they stand for, in place. */
static void unescape(char* field)
{
    char* to = field;
    for (const char* from = field; *from != '\0'; from++) {
        if (*from == '\\' && from[1] != '\0') {
            from++;
            *to++ = (char)(*from == 't' ? '\t' : *from == 'n' ? '\n' : *from);
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* Splits a line at its tabs into a list that ends with a null pointer; the fields stay in the line's memory. */
static char** split_fields(char* line, size_t* count)
{
    char** fields = NULL;
    *count = 0;
    char* next = line;
    do {
        char* field = next;
        next = strchr(field, '\t');
        if (next != NULL)
            *next++ = '\0';
        unescape(field);
        fields = grown(fields, *count + 2, sizeof *fields);
        fields[(*count)++] = field;
    } while (next != NULL);
    fields[*count] = NULL;
    return fields;
}

static char* below_root(const char* root, char* path)
{
    if (root[0] == '\0')
        return path;
    char* joined = grown(NULL, strlen(root) + strlen(path) + 1, 1);
    return strcat(strcpy(joined, root), path);
}

static uint32_t number(const char* text, int base)
{
    char* end = NULL;
    const unsigned long value = strtoul(text, &end, base);
    if (*text == '\0' || *end != '\0' || value > UINT32_MAX)
        refuse("not a number:", text);
    return (uint32_t)value;
}

static void take_line(struct manifest* manifest, size_t* variables, char** fields, size_t count,
                      const char* root)
{
    if (strcmp(fields[0], "env") == 0 && count == 2) {
        manifest->environment = grown(manifest->environment, *variables + 2, sizeof(char*));
        manifest->environment[(*variables)++] = fields[1];
        manifest->environment[*variables] = NULL;
    } else if (strcmp(fields[0], "umask") == 0 && count == 2) {
        manifest->umask = (mode_t)number(fields[1], 8);
    } else if (strcmp(fields[0], "job") == 0 && count >= 5) {
        manifest->jobs = grown(manifest->jobs, manifest->job_count + 1, sizeof *manifest->jobs);
        manifest->jobs[manifest->job_count++] = (struct job){
            .number = number(fields[1], 10),
            .directory = below_root(root, fields[2]),
            .time_limit = number(fields[3], 10),
            .arguments = fields + 4,
        };
    } else if (strcmp(fields[0], "get") == 0 && count == 3) {
        manifest->gets = grown(manifest->gets, manifest->get_count + 1, sizeof *manifest->gets);
        manifest->gets[manifest->get_count++] =
            (struct wanted_file){.number = number(fields[1], 10), .path = below_root(root, fields[2])};
    } else {
        refuse("unknown line", fields[0]);
    }
}

void manifest_read(struct manifest* manifest, const char* path, const char* root)
{
    size_t variables = 0;

    memset(manifest, 0, sizeof *manifest);
    manifest->environment = grown(NULL, 1, sizeof(char*));
    manifest->environment[0] = NULL;
    manifest->umask = 022;

    char* line = read_whole(path);
    for (int line_number = 1; *line != '\0'; line_number++) {
        char* end = strchr(line, '\n');
        if (end == NULL)
            refuse("the last line is cut off:", line);
        *end = '\0';
        if (line_number == 1) {
            if (strcmp(line, first_line) != 0)
                refuse("unknown version", line);
        } else {
            size_t count = 0;
            char** fields = split_fields(line, &count);
            take_line(manifest, &variables, fields, count, root);
        }
        line = end + 1;
    }
}
