"""Over HTTP: counters are those of `ip -s`."""
import http.client
import re
import socket

from ipvltest import wait_until

HTTP = "/run/ipvl/http.sock"
# Of /metrics/slaves, and as `ip -s -j link` calls it.
NAMES = {"receive": "rx", "transmit": "tx", "bytes": "bytes", "packets": "packets", "errs": "errors", "drop": "dropped"}


class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(HTTP)


def scrape(path):
    """{(name, labels): value}"""
    c = Connection("localhost")
    c.request("GET", path)
    response = c.getresponse()
    assert response.status == 200, response.status
    text = response.read().decode()
    c.close()
    return {(m[1], m[2]): int(float(m[3])) for m in re.finditer(r"^([a-z_]+)(?:{(.*)})? (\S+)$", text, re.M)}


def test_counters(t):
    """In two namespaces, after traffic of both kinds: each is what `ip -s link` shows."""
    t.lan("eth0")
    t.ipvld("--http", "unix:" + HTTP)
    t.apply(t.example("howto.yaml"))
    t.ping("ns0", "10.138.36.3")
    t.ping("ns1", "10.138.36.1")
    t.exec("ns0", "ping", "-q", "-c", "3", "-i", "0.2", "-W", "1", "10.138.36.77", check=False)  # nobody answers

    def equal():
        before = scrape("/metrics/slaves")
        links = {ns: t.ipj(f"-s link show dev {name}", ns)[0]["stats64"] for ns, name in (("ns0", "ipvl0"), ("ns1", "ipvl1"))}
        after = scrape("/metrics/slaves")
        if {k: v for k, v in before.items()} != after:
            return False  # packets meanwhile
        n = 0
        for (series, labels), value in after.items():
            m = re.fullmatch(r"ipvl_slave_(receive|transmit)_(\w+)_total", series)
            if m:
                ns = re.search(r'netns="(\w+)"', labels)[1]
                assert links[ns][NAMES[m[1]]][NAMES[m[2]]] == value, (series, labels, value, links[ns])
                n += 1
        assert n == 16, after
        return after

    found = wait_until(equal, "the counters are those of `ip -s`")
    assert found["ipvl_slave_receive_packets_total", 'master="eth0",netns="ns0",slave="ipvl0"'] > 0, found


def test_drift_is_counted(t):
    t.lan("eth0")
    t.ipvld("--http", "unix:" + HTTP)
    t.apply(t.example("howto.yaml"))
    assert scrape("/metrics")["ipvl_drift_total", 'action="repaired"'] == 0
    t.ip("addr del 10.138.36.2/23 dev ipvl0", ns="ns0")
    wait_until(lambda: scrape("/metrics")["ipvl_drift_total", 'action="repaired"'] == 1, "a repair")
    t.ctl("set", "Slave", "ns1/ipvl1", "drift=report")
    t.ip("addr del 10.138.36.3/23 dev ipvl1", ns="ns1")
    wait_until(lambda: scrape("/metrics")["ipvl_drift_total", 'action="left"'] == 1, "drift that is left")
    m = scrape("/metrics")
    assert m["ipvl_slaves", 'state="drifted"'] == m["ipvl_slaves", 'state="ready"'] == 1, m
    assert m["ipvl_steps_total", 'result="failed"'] == 0


def test_address_that_comes_later(t):
    """At boot the card may not have its address yet: a warning, and it is tried again."""
    t.lan("eth0")
    d = t.ipvld("--http", "tcp:192.0.2.99:9633,anyone")
    assert "event=http_not_listening" in d.log(), d.log()
    t.ip("addr add 192.0.2.99/24 dev eth0")
    wait_until(lambda: "event=http_listening address=ptcp:9633:192.0.2.99" in d.log(), "it listens")
    t.ip("link set lo up")
    c = http.client.HTTPConnection("192.0.2.99", 9633)
    c.request("GET", "/metrics")
    assert c.getresponse().status == 200
    c.close()
    assert d.log().count("http_not_listening") == 1, d.log()
