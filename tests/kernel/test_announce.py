"""Announcements: what a peer on the LAN receives when an address of a slave appears, moves or is repaired."""

import socket
import struct
import time

from ipvltest import inside, read_file, stays, unit_capabilities, unit_settings, wait_until

ETH_P_ALL = 3
BROADCAST = b"\xff" * 6


class Capture:
    """All frames that arrive at a device, by a packet socket in its namespace."""

    def __init__(self, ns, device):
        with inside(ns):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.bind((device, ETH_P_ALL))
        self.socket.setblocking(False)
        self.frames = []
        self.first = {}  # of an address: the frames before are forgotten

    def read(self):
        try:
            while True:
                frame, source = self.socket.recvfrom(2048)
                if source[2] != socket.PACKET_OUTGOING:
                    self.frames.append(frame)
        except BlockingIOError:
            return self.frames

    def arps(self, address):
        """The ARP announcements of that address (RFC 5227 3): the MAC in each, and its operation."""
        found = []
        for f in self.read()[self.first.get(address, 0):]:
            if f[:6] != BROADCAST or f[12:14] != b"\x08\x06":
                continue
            _kind, _proto, _hlen, _plen, op = struct.unpack("!HHBBH", f[14:22])
            sender_mac, sender, target_mac, target = f[22:28], f[28:32], f[32:38], f[38:42]
            if op == 1 and sender == target == socket.inet_aton(address):
                assert f[6:12] == sender_mac and target_mac == bytes(6), f.hex()
                found.append((sender_mac.hex(":"), op))
        return found

    def advertisements(self, address):
        """Its unsolicited neighbour advertisements (RFC 4861 4.4): the MAC in each, and the bits R, S and O."""
        found = []
        for f in self.read()[self.first.get(address, 0):]:
            if f[:6] != bytes.fromhex("333300000001") or f[12:14] != b"\x86\xdd":
                continue
            ip, icmp = f[14:54], f[54:]
            if ip[6] == 58 and icmp[0] == 136 and icmp[8:24] == socket.inet_pton(socket.AF_INET6, address):
                assert ip[7] == 255 and ip[8:24] == icmp[8:24], f.hex()
                assert ip[24:] == socket.inet_pton(socket.AF_INET6, "ff02::1"), f.hex()
                assert icmp[24:26] == b"\x02\x01", f.hex()
                found.append((icmp[26:32].hex(":"), icmp[4] >> 5))
        return found

    def forget(self, address):
        self.first[address] = len(self.frames)


def config(mode="l2", slaves="{name: ipvl0, netns: ns0, addresses: [10.138.36.2/23, '2001:db8::2/64']}"):
    return f"""
        version: 1
        masters:
          - name: eth0
            mode: {mode}
            slaves:
              - {slaves}
        """


def start(t):
    t.lan("eth0", outside=("10.138.36.1/23", "2001:db8::1/64"))
    t.events_only()
    return Capture("outside", "lan0"), t.link("eth0")["address"]


def announced(capture, address, mac):
    """Three times; when is in tests/unit/reconciler/test_announce_schedule.c."""
    find = capture.advertisements if ":" in address else capture.arps
    wait_until(lambda: len(find(address)) >= 3, f"three announcements of {address}")
    seen = find(address)
    assert len(seen) == 3 and all(f[0] == mac for f in seen), seen
    capture.forget(address)
    return seen


def test_new(t):
    """A new address: three ARP announcements, and three advertisements once DAD is over."""
    capture, mac = start(t)
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    # A fourth would come within three seconds.
    stays(lambda: not capture.arps("10.138.36.2"), "there were three", 3.5)
    # The kernel's own answers to neighbours go to one of them.
    t.apply(config(slaves="{name: ipvl0, netns: ns0, addresses: [10.138.36.2/23, '2001:db8::2/64', '2001:db8::3/64']}"))
    seen = announced(capture, "2001:db8::3", mac)
    assert all(f[1] == 1 for f in seen), f"O alone: {seen}"
    assert not capture.arps("10.138.36.2"), "what was there before is not announced again"


