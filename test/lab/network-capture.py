"""Writes down each packet that passes a device of this network namespace. Argument: the device, and the most seconds it may live.

Prints a line each: epoch ms, 1 if this host sent it else 0, the packet from its IP header on in hex; "ready" when it begins, and "lost N"
when its stdin ends, with the number of packets that came too fast. Then it ends.
"""
import select
import signal
import socket
import struct
import sys
import time

ETH_P_ALL = 0x0003
SOL_PACKET, PACKET_STATISTICS = 263, 6
PACKET_OUTGOING = 4
ROOM = 32 << 20


def main(device, limit):
    signal.alarm(int(limit))
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ROOM)
    tap.bind((device, ETH_P_ALL))
    poll = select.poll()
    poll.register(tap, select.POLLIN)
    poll.register(0, select.POLLIN)
    print("ready", flush=True)
    while True:
        for fd, _ in poll.poll():
            if fd == 0:
                # packets, drops: counted by the kernel
                _, lost = struct.unpack("II", tap.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
                print("lost", lost, flush=True)
                return
            packet, (_, _, kind, _, _) = tap.recvfrom(65536)
            print(int(time.time() * 1000), int(kind == PACKET_OUTGOING), packet.hex(), flush=True)


main(*sys.argv[1:])
