/* The guest's end of the host link.  protocol.h tells what a frame looks like. */
#include "link.h"

#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { acknowledgement_patience_ms = 5000 };

static void put32(unsigned char* at, uint32_t value)
{
    for (int byte = 0; byte < 4; byte++)
        at[byte] = (unsigned char)(value >> (8 * byte));
}

static uint32_t get32(const unsigned char* at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t crc32(const unsigned char* data, size_t size)
{
    static uint32_t table[256];
    if (table[1] == 0) {
        for (uint32_t n = 0; n < 256; n++) {
            uint32_t remainder = n;
            for (int bit = 0; bit < 8; bit++)
                remainder = remainder & 1 ? 0xEDB88320u ^ remainder >> 1 : remainder >> 1;
            table[n] = remainder;
        }
    }
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ data[i]) & 0xFF] ^ crc >> 8;
    return ~crc;
}

static int make_raw(int descriptor)
{
    struct termios line;
    if (tcgetattr(descriptor, &line) != 0)
        return errno == ENOTTY ? 0 : -1; /* A pipe or a socket, in tests. */
    line.c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
    line.c_oflag &= ~(tcflag_t)OPOST;
    line.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    line.c_cflag = (line.c_cflag & ~(tcflag_t)(CSIZE | PARENB)) | CS8;
    line.c_cc[VMIN] = 1;
    line.c_cc[VTIME] = 0;
    return tcsetattr(descriptor, TCSANOW, &line);
}

int link_open(struct link* link, const char* device)
{
    link->next_sequence = 0;
    link->descriptor = open(device, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (link->descriptor < 0)
        return -1;
    return make_raw(link->descriptor);
}

static void write_all(int descriptor, const unsigned char* data, size_t size)
{
    while (size > 0) {
        const ssize_t written = write(descriptor, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            perror("hostlink: the line to the host");
            exit(1);
        }
        data += written;
        size -= (size_t)written;
    }
}

size_t link_room(size_t count) { return LINK_MAX_PAYLOAD - 4 * count; }

void link_send(struct link* link, char type, const uint32_t* numbers, size_t count, const void* bytes,
               size_t size)
{
    static unsigned char frame[LINK_HEADER_SIZE + LINK_MAX_PAYLOAD + LINK_CHECKSUM_SIZE];
    const size_t payload = 4 * count + size;

    if (payload > LINK_MAX_PAYLOAD)
        abort();
    frame[0] = 'P';
    frame[1] = 'L';
    frame[2] = (unsigned char)type;
    frame[3] = 0;
    put32(frame + 4, link->next_sequence++);
    put32(frame + 8, (uint32_t)payload);
    for (size_t i = 0; i < count; i++)
        put32(frame + LINK_HEADER_SIZE + 4 * i, numbers[i]);
    if (size > 0)
        memcpy(frame + LINK_HEADER_SIZE + 4 * count, bytes, size);
    put32(frame + LINK_HEADER_SIZE + payload, crc32(frame + 2, LINK_HEADER_SIZE - 2 + payload));
    write_all(link->descriptor, frame, LINK_HEADER_SIZE + payload + LINK_CHECKSUM_SIZE);
}

/* The acknowledgement is a frame too; only its type, number and checksum matter. */
static int is_acknowledgement(const unsigned char* frame, uint32_t sequence)
{
    return frame[0] == 'P' && frame[1] == 'L' && frame[2] == 'A' && get32(frame + 8) == 4 &&
           get32(frame + LINK_HEADER_SIZE) == sequence &&
           get32(frame + LINK_HEADER_SIZE + 4) == crc32(frame + 2, 14);
}

int link_wait_for_acknowledgement(struct link* link)
{
    unsigned char frame[LINK_HEADER_SIZE + 4 + LINK_CHECKSUM_SIZE];
    size_t have = 0;

    while (have < sizeof frame) {
        struct pollfd line = {.fd = link->descriptor, .events = POLLIN, .revents = 0};
        const int ready = poll(&line, 1, acknowledgement_patience_ms);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return -1;
        const ssize_t count = read(link->descriptor, frame + have, sizeof frame - have);
        if (count <= 0)
            return -1;
        have += (size_t)count;
    }
    return is_acknowledgement(frame, link->next_sequence - 1) ? 0 : -1;
}
