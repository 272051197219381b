/* mach/ndr.h: how the sender represents data. MIG puts one record before the inline data of every message;
 * the receiver refuses what is not its own representation (MIG_TYPE_ERROR), since no message crosses machines
 * yet. */
#ifndef MACH_NDR_H
#define MACH_NDR_H

typedef struct NDR_record {
    unsigned char mig_vers;
    unsigned char if_vers;
    unsigned char reserved1;
    unsigned char mig_encoding;
    unsigned char int_rep;
    unsigned char char_rep;
    unsigned char float_rep;
    unsigned char reserved2;
} NDR_record_t;

#define NDR_PROTOCOL_2_0 0
#define NDR_INT_BIG_ENDIAN 0
#define NDR_INT_LITTLE_ENDIAN 1
#define NDR_FLOAT_IEEE 0
#define NDR_CHAR_ASCII 0

#define NDR_RECORD_NATIVE                                                                                    \
    {NDR_PROTOCOL_2_0,      NDR_PROTOCOL_2_0, NDR_PROTOCOL_2_0, NDR_PROTOCOL_2_0,                            \
     NDR_INT_LITTLE_ENDIAN, NDR_CHAR_ASCII,   NDR_FLOAT_IEEE,   0}

static const NDR_record_t NDR_record __attribute__((unused)) = NDR_RECORD_NATIVE;

#endif
