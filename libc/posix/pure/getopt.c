/* getopt() and getopt_long() as programs and scripts know them from GNU: operands among the options are moved behind
 * them, `x::` takes an optional argument, long options may be abbreviated, optind = 0 starts anew, and the diagnostics
 * have GNU's wording.  newlib's own take a lone "-" for an option and word their messages differently. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char* optarg;
int optind = 1, opterr = 1, optopt = '?';
int optreset;

enum Order { REQUIRE_ORDER, PERMUTE, RETURN_IN_ORDER };

/* Between calls: what is left of a cluster like -abc, and the operands already passed over, which are
 * arguments[first_operand] up to (not with) arguments[last_operand]. */
static const char* cluster = "";
static int first_operand, last_operand;
static enum Order order;

struct Request {
    int count;
    char** arguments;
    const char* letters; /* without the characters that choose the mode */
    const struct option* names;
    int* index;
    int only_long; /* getopt_long_only(): -name is tried as --name */
    int quiet;
};

static void start(const struct Request* r, const char* letters)
{
    (void)r;
    first_operand = last_operand = optind = 1;
    cluster = "";
    if (letters[0] == '-')
        order = RETURN_IN_ORDER;
    else
        order = letters[0] == '+' || getenv("POSIXLY_CORRECT") ? REQUIRE_ORDER : PERMUTE;
}

/* Moves the operands passed over behind the options that followed them. */
static void exchange(char** arguments)
{
    int operands = last_operand - first_operand, options = optind - last_operand;

    for (int i = 0; i < options; i++) {
        char* option = arguments[last_operand + i];
        memmove(&arguments[first_operand + i + 1], &arguments[first_operand + i],
                (size_t)operands * sizeof *arguments);
        arguments[first_operand + i] = option;
    }
    first_operand += options;
    last_operand = optind;
}

static int is_operand(const char* argument) { return argument[0] != '-' || argument[1] == '\0'; }

/* Finds the argument that the next option is in; -1 when there is none, 1 for an operand that is returned in order,
 * 0 when optind is at an option. */
static int find_option(const struct Request* r)
{
    if (last_operand > optind)
        last_operand = optind;
    if (first_operand > optind)
        first_operand = optind;
    if (order == PERMUTE) {
        if (first_operand != last_operand && last_operand != optind)
            exchange(r->arguments);
        else if (last_operand != optind)
            first_operand = optind;
        while (optind < r->count && is_operand(r->arguments[optind]))
            optind++;
        last_operand = optind;
    }
    if (optind != r->count && strcmp(r->arguments[optind], "--") == 0) {
        optind++;
        if (first_operand != last_operand && last_operand != optind)
            exchange(r->arguments);
        else if (first_operand == last_operand)
            first_operand = optind;
        last_operand = r->count;
        optind = r->count;
    }
    if (optind == r->count) {
        if (first_operand != last_operand)
            optind = first_operand;
        return -1;
    }
    if (!is_operand(r->arguments[optind]))
        return 0;
    if (order == REQUIRE_ORDER)
        return -1;
    optarg = r->arguments[optind++];
    return 1;
}

/* The long option that `text` names in full or by an unambiguous beginning: its index, -1 for none, -2 for several. */
static int find_name(const struct option* names, const char* text, size_t length)
{
    int found = -1;

    for (int i = 0; names[i].name; i++) {
        if (strncmp(names[i].name, text, length) != 0)
            continue;
        if (strlen(names[i].name) == length)
            return i;
        if (found == -1)
            found = i;
        else if (found >= 0 && (names[found].has_arg != names[i].has_arg ||
                                names[found].flag != names[i].flag || names[found].val != names[i].val))
            found = -2;
    }
    return found;
}

static void list_candidates(const struct Request* r, const char* prefix, const char* text, size_t length)
{
    fprintf(stderr, "%s: option '%s%s' is ambiguous; possibilities:", r->arguments[0], prefix, text);
    for (int i = 0; r->names[i].name; i++)
        if (strncmp(r->names[i].name, text, length) == 0)
            fprintf(stderr, " '%s%s'", prefix, r->names[i].name);
    fputc('\n', stderr);
}

