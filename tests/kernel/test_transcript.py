"""docs/transcript.md: a first session, as README.md has it, on a real kernel.

Where the output differs the test prints the page as it would be, between two lines of %%%.
"""

import os
import re
import subprocess
import time

from ipvltest import BUILD, PATIENCE_S, SOURCE, read_file, write_file

BLOCK = re.compile(r"(?:^`(/\S+\.yaml)`:\n\n)?^```(\w+)\n(.*?)^```\n", re.M | re.S)
# What is another in each run. A process that ends at once is not always named.
VARIES = ((r"\b[0-9a-f]{2}(:[0-9a-f]{2}){5}\b|\bfe80::[0-9a-f:]+", "MAC"), (r"\b\d\d:\d\d:\d\d\b", "TIME"),
          (r"\b\d{4}-\d\d-\d\d\b", "DATE"), (r" by `ip` \(pid \d+, uid 0\)", ""), (r"\b[0-9.]+ ?m?s\b|\b\d+ min\b", "SPAN"),
          (r"= [0-9./]+", "= N"), (r"\bipvld \S+ on Linux \S+", "ipvld on Linux"), (r" \(id: \d+\)", ""),
          (r"\b(transaction|took back) \d+|(?m:^ *\d+(?=  DATE))", r"\1 N"), (r" +", " "))
# It shows what comes of an event: not at once.
READS = re.compile(r"(sudo )?(ipvl-ctl (drift|show|status|why|history|trace|who)\b|ip netns exec \w+ ping |ip -n \w+ -br )")


def plain(text):
    for pattern, word in VARIES:
        text = re.sub(pattern, word, text)
    return text


def shell(command):
    environment = dict(os.environ, PATH=f"{BUILD}/ctl:{os.environ['PATH']}", TZ="UTC", LC_ALL="C.UTF-8")
    p = subprocess.run(["bash", "-c", f'sudo() {{ "$@"; }}\n{command}'], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       text=True, timeout=PATIENCE_S, check=False, env=environment)
    return p.stdout


def replay(command, right):
    """What it prints; of a command that reads, once it is as it should be."""
    end = time.monotonic() + PATIENCE_S / 4
    out = shell(command)
    while right and READS.match(command) and plain(out) != plain(right) and time.monotonic() < end:
        time.sleep(0.2)
        out = shell(command)
    return out


def of_readme():
    """The file and the commands of README.md, but for those that build, install and start."""
    minutes = read_file(f"{SOURCE}/README.md").split("\n## Ten minutes\n")[1].split("\n## ")[0]
    text = re.sub("(?m)^   ", "", re.search(r"```yaml\n(.*?)```", minutes, re.S)[1])
    return text, re.findall(r"(?m)^ {7}((?:sudo )?(?:ipvl-ctl|ip|rm) .*)$", minutes)


def test_replay(t):
    """Each command of the page prints what the page has."""
    t.lan("eth0", address="192.0.2.2/24", outside=("192.0.2.1/24",))
    t.ipvld()
    path = f"{SOURCE}/docs/transcript.md"
    page, typed, files, differs = read_file(path), [], {}, []

    def block(m):
        name, language, text = m.groups()
        if name:
            files.setdefault(name, text)
            write_file(name, text)
        if language != "console":
            return m[0]
        made = ""
        for command, right in re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", text):
            typed.append(command)
            out = replay(command, right)
            if plain(out) != plain(right):
                differs.append(f"$ {command}\n{out}instead of\n{right}")
            made += f"$ {command}\n{right if plain(out) == plain(right) else out}"
        return m[0].replace(text, made)
    made = BLOCK.sub(block, page)
    if differs:
        print(f"%%%\n{made}%%%")
    assert not differs, "\n".join(differs)

    text, commands = of_readme()
    assert files["/etc/ipvl/lab.yaml"] == text, "the file is not the one of README.md"
    rest = iter(typed)
    for command in commands:
        assert any(re.sub(" -c \\d+", "", one) == command for one in rest), f"README.md has `{command}`, the page has not"
