#!/usr/bin/python3
"""Makes of the JSON Schema of the YAML file and of ipvl.keys.txt a C header: the texts of `ipvl-ctl explain KEY`.

Usage: ipvl.keys.py SCHEMA KEYS
"""
import json
import re
import sys
import textwrap

WIDTH = 79
OBJECTS = {"file": ("the file", ()), "master": ("a master", ("definitions", "master")),
           "pool": ("a pool", ("definitions", "pool")), "slave": ("a slave", ("definitions", "slave")), "route": ("a route", ("definitions", "route")),
           "rule": ("a rule of routing-policy", ("definitions", "rule"))}
LEFT_OUT = re.compile(r"\s*Left out: ([^.]*)\.|; ([^;.]*) when left out\.?")
NAMES = {"device": "a device's name", "netns": "a name, or an absolute path", "address": "ADDRESS/LENGTH",
         "host": "an address", "prefix": "a network or an address", "route": "a route (`explain route`)",
         "rule": "a rule (`explain rule`)", "master": "a master",
         "slave": "a slave", "pool": "a pool (`explain pool`)", "range": "FIRST-LAST, an address or a network", "pool-name": "a text"}


def values(s):
    """What a schema takes, in words."""
    if "$ref" in s:
        name = s["$ref"].rsplit("/", 1)[1]
        return NAMES.get(name) or values(schema["definitions"][name])
    if "anyOf" in s:
        # A name of digits is a number to YAML.
        return ", or ".join(dict.fromkeys(values(one) for one in s["anyOf"] if one != {"type": "integer"}))
    if "const" in s:
        return str(s["const"])
    if "enum" in s:
        return ", ".join(s["enum"])
    kind = s.get("type")
    if kind == "array":
        return "a list: " + values(s["items"])
    if kind == "object" and "properties" in s:
        return "{" + ", ".join(f"{k}: {values(v)}" for k, v in s["properties"].items()) + "}"
    if kind == "integer" and "minimum" in s:
        return f"{s['minimum']} to {s['maximum']}"
    return {"boolean": "true or false", "string": "a text", "object": "{KEY: VALUE, …}"}.get(str(kind), "a number")


def nested(s):
    """The keys inside of a value."""
    found = list(s.get("properties", {}))
    for part in ([s["items"]] if "items" in s else []) + s.get("anyOf", []):
        found += nested(part)
    return found


def read_entries(text):
    """{"master.mtu": (YAML, [lines of ipvl-ctl])}"""
    entries = {}
    for block in re.findall(r"(?m)^([a-z]+\.\S+)\n((?:  .*\n)+)", text):
        yaml, *ctl = [line.strip() for line in block[1].splitlines()]
        entries[block[0]] = (yaml, ctl)
    return entries


def facts(s, required):
    """(description, default)"""
    resolved = dict(schema["definitions"][s["$ref"].rsplit("/", 1)[1]], **s) if "$ref" in s else s
    what = resolved.get("description", "")
    left_out = LEFT_OUT.search(what)
    if left_out:
        what = (what[:left_out.start()] + ("." if left_out[2] else "") + what[left_out.end():]).strip()
    default = resolved.get("default")
    if required:
        return what, "required"
    if default is not None:
        return what, json.dumps(default).strip('"')
    return what, (left_out[1] or left_out[2]) if left_out else "none"


def line(label, text):
    return textwrap.fill(text, WIDTH, initial_indent=f"  {label:<10}", subsequent_indent=" " * 12,
                         break_on_hyphens=False, break_long_words=False) + "\n"


def explain(kind, key, s, required, entry):
    what, default = facts(s, required)
    text = f"{key}, of {OBJECTS[kind][0]}\n" + line("YAML", entry[0])
    for number, one in enumerate(entry[1]):
        text += f"  {'' if number else 'ipvl-ctl':<10}{one if one != '-' else 'has no form of it'}\n"
    text += line("values", values(s)) + line("default", default.replace("required", "none: it is required"))
    return text + (textwrap.fill(what, WIDTH, initial_indent="  ", subsequent_indent="  ") + "\n" if what else "")


def overview(kind, properties, required):
    name, _ = OBJECTS[kind]
    text = f"Keys of {name}; `ipvl-ctl explain KEY` says more:\n"
    width = max(map(len, properties)) + 4
    for key, s in properties.items():
        default = facts(s, key in required)[1]
        text += textwrap.fill(values(s) + ("; required" if default == "required" else f"; default: {default}"), WIDTH, initial_indent=f"  {key:<{width - 2}}",
                              subsequent_indent=" " * width, break_on_hyphens=False) + "\n"
    return text


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def main():
    with open(sys.argv[2], encoding="utf-8") as f:
        entries = read_entries(f.read())
    out = []
    for kind, (_, path) in OBJECTS.items():
        s = schema
        for step in path:
            s = s[step]
        required = s.get("required", [])
        out.append((kind, kind, overview(kind, s["properties"], required)))
        for key, value in s["properties"].items():
            if f"{kind}.{key}" not in entries:
                sys.exit(f"{sys.argv[2]}: {kind}.{key} has no entry")
            entry = entries.pop(f"{kind}.{key}")
            columns = re.findall(r"(?:^|\s)([a-z_]+)(?=[=:])", " ".join(entry[1])) if kind in ("master", "slave") else []
            words = dict.fromkeys([key] + nested(value) + columns)
            words = [w for w in words if w == key or w not in s["properties"] and w.replace("_", "-") not in s["properties"]]
            out.append((kind, " ".join(words), explain(kind, key, value, key in required, entry)))
    if entries:
        sys.exit(f"{sys.argv[2]}: no such key: {', '.join(entries)}")
    print("/* Made by docs/man/ipvl.keys.py. */\n#define KEYS_TEXT \\")
    print(", \\\n".join(f"\t{{{quoted(k)}, {quoted(w)}, {quoted(t)}}}" for k, w, t in out))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as schema_file:
        schema = json.load(schema_file)
    main()
