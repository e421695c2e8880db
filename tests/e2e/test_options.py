#!/usr/bin/python3
"""Each command with each of its options: a use that ends well, and the bad ones.

Usage: test_options.py IPVL-CTL IPVLD-LAB SCHEMA [--update]

The pairs come from the parser's tables, by `ipvl-ctl __complete`: a new command needs a line in USES, a new option one in
LINE or OWN. What is printed for bad uses is in golden/options.txt, once for all commands that print the same; --update
writes it.
"""
import concurrent.futures
import contextlib
import csv
import difflib
import io
import itertools
import json
import os
import queue
import random
import re
import subprocess
import sys
import textwrap

UPDATE = "--update" in sys.argv
sys.argv = [a for a in sys.argv if a != "--update"]
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from test_ctl import CERTIFICATES, CTL, LAB, PATIENCE_S, SCHEMA, Host  # noqa: E402

try:
    import yaml  # python3-yaml
except ImportError:
    yaml = None

GOLDEN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "golden", "options.txt")
A = "ns1/ipvl1"
N_LABS = 4


class Use:
    """The arguments with which a command ends well, again and again; 'before' are lines that make this so."""

    def __init__(self, arguments="", *before, status=0):
        self.arguments, self.before, self.status = arguments.split(), [b.split() for b in before], status


APPLIED = "apply -f lab.yaml --source=lab --adopt --prune"
EDITED = "set-slave ns1/ipvl1 mtu=1400", "set-slave ns1/ipvl1 mtu=1300"
CHANGED = "-f changed.yaml --source=lab"
ON_TRIAL = "try -f changed.yaml --source=lab --timeout=600 --no-wait"
POOL = "add-pool --may-exist lan subnets=10.0.0.0/24"
USES = {
    "show": Use(), "status": Use(), "why": Use(A), "drift": Use(), "repair": Use(A), "cleanup": Use(), "announce": Use(A, APPLIED),
    "watch": Use("--timeout=10"), "top": Use("--timeout=10"),
    "adopt": Use("eno2", APPLIED, "release eno2"), "release": Use(A, APPLIED),
    "history": Use(), "undo": Use("", *EDITED),
    "apply": Use(CHANGED, APPLIED), "diff": Use(CHANGED, APPLIED, status=2),
    "try": Use(CHANGED, "cancel", APPLIED), "confirm": Use("", "cancel", APPLIED, ON_TRIAL),
    "cancel": Use("", "cancel", APPLIED, ON_TRIAL),
    "reload": Use(), "export": Use(), "edit": Use(), "sources": Use(), "forget": Use("lab", APPLIED),
    "validate": Use("lab.yaml"), "import": Use(), "trace": Use(f"{A} 10.138.36.3", APPLIED), "who": Use("10.138.36.2"),
    "doctor": Use(), "explain": Use("mtu"),
    "add-master": Use("eno3", "del-master --if-exists eno3"), "set-master": Use("eno2 mode=l3", "set-master eno2 mode=l2"),
    "del-master": Use("eno3", "add-master --may-exist eno3"), "list-masters": Use(), "list-datapaths": Use(),
    "add-pool": Use("lan subnets=10.0.0.0/24", "del-pool --if-exists lan"), "set-pool": Use("lan subnets=10.1.0.0/24", POOL, "set-pool lan subnets=10.0.0.0/24"),
    "del-pool": Use("lan", POOL), "list-pools": Use(),
    "add-slave": Use("eno2 x netns=ns3", "del-slave --if-exists ns3/x"),
    "set-slave": Use(f"{A} mtu=1400", f"set-slave {A} mtu=1300"),
    "del-slave": Use("ns3/x", "add-slave --may-exist eno2 x netns=ns3"), "list-slaves": Use(), "init": Use(),
    "list": Use("Slave"), "find": Use("Slave"), "get": Use(f"Slave {A} name"),
    "set": Use(f"Slave {A} mtu=1400", f"set-slave {A} mtu=1300"),
    "add": Use(f"Slave {A} addresses 10.138.36.9/23", f"remove Slave {A} addresses 10.138.36.9/23"),
    "remove": Use(f"Slave {A} addresses 10.138.36.9/23", f"add Slave {A} addresses 10.138.36.9/23"),
    "clear": Use(f"Slave {A} mtu", f"set-slave {A} mtu=1300"),
    "create": Use("Host name=x"),
    "destroy": Use(f"Slave {A}", APPLIED),
    "wait-until": Use("Master eno2 state=ready"), "wait-online": Use(), "comment": Use("text"),
}
# A row of Host is made in a file without one.
OFFLINE = {"create": ["--db={new}", f"--schema={SCHEMA}"]}
TLS = ["--db={tls}", "--private-key=client.key", "--certificate=client.pem", "--ca-cert=ca.pem"]
# Options of every line: words of a good use, and of bad ones.
LINE = {
    "--db": (["--db=unix:db.sock"], [["--db=tpc:127.0.0.1:1"], ["--db=unix:nobody.sock"]]),
    **{o: (TLS, [[*(w for w in TLS if not w.startswith(o)), f"{o}=no-such.pem"]])
       for o in ("--private-key", "--certificate", "--ca-cert")},
    "--schema": ([f"--schema={SCHEMA}"], [["--db={new}", "--schema=no-such.ovsschema"]]),
    "--timeout": (["--timeout=30"], [["--timeout=0"]]),
    "--format": (["--format=table"], [["--format=xml"]]),
    "--no-headings": (["--no-headings"], [["--no-headings=1"], ["--no-headings", "--format=json"]]),
    "--bare": (["--bare"], [["--bare=1"], ["--bare", "--format=csv"]]),
    **{o: ([o], [[o + "=1"]]) for o in ("--no-wait", "--dry-run", "--strict", "--no-disrupt", "--help", "--version")},
}
# Pairs without a good use, and not for completion alone to leave out.
NEVER = {(c, "--dry-run") for c in ("announce", "cancel", "reload")} | {("create", "--strict"), ("create", "--no-disrupt")}
# Uses that cost no traffic.
W = "add-master --may-exist eno9", "add-slave --may-exist eno9 w"
GENTLE = {"forget": Use("w", "apply -f waiting.yaml --source=w"), "set-master": Use("eno2 external_ids:a=b"),
          "del-slave": Use("w", *W), "del-master": Use("eno9", *W), "destroy": Use("Slave w", *W),
          "apply": Use("waiting.yaml"), "try": Use("waiting.yaml", "cancel"),
          "remove": Use(f"Slave {A} external_ids a=b", f"add Slave {A} external_ids a=b")}
