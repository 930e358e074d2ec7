#!/usr/bin/env python3
"""Counts public declarations without a doc comment, module by module.

    Tools/checks/documented.py            the count per module
    Tools/checks/documented.py MODULE …   also every such declaration of these modules, as FILE:LINE
    Tools/checks/documented.py --strict   fails when there is one (make test)

A declaration counts when it is `public` or `open`, a member of a `public extension`, a case of a public enum or a requirement of a
public protocol; of types that are not public, nothing counts. A doc comment is `///` lines or `/** … */` directly above, attributes
between them aside. Cases on consecutive lines share the comment above the first of them.
"""
import re
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "Sources"
MODIFIERS = (
    r"public|open|package|internal|private|fileprivate|static|class|final|override|mutating|nonmutating|required|convenience|"
    r"lazy|weak|unowned|indirect|prefix|postfix|infix|isolated|nonisolated|dynamic|consuming|borrowing|"
    r"(?:public|open|package|internal|private|fileprivate)\(set\)|unowned\(\w+\)|nonisolated\(\w+\)"
)
ATTRIBUTE = r"@\w+(?:\((?:[^()]|\([^()]*\))*\))?"
DECLARATION = re.compile(
    rf"^\s*(?P<before>(?:(?:{ATTRIBUTE}|{MODIFIERS})\s+)*)"
    r"(?P<kind>struct|class|enum|protocol|actor|extension|func|var|let|init|subscript|case|typealias|associatedtype|macro)\b"
    r"(?P<rest>.*)$"
)
TYPES = {"struct", "class", "enum", "protocol", "actor", "extension"}


def code_lines(text):
    """The lines without comments and with empty strings, and the lines on which a doc comment stands."""
    lines, docs, line, number, i = [], set(), [], 0, 0
    closings = []  # what ends each open string or interpolation, innermost last

    def newline():
        nonlocal line, number
        lines.append("".join(line))
        line, number = [], number + 1

    while i < len(text):
        c = text[i]
        inside = closings[-1] if closings else None
        if c == "\n":
            newline()
            i += 1
        elif inside and inside[0] == "string":
            quote, hashes = inside[1], inside[2]
            if text.startswith(quote + hashes, i):
                closings.pop()
                line.append('"')
                i += len(quote + hashes)
            elif text.startswith("\\" + hashes + "(", i):
                closings.append(("interpolation", 0))
                i += 2 + len(hashes)
            else:
                i += 2 if c == "\\" and not hashes and text[i + 1 : i + 2] != "\n" else 1
        elif text.startswith("//", i):
            if text.startswith("///", i) and not "".join(line).strip():
                docs.add(number)
            while i < len(text) and text[i] != "\n":
                i += 1
        elif text.startswith("/*", i):
            is_doc, depth = text.startswith("/**", i), 0
            while i < len(text):
                if text.startswith("/*", i):
                    depth, i = depth + 1, i + 2
                elif text.startswith("*/", i):
                    depth, i = depth - 1, i + 2
                    if depth == 0:
                        break
                else:
                    if text[i] == "\n":
                        if is_doc:
                            docs.add(number)
                        newline()
                    i += 1
            if is_doc:
                docs.add(number)
        elif match := re.compile(r'(#*)("""|")').match(text, i):
            closings.append(("string", match[2], match[1]))
            line.append('"')
            i = match.end()
        elif inside and c == ")" and inside[1] == 0:
            closings.pop()
            i += 1
        else:
            if inside and c in "()":
                closings[-1] = ("interpolation", inside[1] + (1 if c == "(" else -1))
            if not inside:
                line.append(c)
            i += 1
    newline()
    return lines, docs


def declarations(text):
    """(line, whether documented, its text) of every public declaration."""
    lines, docs = code_lines(text)
    found = []
    scopes = [("file", True)]  # (kind, whether what is declared in it can be seen from outside)
    pending = None  # the type whose brace is still to come
    shares = {}  # line of a case → whether it is documented
    for number, line in enumerate(lines):
        match = DECLARATION.match(line)
        kind, seen = scopes[-1]
        if match and kind != "body" and pending is None:
            words = set(re.findall(MODIFIERS, match["before"]))
            what = match["kind"]
            is_declaration = not (what == "case" and kind != "enum")
            hidden = words & {"private", "fileprivate", "internal", "package"}
            implied = kind in ("enum", "protocol") and (what == "case" or kind == "protocol") or kind == "public extension"
            is_public = seen and not hidden and (bool(words & {"public", "open"}) or implied)
            if what == "extension":
                is_public = seen and not hidden
            elif is_declaration and is_public:
                above = number - 1
                while above >= 0 and re.match(rf"^\s*(?:{ATTRIBUTE}\s*)+$", lines[above]) and above not in docs:
                    above -= 1
                documented = above in docs or (what == "case" and shares.get(number - 1, False))
                if what == "case":
                    shares[number] = documented
                found.append((number + 1, documented, line.strip()))
            if what in TYPES:
                inner = "public extension" if what == "extension" and "public" in words else what
                pending = (inner, is_public)
        for c in line:
            if c == "{":
                scopes.append(pending or ("body", False))
                pending = None
            elif c == "}" and len(scopes) > 1:
                scopes.pop()
    return found


def main():
    arguments = sys.argv[1:]
    strict = "--strict" in arguments
    listed = [argument for argument in arguments if not argument.startswith("-")]
    counts, missing = {}, 0
    for path in sorted(SOURCES.rglob("*.swift")):
        module = path.relative_to(SOURCES).parts[0]
        for number, documented, text in declarations(path.read_text(encoding="utf-8")):
            total, bare = counts.get(module, (0, 0))
            counts[module] = (total + 1, bare + (not documented))
            missing += not documented
            if not documented and (module in listed or strict):
                print(f"{path.relative_to(SOURCES.parent)}:{number}: {text}")
    for module, (total, bare) in counts.items():
        print(f"{module:16} {bare:5} of {total:5} public declarations without a doc comment")
    print(f"{'all':16} {missing:5} of {sum(total for total, _ in counts.values()):5}")
    sys.exit(1 if strict and missing else 0)


if __name__ == "__main__":
    main()
