// tests/system/unix/seams.cpp
//
// The layers are what they say: program text reaches memory page by page, from the file system's own pager.
#include "guest_test.h"
#include "processes.h"
#include "system_counts.h"

#include <sys/stat.h>

// The program came with the boot archive and nobody has read it: none of its pages is resident before.
GUEST_TEST(seams, a_large_program_is_paged_in_by_what_it_touches)
{
    CHECK_EQ(guest::describe_status(guest::status_of_program("/bin/true")), "exit 0");
    struct stat status{};
    REQUIRE_OK(stat("/test/large-text", &status));
    CHECK(status.st_size > 1 << 20);
    const uint64_t before = guest::settled_counts().pages_file_cache;
    CHECK_EQ(guest::describe_status(guest::status_of_program("/test/large-text")), "exit 0");
    const uint64_t supplied = guest::settled_counts().pages_file_cache - before;
    CHECK(supplied >= 16);
    constexpr uint64_t most = 64;
    if (supplied > most)
        guest::fail(__FILE__, __LINE__, "pages supplied", guest::text_of_unsigned(supplied).characters,
                    "at most 64");
}
