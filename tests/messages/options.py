#!/usr/bin/python3
"""Every option of every command is in a golden file, with a good and a bad use; so is every command.

Usage: options.py IPVL-CTL IPVLD OVSDB-LITE SCHEMA     Good is exit status 0 or 2, bad is 1.
"""
import os
import re
import shlex
import subprocess
import sys

from sentences import HERE, lint

LETTERS = {"-f": "--file", "-t": "--timeout", "-p": "--patch", "-u": "--unified", "-h": "--help", "-V": "--version"}
# test_messages.py starts each daemon with them.
OF_EACH_DAEMON = {("", o) for o in ("--db", "--schema", "--config-dir", "--datapath", "--remote")}


def printed(*words):
    return subprocess.run(words, capture_output=True, text=True, check=False, env=dict(os.environ, IPVL_DB="")).stdout


def wanted_of_ctl(program):
    """{(command, option)}; the command is "" for options of every line, the option for a use without any."""
    def complete(*words):
        return [line.split("\t")[0].rstrip("=") for line in printed(program, "__complete", *words).splitlines()]
    of_line = complete("--")
    found = {("", o) for o in of_line}
    for command in (c for c in complete("") if c != "help"):
        found |= {(command, "")} | {(command, o) for o in complete(command, "--") if o not in of_line}
    return found


def wanted_of_help(program, commands):
    text = printed(program, "--help")
    found = {("", o) for o in re.findall(r"--[a-z][a-z-]+", text)}
    return found | {(c, "") for c in re.findall(r"^  ([a-z][a-z-]+)", text, re.M) if commands}


def split(words, commands):
    """The parts of a line between "--": (command, options)."""
    command, options, done = "", [], []
    for word in [*words, "--"]:
        if word == "--":
            done.append((command, options))
            command, options = "", []
        elif word.startswith("--"):
            options.append(word.split("=")[0])
        elif word in LETTERS:
            options.append("--format" if word == "-f" and not command else LETTERS[word])
        elif not command and word in commands:
            command = word
    return done


def uses(command, commands):
    """{(command, option)} of a shell line that is one call of a program, with its name."""
    line = re.split(r" \d?[<>|;&]", command.splitlines()[0])[0]
    try:
        words = shlex.split(line)
    except ValueError:
        return None, set()
    while words and re.match(r"\w+=", words[0]):
        words.pop(0)
    if words[:1] == ["fake"] and "--" in words:  # a server for the command behind it
        del words[:words.index("--") + 1]
    if not words or words[0] not in commands:
        return None, set()
    found = set()
    for name, options in split(words[1:], commands[words[0]]):
        found |= {(name, "")} | {(where, o) for o in options for where in (name, "")}
    return words[0], found


def cases(text):
    """(command, exit status) of each case of a file."""
    command = None
    for line in text.splitlines() + [""]:
        if line.startswith("  $ "):
            if command:
                yield command, 0
            command = line[4:]
        elif command and re.fullmatch(r"  \[\d+\]", line):
            yield command, int(line.strip("  []"))
            command = None
        elif command and not line.startswith("  "):
            yield command, 0
            command = None


def main():
    programs = dict(zip(("ipvl-ctl", "ipvld", "ovsdb-lite"), map(os.path.realpath, sys.argv[1:])))
    wanted = {"ipvl-ctl": wanted_of_ctl(programs["ipvl-ctl"]), "ipvld": wanted_of_help(programs["ipvld"], False),
              "ovsdb-lite": wanted_of_help(programs["ovsdb-lite"], True)}
    commands = {p: {c for c, _ in w} for p, w in wanted.items()}
    seen = {p: {True: set(), False: set()} for p in wanted}
    for name in sorted(os.listdir(HERE)):
        if not name.endswith(".txt"):
            continue
        text = lint.read("tests/messages/" + name)
        for command, status in cases(text):
            program, found = uses(command, commands)
            if program:
                seen[program][status in (0, 2)] |= found
        for options in re.findall(r"^(?:  \$ )?daemon(?::| start) (--.*)$", text, re.M):
            seen["ipvld"][True] |= uses("ipvld " + options, commands)[1]
    seen["ipvld"][True] |= OF_EACH_DAEMON
    results = []
    for program, all_wanted in wanted.items():
        complaints = [f"{program} {c} {o}".rstrip() + f": no {'good' if is_good else 'bad'} use in tests/messages"
                      for is_good in (True, False) for c, o in sorted(all_wanted - seen[program][is_good])]
        results.append((f"{len(all_wanted)} commands and options of {program}, good and bad", complaints))
    lint.report(results)


if __name__ == "__main__":
    main()
