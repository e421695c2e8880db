"""Masters that no message to the kernel makes: physical cards, a tap, and a team. (Other kinds: tests/scenarios/master-kinds.txt.)

The two cards of `run --cards` have a cable between them; of user-mode-linux they are on its platform bus, of QEMU an
e1000 and a virtio card, both on PCI."""
import errno
import fcntl
import json
import os
import select
import socket
import struct

import ipvltest
from ipvltest import run, skip, stays, wait_until

CONFIG = """
    version: 1
    masters:
      - name: %s
        mode: l2
        slaves:
          - {name: ipvl1, netns: ns1, addresses: [10.138.36.2/23], routes: [{to: default, via: 10.138.36.1}]}
          - {name: ipvl2, netns: ns2, addresses: [10.138.36.3/23]}
    """
ROWS = ("ns1/ipvl1", "ns2/ipvl2")


# --- cards

def at_home(*words):
    """A command where the kernel puts a card that it finds, and takes back those of a namespace that ends."""
    return run("nsenter", f"--net=/proc/{os.getpid()}/fd/{ipvltest.HOME_NETNS}", *words).stdout


def cards_in(listed):
    return sorted((c for c in json.loads(listed) if "parentdev" in c and c["link_type"] == "ether"),
                  key=lambda c: c["parentdev"])


def fetch_cards(n=2):
    """Into the host of the test: [(name, place as udev's ID_PATH has it)]."""
    if not os.environ.get("IPVL_CARDS"):
        skip("no physical card: tests/kernel/run --cards")
    if os.environ["IPVL_VM"] == "qemu":
        run("/mnt/modprobe", "-a", "e1000", "virtio_net")

    def found():
        cards = cards_in(at_home("ip", "-d", "-j", "link"))
        return cards if len(cards) == n else None

    cards = wait_until(found, f"{n} cards are there")  # the test before this one may have had them
    for c in cards:
        at_home("ip", "link", "set", c["ifname"], "netns", str(os.getpid()))
    return [(c["ifname"], id_path(c["ifname"])) for c in cards]


def id_path(name):
    """Of udev's path_id.c: a virtio device is part of the device below it."""
    device = os.path.realpath(f"/sys/class/net/{name}/device")
    if os.path.basename(os.path.realpath(f"{device}/subsystem")) == "virtio":
        device = os.path.dirname(device)
    return os.path.basename(os.path.realpath(f"{device}/subsystem")) + "-" + os.path.basename(device)


def router(t, far):
    """The namespace `outside`, at the other end of the cable."""
    t.ip("netns add outside")
    t.ip(f"link set {far} netns outside")
    t.ip(f"link set {far} up", "outside")
    t.ip(f"addr add 10.138.36.1/23 dev {far}", "outside")


def facts(t, name):
    """What removal must leave as it was. The order of equal routes is that in which their devices last came up."""
    routes = "".join(sorted(t.ip("route show table all").splitlines(keepends=True)))
    return t.ip(f"-d link show {name}"), t.ip(f"addr show {name}"), routes, t.namespaces()


def is_as_before(t, name, before):
    for was, now in zip(before, facts(t, name)):
        assert was == now, f"{now} was {was}"
    return True


# --- what is the same for each kind

def warned(t, text, *labels):
    return all(text in str(t.row(label)["warnings"]) for label in labels)


def well(t, *labels):
    return all(t.row(label)["state"] == "ready" and not t.row(label)["warnings"] for label in labels)


