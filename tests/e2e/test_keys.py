#!/usr/bin/python3
"""Good and bad values of each key of the YAML file: ipvl-ctl takes and refuses them, and so does schemas/ipvl.schema.json,
by which editors check. test_keys.py IPVL-CTL IPVLD-LAB SCHEMA [unittest's arguments]"""
import json
import os
import re
import sys
import unittest

from test_ctl import SCHEMA, Case

with open(os.path.join(os.path.dirname(SCHEMA), "ipvl.schema.json"), encoding="utf-8") as schema_file:
    KEYS = json.load(schema_file)

LONG = "x" * 256
# By object and key: values that are taken; values that are refused, also by the schema; values that only ipvl refuses,
# because of what they mean.
VALUES = {
    "file": {
        "version": ([1], [0, 2, "1", None], []),
        "pools": ([[], [{"name": "p", "subnets": ["10.0.0.0/24"]}]], ["p", {"name": "p"}, [[]], ["p"], [{}], [{"name": "p"}]], []),
        "masters": ([[], [{"name": "m"}]], ["m", {"name": "m"}, [[]], ["m"], [{}]], []),
    },
    "master": {
        "name": (["m", "eth0.100", "a" * 15], ["", "a" * 16, "a/b", "a b", "a:b", "a%d", ".", "..", "lo", "all", "default", [], {}], []),
        "netns": (["lab", "/run/docker/netns/1", "pid:1", 7], ["", "a/b", ".", "..", "/", "pid:x", [], LONG], ["pid:0"]),
        "match": ([{"name": "e*"}, {"macaddress": "02:00:00:00:00:01"}, {"path": "pci-*"}, {"default-route": True}],
                  [{}, "e*", {"driver": "e1000"}, [], {"default-route": False}], []),
        "datapath": (["ipvlan", "ipvtap", "macvlan"], ["", "x" * 32, [], {}], ["ipvlan2"]),
        "mode": (["l2", "l3", "l3s"], ["l4", "", 2, []], ["passthru"]),
        "flag": (["bridge", "private", "vepa"], ["hairpin", "", 1, []], []),
        "vlan": ([{"link": "e", "id": 1}], [{}, {"link": "e"}, {"id": 1}, {"link": "e", "id": 1, "x": 1}, "e.1", []], []),
        "kind": (["dummy", "bridge"], ["veth", "", []], []),
        "mtu": ([68, 65535], [67, 65536, -1, "big", 1.5, "auto", []], []),
        "optional": ([True, False], ["yes", "true", 1, []], []),
        "drift": (["repair", "report", "ignore"], ["", "no", True, []], []),
        "routes": ([[], [{"to": "10.9.0.0/16"}]], ["default", {"to": "default"}, [[]], [{}]],
                   [[{"to": "10.9.0.0/16", "type": "blackhole"}]]),
        "sysctl": ([{}, {"ipv4.proxy_arp": 1}, {"ipv6.forwarding": "1"}],
                   ["x", [], {"proxy_arp": 1}, {"net.ipv4": 1}, {"ipv4.a": []}, {"ipv4.a": True}, {"ipv4.A": 1}], []),
        "host-access": ([False, "10.0.0.250", ["10.0.0.250", "2001:db8::250"]], ["10.0.0.250/24", "x", [], {}, 7], [True]),
        "slaves": ([[], [{"name": "a"}]], ["a", {}, [[]], [{}]], []),
    },
    "pool": {
        "name": (["lan", "a.b_c-d", "x" * 63, 7], ["", "x" * 64, "a b", "a/b", "ä", [], {}], []),
        "subnets": ([["10.0.0.0/24"], ["10.0.0.0/24", "2001:db8::/64"]], [[], "10.0.0.0/24", ["10.0.0.0"], ["x/24"], [7], [{}]],
                    [["10.0.0.1/24"], ["10.0.0.0/33"], ["224.0.0.0/4"], ["0.0.0.0/0"], ["10.0.0.0/24", "10.0.0.0/25"]]),
        "ranges": ([[], ["10.0.0.10-10.0.0.20"], ["10.0.0.7", "10.0.0.16/28"]], ["10.0.0.7", ["x"], ["10.0.0.7-"], ["10.0.0.7-2001:db8::1"], [7], {}],
                   [["10.1.0.7"], ["10.0.0.9-10.0.0.8"], ["10.0.0.7", "10.0.0.7"], ["10.0.0.250-10.0.1.3"]]),
        "excluded": ([[], ["10.0.0.10-10.0.0.20"], ["10.0.0.7"]], ["10.0.0.7", ["x"], [7], {}], [["10.1.0.7"], ["10.0.0.9-10.0.0.8"]]),
        "gateway": (["10.0.0.1", ["10.0.0.1"], []], ["", "x", "10.0.0.1/24", ["x"], [7], {}],
                    ["10.1.0.1", "10.0.0.0", "10.0.0.255", ["10.0.0.1", "10.0.0.2"]]),
    },
    "match": {
        "name": (["e*", "[ab]?", "eth0"], ["", "a b", [], LONG], []),
        "macaddress": (["02:00:00:00:00:01", "02-00-00-00-00-AB"], ["", "02:00", "02:00:00:00:00:0g", 2, []], []),
        "path": (["0000:02:00.0", "pci-*"], ["", "a b", [], LONG], []),
        "default-route": ([True], [False, "yes", "true", 1, []], []),
    },
    "vlan": {
        "link": (["e", "bond0"], ["", "a/b", "lo", []], []),
        "id": ([1, 4094], [0, 4095, -1, "x", []], []),
    },
    "slave": {
        "name": (["a", "eth0", 7], ["", "a" * 16, "a/b", "a b", "a:b", "a%d", ".", "..", "lo", "all", "default", []], []),
        "netns": (["lab", "/run/docker/netns/1", "pid:1", 7], ["", "a/b", ".", "..", "/", "pid:x", [], LONG], ["pid:0"]),
        "enabled": ([True, False], ["yes", "true", 1, []], []),
        "addresses": ([[], ["10.0.0.2/24"], ["2001:db8::2/64", {"10.0.0.2/24": {"label": "a:b"}}]],
                      ["10.0.0.2/24", ["10.0.0.2"], ["x/24"], [7], {}, [{}], [{"10.0.0.2": {}}]],
                      [["10.0.0.0/24"], ["10.0.0.255/24"], ["10.0.0.2/33"], ["224.0.0.1/4"], ["10.0.0.2/24", "10.0.0.2/16"]]),
        "pool": (["lan", "x" * 63, 7], ["", "x" * 64, "a b", "a/b", [], {}], []),
        "routes": ([[], [{"to": "10.9.0.0/16"}]], ["default", {"to": "default"}, [[]], [{}]], [[{"to": "default", "via": "10.7.7.7"}]]),
        "routing-policy": ([[], [{"from": "10.0.0.2", "table": 100}]], ["x", {}, [[]], [{}], [{"table": 100}]], []),
        "source-routing": ([True, False, 100], [0, -1, 4294967296, [], {}, "7x"], ["nosuchtable"]),
        "host-access": ([False], ["yes", "true", 1, "10.0.0.250", []], [True]),
        "handed-over": ([True, False], ["yes", "true", 1, []], []),
        "transient": ([False], ["yes", "true", 1, []], [True]),
        "nameservers": ([{"addresses": ["10.3.3.3"]}, {"search": ["a.example"]}], ["10.3.3.3", [], {"options": []}], []),
        "mtu": ([68, 65535, "auto"], [67, 65536, -1, "big", 1.5, []], []),
        "ipv6": (["off", "static", "ra"], ["on", "", True, False, 6, []], []),
        "ipv6-address-generation": (["eui64", "none", "random"], ["eui-64", "", "stable-privacy", True, 1, []], []),
        "sysctl": ([{}, {"ipv6.accept_ra": 0}, {"ipv4.arp_announce": "2"}],
                   ["x", [], {"accept_ra": 0}, {"ipv4.a": []}, {"ipv4.a": True}, {"ipv4.A": 1}], []),
        "altnames": ([[], ["web0"], ["x" * 127]], ["web0", [""], ["x" * 128], {}, [[]]], [["a b"]]),
        "alias": (["the web server", "x" * 255], [LONG, [], {}], []),
        "vrf": (["red"], ["x" * 16, [], {}], ["a/b"]),
        "optional": ([True, False], ["yes", "true", 1, []], []),
        "drift": (["repair", "report", "ignore"], ["", "no", True, []], []),
    },
    "nameservers": {
        "addresses": ([[], ["10.3.3.3", "2001:db8::53"]], ["10.3.3.3", {}, [[]]], [["10.3.3"], ["x"]]),
        "search": ([[], ["a.example"]], ["a.example", {}, [[]]], [["a b"]]),
    },
    "address-options": {
        "label": (["a:b", "x" * 15], ["", "x" * 16, "a b", "ä", []], []),
        "lifetime": ([0, "forever"], [1, "never", True, []], []),
        "peer": (["2001:db8::1"], [[], {}], ["x", "10.0.0.1", "2001:db8::1/64"]),
        "scope": (["global", "link", "host"], ["site", "", 1, []], []),
    },
    "route": {
        "to": (["default", "10.9.0.0/16", "10.9.0.1"], ["", "x", [], 7, "10.9/16"], ["10.9.0.1/16", "10.9.0.0/33"]),
        "via": (["10.0.0.1", ["10.0.0.1", {"address": "10.0.0.3", "weight": 2}]], ["", "x", "10.0.0.1/24", [], [{}], {}],
                ["10.7.7.7", "2001:db8::1", "10.0.0.2"]),
        "from": (["10.0.0.2"], ["", "x", "10.0.0.2/24", []], ["10.0.0.3"]),
        "metric": ([0, 4294967295], [-1, 4294967296, "x", []], []),
        "table": ([1, 100, 4294967295, "main"], [0, -1, 4294967296, [], "7x"], ["nosuchtable"]),
        "on-link": ([True, False], ["yes", 1, []], []),
        "mtu": ([68, 65520], [67, 65521, "x", []], []),
        "advertised-mss": ([1, 65495], [0, 65496, "x", []], []),
        "scope": (["global", "link", "host"], ["site", "", 1, []], []),
        "type": (["unicast", "blackhole", "unreachable", "prohibit", "throw"], ["local", "", 1, []], []),
    },
    "via": {
        "address": (["10.0.0.1"], ["", "x", "10.0.0.1/24", []], ["10.7.7.7"]),
        "weight": ([1, 256], [0, 257, "x", []], []),
    },
    "rule": {
        "from": (["10.0.0.2", "10.0.0.0/24"], ["", "x", [], 7], ["10.0.0.2/24"]),
        "to": (["10.9.0.0/16", "10.9.0.1"], ["", "x", [], 7], ["10.9.0.1/16"]),
        "table": ([1, 100, "main"], [0, -1, 4294967296, [], "7x"], ["nosuchtable"]),
        "priority": ([0, 4294967295], [-1, 4294967296, "x", []], []),
        "mark": ([1, "0x10", 4294967295], [[], {}, True], [0, "x", -1]),
        "type-of-service": ([4, 28], [[], {}, True], [1, 32, "x", -1]),
    },
}