def test_router(t):
    """The advertisement of a slave that forwards has R: without, its neighbours would drop it as a router."""
    capture, mac = start(t)
    t.apply(config(slaves="{name: ipvl0, netns: ns0, addresses: ['2001:db8::2/64'], sysctl: {ipv6.forwarding: '1'}}"))
    t.wait_ready()
    assert all(f[1] == 5 for f in announced(capture, "2001:db8::2", mac))


def test_l3(t):
    """Nothing in l3 and l3s: neighbours send to a router."""
    capture, _ = start(t)
    for mode in ("l3", "l3s"):
        t.apply(config(mode))
        t.wait_ready()
        refused = t.refused("announce", "ns0/ipvl0")
        assert f"eth0 is in mode {mode}, which has no ARP" in refused, refused
        t.apply(config(mode, "{name: ipvl0, netns: ns0, addresses: [10.138.36.3/23]}"))
        t.wait_ready()
    stays(lambda: not capture.arps("10.138.36.2") and not capture.arps("10.138.36.3"), "silence", 4)
    assert not capture.advertisements("2001:db8::2")


def set_stale(t, address, state):
    """The peer has the address at another MAC."""
    t.ip(f"neigh replace {address} lladdr 02:00:00:00:00:99 nud {state} dev lan0", "outside")


def neighbour(t, address):
    found = [n for n in t.ipj("neigh show dev lan0", "outside") if n["dst"] == address]
    return found[0].get("lladdr") if found else None


def test_repair(t):
    """A neighbour that has another MAC for an address is corrected when the address is repaired."""
    capture, mac = start(t)
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    announced(capture, "2001:db8::2", mac)
    # A gratuitous ARP does not override an entry for a second (Linux locktime); here it does at once.
    for address in ("10.138.36.2/23", "2001:db8::2/64"):
        plain = address.split("/")[0]
        for state in ("reachable", "stale"):
            set_stale(t, plain, state)
            assert neighbour(t, plain) == "02:00:00:00:00:99"
            t.ip(f"addr del {address} dev ipvl0", "ns0")
            wait_until(lambda: neighbour(t, plain) == mac, f"the peer has the MAC of {plain}, which was {state}")
            # The last one would correct the next entry.
            announced(capture, plain, mac)


def test_down_and_up(t):
    """A slave that another program took down is set up, and announced."""
    capture, mac = start(t)
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    t.ip("link set ipvl0 down", "ns0")
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)


def test_move(t):
    """A slave that moves to another namespace, and one in the daemon's own."""
    capture, mac = start(t)
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    t.apply(config(slaves="{name: ipvl0, netns: ns1, addresses: [10.138.36.2/23]}"))
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    t.apply(config(slaves="{name: ipvl0, addresses: [10.138.36.2/23]}"))
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)


def test_gone(t):
    """Once an address or a device is gone, its further announcements are not sent; the daemon goes on."""
    capture, mac = start(t)
    t.apply(config())
    wait_until(lambda: capture.arps("10.138.36.2"), "the first announcement")
    t.ctl("set-slave", "ns0/ipvl0", "addresses=10.138.36.3/23")
    # One that was on its way was sent before the first of the new address.
    wait_until(lambda: capture.arps("10.138.36.3"), "the first of the new address")
    n = len(capture.arps("10.138.36.2"))
    wait_until(lambda: len(capture.arps("10.138.36.3")) == 3, "the new address is announced")
    assert len(capture.arps("10.138.36.2")) == n
    t.ctl("set-slave", "ns0/ipvl0", "addresses=10.138.36.4/23")
    wait_until(lambda: capture.arps("10.138.36.4"), "the first announcement")
    t.ctl("del-slave", "ns0/ipvl0")
    n = len(capture.arps("10.138.36.4"))
    stays(lambda: len(capture.arps("10.138.36.4")) == n, "silence", 4)
    capture.forget("10.138.36.2")
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)


