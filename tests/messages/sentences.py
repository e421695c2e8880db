#!/usr/bin/python3
"""Every sentence of the programs is in a golden file, or in unshown.txt with the reason.

Usage: sentences.py [--update | --list]     --update removes from unshown.txt what is shown now or gone, and adds nothing;
--list prints what is missing, in the form of unshown.txt: a sentence, and its reason on the next line. A reason that
ends with "compared by FILE" is checked: the file has the sentence.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
UNSHOWN = os.path.join(HERE, "unshown.txt")
sys.path.insert(0, os.path.join(SOURCE, "tests", "lint"))
import lint  # noqa: E402

# What tests compare exactly.
GOLDEN = ("tests/messages", "tests/kernel", "tests/kernel/datapath", "tests/unit/golden", "tests/scenarios", "tests/e2e/golden", "tests/unit/ctl/golden", "docs/guide")
# Calls whose texts nobody reads in an error: log lines have a test of their own (docs/events.md), others are looked for.
NO_SENTENCE = re.compile(r"log_|_?[Ss]tatic_assert$|assert$|str|sqlite3_|store_run|run_prepared|svg_")
# Tables of words, help and pages; metrics (docs/monitoring.md, tests/e2e/test_web.py); the text of a plan; the simulator, which tests alone have.
NO_SENTENCE_FILES = re.compile(
    r"ctl/help|ctl/commands/cmd_explain|ovsdb-lite/store/|plan/plan_text|plan/plan_loss|datapath/(sim|sample)/|/picture_|output/svg|web/web_(metrics|slaves|exposition)|lib/err\.c")
TOKEN = re.compile(
    r"/\*.*?\*/|//[^\n]*|#[^\n]*include[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[A-Za-z_]\w*|\s+|.", re.S)
CONVERSION = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?([diouxXcspg%])")
ANY = "\0"  # stands for a macro between two literals: PRIu64, a name that the build defines


def literals(text):
    """Yields (the innermost call that it is an argument of, the text of adjacent literals)."""
    calls, before, literal = [], "", None
    for token in TOKEN.findall(text):
        if token.isspace() or token.startswith(("/*", "//", "#")):
            continue
        if token[0] == '"':
            literal = (literal or "") + token[1:-1]
        elif literal is not None and re.match(r"[A-Z]", token):
            literal += ANY
        else:
            if literal is not None:
                yield next((c for c in reversed(calls) if c), ""), literal
                literal = None
            if token == "(":
                calls.append(before if re.match(r"[a-z_]", before) and before not in ("if", "while", "return") else "")
            elif token == ")" and calls:
                calls.pop()
        before = token


def is_sentence(text):
    """Two words that no conversion parts."""
    if re.search(r"charset=|default-src|GET, HEAD", text):  # of HTTP
        return False
    return re.search(r"[A-Za-z]{2}[^%\0]* [^%\0]*[A-Za-z]{2}", text) and "\\n" not in text.rstrip("\\n")


def sentences():
    """{(path, text)}, as the source writes the text."""
    found = set()
    for path in lint.sources(".c", ".h", rooms=lint.PRODUCT):
        if NO_SENTENCE_FILES.search(path):
            continue
        for call, text in literals(lint.read(path)):
            if is_sentence(text) and not NO_SENTENCE.match(call):
                found.add((path, text.replace("%" + ANY, "%s").replace(ANY, "%s")))
    return found


class Printed:
    """What a sentence becomes when it is printed."""

    def __init__(self, text):
        text = re.sub(r"\\r|\\033\[K", "", text).strip()  # of a terminal
        text = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text).strip("\n")
        made, end, parts = "", 0, []
        for m in CONVERSION.finditer(text + "%%"):
            parts.append(text[end:m.start()])
            made += re.escape(parts[-1])
            if m.start() < len(text):
                made += {"%": "%", "c": "."}.get(m[1], "(?:-?[0-9a-f]+|N|…)" if m[1] in "diouxXp" else ".*?")
            end = m.end()
        self.longest = max(parts, key=len)
        self.pattern = re.compile(made)

    def is_in(self, lines):
        return any(self.longest in line and self.pattern.search(line) for line in lines)


def golden():
    """The lines of all golden files, without the commands."""
    lines = set()
    for folder in GOLDEN:
        for name in sorted(os.listdir(os.path.join(SOURCE, folder))):
            if name.endswith((".txt", ".md")) and name not in ("unshown.txt", "README.md"):
                lines.update(line for line in lint.read(os.path.join(folder, name)).splitlines()
                             if not line.startswith(("  $ ", "  > ")))
    return lines


def read_unshown():
    """{(path, text): reason}, in the order of the file."""
    found, last = {}, None
    for line in lint.read("tests/messages/unshown.txt").splitlines() if os.path.exists(UNSHOWN) else []:
        if line.startswith("    ") and last:
            found[last] = line.strip()
            last = None
        elif line and not line.startswith("#"):
            last = tuple(line.split(": ", 1))
            found[last] = ""
    return found


def is_compared(sentence, reason):
    """True if the file that the reason names has the longest part of the sentence, however its source wraps it."""
    m = re.search(r"compared by (\S+)$", reason)
    text = m and re.sub(r'"\s*(?:f|r)?"', "", lint.read(m[1]))
    return not m or Printed(sentence).longest.strip() in text


def main():
    shown, all_sentences = golden(), sentences()
    missing = {s for s in all_sentences if not Printed(s[1]).is_in(shown)}
    reasons = read_unshown()
    excused = set(reasons)
    if "--list" in sys.argv:
        print("\n".join(": ".join(s) + "\n    " for s in sorted(missing - excused)))
        return
    if "--update" in sys.argv:
        head = re.match(r"(#.*\n)+\n", lint.read("tests/messages/unshown.txt"))[0]
        with open(UNSHOWN, "w", encoding="utf-8") as f:
            f.write(head + "".join(f"{': '.join(s)}\n    {r}\n" for s, r in reasons.items() if s in missing))
        return
    lint.report([
        (f"each of {len(all_sentences)} sentences is in a golden file, or in unshown.txt ({len(excused)})",
         [f"{path}: \"{s}\": add a case to tests/messages (README.md there)" for path, s in sorted(missing - excused)]),
        ("unshown.txt has none that is shown, or gone",
         [f"{path}: \"{s}\": run tests/messages/sentences.py --update" for path, s in sorted(excused - missing)]),
        ("each of unshown.txt has a reason that holds",
         [f"{path}: \"{s}\": {r or 'without a reason'}" for (path, s), r in sorted(reasons.items())
          if len(r.split()) < 3 or not is_compared(s, r)]),
    ])


if __name__ == "__main__":
    main()
