/* tests/bench/guest/nothing.c: the small program that unix.cpp executes. */
int main(void) { return 0; }