def test_master_down(t):
    """With the master down nothing is sent, and nothing fails."""
    capture, mac = start(t)
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    t.ip("link set eth0 down")
    t.apply(config(slaves="{name: ipvl0, netns: ns0, addresses: [10.138.36.3/23, '2001:db8::2/64']}"))
    t.ctl("announce", "eth0")
    stays(lambda: not capture.arps("10.138.36.3"), "silence", 2.5)
    t.ip("link set eth0 up")
    # They wait for it for ten seconds (test_announcer.c); a slow machine may need longer to come here.
    t.ctl("announce", "eth0")
    wait_until(lambda: len(capture.arps("10.138.36.3")) >= 3, "it is announced")
    wait_until(lambda: len(capture.advertisements("2001:db8::2")) >= 3, "the other one, too")
    t.wait_ready()


def test_command(t):
    """`ipvl-ctl announce` of a slave and of a master; the setting does not concern it."""
    capture, mac = start(t)
    t.ctl("set", "Host", ".", "other_config:announce=off")
    t.apply(config(slaves="{name: ipvl0, netns: ns0, addresses: [10.138.36.2/23]}"
                          "\n              - {name: ipvl1, netns: ns1, addresses: [10.138.36.3/23]}"))
    t.wait_ready()
    stays(lambda: not capture.arps("10.138.36.2") and not capture.arps("10.138.36.3"), "it is off", 4)
    t.ctl("announce", "ns1/ipvl1")
    announced(capture, "10.138.36.3", mac)
    assert not capture.arps("10.138.36.2")
    t.ctl("announce", "eth0")
    wait_until(lambda: len(capture.arps("10.138.36.2")) == 3, "one of them")
    wait_until(lambda: len(capture.arps("10.138.36.3")) == 3, "the other")


def test_unit(t):
    """What the systemd unit allows is enough."""
    assert "AF_PACKET" in unit_settings("RestrictAddressFamilies")
    t.lan("eth0")
    capture = Capture("outside", "lan0")
    t.ipvld(start=False).start(prefix=["setpriv", "--no-new-privs", f"--bounding-set={unit_capabilities()}"])
    t.apply(config())
    announced(capture, "10.138.36.2", t.link("eth0")["address"])


def test_failover(t):
    """A bond of two cables takes the other one: the addresses of its slaves are announced there."""
    t.ip("netns add outside")
    t.ip("link add eth0 type bond mode active-backup miimon 20")
    for name in ("one", "two"):
        t.ip(f"link add {name} type veth peer name {name} netns outside")
        t.ip(f"link set {name} up", "outside")
        t.ip(f"link set {name} master eth0")
    t.ip("link set eth0 up")
    active = "/sys/class/net/eth0/bonding/active_slave"
    first = wait_until(lambda: read_file(active).strip(), "the bond has chosen a cable")
    capture, other = Capture("outside", first), Capture("outside", "two" if first == "one" else "one")
    mac = t.link("eth0")["address"]
    t.events_only()
    t.apply(config())
    t.wait_ready()
    announced(capture, "10.138.36.2", mac)
    announced(capture, "2001:db8::2", mac)
    assert not other.arps("10.138.36.2")
    t.ip(f"link set {first} down")
    wait_until(lambda: read_file(active).strip() not in ("", first), "the bond takes the other one")
    announced(other, "10.138.36.2", mac)
    announced(other, "2001:db8::2", mac)


def test_rest(t):
    """Nothing wakes the daemon once all is announced, for longer than the next would take."""
    capture, _ = start(t)
    t.apply(config())
    t.wait_ready()
    wait_until(lambda: len(capture.arps("10.138.36.2")) == len(capture.advertisements("2001:db8::2")) == 3, "all is sent")
    last = []
    d = t.daemons[0]
    wait_until(lambda: last.append(d.wake_ups()) or time.sleep(1) or last[-1] == d.wake_ups(), "it sleeps")
    took, wake_ups, _ticks = d.rest(5)
    assert wake_ups == 0, f"{wake_ups} wake-ups in {took:.1f} s"
