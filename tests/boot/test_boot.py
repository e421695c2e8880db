"""The cases of suite `boot`; ./run runs them. Each gets a Host, on which it builds its machine."""

import json
import os
import re

from machine import BOOT_S, Machine, wait_until

LAB = """\
version: 1
masters:
  - name: eth0
    mode: l2
    slaves:
      - name: ipvl0
        netns: ns0
        addresses: [192.0.2.10/24]
        routes: [{to: default, via: 192.0.2.1}]
        nameservers: {addresses: [192.0.2.1]}
      - {name: ipvl1, netns: ns1, addresses: [192.0.2.11/24]}
      - {name: here0, addresses: [192.0.2.12/24]}
  - name: made0
    kind: dummy
    mode: l3
    slaves:
      - {name: ipvl2, netns: ns0, addresses: [198.51.100.10/24]}
"""
# Of a service, of a machine as slow as it may be.
RESTART = "/etc/systemd/system/ipvld.service.d/test.conf"


class Host:
    """What a test builds on."""

    def __init__(self, installed, folder, release):
        self.installed, self.folder, self.release = installed, folder, release
        self.machine = None

    def build(self, lab=LAB, files=(), first=""):
        os.makedirs(self.folder)
        files = {"/etc/ipvl/lab.yaml": lab, **dict(files)}
        self.machine = Machine(self.installed, self.folder, files, first, self.release)
        return self.machine

    def story(self):
        """What a person needs to see of a failure."""
        m = self.machine
        if m is None or m.process is None or m.process.poll() is not None:
            return m.read("console")[-3000:] if m else ""
        try:
            return m.run("systemctl --no-pager --failed; systemctl --no-pager status ipvld; ip netns list;"
                         " journalctl --no-pager -b -n 60")
        except AssertionError as e:
            return str(e) + m.read("console")[-3000:]

    def end(self):
        if self.machine:
            self.machine.power_cut()


def wait_ready(m, n=6):
    """All rows are ready; 'n' of them."""
    def is_ready():
        rc, text = m.run("ipvl-ctl --format=json status", check=False)
        if rc:
            return False
        status = json.loads(text)
        return sum(status[what]["ready"] for what in ("masters", "slaves")) == n
    wait_until(is_ready, f"{n} rows are ready", BOOT_S)


def addresses(m, ns, dev):
    where = f"-n {ns} " if ns else ""
    return re.findall(r"inet (\S+)", m.run(f"ip {where}addr show dev {dev}"))


def works(m):
    """The slaves are seen by the host, and reach the router."""
    m.run("ip netns exec ns0 ping -c1 -W5 192.0.2.1 && ip netns exec ns1 ping -c1 -W5 192.0.2.1")
    assert addresses(m, "ns0", "ipvl0") == ["192.0.2.10/24"]


def ifindexes(m):
    """They change when a device is made again."""
    return m.run("for ns in ns0 ns1; do ip -n $ns -o link | cut -d: -f1-2; done; ip -o link show here0 | cut -d: -f1")


def test_cold_boot(host):
    """Before network-online.target the slaves are there for everybody; the sandbox, the group and the socket."""
    m = host.build(first="groupadd --gid 4242 people; useradd --no-create-home -G people alice\n").boot()
    seen = m.witness()
    assert re.search(r"^ns0\b", seen, re.M) and "192.0.2.10/24" in seen and "192.0.2.12/24" in seen, seen
    assert "1 received" in seen, seen
    assert m.when("ipvld.service") < m.when("ipvl-wait-online.service") < m.when("network-online.target")
    assert m.when("ipvld.service") < m.when("network.target")
    assert m.property("ipvld", "NRestarts") == "0"
    works(m)
    wait_ready(m)
    assert m.run("cat /etc/netns/ns0/resolv.conf").count("192.0.2.1") == 1
    assert m.run("stat -c '%A %U %G' /run/ipvl/db.sock").strip() == "srw-rw---- root ipvl"
    # Members of the group edit, others do not.
    m.run("usermod -a -G ipvl alice")
    assert m.run("runuser -u nobody -- ipvl-ctl show", check=False)[0] != 0
    m.run("runuser -u alice -- ipvl-ctl set-slave ns1/ipvl1 mtu=1400")
    assert "mtu 1400" in m.run("ip -n ns1 link show ipvl1")
    level = m.run("systemd-analyze security --no-pager ipvld")
    score = float(re.search(r"Overall exposure level for ipvld.service: ([\d.]+)", level)[1])
    assert score <= 4.0, level
    findings = m.run("ipvl-ctl doctor", check=False)[1]
    assert "mounts of its own" not in findings and "propagate" not in findings and "lacks" not in findings, findings
    # What is removed is gone for everybody too. The file has it still, and a start reads that.
    m.run("ipvl-ctl del-slave ns1/ipvl1")
    wait_until(lambda: "ns1" not in m.run("ip netns list"), "ns1 is gone")
    before = m.run("ip -n ns0 -o link | cut -d: -f1-2")
    m.run("systemctl restart ipvld")
    wait_ready(m)
    works(m)
    assert m.run("ip -n ns0 -o link | cut -d: -f1-2") == before
    # One that another program makes is seen in the sandbox.
    m.run("ip netns add other && ipvl-ctl add-slave eth0 other/x addresses=192.0.2.20/24")
    assert addresses(m, "other", "x") == ["192.0.2.20/24"]
    m.run("ipvl-ctl del-slave other/x && ip netns del other")
    m.run("ip netns del ns0")
    wait_until(lambda: m.run("ip -n ns0 addr show dev ipvl0", check=False)[0] == 0, "ns0 is made again")
    wait_ready(m)


