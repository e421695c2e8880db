#!/usr/bin/python3
"""Makes of ipvl-ctl.txt the texts of `ipvl-ctl help` (a C header) or, with the page, ipvl-ctl(8) in scdoc's language.

Usage: ipvl-ctl.py TEXTS [PAGE]. In the page, a line @COMMANDS@ stands for the commands.
"""
import re
import sys
import textwrap

USAGE = re.compile(r"(--?[a-z][a-z-]*)|([A-Z]{2,}|\bN\b)|([a-z]+)(?==)")
WIDTH = 79
MAX_SUMMARY = 64  # beside the name, in a terminal of 80 columns


def parse(text):
    """(name, usage, summary, paragraphs) of each command."""
    for entry in text.split("\n## ")[1:]:
        heading, summary, *body = entry.split("\n", 2)
        name, _, usage = heading.partition(" ")
        if not summary.startswith("Summary: "):
            sys.exit(f"{name} has no Summary")
        if len(summary) > len("Summary: ") + MAX_SUMMARY:
            sys.exit(f"{name}: the summary has more than {MAX_SUMMARY} characters")
        paragraphs = [p for p in "".join(body).strip("\n").split("\n\n") if p]
        yield name, usage, summary.removeprefix("Summary: "), paragraphs


def sentence(summary):
    return summary[0].upper() + summary[1:] + ("" if summary.endswith("…") else ".")


def plain(paragraph):
    """Without the marks of scdoc, in lines of a terminal."""
    if paragraph.startswith("  "):
        return paragraph
    text = re.sub(r"(?<!\\)[*_]", "", paragraph).replace("\\", "")
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def macro(name, usage, summary, paragraphs):
    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    text = "".join(plain(p) + "\n" for p in paragraphs)
    return (f"#define COMMAND_TEXT_{name.upper().replace('-', '_')} .name = {quoted(name)}, .usage = {quoted(usage)}, "
            f".summary = {quoted(summary)}, .text = {quoted(text)}\n")


def section(name, usage, summary, paragraphs):
    def marked(m):
        return f"*{m[1] or m[3]}*" if m[1] or m[3] else f"_{m[2]}_"
    usage = USAGE.sub(marked, usage).replace("…", "...")
    opening = sentence(summary.replace("_", "\\_"))
    opening = re.sub("`([a-z]+)`", r"*\1*", opening)
    if paragraphs and not paragraphs[0].startswith("  "):
        opening, paragraphs = opening + " " + paragraphs[0], paragraphs[1:]
    blocks = [textwrap.indent(opening, "\t")]
    for p in paragraphs:
        blocks.append(textwrap.indent(f"```\n{textwrap.dedent(p)}\n```" if p.startswith("  ") else p, "\t"))
    return f"*{name}*{' ' + usage if usage else ''}\n" + "\n\n".join(blocks) + "\n"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        commands = list(parse(f.read()))
    if len(sys.argv) == 2:
        sys.stdout.write("/* Made by docs/man/ipvl-ctl.py. */\n" + "".join(macro(*c) for c in commands))
        return
    with open(sys.argv[2], encoding="utf-8") as f:
        sys.stdout.write(f.read().replace("@COMMANDS@\n", "\n".join(section(*c) for c in commands)))


if __name__ == "__main__":
    main()