/* The long option at optind, whose text begins after `prefix`.  -1 if it is none and may be a cluster of letters. */
static int long_option(const struct Request* r, const char* prefix)
{
    const char* text = r->arguments[optind] + strlen(prefix);
    size_t length = strcspn(text, "=");
    int i = find_name(r->names, text, length);

    if (i == -1 && r->only_long && prefix[1] == '\0' && strchr(r->letters, text[0]))
        return -1;
    cluster = "";
    optind++;
    if (i < 0) {
        if (!r->quiet && i == -2)
            list_candidates(r, prefix, text, length);
        else if (!r->quiet)
            fprintf(stderr, "%s: unrecognized option '%s%s'\n", r->arguments[0], prefix, text);
        optopt = 0;
        return '?';
    }
    const struct option* option = &r->names[i];
    if (text[length] == '=') {
        if (option->has_arg == no_argument) {
            if (!r->quiet)
                fprintf(stderr, "%s: option '%s%s' doesn't allow an argument\n", r->arguments[0], prefix,
                        option->name);
            optopt = option->val;
            return '?';
        }
        optarg = (char*)text + length + 1;
    } else if (option->has_arg == required_argument) {
        if (optind >= r->count) {
            if (!r->quiet)
                fprintf(stderr, "%s: option '%s%s' requires an argument\n", r->arguments[0], prefix,
                        option->name);
            optopt = option->val;
            return r->letters[0] == ':' ? ':' : '?';
        }
        optarg = r->arguments[optind++];
    }
    if (r->index)
        *r->index = i;
    if (!option->flag)
        return option->val;
    *option->flag = option->val;
    return 0;
}

/* The next letter of the cluster. */
static int short_option(const struct Request* r)
{
    char letter = *cluster++;
    const char* at = letter == ':' || letter == ';' ? NULL : strchr(r->letters, letter);

    if (!*cluster)
        optind++;
    if (!at) {
        if (!r->quiet)
            fprintf(stderr, "%s: invalid option -- '%c'\n", r->arguments[0], letter);
        optopt = (unsigned char)letter;
        return '?';
    }
    if (at[1] != ':')
        return (unsigned char)letter;
    if (*cluster) {
        optarg = (char*)cluster;
        optind++;
    } else if (at[2] != ':') {
        if (optind >= r->count) {
            if (!r->quiet)
                fprintf(stderr, "%s: option requires an argument -- '%c'\n", r->arguments[0], letter);
            optopt = (unsigned char)letter;
            cluster = "";
            return r->letters[0] == ':' ? ':' : '?';
        }
        optarg = r->arguments[optind++];
    }
    cluster = "";
    return (unsigned char)letter;
}

static int next_option(int count, char* const* arguments, const char* letters, const struct option* names,
                       int* index, int only_long)
{
    struct Request r = {count, (char**)arguments, letters, names, index, only_long, 0};

    if (count < 1)
        return -1;
    optarg = NULL;
    if (optind == 0 || first_operand == 0 || optreset) {
        int at = optind;
        start(&r, letters);
        if (at > 1 && !optreset)
            first_operand = last_operand = optind = at;
        optreset = 0;
    }
    if (letters[0] == '-' || letters[0] == '+')
        r.letters = ++letters;
    r.quiet = !opterr || letters[0] == ':';
    if (!*cluster) {
        int kind = find_option(&r);
        if (kind != 0)
            return kind;
        const char* text = r.arguments[optind];
        if (names && text[1] == '-')
            return long_option(&r, "--");
        if (names && only_long && (text[2] || !strchr(letters, text[1]))) {
            int code = long_option(&r, "-");
            if (code != -1)
                return code;
        }
        cluster = text + 1;
    }
    return short_option(&r);
}

int getopt(int count, char* const arguments[], const char* letters)
{
    return next_option(count, arguments, letters, NULL, NULL, 0);
}

int getopt_long(int count, char* const arguments[], const char* letters, const struct option* names,
                int* index)
{
    return next_option(count, arguments, letters, names, index, 0);
}

int getopt_long_only(int count, char* const arguments[], const char* letters, const struct option* names,
                     int* index)
{
    return next_option(count, arguments, letters, names, index, 1);
}