FOLLOW, TRIALS = {"watch", "top"}, {"try", "confirm", "cancel"}
FORMATS = "list", "json", "yaml", "csv", "dot", "svg"
# Options of single commands: the arguments of a good use, and of bad ones.
OWN = {
    ("show", "--not-ready"): ("--not-ready", ["--not-ready eno9"]),
    ("show", "--at"): ("--at=2", ["--at=", "--at=yesterday", "--at=99999"]),
    ("status", "--check"): ("--check", []),
    ("drift", "--follow"): ("--follow --timeout=10", ["--follow eno9", "--follow --format=csv"]),
    ("release", "--if-exists"): ("--if-exists ns9/x", ["--if-exists"]),
    ("history", "--patch"): ("--patch", ["--patch many"]),
    **{(c, "--file"): (Use("--file=changed.yaml --source=lab", "cancel", APPLIED, status=2 if c == "diff" else 0),
                       ["--file=no-such.yaml", "--file="]) for c in ("apply", "diff", "try")},
    ("validate", "--file"): ("--file=lab.yaml", ["--file=no-such.yaml", "--file="]),
    **{(c, "--source"): (Use(CHANGED, APPLIED, status=2 if c == "diff" else 0),
                         ["-f lab.yaml --source=", "-f lab.yaml -f changed.yaml --source=x"])
       for c in ("apply", "diff", "try")},
    **{(c, "--prune"): (Use(CHANGED + " --prune", APPLIED, status=2 if c == "diff" else 0), ["--prune"])
       for c in ("apply", "diff", "try")},
    **{(c, "--adopt"): (Use(CHANGED + " --adopt", APPLIED, status=2 if c == "diff" else 0), ["--adopt -f no-such.yaml"])
       for c in ("apply", "diff")},
    ("diff", "--unified"): (Use(CHANGED + " --unified", APPLIED, status=2), ["-f lab.yaml --unified --format=json"]),
    ("forget", "--if-exists"): ("--if-exists nothing", ["--if-exists"]),
    ("import", "--foreign"): ("--foreign", ["--foreign ns1/ipvl1"]),
    ("trace", "--outside"): (Use(f"{A} 10.138.36.3 --outside=hairpin", APPLIED), [f"{A} 10.138.36.3 --outside=", f"{A} 10.138.36.3 --outside=moon"]),
    ("trace", "--verify"): (None, [f"{A} 10.138.36.3 --verify", f"{A} --verify"]),
    ("add-master", "--may-exist"): ("--may-exist eno2", ["--may-exist eno2 mode=l9", "--may-exist"]),
    ("add-slave", "--may-exist"): (Use(f"--may-exist eno2 {A}", APPLIED), ["--may-exist eno9 x", "--may-exist eno2"]),
    ("add-pool", "--may-exist"): (Use("--may-exist lan gateway=10.0.0.1", POOL), ["--may-exist lan subnets=10.0.0.9/24", "--may-exist"]),
    ("del-pool", "--if-exists"): ("--if-exists dmz", ["--if-exists"]),
    ("del-master", "--if-exists"): ("--if-exists eno9", ["--if-exists"]),
    ("del-slave", "--if-exists"): ("--if-exists ns9/x", ["--if-exists"]),
    ("list-masters", "--columns"): ("--columns=name,mode", ["--columns=", "--columns=nmae", "--columns=name,moed"]),
    ("list-slaves", "--columns"): ("--columns=name,mtu", ["--columns=", "--columns=nmae", "--columns=name,rx_byte --stats"]),
    ("list-slaves", "--stats"): ("--stats", ["--stats eno9"]),
    ("list", "--if-exists"): ("--if-exists Slave ns9/x", ["--if-exists Slav"]),
    ("list", "--columns"): ("Slave --columns=name,mtu", ["Slave --columns=", "Slave --columns=nmae"]),
    ("find", "--columns"): ("Slave --columns=name,mtu", ["Slave --columns=", "Slave --columns=nmae"]),
    ("get", "--if-exists"): ("--if-exists Slave ns9/x name", ["--if-exists Slave ns9/x nmae"]),
    ("set", "--if-exists"): ("--if-exists Slave ns9/x mtu=1400", ["--if-exists Slave ns9/x mtu=few"]),
    ("add", "--if-exists"): ("--if-exists Slave ns9/x addresses 10.0.0.1/8", ["--if-exists Slave ns9/x addresses nothing"]),
    ("remove", "--if-exists"): ("--if-exists Slave ns9/x addresses 10.0.0.1/8", ["--if-exists Slave ns9/x name x"]),
    ("clear", "--if-exists"): ("--if-exists Slave ns9/x mtu", ["--if-exists Slave ns9/x name"]),
    ("destroy", "--if-exists"): ("--if-exists Slave ns9/x", ["--if-exists Slave"]),
    ("destroy", "--all"): (Use("--all Slave", APPLIED), [f"--all Slave {A}", "--all"]),
    ("wait-until", "--if-exists"): ("--if-exists Slave ns9/x state=ready", ["--if-exists Slave ns9/x state=happy"]),
}
REFUSED = re.compile(r"ipvl-ctl: (option (--\S+) is not valid for (\S+);|(\S+) does not support (--\S+)[;\n]|(--\S+) needs an ipvld )")


