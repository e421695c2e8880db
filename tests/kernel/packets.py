"""Packets without processes: echoes from sockets that were opened inside namespaces, and neighbours that are
forgotten, for tests that do both a thousand times."""

import contextlib
import itertools
import os
import socket
import struct
import time

from ipvltest import inside

RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30
NLM_F_REQUEST, NLM_F_DUMP = 1, 0x300
NLMSG_DONE = 3
NDA_DST = 1
IDS = itertools.count(os.getpid() & 0x7fff)


def checksum(data):
    """RFC 1071, of an even number of bytes."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Pinger:
    """Sends echo requests from a namespace, and hears the answers. A number is used once."""

    def __init__(self, ns, family, device=""):
        """'device': what it is bound to, such as a VRF."""
        self.is_v6 = family == 6
        kind = (socket.AF_INET6, socket.IPPROTO_ICMPV6) if self.is_v6 else (socket.AF_INET, socket.IPPROTO_ICMP)
        with inside(ns):
            self.socket = socket.socket(kind[0], socket.SOCK_RAW, kind[1])
            if device:
                self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
        self.socket.setblocking(False)
        # Each hears the answers to all that are in its namespace.
        self.id = next(IDS)
        self.number = 0

    def send(self, to):
        """A new request. Nothing is sent, as nothing may arrive, if there is no route."""
        self.number += 1
        head = struct.pack("!BBHHH", 128 if self.is_v6 else 8, 0, 0, self.id, self.number)
        if not self.is_v6:
            head = head[:2] + struct.pack("!H", checksum(head)) + head[4:]
        with contextlib.suppress(OSError):
            self.socket.sendto(head, (to, 0))

    def is_answered(self):
        """True if the last request was answered so far."""
        found = False
        while True:
            try:
                data = self.socket.recv(2048)
            except BlockingIOError:
                return found
            except OSError:
                continue  # an ICMP error about an earlier one
            if not self.is_v6:
                data = data[(data[0] & 15) * 4:]
            kind, _, _, who, number = struct.unpack("!BBHHH", data[:8])
            found |= (kind == (129 if self.is_v6 else 0) and who == self.id and number == self.number)

    def close(self):
        self.socket.close()


def answered(pingers, targets, is_patient, patience, short=0.4):
    """Of pings that are sent at once: which are answered. For those of 'is_patient' it waits up to 'patience'
    seconds, and asks again and again; for the others 'short'."""
    for p, to in zip(pingers, targets):
        p.is_answered()
        p.send(to)
    begin = time.monotonic()
    found = [False] * len(pingers)
    while True:
        for i, p in enumerate(pingers):
            found[i] = found[i] or p.is_answered()
        waited = time.monotonic() - begin
        waiting = [i for i, f in enumerate(found) if not f and is_patient[i]]
        if (not waiting and waited >= short) or all(found) or waited >= patience:
            return found
        time.sleep(0.02)
        for i in waiting:
            if waited >= short and int(waited * 50) % 25 == 0:
                pingers[i].send(targets[i])


def message(kind, flags, body):
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0) + body


def neighbours(sock):
    """(ndmsg, address) of each entry that the kernel may forget."""
    sock.send(message(RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, struct.pack("=BBHiHBB", 0, 0, 0, 0, 0, 0, 0)))
    while True:
        data = sock.recv(65536)
        while data:
            size, kind = struct.unpack("=IH", data[:6])
            if kind == NLMSG_DONE:
                return
            attrs = data[28:size]
            while kind == RTM_NEWNEIGH and len(attrs) >= 4:
                n, name = struct.unpack("=HH", attrs[:4])
                if name == NDA_DST:
                    yield data[16:28], attrs[:n]
                attrs = attrs[(n + 3) & ~3:]
            data = data[(size + 3) & ~3:]


def forget_neighbours(ns):
    """As `ip neigh flush all`; entries that are permanent, or of a device without ARP, stay."""
    with inside(ns):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.settimeout(60)
    sock.bind((0, 0))
    for entry, dst in list(neighbours(sock)):
        state = struct.unpack("=H", entry[8:10])[0]
        if not state & 0xc0:  # NUD_NOARP, NUD_PERMANENT
            sock.send(message(RTM_DELNEIGH, NLM_F_REQUEST, entry + dst))
    sock.close()
