/*
 * The limit of bench:relay: a relay of messages with their length (u16, big-endian) in front, in C, on epoll, with nothing that is
 * not needed. The first message of a client is its pair's number; when both have come each is told so. Says its port.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, PAIRS = 32768, EVENTS = 1024, IN = 4096 };
struct end { int other, used; unsigned char in[IN]; };
static struct end *ends[MOST];
static int waiting[PAIRS];

static void put(int fd, const void *bytes, size_t length) {
    if (send(fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length) perror("relay"), exit(1);
}

static void pair(int fd, const unsigned char *text, int length) {
    char number[16] = {0};
    memcpy(number, text, length < 15 ? length : 15);
    int n = atoi(number) & (PAIRS - 1);
    if (!waiting[n]) {
        waiting[n] = fd;
        return;
    }
    ends[fd]->other = waiting[n], ends[waiting[n]]->other = fd;
    put(fd, "\0\7matched", 9);
    put(waiting[n], "\0\7matched", 9);
}

int main(void) {
    int ep = epoll_create1(0), tcp = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = tcp}, events[EVENTS];
    prctl(PR_SET_PDEATHSIG, 9);
    if (bind(tcp, (void *)&at, size) || listen(tcp, 1024) || getsockname(tcp, (void *)&at, &size)) return perror("relay"), 1;
    epoll_ctl(ep, EPOLL_CTL_ADD, tcp, &event);
    printf("{\"port\":%d}\n", ntohs(at.sin_port));
    fflush(stdout);
    for (;;) {
        int n = epoll_wait(ep, events, EVENTS, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == tcp) {
                event.data.fd = accept4(tcp, NULL, NULL, SOCK_NONBLOCK);
                if (event.data.fd < 0 || event.data.fd >= MOST) return perror("relay"), 1;
                setsockopt(event.data.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                ends[event.data.fd] = calloc(1, sizeof(struct end));
                epoll_ctl(ep, EPOLL_CTL_ADD, event.data.fd, &event);
                continue;
            }
            struct end *end = ends[fd];
            ssize_t got = recv(fd, end->in + end->used, IN - end->used, 0);
            if (got < 0 && errno == EAGAIN) continue;
            if (got <= 0) {
                close(fd);
                continue;
            }
            int have = end->used + got, from = 0;
            while (have - from >= 2) {
                int length = 2 + (end->in[from] << 8 | end->in[from + 1]);
                if (have - from < length) break;
                if (end->other) put(end->other, end->in + from, length);
                else pair(fd, end->in + from + 2, length - 2);
                from += length;
            }
            memmove(end->in, end->in + from, have - from);
            end->used = have - from;
        }
    }
}