def live(t, master, reaches):
    """Applied, drifted by hand, repaired, and removed without a trace. 'reaches' is asked whether ns1 reaches what is
    outside."""
    wait_until(lambda: "inet6 fe80" in t.ip(f"addr show {master} -tentative"), "its IPv6 address is there")
    wait_until(lambda: "tentative" not in t.ip("-6 addr"), "so are those of its ports, and their routes")
    before = facts(t, master)
    t.events_only()
    t.apply(CONFIG % master)
    t.wait_ready()
    assert well(t, master, *ROWS), t.ctl("show")
    t.ping("ns1", "10.138.36.3")
    wait_until(reaches, "ns1 reaches the router")
    t.ip("link del ipvl1", "ns1")
    wait_until(lambda: t.addresses("ipvl1", "ns1") == ["10.138.36.2/23"], "the slave is made again")
    t.ip("addr del 10.138.36.3/23 dev ipvl2", "ns2")
    wait_until(lambda: t.addresses("ipvl2", "ns2") == ["10.138.36.3/23"], "the address is back")
    t.ip("link set ipvl2 type ipvlan mode l3", "ns2")
    wait_until(lambda: t.mode("ipvl2", "ns2") == ("l2", "bridge"), "the mode is back")
    t.ip("link add link %s name s0 type ipvlan mode l3s" % master)  # changes the mode of all
    wait_until(lambda: t.mode("ipvl2", "ns2") == ("l2", "bridge"), "the mode is back again")
    t.ip("link del s0")
    # By whom is shown by test_drift.by_whom: where the processor is emulated, `ip` may have ended before it is looked at.
    for text in ("ns1/ipvl1  deleted", "address 10.138.36.3/23 removed", "mode l2 -> l3"):
        t.drift(text)
    t.ip(f"link set {master} down")
    wait_until(lambda: warned(t, f"{master} is down", master, *ROWS), "the warnings are there")
    stays(lambda: "UP" not in t.link(master)["flags"], "it is left down", 0.3)
    t.ip(f"link set {master} up")
    wait_until(lambda: well(t, master, *ROWS), "the warnings are gone")
    t.ping("ns1", "10.138.36.3")
    wait_until(reaches, "ns1 reaches the router again")
    assert t.ctl("diff", t.yaml(CONFIG % master)) == ""
    t.ctl("del-master", master)
    wait_until(lambda: is_as_before(t, master, before), "nothing is left")


# --- cards

def live_on_card(t, near, far):
    router(t, far)
    t.ip(f"link set {near} up")
    wait_until(lambda: "LOWER_UP" in t.link(near)["flags"], "the card has carrier")
    live(t, near, lambda: t.pings("ns1", "10.138.36.1"))


def test_first_card(t):
    """A physical card."""
    (near, _), (far, _) = fetch_cards()
    live_on_card(t, near, far)


def test_second_card(t):
    """The other one: in QEMU a virtio card."""
    (far, _), (near, _) = fetch_cards()
    live_on_card(t, near, far)


BY_PATH = CONFIG.replace("mode: l2\n", 'mode: l2\n        match: {path: "%s"}\n')


def check_path(t, name, path):
    t.apply(BY_PATH % ("uplink", path))
    wait_until(lambda: t.row("uplink")["device"] == name, f"{path} is {name}")
    t.wait_ready()


def test_path(t):
    """match.path: with and without the bus, by patterns; two that fit; the card is renamed, taken away, and comes back."""
    (near, path), (far, far_path) = fetch_cards()
    bus, _, place = path.partition("-")
    t.ip(f"link set {near} up")
    t.events_only()
    t.ctl_try("apply", "-f", t.yaml(BY_PATH % ("uplink", os.path.commonprefix([path, far_path]) + "*")))
    names = " and ".join(sorted((near, far)))
    assert names in t.row("uplink")["message"], t.row("uplink")
    assert t.row("uplink")["state"] == t.state("ns1/ipvl1") == "conflict", t.ctl("show")
    check_path(t, far, far_path)
    for text in (path, place, f"*{place[-2:]}", f"{bus}-{place[:-1]}[{place[-1]}]"):
        check_path(t, near, text)
    router(t, far)
    t.ping("ns1", "10.138.36.1")
    # Another name, the same card.
    index = t.ifindex("ipvl1", "ns1")
    t.ip(f"link set {near} down")
    t.ip(f"link set {near} name lan7")
    t.ip("link set lan7 up")
    wait_until(lambda: t.row("uplink")["device"] == "lan7", "the rename is noticed")
    t.ping("ns1", "10.138.36.1")
    assert t.ifindex("ipvl1", "ns1") == index
    # It goes, and its slaves with it.
    t.ip("netns add away")
    t.ip("link set lan7 netns away")
    wait_until(lambda: t.state("uplink") == t.state("ns1/ipvl1") == "waiting", "it is gone")
    assert "waiting for a device with {path: " in t.row("uplink")["message"], t.row("uplink")
    run("ip", "-n", "away", "link", "set", "lan7", "netns", str(os.getpid()))
    t.ip("link set lan7 up")
    t.wait_ready()
    t.ping("ns1", "10.138.36.1")
    assert t.row("uplink")["device"] == "lan7"
    t.ctl("del-master", "uplink")
    wait_until(lambda: t.namespaces() == ["away", "outside"], "nothing is left")