# Values that fit few keys: what the schema refuses of them, also in quotes, ipvl-ctl refuses too.
ODD = [None, "", " ", "x", "0", 0, -1, 1.5, True, False, [], [None], [""], ["x"], [0], [True], [[]], [{}], {}, {"x": "x"}, {"name": ""}]


def masters_of(kind, key, value, n):
    """A master of the file in which the key of an object has the value; the rest is as it must be for good ones."""
    master = {"name": f"m{n}", "mode": "l2"}
    slave = {"name": "a", "netns": f"n{n}", "addresses": ["10.0.0.2/24"]}
    if kind == "master":
        slave = None
        master.update({"mode": "l3"} if key == "host-access" and value is not True else {})
        master[key] = value
    elif kind in ("match", "vlan"):
        slave = None
        master[kind] = {**({"link": f"e{n}", "id": n + 1} if kind == "vlan" else {}), key: value}
    elif kind == "nameservers":
        slave["nameservers"] = {key: value}
    elif kind == "address-options":
        slave["addresses"] = [{"2001:db8::2/128" if key == "peer" and ":" in str(value) else "10.0.0.2/24": {key: value}}]
    elif kind == "route":
        route = {"to": "10.9.0.0/16"}
        if key not in ("via", "scope", "type"):
            route["via"] = "10.0.0.1"
        if key == "via" and value == ["10.0.0.1"]:
            route = {}
        slave["routes"] = [{**route, key: value}]
    elif kind == "via":
        slave["routes"] = [{"to": "10.9.0.0/16", "via": [{"address": "10.0.0.1", key: value}]}]
    elif kind == "rule":
        slave["routing-policy"] = [{"table": 100, **({} if key in ("to", "from") else {"from": "10.0.0.2"}), key: value}]
    else:
        slave[key] = value
    return {**master, **({"slaves": [slave]} if slave else {})}


