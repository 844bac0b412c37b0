/*
 * The load of bench:relay: many clients in one thread, as lean as they can be. Arguments: port, ws or raw, 1 where a relay leg
 * acknowledges (protocol/relay-leg.ts) or 0, clients an address. Clients 2k and 2k+1 talk with each other.
 *
 * Lines on stdin:                          lines on stdout:
 *   open N [PORT [TARGET]]                   opened N       connected; with ws, upgraded
 *               connect client N, to a port
 *               and with a target of its own;
 *               what it had open is cut
 *   say N TEXT  send it as text              text N TEXT    text came
 *   closed F    pass balls until F frames    closed F NS
 *               came: who gets one answers
 *   paced MS [EVERY]                         paced SENT CAME P50 P99 MAX LATE   delays of all frames, and by what the 99th of a
 *               each client sends a frame    hundred frames was sent too late, ns
 *               every 20 ms, or EVERY
 *   totals                                   totals SENT CAME   frames of all clients since the program began
 * A client that is cut, or a socket that takes no more, ends the program with a reason.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 32768, IN = 4096, LEG = 9, ACK = 5, SEALED = 120, FRAME = LEG + SEALED, EVENTS = 1024, MS = 1000000, LATE = 500 * MS };
static const unsigned char mask[4] = {0x37, 0xfa, 0x21, 0x3d};

struct client {
    int fd, upgraded, ready, used;
    uint32_t seq, highest, unanswered;
    uint64_t answered, due;
    unsigned char *in;
};

static struct client clients[MOST];
static int count, port, raw, acks, per_address, ep;
static enum { IDLE, CLOSED, PACED } doing;
static uint64_t goal, came, sent, began, until, every, came_before, sent_before;
static uint32_t *delays, *lates;
static size_t delays_n, lates_n, room;

static uint64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec;
}

static void fail(const char *what, int n) {
    fprintf(stderr, "load: client %d: %s (%s)\n", n, what, strerror(errno));
    exit(1);
}

static void put32(unsigned char *to, uint32_t v) {
    to[0] = v >> 24, to[1] = v >> 16, to[2] = v >> 8, to[3] = v;
}

static uint32_t get32(const unsigned char *from) {
    return (uint32_t)from[0] << 24 | from[1] << 16 | from[2] << 8 | from[3];
}

/* One message: a websocket frame, masked, or with its length in front. */
static void message(int n, int opcode, const void *data, size_t length) {
    unsigned char out[8 + IN], *p = out;
    const unsigned char *from = data;
    if (raw) {
        *p++ = length >> 8;
        *p++ = length;
        memcpy(p, from, length);
    } else {
        *p++ = 0x80 | opcode;
        if (length < 126) *p++ = 0x80 | length;
        else *p++ = 0x80 | 126, *p++ = length >> 8, *p++ = length;
        memcpy(p, mask, 4);
        p += 4;
        for (size_t i = 0; i < length; i++) p[i] = from[i] ^ mask[i & 3];
    }
    size_t all = p - out + length;
    if (send(clients[n].fd, out, all, MSG_NOSIGNAL) != (ssize_t)all) fail("its socket takes no more", n);
}

static void frame(int n) {
    unsigned char bytes[FRAME] = {1};
    struct client *c = &clients[n];
    uint64_t at = now();
    put32(bytes + 1, c->seq++);
    put32(bytes + 5, c->highest);
    c->unanswered = 0;
    c->answered = at;
    memcpy(bytes + LEG, &at, sizeof at);
    memset(bytes + LEG + sizeof at, n, SEALED - sizeof at);
    message(n, 2, bytes, sizeof bytes);
    sent++;
}

static void acknowledge(struct client *c, int n, uint32_t seq, uint64_t at) {
    c->highest = seq;
    if (++c->unanswered < 5 && at - c->answered < 100 * MS) return;
    unsigned char ack[ACK] = {2};
    put32(ack + 1, c->highest);
    c->unanswered = 0;
    c->answered = at;
    message(n, 2, ack, sizeof ack);
}

