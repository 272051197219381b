/* tests/system/unix/victim.c: the program that bad_input.cpp cuts and bends.  As small as a program can be. */
int main(void) { return 0; }
