"""A cable that delays and loses packets, between two TAP devices in two network namespaces. This kernel may lack netem.

Arguments: two of NAMESPACE/DEVICE, then delay ms, jitter ms (+-, uniform, so packets may overtake each other), loss 0..1, seed,
and the most seconds it may live. Prints "ready" when frames pass. Ends when its stdin ends.
"""
import ctypes
import fcntl
import heapq
import itertools
import math
import os
import random
import select
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
ARP, IPV6 = b"\x08\x06", b"\x86\xdd"
# So many frames of one end are taken a turn: a flood from one end must not hold up the other.
BATCH = 64
# A router's buffer is not endless either: frames above this many under way are lost.
UNDER_WAY = 20_000


def attach(end):
    """Opens the device in its namespace. The namespace counts at the open, not at the ioctl."""
    namespace, device = end.split("/")
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as file:
        if libc.setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    return tap


def asks_for_neighbour(frame):
    """ARP, or what IPv6 has for it. To lose that would cost a second, which no real line does."""
    return frame[12:14] == ARP or (frame[12:14] == IPV6 and frame[20] == 58 and frame[54] in (135, 136))


def main(one, other, delay, jitter, loss, seed, limit):
    signal.alarm(int(limit))
    delay, jitter, loss = float(delay) / 1000, float(jitter) / 1000, float(loss)
    taps = [attach(one), attach(other)]
    # A source of chance for each way: what is lost one way does not depend on the traffic of the other.
    ways = {tap: (taps[1 - i], random.Random(f"{seed}/{i}").random) for i, tap in enumerate(taps)}
    poll = select.epoll()
    for fd in [0, *taps]:
        poll.register(fd, select.EPOLLIN)
    order = itertools.count()
    under_way = []

    def send(tap, frame):
        try:
            os.write(tap, frame)
        except OSError:
            pass  # the device is down or full: lost

    def take(tap):
        to, chance = ways[tap]
        for _ in range(BATCH):
            try:
                frame = os.read(tap, 65536)
            except OSError:
                return
            if asks_for_neighbour(frame):
                send(to, frame)
                continue
            # Both are drawn for each frame: the same frame number has the same fate whatever the other settings.
            lost, late = chance() < loss, delay + jitter * (2 * chance() - 1)
            if not lost and len(under_way) < UNDER_WAY:
                heapq.heappush(under_way, (time.monotonic() + max(0, late), next(order), to, frame))

    print("ready", flush=True)
    while True:
        wait = max(0, under_way[0][0] - time.monotonic()) if under_way else None
        # Rounded up to whole ms: nothing comes early, and one waking serves many frames.
        for fd, _ in poll.poll(None if wait is None else math.ceil(wait * 1000) / 1000):
            if fd in ways:
                take(fd)
            elif not os.read(0, 4096):
                return
        now = time.monotonic()
        while under_way and under_way[0][0] <= now:
            _, _, to, frame = heapq.heappop(under_way)
            send(to, frame)


main(*sys.argv[1:])