static void binary(int n, const unsigned char *data, size_t length) {
    if (data[0] == 2 && length == ACK) return;
    if (data[0] != 1 || length != FRAME) errno = 0, fail("no frame of ours", n);
    uint64_t at = now(), stamp;
    memcpy(&stamp, data + LEG, sizeof stamp);
    if (acks) acknowledge(&clients[n], n, get32(data + 1), at);
    came++;
    if (doing == PACED && delays_n < room) delays[delays_n++] = at - stamp;
    if (doing == CLOSED && came < goal) frame(n);
    if (doing == CLOSED && came == goal) {
        printf("closed %llu %llu\n", (unsigned long long)came, (unsigned long long)(at - began));
        doing = IDLE;
    }
}

static void take(int n, int opcode, const unsigned char *data, size_t length) {
    if (opcode == 9) message(n, 10, data, length);
    else if (opcode == 8) errno = 0, fail(length > 2 ? strndup((char *)data + 2, length - 2) : "closed", n);
    else if (opcode == 2) binary(n, data, length);
    else if (opcode == 1) printf("text %d %.*s\n", n, (int)length, (char *)data);
}

/* The bytes that the first message of a buffer takes; 0: it is not all there. */
static size_t first(int n, const unsigned char *in, size_t have) {
    struct client *c = &clients[n];
    if (!raw && !c->upgraded) {
        const unsigned char *end = memmem(in, have, "\r\n\r\n", 4);
        if (!end) return 0;
        if (memcmp(in, "HTTP/1.1 101", 12)) errno = 0, fail("not upgraded", n);
        c->upgraded = 1;
        printf("opened %d\n", n);
        return end + 4 - in;
    }
    if (have < 2) return 0;
    size_t head = 2, length = raw ? in[0] << 8 | in[1] : in[1] & 127;
    if (!raw && length == 126) {
        if (have < 4) return 0;
        head = 4, length = in[2] << 8 | in[3];
    }
    if (have < head + length) return 0;
    take(n, raw ? (c->ready ? 2 : 1) : in[0] & 15, in + head, length);
    if (raw) c->ready = 1; /* The first message is the word that its pair is there. */
    return head + length;
}

static void readable(int n) {
    struct client *c = &clients[n];
    ssize_t got = recv(c->fd, c->in + c->used, IN - c->used, 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) fail("cut", n);
    size_t have = c->used + got, at = 0;
    for (size_t took; at < have && (took = first(n, c->in + at, have - at)); ) at += took;
    memmove(c->in, c->in + at, have - at);
    c->used = have - at;
    if (c->used == IN) fail("a message too long", n);
}

/* `to`: the usual port if 0. */
static void opened(int n, int to, const char *target) {
    if (n < 0 || n >= MOST) fail("no such client", n);
    struct client *c = &clients[n];
    int one = 1, group = n / per_address;
    if (!to) to = port;
    struct sockaddr_in here = {.sin_family = AF_INET}, there = {.sin_family = AF_INET, .sin_port = htons(to)};
    here.sin_addr.s_addr = htonl(0x7f020001u + group);
    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (c->in) close(c->fd), free(c->in), *c = (struct client){0};
    c->highest = -1;
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    c->in = malloc(IN);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(c->fd, (void *)&here, sizeof here) || connect(c->fd, (void *)&there, sizeof there)) fail("can't connect", n);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = n};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &event);
    if (n >= count) count = n + 1;
    if (raw) {
        printf("opened %d\n", n);
        return;
    }
    char head[300];
    int length = snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", target, to);
    if (send(c->fd, head, length, MSG_NOSIGNAL) != length) fail("its socket takes no more", n);
}

/* A round counts its own frames. */
static void begin(void) {
    came_before += came, sent_before += sent;
    came = sent = 0;
    began = now();
}

