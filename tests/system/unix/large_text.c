/* tests/system/unix/large_text.c: a megabyte of text, of which a run touches 16 pages (and what starts it). */
__asm__(".text\n"
        ".balign 4096\n"
        "field:\n"
        ".rept 256\n"
        "    ret\n"
        "    .balign 4096, 0xcc\n"
        ".endr\n");

extern char field[];

int main(void)
{
    for (int i = 0; i < 16; i++)
        ((void (*)(void))(field + i * 16 * 4096))();
    return 0;
}