# The unit as it is built where systemd is newer than what this one was built with.
NOTIFY_RELOAD = """\
if [ "$(systemctl --version | sed -n '1s/[^ ]* \\([0-9]*\\).*/\\1/p')" -ge 253 ]; then
	mkdir -p /etc/systemd/system/ipvld.service.d
	printf '[Service]\\nType=notify-reload\\nExecReload=\\n' >/etc/systemd/system/ipvld.service.d/reload.conf
fi
"""


def test_reload(host):
    """systemctl reload reads the files; the process stays."""
    m = host.build(first=NOTIFY_RELOAD).boot()
    wait_ready(m)
    pid = m.property("ipvld", "MainPID")
    m.run("sed -i 's|192.0.2.11/24|192.0.2.111/24|' /etc/ipvl/lab.yaml && systemctl reload ipvld")
    if m.property("ipvld", "Type") == "notify-reload":
        assert "192.0.2.111/24" in m.run("ipvl-ctl get Slave ipvl1 addresses"), "the reload is over"
    wait_until(lambda: addresses(m, "ns1", "ipvl1") == ["192.0.2.111/24"], "the new address is there")
    m.run("rm /etc/ipvl/lab.yaml && systemctl reload ipvld")
    wait_until(lambda: "ns0" not in m.run("ip netns list"), "the slaves are gone")
    assert m.property("ipvld", "MainPID") == pid
    assert m.property("ipvld", "ActiveState") == "active"


def test_broken_file(host):
    """Broken at a boot: the last good state is there, and the fault is shown."""
    m = host.build().boot()
    wait_ready(m)
    m.run("echo 'masters: [' >/etc/ipvl/lab.yaml; sync")
    m.power_cut()
    m.boot()
    seen = m.witness()
    assert "192.0.2.10/24" in seen and "1 received" in seen, seen
    works(m)
    assert "lab.yaml" in m.run("ipvl-ctl status")
    assert m.property("ipvld", "StatusText") == "1 error in the config-dir: see `ipvl-ctl status`"
    assert "config_file_refused" in m.journal()
    m.run("rm /etc/ipvl/lab.yaml && systemctl reload ipvld")
    wait_until(lambda: "keeping" in m.property("ipvld", "StatusText"), "the status line is good again")


def test_power_cut(host):
    """In the middle of an apply: at the next boot all is as the database has it, which has all or nothing."""
    m = host.build().boot()
    wait_ready(m)
    slaves = "".join(f"      - {{name: many{i}, netns: many{i}, addresses: [10.9.{i // 200}.{i % 200 + 1}/16]}}\n"
                     for i in range(60))
    m.put("many.yaml", "version: 1\nmasters:\n  - name: made1\n    kind: dummy\n    mode: l2\n    slaves:\n" + slaves)
    m.begin("ipvl-ctl apply -f /job/many.yaml")
    wait_until(lambda: "many5" in m.run("ip netns list"), "some are made", BOOT_S)
    m.power_cut()
    m.boot()
    works(m)
    wait_until(lambda: m.run("ipvl-ctl status --check", check=False)[0] == 0, "all rows are ready", BOOT_S)
    n = len(re.findall(r"^many", m.run("ip netns list"), re.M))
    assert n == int(m.run("ipvl-ctl list-slaves made1 2>/dev/null | grep -c many || true")), n
    assert n in (0, 60), n
    assert m.run("sqlite3 /var/lib/ipvl/conf.db 'pragma integrity_check'").strip() == "ok"


