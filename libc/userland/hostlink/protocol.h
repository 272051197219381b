/* The host link: what a run sends from the guest to the host over the second serial port.
 *
 * The guest's program is hostlink (this folder), the host's is tools/runner/link.py.  A serial line carries bytes in
 * order and may lose some; so everything travels in frames that tell when one is damaged or missing:
 *
 *     offset  size  what                                             all numbers are little-endian
 *          0     2  magic, 'P' 'L'
 *          2     1  type, one of the letters below
 *          3     1  zero
 *          4     4  sequence number: 0 for the hello, then one more each frame
 *          8     4  length of the payload, at most LINK_MAX_PAYLOAD
 *         12     n  payload
 *     12 + n     4  CRC-32 (IEEE 802.3, as zlib's) of everything from the type to the end of the payload
 *
 * The host skips what comes before the first good hello: firmware may have used the port.  After it, any byte out of
 * place ends the run as "the link is damaged".  Nothing is sent again: under an emulator a lost byte is a fault of the
 * guest's driver, which the tests want to see.
 *
 * Order of a run: hello, then for each job of the manifest start, output frames and status, then for each file to get
 * its frames, then the end, which the host acknowledges with one frame of its own (type 'A', payload the sequence
 * number of the end).  Then the guest turns the machine off.
 *
 * Payloads begin with a 32-bit number, the job's or that of the file to get as the manifest gives it:
 *
 *     'H'  hello     protocol version, number of jobs
 *     'J'  start     job
 *     'O'  output    job, bytes of its standard output
 *     'E'  error     job, bytes of its standard error
 *     'S'  status    job, how it ended (LINK_EXITED ...), value
 *     'F'  file      get, mode as st_mode, length of the path below the file to get, path, link target if any
 *     'D'  data      get, the next bytes of that file
 *     'X'  missing   get, errno, path: the file could not be read
 *     'Z'  end       errno of the last sync, or 0
 */
#ifndef HOSTLINK_PROTOCOL_H
#define HOSTLINK_PROTOCOL_H

#define LINK_VERSION 1u
#define LINK_HEADER_SIZE 12u
#define LINK_CHECKSUM_SIZE 4u
#define LINK_MAX_PAYLOAD 4096u

/* How a job ended, and what its value is. */
enum link_ending {
    LINK_EXITED = 0,      /* exit status */
    LINK_SIGNALLED = 1,   /* signal number */
    LINK_TIME_LIMIT = 2,  /* 0: it was killed at its time limit */
    LINK_NOT_STARTED = 3, /* errno */
};

#endif
