#!/usr/bin/env python3
"""Counts the top-level public names that `import Codetta` puts into a program.

    Tools/checks/names.py [--list] [--most N]

Reads the sources: a declaration at the left margin that is public counts once per name, in the module Codetta and in those that it
re-exports as a whole; a declaration that is re-exported by itself counts as one. With --most, more than N names are an error.
"""
import argparse
import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[2] / "Sources"
MODULE = re.compile(r"^@_exported import (\w+)\s*$", re.M)
SINGLE = re.compile(r"^@_exported import (?:struct|class|enum|protocol|func|typealias|let|var) \w+\.(\w+)\s*$", re.M)
DECLARATION = re.compile(
    r"^(?:@\w+(?:\([^)]*\))? )*(?:public|open) (?:(?:final|indirect|nonisolated) )*"
    r"(?:struct|class|enum|protocol|func|typealias|let|var|actor) (\w+)", re.M)


def texts(module):
    return [file.read_text() for file in sorted((SOURCES / module).rglob("*.swift"))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="print the names, module by module")
    parser.add_argument("--most", type=int)
    options = parser.parse_args()
    own = "\n".join(texts("Codetta"))
    names = {"Codetta": set(DECLARATION.findall(own)), "by themselves": set(SINGLE.findall(own))}
    for module in sorted(set(MODULE.findall(own))):
        names[module] = {name for text in texts(module) for name in DECLARATION.findall(text)}
    total = len(set().union(*names.values()))
    for module, found in names.items():
        print(f"{len(found):4}  {module}" + (": " + ", ".join(sorted(found)) if options.list else ""))
    print(f"{total:4}  in all")
    if options.most is not None and total > options.most:
        sys.exit(f"{total} names, at most {options.most} are meant")


if __name__ == "__main__":
    main()
