#!/usr/bin/python3
"""Each key of the YAML file (schemas/ipvl.schema.json) stands on docs/yaml.md, in ipvl.yaml(5), in the texts of `ipvl-ctl
explain`, and in a file of docs/examples, which tests/kernel/test_examples.py applies, with each word that it takes; and in a
scenario (tests/scenarios) in which another program changes something and ipvl repairs it."""

import contextlib
import json
import os
import re

import lint

SCHEMA = json.loads(lint.read("schemas/ipvl.schema.json"))
# Without such a scenario, and where else each is tested.
ELSEWHERE = {("match", "path"): "tests/kernel/test_cards.py: no command of a scenario makes a bus",
             ("slave", "nameservers"): "story-nameservers.txt: a change of a file makes no event, and is no drift",
             ("nameservers", "addresses"): "the same", ("nameservers", "search"): "the same"}
# Where the keys of an object are: a heading of docs/yaml.md; a section of the manual, or the entry of a key in it.
PLACES = {"file": ("The file", "# THE FILE"), "master": ("A master", "# A MASTER"), "slave": ("A slave", "# A SLAVE"), "pool": ("Pools of addresses", "# A POOL"),
          "match": ("A master found by `match`", "*match*"), "route": ("A route", "*routes*"),
          "rule": ("Policy routing", "*routing-policy*"), "address-options": ("More about an address", "*addresses*"),
          "vlan": ("A master", "*vlan*"), "nameservers": ("A slave", "*nameservers*"), "via": ("A route", "*routes*")}


def resolve(schema):
    return resolve(SCHEMA["definitions"][schema["$ref"].rsplit("/", 1)[1]]) if "$ref" in schema else schema


def nested(schema):
    """The objects that a value is, or may be, or has as elements, unless they are definitions of their own."""
    if "$ref" not in schema:
        yield schema
        for one in ([schema["items"]] if "items" in schema else []) + schema.get("anyOf", []):
            yield from nested(one)


def keys():
    """{(object, key): schema}"""
    found = {}
    for name, schema in {"file": SCHEMA, **SCHEMA["definitions"]}.items():
        for key, value in schema.get("properties", {}).items():
            found[name, key] = value
            found.update({(key, k): v for one in nested(value) for k, v in one.get("properties", {}).items()})
    return found


def words(schema):
    """The words that a key takes, but for the one that stands for the key left out."""
    schema = resolve(schema)
    return [str(w) for w in dict.fromkeys(map(str, schema.get("enum", []))) if w != schema.get("default")]


def section(text, heading):
    """Of docs/yaml.md, up to the next heading."""
    return re.split(r"(?m)^#+ ", text.split(f" {heading}\n", 1)[1])[0]


def entry(text, place):
    """A section of the manual, or the entry of a key: its lines up to the next entry."""
    if place.startswith("#"):
        return text.split(f"\n{place}\n", 1)[1].split("\n# ", 1)[0]
    master, slave = entry(text, "# A MASTER"), entry(text, "# A SLAVE")
    return "".join(re.split(r"(?m)^\*[a-z0-9-]+\*$", part.split(f"\n{place}\n", 1)[1])[0] for part in (master, slave)
                   if f"\n{place}\n" in part)


def check_pages():
    page, manual = lint.read("docs/yaml.md"), lint.read("docs/man/ipvl.yaml.5.scd")
    complaints = []
    for (name, key), schema in keys().items():
        heading, place = PLACES[name]
        told, entries = section(page, heading), entry(manual, place)
        line = re.search(rf"(?m)^\|[^|]*`{key}`[^|]*\|.*", told)
        if not line and not re.search(rf"[{{ ]{key}:", told):  # as in `{{link: eno2, id: 100}}`
            complaints.append(f"docs/yaml.md, {heading}: no `{key}`")
        if not re.search(rf"\*{key}\*", entries):
            complaints.append(f"ipvl.yaml(5), {place}: no *{key}*")
        complaints += [f"docs/yaml.md, {heading}, `{key}`: no `{w}`" for w in words(schema) if line and f"`{w}`" not in line[0]]
        complaints += [f"ipvl.yaml(5), {place}, *{key}*: no {w}" for w in words(schema) if not re.search(rf"\*{w}\*", entries)]
    return complaints


def origin(name, key, schema):
    """Several keys may be one definition: a word of it is needed once."""
    return schema.get("$ref", (name, key))


def used(value, schema, name, found):
    """Notes in 'found' the keys and words of an example, in which a scalar is a text."""
    for one in (schema, *map(resolve, schema.get("anyOf", []))):
        if isinstance(value, list) and "items" in one:
            for element in value:
                used(element, resolve(one["items"]), name, found)
        for key, inner in value.items() if isinstance(value, dict) else ():
            if key in one.get("properties", {}):
                kind = next((n for n, d in SCHEMA["definitions"].items() if d is one), name)
                found |= {(kind, key), (origin(kind, key, one["properties"][key]), str(inner))}
                used(inner, resolve(one["properties"][key]), key, found)
            elif isinstance(one.get("additionalProperties"), dict):
                used(inner, resolve(one["additionalProperties"]), name, found)


def check_examples(yaml):
    found = set()
    for example in sorted(os.listdir(os.path.join(lint.SOURCE, "docs/examples"))):
        if example.endswith(".yaml"):
            used(yaml.load(lint.read(f"docs/examples/{example}"), yaml.BaseLoader), SCHEMA, "file", found)
    complaints = [f"no file of docs/examples has {key}, a key of {name}" for name, key in keys() if (name, key) not in found]
    return complaints + [f"no file of docs/examples has {key}: {w}" for (name, key), schema in keys().items()
                         for w in words(schema) if (name, key) in found and (origin(name, key, schema), w) not in found]


def check_scenarios(yaml):
    found, repaired = set(), set()
    for path in lint.sources(".txt", rooms=("tests/scenarios",)):
        text, here = lint.read(path), set()
        for block in re.findall(r"(?ms)^-- apply(?: \S+)? --\n(.*?)(?=^-- |\Z)", text):
            with contextlib.suppress(yaml.YAMLError, AttributeError):  # a text that is refused
                used(yaml.load(block, yaml.BaseLoader), SCHEMA, "file", here)
        found |= here
        if re.search(r"(?m)^-- drift --\n[^\n#-]", text):
            repaired |= here
    complaints = [f"no scenario with a drift has {key}, a key of {name}" for name, key in keys()
                  if (name, key) not in repaired and (name, key) not in ELSEWHERE]
    return complaints + [f"no scenario has {key}: {w}" for (name, key), schema in keys().items()
                         for w in words(schema) if (origin(name, key, schema), w) not in found]


if __name__ == "__main__":
    results = [("each key is on docs/yaml.md and in the manual", check_pages())]
    try:
        import yaml as library
        results.append(("each key is in an example", check_examples(library)))
        results.append(("each key is in a scenario with a drift", check_scenarios(library)))
    except ImportError:
        results.append(("each key is in an example and in a scenario # SKIP python3-yaml is not installed", []))
    lint.report(results)
