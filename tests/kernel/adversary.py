"""Somebody with root and bad habits: random acts on the devices of ipvl and on strange ones beside them.
Sysctls are left out: the kernel reports no change of them, and the audit alone finds it.

The random numbers decide all acts, so that a seed names a trial; what comes of it depends on the
machine's pace too. The adversary keeps away from what would be a fight: no row is hit more often than
ipvld repairs before it calls it contested (docs/events.md), and where a master has none of our slaves no
stranger makes the first (that is a conflict by design)."""

import json
import random
import time

# Fewer than DRIFT_CONTEST_TIMES (reconciler/drift.h) in DRIFT_CONTEST_WINDOW_MS.
HITS_MAX, HITS_WINDOW_S = 3, 12
PER_MASTER = 6
OWN_NETNS = [f"a{i}" for i in range(PER_MASTER)]
# Made before ipvld comes; they must not be removed with our last slave.
STRANGE_NETNS = [f"b{i}" for i in range(PER_MASTER // 2)]
VRF, VRF_NETNS, VRF_TABLE = "red", STRANGE_NETNS[-1], 10
RULE_PRIORITY, RULE_TABLE = 500, 77


class Master:
    """A row, as the YAML has it. With 'match' its device is the one of the host whose name begins so."""

    def __init__(self, label, net, mode="l2", kind="ipvlan", match=None):
        self.label, self.net, self.mode, self.kind, self.match = label, net, mode, kind, match

    def yaml(self):
        row = {"name": self.label, "mode": self.mode}
        if self.kind != "ipvlan":
            row["datapath"] = self.kind
        if self.match:
            row["match"] = {"name": f"{self.match}*"}
        return row


MASTERS = {m.label: m for m in (Master("m0", 10), Master("m1", 11, mode="l3"), Master("m2", 12, kind="macvlan"),
                                Master("uplink", 13, match="up"))}


class Slave:
    """A row, as the YAML has it."""

    def __init__(self, master, name, netns, number):
        self.master, self.name, self.netns = master, name, netns
        net = MASTERS[master].net
        self.addresses = [f"10.{net}.0.{number + 2}/24"]
        if number % 2:
            self.addresses.append(f"2001:db8:{net}::{number + 2}/64")
        gateway = f"10.{net}.0.1"
        self.route = f"10.2{net}.{number}.0/24"
        self.via = gateway if MASTERS[master].mode == "l2" else None
        self.mtu = 1400 if number == 1 else None
        self.accept_ra = 0 if number % 3 == 1 else None
        self.vrf = VRF if netns == VRF_NETNS and master == "uplink" else None
        self.rule = master == "m1" and number == 0

    @property
    def label(self):
        return f"{self.netns}/{self.name}"

    def lasting_addresses(self):
        """By default a lifetime that others set is left alone."""
        return [{a: {"lifetime": "forever"}} for a in self.addresses[:1]] + self.addresses[1:]

    def yaml(self):
        route = {"to": self.route, **({"via": self.via} if self.via else {})}
        row = {"name": self.name, "netns": self.netns, "addresses": self.lasting_addresses(), "routes": [route]}
        if self.mtu:
            row["mtu"] = self.mtu
        if self.accept_ra is not None:
            row["sysctl"] = {"ipv6.accept_ra": self.accept_ra}
        if self.vrf:
            row["vrf"] = self.vrf
        if self.rule:
            host = self.addresses[0].split("/", maxsplit=1)[0]
            row["routing-policy"] = [{"from": host, "table": RULE_TABLE, "priority": RULE_PRIORITY}]
        return row


class HostSlave(Slave):
    """The one by which the host reaches the others."""

    def __init__(self, master):
        super().__init__(master, "host0", None, 0)
        self.addresses, self.route, self.via = [f"10.{MASTERS[master].net}.0.250/32"], None, None

    @property
    def label(self):
        return self.name

    def yaml(self):
        return {"name": self.name, "addresses": self.lasting_addresses(), "host-access": True}


def slaves():
    places = {"m0": ("e0", OWN_NETNS), "m1": ("e1", OWN_NETNS[:PER_MASTER // 2] + STRANGE_NETNS),
              "m2": ("e2", OWN_NETNS[:2] + STRANGE_NETNS[:1]), "uplink": ("e3", OWN_NETNS[3:5] + [VRF_NETNS])}
    found = [Slave(m, name, ns, i) for m, (name, where) in places.items() for i, ns in enumerate(where)]
    return found + [HostSlave("m0")]


def config():
    rows = [{**m.yaml(), "slaves": [s.yaml() for s in slaves() if s.master == m.label]} for m in MASTERS.values()]
    return json.dumps({"version": 1, "masters": rows})


def device(t, master):
    """The name of its device, or None."""
    match = MASTERS[master].match
    return next((d["ifname"] for d in t.ipj("link") if d["ifname"].startswith(match)), None) if match else master


def make_vrf(t):
    t.ip(f"link add {VRF} up type vrf table {VRF_TABLE}", VRF_NETNS, check=False)


def set_up(t):
    """What the host has before ipvld comes, and what is not its to mend."""
    for m in MASTERS.values():
        name = device(t, m.label) or f"{m.match}0"
        if not t.link(name):
            t.ip(f"link add {name} type dummy")
        t.ip(f"link set {name} up")
    for netns in set(STRANGE_NETNS + ["elsewhere"]) - set(t.namespaces()):
        t.ip(f"netns add {netns}")
    if not t.link(VRF, VRF_NETNS):
        make_vrf(t)


class Adversary:
    """Acts on the host 't', where 'daemon' keeps config()."""

    def __init__(self, t, daemon, seed):
        self.t, self.daemon = t, daemon
        self.rng = random.Random(seed)
        self.slaves = slaves()
        self.hits = []  # (time, label)
        self.strange = {}  # (netns, name) -> ifindex, of devices that must stay
        self.n_acts, self.acts, self.n_made = {}, [], 0

    # --- the means

    def ip(self, words, ns=None):
        """It may fail: the other side moves as well."""
        self.acts.append(f"    {ns or ''} {words}")
        return self.t.ip(words, ns, check=False)

    def may_hit(self, labels):
        now = time.monotonic()
        self.hits = [h for h in self.hits if now - h[0] < HITS_WINDOW_S]
        counts = [sum(h[1] == label for h in self.hits) for label in labels]
        return max(counts) < HITS_MAX

    def hit(self, labels):
        self.hits += [(time.monotonic(), label) for label in labels]

    def on_master(self, master):
        return [s for s in self.slaves if s.master == master]

    def in_netns(self, netns):
        return [s for s in self.slaves if s.netns == netns]

    def new_name(self, prefix):
        self.n_made += 1
        return f"{prefix}{self.n_made}"

    def remember(self, netns, name):
        index = self.t.ifindex(name, netns) if self.exists(netns) else None
        if index:
            self.strange[netns, name] = index

    def forget_netns(self, netns):
        self.strange = {k: v for k, v in self.strange.items() if k[0] != netns}

    def exists(self, netns):
        return netns is None or netns in self.t.namespaces()

    # --- acts on one slave; each gets a Slave

    def delete(self, s):
        self.ip(f"link del {s.name}", s.netns)

    def rename(self, s):
        self.ip(f"link set {s.name} down", s.netns)
        self.ip(f"link set {s.name} name {self.new_name('x')}", s.netns)

    def move(self, s):
        where = self.rng.choice(["elsewhere"] + OWN_NETNS)
        self.ip(f"link set {s.name} netns {where}", s.netns)

    def down(self, s):
        self.ip(f"link set {s.name} down", s.netns)

    def down_and_up(self, s):
        self.ip(f"link set {s.name} down", s.netns)
        self.ip(f"link set {s.name} up", s.netns)

    def flush_addresses(self, s):
        self.ip(f"addr flush dev {s.name}", s.netns)

    def delete_address(self, s):
        self.ip(f"addr del {self.rng.choice(s.addresses)} dev {s.name}", s.netns)

    def add_address(self, s):
        self.ip(f"addr add 10.77.0.{self.rng.randint(1, 254)}/24 dev {s.name}", s.netns)

    def add_peer_address(self, s):
        self.ip(f"addr add 10.78.0.1 peer 10.78.0.{self.rng.randint(2, 254)}/32 dev {s.name}", s.netns)

    def limit_address(self, s):
        self.ip(f"addr change {s.addresses[0]} dev {s.name} valid_lft 60 preferred_lft 60", s.netns)

    def flush_routes(self, s):
        self.ip(f"route flush dev {s.name}", s.netns)

    def delete_route(self, s):
        self.ip(f"route flush dev {s.name} {s.route or 'table all'}", s.netns)

    def leave_vrf(self, s):
        self.ip(f"link set {s.name} nomaster", s.netns)

    def delete_rule(self, s):
        self.ip(f"rule del priority {RULE_PRIORITY}", s.netns)

    def change_mtu(self, s):
        self.ip(f"link set {s.name} mtu {self.rng.choice([1300, 1350, 9000])}", s.netns)

    def change_group(self, s):
        """Takes our mark away; given back, since without it the device is a stranger's for good."""
        device = self.t.link(s.name, s.netns) if self.exists(s.netns) else None
        if device and device.get("group"):
            self.ip(f"link set {s.name} group 77", s.netns)
            self.ip(f"link set {s.name} group {device['group']}", s.netns)

    # --- acts on a whole master or namespace

    def flip_mode(self, master):
        s = self.rng.choice(self.on_master(master))
        mode, flag = self.rng.choice(["l2", "l3", "l3s"]), self.rng.choice(["bridge", "private", "vepa"])
        kind = MASTERS[master].kind
        self.ip(f"link set {s.name} type {kind} mode {flag if kind == 'macvlan' else f'{mode} {flag}'}", s.netns)

    def master_mtu(self, master):
        self.ip(f"link set {device(self.t, master)} mtu {self.rng.choice([1500, 1450])}")
        self.ip(f"link set {device(self.t, master)} mtu 1500")

    def low_mtu(self, master):
        self.ip(f"link set {device(self.t, master)} mtu 1200")
        self.ip(f"link set {device(self.t, master)} mtu 1500")

    def master_down(self, master):
        self.ip(f"link set {device(self.t, master)} down")
        self.ip(f"link set {device(self.t, master)} up")

    def next_name(self, master):
        """By which its device is found."""
        match = MASTERS[master].match
        return self.new_name(match) if match else master

    def master_replaced(self, master):
        self.strange = {k: v for k, v in self.strange.items() if not k[1].startswith(f"i{master}")}
        self.ip(f"link del {device(self.t, master)}")
        time.sleep(self.rng.uniform(0, 0.3))
        name = self.next_name(master)
        self.ip(f"link add {name} type dummy")
        self.ip(f"link set {name} up")

    def master_renamed(self, master):
        """To a name that is no row's, and back, or to another that its pattern fits."""
        name = device(self.t, master)
        self.ip(f"link set {name} down")
        self.ip(f"link set {name} name gone0")
        time.sleep(self.rng.uniform(0, 0.3))
        name = self.next_name(master)
        self.ip(f"link set gone0 name {name}")
        self.ip(f"link set {name} up")

    def strange_slave(self, master):
        """With a mode of its own it turns an ipvlan's port; without ours there it would be a conflict."""
        if any(self.exists(s.netns) and self.t.link(s.name, s.netns) for s in self.on_master(master)):
            name, kind = self.new_name(f"i{master}"), MASTERS[master].kind
            mode = self.rng.choice(["", "mode private"] if kind == "macvlan" else ["", "mode l3s", "mode l2"])
            self.ip(f"link add link {device(self.t, master)} name {name} type {kind} {mode}")
            self.ip(f"addr add 10.79.0.{self.n_made % 250 + 1}/24 dev {name}")
            self.remember(None, name)

    def vrf_replaced(self):
        self.ip(f"link del {VRF}", VRF_NETNS)
        time.sleep(self.rng.uniform(0, 0.3))
        make_vrf(self.t)

    def netns_deleted(self, netns):
        self.forget_netns(netns)
        self.ip(f"netns del {netns}")

    def netns_replaced(self, netns):
        self.netns_deleted(netns)
        self.ip(f"netns add {netns}")
        if netns == VRF_NETNS:
            make_vrf(self.t)

    def strange_device(self, netns):
        name = self.new_name("d")
        self.ip(f"link add {name} type dummy", netns)
        self.ip(f"addr add 10.80.{self.n_made % 250}.1/24 dev {name}", netns)
        self.ip(f"link set {name} up", netns)
        self.remember(netns, name)

    def strange_goes(self):
        if self.strange:
            netns, name = self.rng.choice(sorted(self.strange, key=str))
            del self.strange[netns, name]
            self.ip(f"link del {name}", netns)

    def crash(self):
        self.daemon.kill()
        self.daemon.start()

    # --- the trial

    def act(self):
        """One act, unless it would hit a row too often."""
        on_slave = [self.delete, self.rename, self.move, self.down, self.down_and_up, self.flush_addresses,
                    self.delete_address, self.add_address, self.add_peer_address, self.limit_address,
                    self.flush_routes, self.delete_route, self.change_mtu, self.change_group]
        on_master = [self.flip_mode, self.master_mtu, self.low_mtu, self.master_down, self.master_replaced,
                     self.master_renamed, self.strange_slave]
        on_netns = [self.netns_deleted, self.netns_replaced, self.strange_device]
        what = self.rng.choices(["slave", "member", "vrf", "master", "netns", "strange", "crash"],
                                [70, 4, 1, 10, 12, 5, 1])[0]
        if what == "slave":
            s = self.rng.choice(self.slaves)
            self.do(self.rng.choice(on_slave), [s.label], s)
        elif what == "member":
            s = self.rng.choice([s for s in self.slaves if s.vrf or s.rule])
            self.do(self.leave_vrf if s.vrf else self.delete_rule, [s.label], s)
        elif what == "vrf":
            self.do(self.vrf_replaced, [s.label for s in self.slaves if s.vrf])
        elif what == "master":
            master = self.rng.choice(list(MASTERS))
            labels = [master] + [s.label for s in self.on_master(master)]
            self.do(self.rng.choice(on_master), labels, master)
        elif what == "netns":
            netns = self.rng.choice(OWN_NETNS + STRANGE_NETNS)
            self.do(self.rng.choice(on_netns), [s.label for s in self.in_netns(netns)], netns)
        else:
            self.do(self.strange_goes if what == "strange" else self.crash, ["nothing"])

    def do(self, function, labels, *args):
        if labels != ["nothing"] and not self.may_hit(labels):
            return
        self.hit(labels)
        name = function.__name__
        self.n_acts[name] = self.n_acts.get(name, 0) + 1
        self.acts.append(f"{time.monotonic() % 1000:.3f} {name} {' '.join(labels[:1])}")
        function(*args)

    def rage(self, duration_s):
        end = time.monotonic() + duration_s
        while time.monotonic() < end:
            self.act()
            time.sleep(self.rng.expovariate(20))
        set_up(self.t)
