#!/usr/bin/python3
"""What the programs print: the commands of a golden file are run, and their output is what it has.

Usage: test_messages.py IPVL-CTL IPVLD-LAB OVSDB-LITE SCHEMA [--update] FILE…     README.md has the form of a file.
"""
import difflib
import getpass
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
from patience import PATIENCE_S  # noqa: E402

HERE = os.path.dirname(os.path.realpath(__file__))
INDENT = "  "
# What differs from run to run.
CHANGING = (
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UUID"),
    (r"(?<=until )\d{4}-\d\d-\d\d (?=\d\d:)", ""),  # a trial that ends after midnight
    (r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z?", "YYYY-MM-DD hh:mm:ss"),
    (r"(?<![:0-9a-f])\d\d:\d\d:\d\d(?!:[0-9a-f]{2}|\d)", "hh:mm:ss"),
    (r"\b(pid|uid|ifindex|another)([= ])\d+", r"\1\2N"),
    (r"\bprocess \d+ \((ipvld|ovsdb-lite)[a-z-]*\)", r"process N (\1)"),
    (r"(program's \()\d+\.\d+\.\d+", r"\1VERSION"),
    (r"\b\d+ ms\b", "N ms"),
    (r"\b\d+ (s|min) ago\b|\bjust now\b", "N s ago"),
    (r"\b(ipvl-ctl|ipvl-cni|ipvl-docker|ipvld|ovsdb-lite) \d+\.\d+\.\d+\b", r"\1 VERSION"),
    (r"\bLinux \d+\.\S+", "Linux VERSION"),
    (r"(read from it|is not accepted): [^;]*;", r"\1: OPENSSL'S WORDS;"),
    (r"\bexpired on [0-9-]+", "expired on YYYY-MM-DD"),
    (r"/ipvl-edit-\w+", "/ipvl-edit-NAME"),
    (rf"\b{re.escape(getpass.getuser())}\b(?=: ipvl-ctl| \(transaction)", "root"),
    (rf"(?<=was confirmed by ){re.escape(getpass.getuser())}\b", "root"),
)


class Host:
    """A folder in which commands run, and a daemon on a simulated host."""

    def __init__(self, programs, settings):
        self.dir = os.path.realpath(tempfile.mkdtemp(prefix="ipvl-messages-"))
        self.bin = tempfile.mkdtemp(prefix="ipvl-messages-bin-")
        self.programs, self.daemon, self.n_starts = programs, None, 0
        for name in ("ipvl-ctl", "ipvld", "ovsdb-lite"):
            os.symlink(programs[name], os.path.join(self.bin, name))
        for name in os.listdir(os.path.join(HERE, "bin")):
            os.symlink(os.path.join(HERE, "bin", name), os.path.join(self.bin, name))
        for name in os.listdir(os.path.join(HERE, "files")):
            shutil.copy(os.path.join(HERE, "files", name), self.dir)
        lab = settings.get("lab", "eno2 eno3 lab7/eth0").replace("/lab/", self.path(""))
        for word in lab.split():  # a namespace by its path is a file
            if word.startswith("/"):
                open(word, "x", encoding="utf-8").close()
        for name in ("ipvl-cni", "ipvl-docker"):
            os.symlink(os.path.join(os.path.dirname(programs["ipvl-ctl"]), "..", "engines", name),
                       os.path.join(self.bin, name))
        os.mkdir(self.path("etc"))
        os.mkdir(self.path("plugins"))
        built = os.path.join(os.path.dirname(programs["ipvl-ctl"]), "..", "datapath", "plugins")
        for name in os.listdir(built):
            if name.endswith(".so"):
                shutil.copy(os.path.join(built, name), self.path("plugins"))
        self.env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "TZ": "UTC",
                    "IPVL_LAB": lab, "HOME": self.dir,
                    "SCHEMA": programs["schema"], "CERTIFICATES": os.path.join(HERE, "..", "certificates"),
                    "IPVL_DB": "unix:" + self.path("db.sock"), "IPVL_PLUGIN_DIR": self.path("plugins")}
        self.env |= {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}
        if "server" in settings:
            self.serve(settings["server"].split())
            return
        self.options = settings.get("daemon", "").split()
        if self.options == ["none"]:
            self.env["IPVL_DB"] = "conf.db"
            self.options = []
            self.find_schema()
        else:
            self.start(self.options)

    def find_schema(self):
        """An ipvl-ctl that is installed finds it by itself."""
        path = os.path.join(self.bin, "ipvl-ctl")
        os.unlink(path)
        with open(path, "w", encoding="utf-8") as f:
            f.write(f'#!/bin/sh\nexec {self.programs["ipvl-ctl"]} --schema={self.programs["schema"]} "$@"\n')
        os.chmod(path, 0o755)

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self):
        with open(self.path("log"), encoding="utf-8") as f:
            return f.read()

    def start(self, options):
        with open(self.path("log"), "wb") as log:
            self.daemon = subprocess.Popen(
                [self.programs["ipvld"], "--datapath=sim", "--db=conf.db", "--schema=" + self.programs["schema"],
                 "--remote=punix:" + self.path("db.sock"), "--config-dir=etc", *options],
                stderr=log, env=self.env, cwd=self.dir)
        end = time.monotonic() + PATIENCE_S
        while "event=ready" not in self.log():
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise AssertionError("ipvld did not start:\n" + self.log())
            time.sleep(0.005)

    def serve(self, options):
        """An ovsdb-lite on a database with the schema t.ovsschema, or that of ipvl."""
        program, schema = self.programs["ovsdb-lite"], "t.ovsschema"
        if options[:1] == ["ipvl"]:
            schema = self.programs["schema"]
            options = options[1:]
        subprocess.run([program, "create", "t.db", schema], cwd=self.dir, check=True)
        with open(self.path("log"), "wb") as log:
            self.daemon = subprocess.Popen([program, "server", "--verbose", "--remote=punix:" + self.path("db.sock"), *options, "t.db"],
                                           stderr=log, env=self.env, cwd=self.dir)
        end = time.monotonic() + PATIENCE_S
        while "event=server_ready" not in self.log():
            if self.daemon.poll() is not None or time.monotonic() > end:
                raise AssertionError("ovsdb-lite did not start:\n" + self.log())
            time.sleep(0.005)

    def stop(self, how=signal.SIGTERM):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(how)
            self.daemon.wait(PATIENCE_S)
        self.daemon = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.dir)
        shutil.rmtree(self.bin)

    def run(self, command):
        """Returns the lines that the golden file must have below the command."""
        words = command.split()
        if words[0] == "daemon" and words[1] in ("start", "stop", "kill"):
            if words[1] == "start":
                self.start(words[2:])
            else:
                self.stop(signal.SIGKILL if words[1] == "kill" else signal.SIGTERM)
            return []
        with subprocess.Popen(["sh", "-c", command], cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True) as p:
            try:
                output = p.communicate(timeout=PATIENCE_S)[0].decode("utf-8", "backslashreplace")
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                raise AssertionError(f"it does not end: {command}") from None
        lines = [self.settle(line) or "(blank line)" for line in output.splitlines()]
        return lines + ([f"[{p.returncode}]"] if p.returncode else [])

    def settle(self, line):
        """The line as it is in every run."""
        if self.dir in line:  # its length is not always the same
            line = re.sub(r"(?<=\S) {2,}", "  ", line).replace(self.dir, "/lab")
        line = line.replace(self.programs["schema"], "/usr/share/ipvl/ipvl.ovsschema")
        for pattern, word in CHANGING:
            line = re.sub(pattern, word, line)
        return line