static void command(char *line) {
    int n, to = 0, at = 0;
    unsigned long long value, ms = 20;
    char target[100] = "/";
    if (sscanf(line, "open %d %d %99s", &n, &to, target) >= 1) opened(n, to, target);
    else if (sscanf(line, "say %d %n", &n, &at) == 1 && at) message(n, 1, line + at, strlen(line + at));
    else if (sscanf(line, "closed %llu", &value) == 1) {
        doing = CLOSED;
        goal = value;
        begin();
        for (int i = 0; i < count; i += 2) frame(i);
    } else if (sscanf(line, "paced %llu %llu", &value, &ms) >= 1) {
        doing = PACED;
        delays_n = lates_n = 0;
        every = ms * MS;
        begin();
        until = began + value * MS;
        room = (size_t)count * (value / ms + 2);
        delays = realloc(delays, room * sizeof *delays);
        lates = realloc(lates, room * sizeof *lates);
        /* Each at a moment of its own, spread by the golden ratio. */
        for (int i = 0; i < count; i++) clients[i].due = began + (uint64_t)i * 12360680u % every;
    } else if (!strcmp(line, "totals")) {
        printf("totals %llu %llu\n", (unsigned long long)(sent_before + sent), (unsigned long long)(came_before + came));
    } else fail(line, -1);
}

static int rising(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Sends what is due; gives the moment when the next frame is. */
static uint64_t pace(void) {
    uint64_t at = now(), next = at + every;
    for (int i = 0; i < count; i++) {
        struct client *c = &clients[i];
        if (c->due <= at && c->due < until) {
            uint64_t moment = now();
            if (lates_n < room) lates[lates_n++] = moment - c->due;
            frame(i);
            c->due += every;
            /* What was held up for long is not made up for: a peer has no use for old voice, and the server calls it a flood. */
            if (moment > c->due + LATE) c->due = moment;
        }
        if (c->due < next) next = c->due;
    }
    if (at > until && (came == sent || at > until + 1000 * MS)) {
        qsort(delays, delays_n, sizeof *delays, rising);
        qsort(lates, lates_n, sizeof *lates, rising);
        if (!delays_n) fail("no frame came", -1);
        printf("paced %llu %llu %u %u %u %u\n", (unsigned long long)sent, (unsigned long long)came, delays[delays_n / 2],
            delays[delays_n * 99 / 100], delays[delays_n - 1], lates[lates_n * 99 / 100]);
        doing = IDLE;
    }
    return next;
}

int main(int argc, char **argv) {
    if (argc != 5) return fputs("port, ws or raw, 0 or 1, clients an address\n", stderr), 2;
    port = atoi(argv[1]), raw = !strcmp(argv[2], "raw"), acks = atoi(argv[3]), per_address = atoi(argv[4]);
    static char lines[1 << 16];
    size_t used = 0;
    ep = epoll_create1(0);
    prctl(PR_SET_TIMERSLACK, 1);
    prctl(PR_SET_PDEATHSIG, 9);
    fcntl(0, F_SETFL, O_NONBLOCK);
    struct epoll_event input = {.events = EPOLLIN, .data.u32 = MOST}, events[EVENTS];
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &input);
    for (;;) {
        struct timespec wait = {0}, *limit = NULL;
        if (doing == PACED) {
            uint64_t next = pace(), at = now();
            if (next > at) wait.tv_nsec = next - at;
            limit = &wait;
        }
        fflush(stdout);
        int n = epoll_pwait2(ep, events, EVENTS, limit, NULL);
        for (int i = 0; i < n; i++) {
            if (events[i].data.u32 < MOST) {
                readable(events[i].data.u32);
                continue;
            }
            ssize_t got = read(0, lines + used, sizeof lines - 1 - used);
            if (got == 0) return 0;
            if (got > 0) used += got;
            lines[used] = 0;
            char *line = lines;
            for (char *end; (end = strchr(line, '\n')); line = end + 1) {
                *end = 0;
                command(line);
            }
            used -= line - lines;
            memmove(lines, line, used);
        }
    }
}
