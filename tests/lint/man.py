#!/usr/bin/python3
"""The man pages are well formed; with programs built, they tell of the options and commands that --help tells of."""

import os
import re
import shutil
import sys
import tempfile

import lint

# What every page of scdoc has: empty paragraphs, a date in ISO form.
HARMLESS = re.compile(r"STYLE|skipping paragraph macro|cannot parse date")
PAGES = ("ipvl-ctl.8", "ipvld.8", "ipvl-cni.8", "ipvl-docker.8", "ovsdb-lite.8", "ipvl.yaml.5", "ipvl.db.5", "ipvl-datapath.7")
PROGRAMS = {"ipvld.8": "reconciler/ipvld", "ipvl-ctl.8": "ctl/ipvl-ctl",
            "ovsdb-lite.8": "ovsdb-lite/ovsdb-lite", "ipvl-cni.8": "engines/ipvl-cni", "ipvl-docker.8": "engines/ipvl-docker"}


def check_form(path, text=None):
    if not shutil.which("scdoc") or not shutil.which("mandoc"):
        return None
    page = lint.run("scdoc", stdin=text or lint.read(path))
    if page.returncode != 0:
        return [f"{path}: scdoc: {page.stderr.strip()}"]
    out = lint.run("mandoc", "-T", "lint", "-W", "warning", stdin=page.stdout).stdout
    return [f"{path}: {line}" for line in out.splitlines() if not HARMLESS.search(line)]


def make_db_page(*without):
    """What docs/man/ipvl.db.py makes of the schema and its descriptions, without some of their lines."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as f:
        f.write("".join(line for line in lint.read("docs/man/ipvl.db.txt").splitlines(True) if line not in without))
        f.flush()
        return lint.run(sys.executable, "docs/man/ipvl.db.py", "schemas/ipvl.ovsschema", f.name)


def check_db_page():
    """Each column is described, and it is noticed where one is not."""
    page, lacking = make_db_page(), make_db_page("## mtu\n")
    if page.returncode != 0:
        return page.stderr.splitlines()
    return [] if "Master.mtu has no description" in lacking.stderr else ["nobody misses the description of Master.mtu"]


def page_text(page):
    """In scdoc's language: the file, or what docs/man/ipvl-ctl.py makes of it."""
    if page == "ipvl-ctl.8":
        return lint.run(sys.executable, "docs/man/ipvl-ctl.py", "docs/man/ipvl-ctl.txt", f"docs/man/{page}.scd").stdout
    return lint.read(f"docs/man/{page}.scd")


def check_help(page, program):
    """Options and commands of --help against those of the page, both ways."""
    text = page_text(page).replace("\\", "")
    told_text = lint.run(program, "--help").stdout
    told = set(re.findall(r"--[a-z][a-z-]+", told_text))
    written = set(re.findall(r"\*(--[a-z][a-z-]+)", text))
    if "\nCommands:\n" in told_text and "\n# COMMANDS\n" in text:
        table = told_text.split("\nCommands:\n")[1].split("\n\n")[0]
        told |= set(re.findall(r"^  ([a-z-]+)", table, re.M))
        section = text.split("\n# COMMANDS\n")[1].split("\n# ")[0]
        written |= set(re.findall(r"^\*([a-z-]+)\*", section, re.M))
    for command in ("set-master", "set-slave", "set-pool") if page == "ipvl-ctl.8" else ():
        columns = lint.run(program, "help", command).stdout.split("\nColumns:\n")[1].split("\n\n")[0]
        told |= set(re.findall(r"^ +(\S+=.*)$", columns, re.M))
        written |= {c for c in told if f"*{c}*" in text}
    complaints = [f"{page} does not tell of {o}" for o in sorted(told - written)]
    return complaints + [f"{page} tells of {o}, --help does not" for o in sorted(written - told)]


def check_references():
    """A page of ours that another one, a document, a message or a comment names is there, in that section."""
    pages = dict(p.rsplit(".", 1) for p in PAGES)
    paths = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", *lint.sources(".c", ".h", ".md", ".txt", ".scd", ".py", ".service.in",
                                                                           rooms=("docs", "data", *lint.ROOMS))]
    return [f"{path}: {m[1]}({m[2]}) is {m[1]}({pages[m[1]]})" for path in paths
            for m in re.finditer(r"\b(ovsdb-lite|ipvl(?:d|-ctl|-datapath|\.yaml|\.db))\*?\((\d)\)", lint.read(path))
            if m[2] != pages[m[1]]]


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else os.path.join(lint.SOURCE, "build")
    results = []
    results.append(("ipvl.db.5 describes each column", check_db_page()))
    results.append(("each reference to a page has its section", check_references()))
    for page in sorted(os.listdir(os.path.join(lint.SOURCE, "docs/man"))):
        if page == "ipvl.db.txt":
            complaints = check_form(f"docs/man/{page}", make_db_page().stdout)
        elif page.endswith(".scd"):
            complaints = check_form(f"docs/man/{page}", page_text(page.removesuffix(".scd")))
        else:
            continue
        if complaints is None:
            results.append((f"{page} is well formed # SKIP scdoc or mandoc is not installed", []))
        else:
            results.append((f"{page} is well formed", complaints))
    for page, program in PROGRAMS.items():
        path = os.path.join(build, program)
        if os.path.exists(path):
            results.append((f"{page} and --help agree", check_help(page, path)))
        else:
            results.append((f"{page} and --help agree # SKIP {program} is not built", []))
    lint.report(results)


if __name__ == "__main__":
    main()
