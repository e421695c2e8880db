#!/usr/bin/python3
"""Makes ipvl.db(5), in scdoc's language, of the schema and of ipvl.db.txt, which describes its columns.

Usage: ipvl.db.py SCHEMA DESCRIPTIONS. Exit status 1: a table or column has no description, or is none.
"""
import json
import re
import sys

HEAD = """ipvl.db(5)

# NAME

ipvl.db - the tables and columns of ipvld's database

# DESCRIPTION

*ipvld*(8) keeps the configuration of its host, and what became of it, in an OVSDB database (RFC 7047) called *ipvl*.
Every client of OVSDB may read and write it: *ipvl-ctl*(8), *ovsdb-client*(1), or a library. Whatever client it is, the same rules hold
for what is written, and *ipvld* makes the kernel match.

Columns marked _status_ are written by *ipvld*, and are not in the file. Example values are written as for
*ipvl-ctl*, which says how sets and maps are typed.

"""
TAIL = """# SEE ALSO

*ipvl-ctl*(8), *ipvld*(8), *ipvl.yaml*(5), *ovsdb-client*(1)
"""
TAGS = ("Values", "Unit", "Example")


def parse(text):
    """{table: {"": (tags, lines), column: …}}"""
    tables, entry = {}, None
    for line in text.splitlines():
        heading = re.match(r"(##?) (\w+)$", line)
        tag = re.match(r"(%s): (.*)" % "|".join(TAGS), line)
        if heading and heading[1] == "#":
            columns = tables.setdefault(heading[2], {})
            entry = columns.setdefault("", ({}, []))
        elif heading:
            entry = columns.setdefault(heading[2], ({}, []))
        elif entry and tag:
            entry[0][tag[1]] = tag[2]
        elif entry and line:
            entry[1].append(line)
    return tables


def complaints(schema, described):
    """What is without a description, and what is described and not there."""
    found = []
    tables = schema["tables"]
    for table in sorted(set(tables) | set(described)):
        if table not in tables:
            found.append(f"table {table} is described, and there is none")
            continue
        columns = tables[table]["columns"]
        texts = described.get(table, {})
        found += [f"{table}.{c} is described, and there is none" for c in texts if c and c not in columns]
        found += [f"{f'{table}.{c}' if c else f'table {table}'} has no description"
                  for c in ["", *columns] if not texts.get(c, (0, []))[1]]
        if table in ("Master", "Slave"):
            found += [f"{table}.{c} has no example, values or type that says them"
                      for c in columns if c in texts and not says_values(columns[c], texts[c][0])]
    return found


def says_values(column, tags):
    base = base_type(column["type"])
    return "Example" in tags or "Values" in tags or "enum" in base or "refTable" in base


def base_type(column_type):
    key = column_type["key"] if isinstance(column_type, dict) else column_type
    return key if isinstance(key, dict) else {"type": key}


def words_of_base(base):
    if "enum" in base:
        values = base["enum"][1] if isinstance(base["enum"], list) else [base["enum"]]
        return "one of " + ", ".join(f"*{v}*" if v else '""' for v in values)
    if "refTable" in base:
        return f"{'weak ' if base.get('refType') == 'weak' else ''}reference to _{base['refTable']}_"
    words = base["type"]
    low, high = base.get("minInteger"), base.get("maxInteger")
    if low is not None and high is not None:
        words += f", {low} to {high}"
    elif low is not None:
        words += f", {low} or more"
    low, high = base.get("minLength"), base.get("maxLength")
    if low and high:
        words += f" of {low} to {high} characters"
    elif high:
        words += f" of up to {high} characters"
    return words


def plural(words):
    return re.sub(r"^(string|integer|boolean|reference|weak reference)\b", r"\1s", words)


def words_of_type(column_type):
    words = words_of_base(base_type(column_type))
    if not isinstance(column_type, dict):
        return words
    if "value" in column_type:
        return f"map of {plural(words)} to {plural(words_of_base(base_type({'key': column_type['value']})))}"
    if column_type.get("max", 1) != 1:
        most = column_type["max"]
        return f"set of {plural(words)}" if most == "unlimited" else f"set of up to {most} {plural(words)}"
    return f"optional {words}" if column_type.get("min") == 0 else words


def write_column(name, column, tags, lines):
    status = ", _status_" if column.get("ephemeral") else ""
    out = [f"*{name}*: {words_of_type(column['type'])}{status}"]
    out += ["\t" + line for line in lines]
    for tag in TAGS:
        if tag in tags:
            value = tags[tag] if tag != "Example" else escape(tags[tag])
            out += ["", f"\t{tag}: {value}"]
    return "\n".join(out) + "\n\n"


def escape(text):
    return re.sub(r"([\\*_`#\[\]<>~+])", r"\\\1", text)


def page(schema, described):
    out = HEAD
    for table, columns in described.items():
        tags, lines = columns[""]
        definition = schema["tables"][table]
        out += f"# TABLE {table}\n\n" + "\n".join(lines) + "\n\n"
        for index in definition.get("indexes", []):
            names = [f"*{c}*" for c in index]
            together = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
            out += f"No two rows have the same {together}.\n\n"
        if "maxRows" in definition:
            out += f"There are at most {definition['maxRows']} rows.\n\n"
        for name, (tags, lines) in columns.items():
            if name:
                out += write_column(name, definition["columns"][name], tags, lines)
    return out + TAIL


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        schema = json.load(f)
    with open(sys.argv[2], encoding="utf-8") as f:
        described = parse(f.read())
    found = complaints(schema, described)
    if found:
        sys.exit("\n".join(f"{sys.argv[2]}: {c}" for c in found))
    sys.stdout.write(page(schema, described))


if __name__ == "__main__":
    main()