class Lab:
    """A daemon on a simulated host, with the rows of lab.yaml."""

    def __init__(self):
        self.host, self.numbers = Host(), itertools.count()
        self.env = dict(os.environ, IPVL_DB="unix:db.sock", EDITOR="true", VISUAL="true")
        self.host.write("lab.yaml", LAB)
        self.host.write("changed.yaml", LAB.replace("mode: l2", "mode: l3"))
        self.host.write("waiting.yaml", "version: 1\nmasters:\n  - name: eno9\n")
        subprocess.run([CERTIFICATES, self.host.dir], check=True, capture_output=True)
        keys = (("private-key", "server.key"), ("certificate", "server.pem"), ("ca-cert", "ca.pem"))
        self.host.start(options=["--remote=pssl:0:127.0.0.1", *(f"--{o}={self.host.path(f)}" for o, f in keys)])
        self.tls = f"ssl:127.0.0.1:{self.host.ports()[0]}"
        self.run(*APPLIED.split())

    def run(self, *words):
        words = [w.format(tls=self.tls, new=f"new{next(self.numbers)}.db") if w.startswith("--db={") else w for w in words]
        return subprocess.run([CTL, *words], env=self.env, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
                              cwd=self.host.dir)

    def offered(self, *words):
        return [line.split("\t")[0] for line in self.run("__complete", *words).stdout.splitlines()]

    def settle(self, text):
        """What is printed, as in every run."""
        text = text.replace(self.tls, "ssl:IP:PORT").replace(os.path.realpath(self.host.dir), "/lab")
        return re.sub(r"\bnew\d+\.db", "new.db", re.sub(r"\d{4}-\d\d-\d\d", "YYYY-MM-DD", text))