def unplug(t, near, path, far):
    router(t, far)
    t.ip(f"link set {near} up")
    t.events_only()
    check_path(t, near, path)
    t.ping("ns1", "10.138.36.1")
    ipvltest.write_file(f"/sys/bus/pci/devices/{path.partition('-')[2]}/remove", "1")
    wait_until(lambda: t.state("uplink") == t.state("ns1/ipvl1") == "waiting", "it is gone")
    ipvltest.write_file("/sys/bus/pci/rescan", "1")
    (name, again), = fetch_cards(1)
    assert again == path, again
    t.ip(f"link set {name} up")
    t.wait_ready()
    assert t.row("uplink")["device"] == name
    t.ping("ns1", "10.138.36.1")


def test_first_card_unplugged(t):
    """A card is pulled out of its slot, and put back, which is another device: the slaves are on that."""
    if os.environ["IPVL_VM"] != "qemu":
        skip("user-mode-linux has no slots")
    (near, path), (far, _) = fetch_cards()
    unplug(t, near, path, far)


def test_second_card_unplugged(t):
    """The same of a virtio card."""
    if os.environ["IPVL_VM"] != "qemu":
        skip("user-mode-linux has no slots")
    (far, _), (near, path) = fetch_cards()
    unplug(t, near, path, far)


# --- a tap

TUNSETIFF, TUNSETPERSIST = 0x400454ca, 0x400454cb
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000


class Tap:
    """A network card whose cable ends in this program."""

    def __init__(self, name):
        if not os.path.exists("/dev/net/tun"):
            run("/mnt/modprobe", "tun", check=False)
        if not os.path.exists("/dev/net/tun"):
            skip("this kernel has no tun")
        self.file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(self.file, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))

    def sends(self, what):
        """True if a frame with these bytes has come out of it."""
        while select.select([self.file], [], [], 0.2)[0]:
            if what in os.read(self.file, 4096):
                return True
        return False

    def close(self):
        os.close(self.file)


def test_tap(t):
    """A tap, as of a virtual machine: ARP requests of the slaves come out of it, with its MAC address."""
    tap = Tap("tap0")
    t.ip("link set tap0 up")
    mac = bytes.fromhex(t.link("tap0")["address"].replace(":", ""))
    request = mac + struct.pack("!4s", socket.inet_aton("10.138.36.2")) + bytes(6) + socket.inet_aton("10.138.36.1")

    def asks():
        t.pings("ns1", "10.138.36.1")
        return tap.sends(request)

    live(t, "tap0", asks)
    # The program ends, and the device with it; a new one of that name is another device.
    t.ctl_try("apply", t.yaml(CONFIG % "tap0"))  # what waits for ARP keeps the slaves of before for seconds
    t.wait_ready()
    tap.close()
    wait_until(lambda: t.state("tap0") == t.state("ns1/ipvl1") == "waiting", "it is gone")
    tap = Tap("tap0")
    t.ip("link set tap0 up")
    t.wait_ready()
    t.ping("ns1", "10.138.36.3")
    # One that outlives its program has no carrier.
    fcntl.ioctl(tap.file, TUNSETPERSIST, 1)
    tap.close()
    wait_until(lambda: warned(t, "tap0 has no carrier", "tap0", *ROWS), "the warnings are there")
    tap = Tap("tap0")
    wait_until(lambda: well(t, "tap0", *ROWS), "the warnings are gone")
    fcntl.ioctl(tap.file, TUNSETPERSIST, 0)
    tap.close()