def resolve(schema):
    return KEYS["definitions"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


def is_type(value, name):
    if name in ("integer", "number"):
        return isinstance(value, int if name == "integer" else (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def counts(schema, value, least, most):
    return schema.get(least, 0) <= len(value) <= schema.get(most, 1 << 32)


def fits_object(s, value):
    for key, inner in value.items():
        if "propertyNames" in s and not fits(s["propertyNames"], key):
            return False
        more = s.get("additionalProperties", True)
        one = s.get("properties", {}).get(key, more)
        if any(re.search(p, key) for p in s.get("patternProperties", {})):
            continue
        if one is False or one is not True and not fits(one, inner):
            return False
    return all(k in value for k in s.get("required", [])) and counts(s, value, "minProperties", "maxProperties")


def fits(s, value):
    """Draft 7, as far as the schema goes."""
    s = resolve(s)
    types = s.get("type", [])
    if types and not any(is_type(value, t) for t in ([types] if isinstance(types, str) else types)):
        return False
    same = [(type(w), w) for w in s.get("enum", [s["const"]] if "const" in s else [])]
    if same and (type(value), value) not in same or "not" in s and fits(s["not"], value):
        return False
    if "anyOf" in s and not any(fits(one, value) for one in s["anyOf"]):
        return False
    if isinstance(value, str):
        return counts(s, value, "minLength", "maxLength") and re.search(s.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return counts(s, value, "minItems", "maxItems") and all(fits(s.get("items", {}), one) for one in value)
    if isinstance(value, dict):
        return fits_object(s, value)
    return not is_type(value, "number") or s.get("minimum", value) <= value <= s.get("maximum", value)


def quoted(value):
    """With each number and boolean as text: a key of texts takes these without quotes."""
    if isinstance(value, list):
        return [quoted(v) for v in value]
    return json.dumps(value) if isinstance(value, (bool, int, float)) else value


def objects_of(kind, key, value, n):
    """As masters_of(); a pool stands beside the masters."""
    return {"name": f"p{n}", "subnets": ["10.0.0.0/24"], key: value} if kind == "pool" else masters_of(kind, key, value, n)


def list_of(kind):
    return "pools" if kind == "pool" else "masters"


def lines_of(kind, key, values):
    """A file in which each value has a line of its own, from the third one on. JSON is YAML."""
    masters = [objects_of(kind, key, v, n) for n, v in enumerate(values)]
    return masters, f"version: 1\n{list_of(kind)}:\n" + "".join(f"  - {json.dumps(m, ensure_ascii=False)}\n" for m in masters)


class Keys(Case):
    def check_file(self, key, good, bad):
        for value in good + bad:
            document = {"version": 1, **{key: value}}
            path = self.host.write("file.yaml", "".join(f"{k}: {json.dumps(v)}\n" for k, v in document.items()))
            what = f"{key}: {value!r}"
            self.assertEqual(fits(KEYS, document), value in good, f"the schema, {what}")
            if value in good:
                self.ctl("validate", path)
            else:
                self.refused("validate", path)

    def is_taken(self, kind, key, value):
        return fits(KEYS, {"version": 1, list_of(kind): [objects_of(kind, key, value, 0)]})

    def check(self, kind, key, good, bad, only_ipvl):
        masters, text = lines_of(kind, key, good)
        for m in masters:
            self.assertTrue(fits(KEYS, {"version": 1, list_of(kind): [m]}), f"the schema takes {m}")
        if good:
            self.ctl("validate", self.host.write("good.yaml", text))
        masters, text = lines_of(kind, key, bad + only_ipvl)
        for n, m in enumerate(masters):
            self.assertEqual(fits(KEYS, {"version": 1, list_of(kind): [m]}), n >= len(bad), f"the schema, {m}")
        said = self.refused("validate", self.host.write("bad.yaml", text))
        refused = {int(n) for n in re.findall(r"(?m)^\S+bad\.yaml:(\d+):\d+: ", said)}
        missing = [text.splitlines()[n - 1] for n in range(3, 3 + len(masters)) if n not in refused]
        self.assertEqual(missing, [], f"{kind}.{key}: ipvl-ctl takes\n{said}")

    def test_values(self):
        for kind, keys in VALUES.items():
            for key, (good, bad, only_ipvl) in keys.items():
                with self.subTest(f"{kind}.{key}"):
                    if kind == "file":
                        self.check_file(key, good, bad)
                    else:
                        self.check(kind, key, good, bad, only_ipvl)

    def test_odd_values(self):
        for kind, keys in VALUES.items():
            for key in keys if kind != "file" else ():
                with self.subTest(f"{kind}.{key}"):
                    odd = [v for v in ODD if not any(self.is_taken(kind, key, same) for same in (v, quoted(v)))]
                    self.check(kind, key, [], odd, [])

    def test_each_key(self):
        """VALUES has all keys of the schema, and no other."""
        def nested(s):
            yield s
            for one in ([s["items"]] if "items" in s else []) + s.get("anyOf", []):
                yield from nested(one)

        there = set()
        for name, schema in {"file": KEYS, **KEYS["definitions"]}.items():
            for key, value in schema.get("properties", {}).items():
                there.add((name, key))
                there.update((key, k) for one in nested(value) for k in one.get("properties", {}))
        self.assertEqual({(kind, key) for kind, keys in VALUES.items() for key in keys}, there)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