def test_journal(host):
    """The lines of docs/events.md for journalctl: an entry has a field for each key, and the level as its priority."""
    m = host.build().boot()
    wait_ready(m)

    def entries(words):
        return [json.loads(line) for line in m.run(f"journalctl --no-pager -b -o json {words}").splitlines()]

    ready, = entries("IPVL_EVENT=ready")
    assert ready["IPVL_DB"] == "/var/lib/ipvl/conf.db" and ready["PRIORITY"] == "6", ready
    assert ready["_SYSTEMD_UNIT"] == "ipvld.service" and ready["SYSLOG_IDENTIFIER"] == "ipvld", ready
    m.run("ip -n ns1 addr del 192.0.2.11/24 dev ipvl1")
    wait_until(lambda: entries("IPVL_OBJECT=ns1/ipvl1 IPVL_EVENT=drift_repaired"), "the entry of the repair")
    drift, = entries("IPVL_EVENT=drift_repaired IPVL_EVENT=drift_found")
    assert drift["IPVL_OBJECT"] == "ns1/ipvl1" and drift["PRIORITY"] == "4", drift
    assert "192.0.2.11/24 removed" in drift["IPVL_FOUND"] and "`ip`" in drift["IPVL_BY"], drift
    warnings = entries("-u ipvld -p warning --output-fields=IPVL_OBJECT,IPVL_EVENT,MESSAGE")
    assert [(e["IPVL_EVENT"], e["MESSAGE"]) for e in warnings if e.get("IPVL_OBJECT") == "ns1/ipvl1"] == [
        ("drift_repaired", drift["MESSAGE"])], warnings
    m.run("ip link add x0 type dummy && ip link set x0 netns ns1 && ipvl-ctl add-slave eth0 ns1/x0", check=False)
    wait_until(lambda: entries("IPVL_EVENT=state_changed IPVL_TO=conflict IPVL_TO=error"), "the entry of the conflict")
    # What an idle daemon does is nothing to write about.
    n = len(entries("-u ipvld"))
    m.run("ipvl-ctl show; ipvl-ctl status; ipvl-ctl list-slaves")
    assert len(entries("-u ipvld")) == n


# One call as dockerd makes it: METHOD BODY. There is no Docker in the image, and no Python.
DOCKERD = """\
#!/usr/bin/perl
use IO::Socket::UNIX;
my ($method, $body) = @ARGV;
my $s = IO::Socket::UNIX->new("/run/docker/plugins/ipvl.sock") or die "no socket: $!\\n";
print $s "POST /$method HTTP/1.0\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
my $answer = do { local $/; <$s> };
$answer =~ s/.*?\\r\\n\\r\\n//s;
print $answer;
"""


def test_docker(host):
    """The socket starts ipvl-docker, whose sandbox leaves it what it needs: ipvld, and the names of devices."""
    m = host.build(files={"/usr/bin/dockerd-call": DOCKERD}, first="chmod 755 /usr/bin/dockerd-call\n").boot()
    wait_ready(m)

    def call(method, **request):
        return json.loads(m.run(f"dockerd-call {method} '{json.dumps(request)}'"))

    assert m.run("dockerd-call Plugin.Activate '{}'", check=False)[0] != 0, "nobody has started it"
    m.run("systemctl start ipvl-docker.socket")
    assert m.property("ipvl-docker.service", "ActiveState") == "inactive"
    assert call("Plugin.Activate") == {"Implements": ["NetworkDriver"]}
    assert m.property("ipvl-docker.service", "ActiveState") == "active"
    network, endpoint = "f" * 64, "e" * 64
    assert call("NetworkDriver.CreateNetwork", NetworkID=network, IPv4Data=[{"Gateway": "192.0.2.1/24"}],
                Options={"com.docker.network.generic": {"parent": "eth0", "ipvlan_mode": "l2"}}) == {}
    call("NetworkDriver.CreateEndpoint", NetworkID=network, EndpointID=endpoint, Interface={"Address": "192.0.2.30/24"})
    name = call("NetworkDriver.Join", NetworkID=network, EndpointID=endpoint)["InterfaceName"]["SrcName"]
    assert "ipvlan" in m.run(f"ip -d link show {name}")
    # As after a crash: the next dockerd finds the socket, and the driver a row without a container.
    m.run("kill -9 $(systemctl show --value -p MainPID ipvl-docker)")
    call("Plugin.Activate")
    wait_until(lambda: m.run(f"ip link show {name}", check=False)[0] != 0, "the device of no container is gone")
    assert call("NetworkDriver.DeleteNetwork", NetworkID=network) == {}
    level = m.run("systemd-analyze security --no-pager ipvl-docker")
    score = float(re.search(r"Overall exposure level for ipvl-docker.service: ([\d.]+)", level)[1])
    assert score <= 4.0, level


NETWORKD = """\
[Match]
Type=ether
[Network]
Address=192.0.2.2/24
LinkLocalAddressing=no
"""


