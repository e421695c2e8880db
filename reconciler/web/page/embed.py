#!/usr/bin/python3
"""Makes a C header of files: for each NAME.EXT, `static const char page_NAME_EXT[]`.

Usage: embed.py FILE…
"""
import os
import sys


def literal(line):
    return '\t"' + line.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\n", "\\n") + '"\n'


def main():
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as f:
            lines = f.readlines()
        sys.stdout.write(f"static const char page_{os.path.basename(path).replace('.', '_')}[] =\n"
                         + "".join(map(literal, lines)) + "\t;\n")


if __name__ == "__main__":
    main()