def parse(text):
    """Yields ("prose", line), ("command", [lines]); the output of commands is left out."""
    command = None
    for line in text.splitlines():
        if line.startswith(INDENT + "$ "):
            command = [line]
            yield "command", command
        elif line.startswith(INDENT + "> ") or line == INDENT + ">":
            command.append(line)
        elif not line.startswith(INDENT):
            yield "prose", line


def settings_of(parts, at):
    """Of the section whose heading is parts[at]: lines "daemon: …", "server: …" and "lab: …" before its first command."""
    found = {}
    for kind, line in parts[at + 1:]:
        if kind == "command":
            break
        m = re.match(r"(daemon|server|lab):(.*)", line)
        if m:
            found[m[1]] = m[2].strip()
    return found


def play(programs, text):
    """The file as it must be."""
    parts, made, host = list(parse(text)), [], None
    try:
        for at, (kind, content) in enumerate(parts):
            if kind == "prose":
                made.append(content)
                if content.startswith("## "):
                    if host:
                        host.remove()
                    host = Host(programs, settings_of(parts, at))
                continue
            lines = [line[len(INDENT) + 2:] for line in content]
            made += content + [INDENT + line for line in host.run("\n".join(lines))]
    finally:
        if host:
            host.remove()
    return "\n".join(made) + "\n"


def main():
    words = sys.argv[1:]
    programs = dict(zip(("ipvl-ctl", "ipvld", "ovsdb-lite", "schema"), map(os.path.realpath, words)))
    is_update = "--update" in words
    failed = False
    for path in (w for w in words[4:] if w != "--update"):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        made = play(programs, text)
        if made == text:
            continue
        if is_update:
            with open(path, "w", encoding="utf-8") as f:
                f.write(made)
            print(f"{path}: written; read `git diff {path}`")
            continue
        failed = True
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), made.splitlines(True), path, "now"))
    sys.exit(failed)


if __name__ == "__main__":
    main()
