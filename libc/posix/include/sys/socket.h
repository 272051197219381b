/* Sockets.  Layouts and numbers are those of Linux. */
#ifndef _SYS_SOCKET_H
#define _SYS_SOCKET_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef __sa_family_t sa_family_t;
typedef __socklen_t socklen_t;

struct sockaddr {
    sa_family_t sa_family;
    char sa_data[14];
};

struct sockaddr_storage {
    sa_family_t ss_family;
    char __data[118];
    unsigned long __align;
};

struct msghdr {
    void* msg_name;
    socklen_t msg_namelen;
    struct iovec* msg_iov;
    size_t msg_iovlen;
    void* msg_control;
    size_t msg_controllen;
    int msg_flags;
};

struct cmsghdr {
    size_t cmsg_len;
    int cmsg_level;
    int cmsg_type;
};

struct linger {
    int l_onoff;
    int l_linger;
};

#define __CMSG_ALIGN(length) (((length) + sizeof(size_t) - 1) & ~(sizeof(size_t) - 1))
#define CMSG_DATA(c) ((unsigned char*)((struct cmsghdr*)(c) + 1))
#define CMSG_LEN(length) (sizeof(struct cmsghdr) + (length))
#define CMSG_SPACE(length) (sizeof(struct cmsghdr) + __CMSG_ALIGN(length))
#define CMSG_FIRSTHDR(m)                                                                                     \
    ((m)->msg_controllen >= sizeof(struct cmsghdr) ? (struct cmsghdr*)(m)->msg_control : (struct cmsghdr*)0)
#define CMSG_NXTHDR(m, c)                                                                                    \
    ((char*)(c) + __CMSG_ALIGN((c)->cmsg_len) + sizeof(struct cmsghdr) >                                     \
             (char*)(m)->msg_control + (m)->msg_controllen                                                   \
         ? (struct cmsghdr*)0                                                                                \
         : (struct cmsghdr*)((char*)(c) + __CMSG_ALIGN((c)->cmsg_len)))

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_RDM 4
#define SOCK_SEQPACKET 5
#define SOCK_NONBLOCK 04000
#define SOCK_CLOEXEC 02000000

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_LOCAL AF_UNIX
#define AF_INET 2
#define AF_INET6 10
#define PF_UNSPEC AF_UNSPEC
#define PF_UNIX AF_UNIX
#define PF_LOCAL AF_LOCAL
#define PF_INET AF_INET
#define PF_INET6 AF_INET6

#define SOL_SOCKET 1
#define SO_DEBUG 1
#define SO_REUSEADDR 2
#define SO_TYPE 3
#define SO_ERROR 4
#define SO_DONTROUTE 5
#define SO_BROADCAST 6
#define SO_SNDBUF 7
#define SO_RCVBUF 8
#define SO_KEEPALIVE 9
#define SO_OOBINLINE 10
#define SO_LINGER 13
#define SO_REUSEPORT 15
#define SO_RCVLOWAT 18
#define SO_SNDLOWAT 19
#define SO_RCVTIMEO 20
#define SO_SNDTIMEO 21
#define SO_ACCEPTCONN 30
#define SCM_RIGHTS 1
#define SOMAXCONN 4096

#define MSG_OOB 0x01
#define MSG_PEEK 0x02
#define MSG_DONTROUTE 0x04
#define MSG_CTRUNC 0x08
#define MSG_TRUNC 0x20
#define MSG_DONTWAIT 0x40
#define MSG_EOR 0x80
#define MSG_WAITALL 0x100
#define MSG_NOSIGNAL 0x4000
#define MSG_CMSG_CLOEXEC 0x40000000

#define SHUT_RD 0
#define SHUT_WR 1
#define SHUT_RDWR 2

__BEGIN_DECLS
int accept(int __fd, struct sockaddr* __restrict __address, socklen_t* __restrict __length);
#if __GNU_VISIBLE
int accept4(int __fd, struct sockaddr* __restrict __address, socklen_t* __restrict __length, int __flags);
#endif
int bind(int __fd, const struct sockaddr* __address, socklen_t __length);
int connect(int __fd, const struct sockaddr* __address, socklen_t __length);
int getpeername(int __fd, struct sockaddr* __restrict __address, socklen_t* __restrict __length);
int getsockname(int __fd, struct sockaddr* __restrict __address, socklen_t* __restrict __length);
int getsockopt(int __fd, int __level, int __option, void* __restrict __value, socklen_t* __restrict __length);
int listen(int __fd, int __backlog);
ssize_t recv(int __fd, void* __buffer, size_t __length, int __flags);
ssize_t recvfrom(int __fd, void* __restrict __buffer, size_t __length, int __flags,
                 struct sockaddr* __restrict __address, socklen_t* __restrict __address_length);
ssize_t recvmsg(int __fd, struct msghdr* __message, int __flags);
ssize_t send(int __fd, const void* __buffer, size_t __length, int __flags);
ssize_t sendmsg(int __fd, const struct msghdr* __message, int __flags);
ssize_t sendto(int __fd, const void* __buffer, size_t __length, int __flags, const struct sockaddr* __address,
               socklen_t __address_length);
int setsockopt(int __fd, int __level, int __option, const void* __value, socklen_t __length);
int shutdown(int __fd, int __how);
int sockatmark(int __fd);
int socket(int __domain, int __type, int __protocol);
int socketpair(int __domain, int __type, int __protocol, int __fds[2]);
__END_DECLS

#endif
