# The warnings of all our own code; each is an error.  Third-party and ANTLR-made code is not compiled with these.
set(PORTICO_WARNINGS
    -Wall -Wextra -Werror -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    -Wthread-safety -Wthread-safety-beta -Wunused -Wno-c99-designator)
set(PORTICO_C_WARNINGS -Wall -Wextra -Werror -Wshadow -Wimplicit-fallthrough -Wunused)
