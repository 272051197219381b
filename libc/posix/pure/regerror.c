/* The texts of errors in regular expressions, in glibc's wording. */
#include <regex.h>
#include <stdio.h>

size_t regerror(int error, const regex_t* restrict regex, char* restrict text, size_t size)
{
    static const char* const messages[] = {
        [REG_OK] = "Success",
        [REG_NOMATCH] = "No match",
        [REG_BADPAT] = "Invalid regular expression",
        [REG_ECOLLATE] = "Invalid collation character",
        [REG_ECTYPE] = "Invalid character class name",
        [REG_EESCAPE] = "Trailing backslash",
        [REG_ESUBREG] = "Invalid back reference",
        [REG_EBRACK] = "Unmatched [, [^, [:, [., or [=",
        [REG_EPAREN] = "Unmatched ( or \\(",
        [REG_EBRACE] = "Unmatched \\{",
        [REG_BADBR] = "Invalid content of \\{\\}",
        [REG_ERANGE] = "Invalid range end",
        [REG_ESPACE] = "Memory exhausted",
        [REG_BADRPT] = "Invalid preceding regular expression",
    };
    const char* message = "Unknown error";

    (void)regex;
    if (error >= 0 && (size_t)error < sizeof messages / sizeof messages[0])
        message = messages[error];
    return 1 + (size_t)snprintf(text, size, "%s", message);
}
