/* Sends frames (protocol.h) over one descriptor, and waits for the host's acknowledgement. */
#ifndef HOSTLINK_LINK_H
#define HOSTLINK_LINK_H

#include <stddef.h>
#include <stdint.h>

struct link {
    int descriptor;
    uint32_t next_sequence;
};

/* Opens the device as a raw line.  Returns 0, or -1 with errno set. */
int link_open(struct link* link, const char* device);

/* Sends one frame whose payload is `count` numbers and then `size` bytes, together at most LINK_MAX_PAYLOAD.  The
 * process ends when the line fails: there is nobody left to tell. */
void link_send(struct link* link, char type, const uint32_t* numbers, size_t count, const void* bytes,
               size_t size);

/* Bytes that fit into one frame after `count` numbers. */
size_t link_room(size_t count);

/* Waits until the host acknowledges the frame sent last, for a few seconds at most.  Returns 0, or -1. */
int link_wait_for_acknowledgement(struct link* link);

#endif