def is_of(name, text):
    """Whether the output is of its format."""
    try:
        if name == "json":
            for part in text.splitlines() if text.startswith('{"') else [text]:
                json.loads(part)
        elif name == "yaml" and yaml:
            yaml.safe_load(text)
        elif name == "csv":
            return len({len(row) for row in csv.reader(io.StringIO(text))}) < 2
        elif name == "svg":
            return text.startswith("<svg")
    except ValueError:
        return False
    except yaml.YAMLError:
        return False
    return name != "dot" or text.startswith("graph")


class Test:
    """The pairs of some commands."""

    def __init__(self, lab):
        self.lab, self.complaints, self.printed = lab, [], {}
        self.commands = [c for c in lab.offered("") if c != "help"]
        self.of_line = [o.rstrip("=") for o in lab.offered("--")]
        offers = {c: lab.offered(c, "--") for c in self.commands}
        self.flags = {o for of in offers.values() for o in of if not o.endswith("=")}
        self.offers = {c: [o.rstrip("=") for o in of] for c, of in offers.items()}

    def complain(self, words, what, p):
        self.complaints.append(f"ipvl-ctl {' '.join(words)}: {what}\n{p.stdout}{p.stderr}[{p.returncode}]")

    def note(self, option, command, words, p):
        """For the golden file: 'words' are those of the option alone."""
        text = self.lab.settle(p.stderr)
        if words and "unknown format" not in text:
            text = re.sub(rf"\b{command}\b", "COMMAND", text)
        text = "".join(line for line in text.splitlines(True) if line != "nothing was changed\n") + f"[{p.returncode}]"
        self.printed.setdefault(option, {}).setdefault((" ".join(words or [self.lab.settle(w) for w in p.args[1:]]), text), []).append(command)

    def prepare(self, use):
        for words in use.before:
            self.lab.run(*words)

    def good(self, command, option, words, status):
        before = self.lab.run("get", "Host", ".", "next_cfg").stdout if option == "--dry-run" else None
        p = self.lab.run(command, *words)
        if p.returncode not in {0, status, 2 if option == "--dry-run" else 0} or p.returncode and option in ("--help", "--version"):
            self.complain([command, *words], "it must end well", p)
        if option == "--help" and not re.search(rf"^Usage: ipvl-ctl \[OPTIONS\] {command}\b", p.stdout, re.M) or \
           option == "--version" and not re.fullmatch(r"ipvl-ctl \d+\.\d+\.\d+\n", p.stdout):
            self.complain([command, *words], "it prints something else", p)
        if before and self.lab.run("get", "Host", ".", "next_cfg").stdout != before:
            self.complain([command, *words], "rows were changed", p)

    def is_refused(self, command, option, words):
        """Whether the command has no good use of the option, and says so."""
        p = self.lab.run(command, *words)
        m = REFUSED.match(p.stderr)
        if p.returncode != 1 or not m or (command, option) not in ((m[3], m[2]), (m[4], m[5]), (command, m[6])):
            return False
        self.note(option, command, [option], p)
        return True

    def bad(self, command, option, words, arguments, is_of_line):
        p = self.lab.run(command, *words, *arguments)
        if p.returncode == 1 and not re.match(r"ipvl-ctl: |\S+: cannot be read", p.stderr):
            self.complain([command, *words], "no sentence", p)
        if p.returncode != 1 and not is_of_line:
            self.complain([command, *words], "it must fail", p)
        self.note(option, command, words if is_of_line else None, p)

    def pair_of_line(self, command, option):
        use, (good, bads) = USES[command], LINE[option]
        if option == "--no-disrupt":
            use = GENTLE.get(command, use)
        arguments = use.arguments + (OFFLINE.get(command, []) if not good[0].startswith("--db") else [])
        if option == "--timeout":
            good = ["--timeout=10"] if command in FOLLOW else good
            arguments = [a for a in arguments if not a.startswith("--timeout")]
        self.prepare(use)
        if option not in self.offers[command] or (command, option) in NEVER:
            if not self.is_refused(command, option, good + arguments):
                self.complaints.append(f"{command} {option}: neither refused nor offered")
            return
        if command not in OFFLINE or not good[0].startswith("--db"):
            self.good(command, option, good + arguments, use.status)
        for words in bads:
            self.bad(command, option, words, arguments, True)
        for name in FORMATS if option == "--format" else ():
            self.prepare(use)
            p = self.lab.run(command, f"--format={name}", *arguments)
            if p.returncode == 1 and re.search(rf"\b{name}\b", p.stderr):
                self.note(option, command, [f"--format={name}"], p)
            elif p.returncode not in (0, use.status) or p.stdout and not is_of(name, p.stdout):
                self.complain([command, f"--format={name}"], "it must end well, or the format be refused", p)

    def own_pair(self, command, option):
        good, bads = OWN[command, option]
        use = good if isinstance(good, Use) else Use(good or "")
        self.prepare(use)
        if good:
            self.good(command, option, use.arguments, use.status)
        if command in TRIALS:
            self.lab.run("cancel")
        for bad in bads:
            self.bad(command, option, bad.split(), [], False)
        if option in self.flags:
            self.bad(command, option, [f"{option}=1"], [a for a in use.arguments if a != option], False)

    def foreign(self, command):
        """Some options that other commands have."""
        others = {o for offers in self.offers.values() for o in offers} - set(self.of_line) - set(self.offers[command])
        for option in random.Random(command).sample(sorted(others), 3):
            p = self.lab.run(command, option, "x")
            if p.returncode != 1 or f"option {option} is not valid for {command}" not in p.stderr:
                self.complain([command, option], "it must be refused", p)

    def pairs(self):
        """Of each command: (command, [options of every line], [its own])."""
        own = {c: [o for o in self.offers[c] if o not in self.of_line] for c in self.commands}
        missing = [c for c in self.commands if c not in USES] + [o for o in self.of_line if o not in LINE] + \
                  [f"{c} {o}" for c in self.commands for o in own[c] if (c, o) not in OWN]
        if missing:
            sys.exit(f"no example in {os.path.basename(__file__)} for: {', '.join(missing)}")
        return [(c, self.of_line, own[c]) for c in self.commands]

    def play(self, command, of_line, own):
        self.lab.run(*APPLIED.split())
        with concurrent.futures.ThreadPoolExecutor(16 if command in FOLLOW else 1) as pool:
            for f in [pool.submit(self.pair_of_line, command, o) for o in of_line]:
                f.result()
        for o in own:
            self.own_pair(command, o)
        if command in TRIALS:
            self.lab.run("cancel")
        self.foreign(command)