def test_networkd(host):
    """systemd-networkd manages the card, by a file that matches all of its kind; our devices are left alone."""
    m = host.build(files={"/etc/systemd/network/50-all.network": NETWORKD},
                   first="chmod 644 /etc/systemd/network/*; systemctl --quiet enable systemd-networkd.service\n"
                         "systemctl --quiet unmask systemd-networkd-wait-online.service\n").boot()
    seen = m.witness()
    assert "192.0.2.10/24" in seen and "1 received" in seen, seen
    wait_ready(m)

    def is_right():
        links = {row.split()[1]: row.split()[-1] for row in m.run("networkctl --no-legend --no-pager").splitlines()}
        return (links["eth0"], links["here0"], links["made0"]) == ("configured", "unmanaged", "unmanaged")

    wait_until(is_right, "networkd manages the card only")
    assert addresses(m, "", "eth0") == ["192.0.2.2/24"] and addresses(m, "", "here0") == ["192.0.2.12/24"]
    assert "may take slaves" not in m.run("ipvl-ctl doctor", check=False)[1]
    before = ifindexes(m)
    m.run("systemctl restart systemd-networkd")
    wait_until(is_right, "it does after its restart")
    m.run("networkctl reload && networkctl reconfigure eth0")
    wait_until(is_right, "it does after a new configuration of the card")
    works(m)
    assert ifindexes(m) == before and addresses(m, "", "here0") == ["192.0.2.12/24"]
    assert "drift" not in m.journal(), m.journal()


NM = """\
[connection]
id=card
type=ethernet
interface-name=eth0
[ipv4]
method=manual
address1=192.0.2.2/24
[ipv6]
method=disabled
"""


def test_network_manager(host):
    """NetworkManager manages the card; our devices are unmanaged, and stay through its restart."""
    m = host.build(files={"/etc/NetworkManager/system-connections/card.nmconnection": NM},
                   first="systemctl --quiet enable NetworkManager.service NetworkManager-wait-online.service\n").boot()
    seen = m.witness()
    assert "192.0.2.10/24" in seen and "1 received" in seen, seen
    wait_ready(m)

    def is_right():
        devices = dict(row.split(":", 1) for row in m.run("nmcli -t -f DEVICE,STATE device").splitlines())
        return (devices["eth0"], devices["here0"], devices["made0"]) == ("connected", "unmanaged", "unmanaged")

    wait_until(is_right, "NetworkManager manages the card only")
    assert addresses(m, "", "eth0") == ["192.0.2.2/24"] and addresses(m, "", "here0") == ["192.0.2.12/24"]
    assert "may take slaves" not in m.run("ipvl-ctl doctor", check=False)[1]
    before = ifindexes(m)
    m.run("systemctl restart NetworkManager", limit=BOOT_S)
    wait_until(is_right, "it does after its restart")
    m.run("nmcli connection up card", limit=BOOT_S)
    works(m)
    assert ifindexes(m) == before and addresses(m, "", "here0") == ["192.0.2.12/24"]
    assert "drift" not in m.journal(), m.journal()


def test_restart(host):
    """With a hundred slaves and a ping every 20 ms, no packet is lost and no device is made again."""
    many = "".join(f"      - {{name: many{i}, netns: many{i}, addresses: [10.9.0.{i + 1}/16]}}\n" for i in range(95))
    m = host.build(LAB + "  - name: made1\n    kind: dummy\n    mode: l2\n    slaves:\n" + many).boot()
    wait_ready(m, 102)
    before = m.run("for ns in $(ip netns list | cut -d' ' -f1 | sort); do ip -n $ns -o link | cut -d: -f1-2; done")
    ping = "ip netns exec ns0 ping -q -i 0.02 -c 1000 192.0.2.1"
    job = m.begin(ping)
    m.run("systemctl restart ipvld", limit=BOOT_S)
    wait_ready(m, 102)
    m.run("kill -9 $(systemctl show --value -p MainPID ipvld)")
    wait_until(lambda: m.property("ipvld", "NRestarts") == "1", "systemd starts it after a crash")
    wait_ready(m, 102)
    assert " 0% packet loss" in m.finish(job, ping, limit=BOOT_S)
    assert m.run("for ns in $(ip netns list | cut -d' ' -f1 | sort); do ip -n $ns -o link | cut -d: -f1-2; done") == before


def test_watchdog(host):
    """A daemon that hangs is started again; the slaves stay."""
    m = host.build(files={RESTART: "[Service]\nWatchdogSec=5\nTimeoutAbortSec=5\n"}).boot()
    wait_ready(m)
    before, pid = ifindexes(m), m.property("ipvld", "MainPID")
    m.run(f"kill -STOP {pid}")
    works(m)
    wait_until(lambda: m.property("ipvld", "MainPID") not in ("0", pid), "systemd has started it again", BOOT_S)
    wait_ready(m)
    works(m)
    assert ifindexes(m) == before
    assert "watchdog" in m.journal().lower(), m.journal()
