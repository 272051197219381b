/* The table of mounts: <mntent.h>. */
#include <mntent.h>
#include <stdlib.h>
#include <string.h>

FILE* setmntent(const char* path, const char* mode) { return fopen(path, mode); }

int endmntent(FILE* table)
{
    if (table)
        fclose(table);
    return 1;
}

/* Undoes the octal escapes (\040 and the like) of a field, in place. */
static void unescape(char* text)
{
    char* out = text;

    while (*text) {
        if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
            *out++ = (char)((text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0'));
            text += 4;
        } else {
            *out++ = *text++;
        }
    }
    *out = '\0';
}

struct mntent* getmntent_r(FILE* table, struct mntent* entry, char* buffer, int size)
{
    while (fgets(buffer, size, table)) {
        char* rest;
        char* field[6];
        int count = 0;
        buffer[strcspn(buffer, "\n")] = '\0';
        for (char* word = strtok_r(buffer, " \t", &rest); word && count < 6;
             word = strtok_r(NULL, " \t", &rest))
            field[count++] = word;
        if (count < 4 || field[0][0] == '#')
            continue;
        for (int i = 0; i < 4; i++)
            unescape(field[i]);
        *entry = (struct mntent){field[0], field[1], field[2], field[3], 0, 0};
        entry->mnt_freq = count > 4 ? atoi(field[4]) : 0;
        entry->mnt_passno = count > 5 ? atoi(field[5]) : 0;
        return entry;
    }
    return NULL;
}

struct mntent* getmntent(FILE* table)
{
    static struct mntent entry;
    static char line[4096];

    return getmntent_r(table, &entry, line, sizeof line);
}

static void put_field(FILE* table, const char* text)
{
    for (; *text; text++)
        if (strchr(" \t\n\\", *text))
            fprintf(table, "\\%03o", (unsigned char)*text);
        else
            fputc(*text, table);
    fputc(' ', table);
}

int addmntent(FILE* table, const struct mntent* entry)
{
    if (fseek(table, 0, SEEK_END) != 0)
        return 1;
    put_field(table, entry->mnt_fsname);
    put_field(table, entry->mnt_dir);
    put_field(table, entry->mnt_type);
    put_field(table, entry->mnt_opts);
    fprintf(table, "%d %d\n", entry->mnt_freq, entry->mnt_passno);
    return fflush(table) != 0 || ferror(table);
}

char* hasmntopt(const struct mntent* entry, const char* option)
{
    size_t length = strlen(option);

    for (char* at = entry->mnt_opts; at && *at;) {
        if (strncmp(at, option, length) == 0 &&
            (at[length] == '\0' || at[length] == ',' || at[length] == '='))
            return at;
        at = strchr(at, ',');
        at = at ? at + 1 : NULL;
    }
    return NULL;
}