def golden(commands, of_line, printed):
    """Each sentence once, below the words that bring it, with the commands that print it."""
    lines = ["Each option of ipvl-ctl with bad values, and the commands that print the sentence below; [0] or [2]: the command",
             "has no use for the value. By tests/e2e/test_options.py --update."]
    for option in [*of_line, *sorted(set(printed) - set(of_line))]:
        is_own = option not in of_line
        lines += ["", f"## {option}"]
        cases = [(words, text, sorted(c, key=commands.index)) for (words, text), c in printed[option].items()]
        for words, text, of in sorted(cases, key=lambda c: (is_own and commands.index(c[2][0]), c[0], -len(c[2]), c[1])):
            others = [c for c in commands if c not in of]
            of = of if len(others) > 5 else ["every command" + (" but " if others else "") + ", ".join(others)]
            lines += ["", f"  $ ipvl-ctl {words if is_own else 'COMMAND ' + words}",
                      *([] if is_own else textwrap.wrap(", ".join(of), 100, break_on_hyphens=False)),
                      *("  " + line for line in text.splitlines() if line != "[1]")]
    return "\n".join(lines) + "\n"


def merge(tests):
    printed = {}
    for option, cases in ((o, c) for t in tests for o, c in t.printed.items()):
        for key, commands in cases.items():
            printed.setdefault(option, {}).setdefault(key, []).extend(commands)
    return printed


def main():
    labs = [Lab() for _ in range(N_LABS)]
    try:
        tests = [Test(lab) for lab in labs]
        pairs = tests[0].pairs()
        with concurrent.futures.ThreadPoolExecutor(N_LABS) as pool:
            todo = queue.SimpleQueue()
            for p in pairs:
                todo.put(p)

            def play(test):
                with contextlib.suppress(queue.Empty):
                    while True:
                        test.play(*todo.get_nowait())
            for f in [pool.submit(play, t) for t in tests]:
                f.result()
    finally:
        for lab in labs:
            lab.host.remove()
    made = golden(tests[0].commands, tests[0].of_line, merge(tests))
    complaints = [c for t in tests for c in t.complaints]
    if UPDATE:
        with open(GOLDEN, "w", encoding="utf-8") as f:
            f.write(made)
    old = open(GOLDEN, encoding="utf-8").read() if os.path.exists(GOLDEN) else ""
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), made.splitlines(True), GOLDEN, "now"))
    n = sum(len(of_line) + len(own) for _, of_line, own in pairs)
    print(*complaints, f"{n} pairs of command and option, {len(complaints)} complaints", sep="\n")
    sys.exit(made != old or bool(complaints))


if __name__ == "__main__":
    main()