# --- a team

NETLINK_GENERIC, NLM_F_REQUEST_ACK, CTRL_GETFAMILY = 16, 5, 3
TEAM_OPTIONS_SET, NLA_STRING = 1, 5


def attribute(kind, payload):
    return struct.pack("HH", len(payload) + 4, kind) + payload + bytes(-len(payload) % 4)


def generic(sock, family, command, payload):
    """A request of generic netlink; returns the attributes of the reply, or b"" for a bare acknowledgement."""
    body = struct.pack("BBH", command, 1, 0) + payload
    sock.send(struct.pack("IHHII", len(body) + 16, family, NLM_F_REQUEST_ACK, 1, 0) + body)
    reply = b""
    while True:
        message = sock.recv(65536)
        kind = struct.unpack_from("H", message, 4)[0]
        if kind == 2:  # NLMSG_ERROR
            error = -struct.unpack_from("i", message, 16)[0]
            # ESRCH: it is done, and nobody has heard of it.
            assert error in (0, errno.ESRCH), os.strerror(error)
            return reply
        reply = message[20:]


def set_team_mode(name, mode):
    """As teamd does: `ip` cannot. Linux team.c team_nl_cmd_options_set()."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as sock:
        reply, family = generic(sock, 16, CTRL_GETFAMILY, attribute(2, b"team\0")), None
        while reply:
            length, kind = struct.unpack_from("HH", reply)
            if kind == 1:  # CTRL_ATTR_FAMILY_ID
                family = struct.unpack_from("H", reply, 4)[0]
            reply = reply[(length + 3) & ~3:]
        option = (attribute(1, b"mode\0") + attribute(3, struct.pack("B", NLA_STRING)) + attribute(4, mode.encode() + b"\0"))
        generic(sock, family, TEAM_OPTIONS_SET,
                attribute(1, struct.pack("I", socket.if_nametoindex(name))) + attribute(2 | 0x8000, attribute(1 | 0x8000, option)))


def test_team(t):
    """A team of two cards: packets through either of them, and none when both are down."""
    if run("ip", "link", "add", "team0", "type", "team", check=False).returncode:
        skip("this kernel has no team")
    set_team_mode("team0", "broadcast")
    t.ip("netns add outside")
    t.ip("link add br0 up type bridge forward_delay 0", "outside")
    t.ip("addr add 10.138.36.1/23 dev br0", "outside")
    for n in (0, 1):
        t.ip(f"link add port{n} type veth peer name far{n} netns outside")
        t.ip(f"link set port{n} master team0")
        t.ip(f"link set port{n} up")
    t.ip("link set far0 master br0 up", "outside")
    t.ip("link set team0 up")
    wait_until(lambda: "LOWER_UP" in t.link("team0")["flags"], "the team has carrier")
    live(t, "team0", lambda: t.pings("ns1", "10.138.36.1"))
    t.apply(CONFIG % "team0")
    t.wait_ready()
    t.ip("link set far0 down", "outside")
    wait_until(lambda: warned(t, "team0 has no carrier", "team0", *ROWS), "the warnings are there")
    t.ip("link set far1 master br0 up", "outside")
    wait_until(lambda: well(t, "team0", *ROWS), "the other card carries")
    t.ping("ns1", "10.138.36.1")
    t.ip("link del team0")
    wait_until(lambda: t.state("team0") == t.state("ns1/ipvl1") == "waiting", "it is gone")
