#!/usr/bin/env python3
"""Packs the wheel: the package, the C library, models, and libraries that travel along.

    python3 Python/build_wheel.py LIBRARY OUT [--machine x86_64] [--with FILE…] [--command PROGRAM]

LIBRARY is libcodetta.so.0, which Tools/library/build.sh builds; FILEs are shared libraries that it may load (libsoxr, libgomp), and licences of these;
PROGRAM is the command. The wheel is for every Python from 3.10 on: nothing in it is compiled for one. It needs no network and no packages.

On another machine the same steps make its wheel: build the library there, and name --machine aarch64.
"""
import argparse
import base64
import hashlib
import re
import stat
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
MODELS = HERE.parent / "Models"
# Wheels are archives of ZIP, whose times begin here. The same input makes the same bytes.
TIME = (1980, 1, 1, 0, 0, 0)


def field(name):
    return re.search(rf'^{name} = "(.*)"$', (HERE / "pyproject.toml").read_text(), re.M).group(1)


def metadata(version):
    lines = [
        "Metadata-Version: 2.1", "Name: codetta", f"Version: {version}", f"Summary: {field('description')}", "License: Apache-2.0",
        f"Requires-Python: {field('requires-python')}", "Requires-Dist: numpy>=1.23", "Provides-Extra: test", "Requires-Dist: pytest; extra == 'test'",
        "Requires-Dist: soundfile; extra == 'test'", "Classifier: Typing :: Typed", "Description-Content-Type: text/markdown"]
    return "\n".join(lines) + "\n\n" + (HERE.parent / "Docs/python.md").read_text()


def contents(arguments):
    """(name in the wheel, file or text, whether it is a program)."""
    for path in sorted((HERE / "src/codetta").rglob("*")):
        if path.is_file() and path.suffix in (".py", ".pyi", ".typed"):
            yield f"codetta/{path.relative_to(HERE / 'src/codetta')}", path, False
    yield "codetta/lib/libcodetta.so.0", arguments.library, False
    for path in sorted(getattr(arguments, "with")):
        yield f"codetta/lib/{path.name}", path, False
    if arguments.command:
        yield "codetta/bin/codetta", arguments.command, True
    # The language model is the command's alone.
    for path in sorted(MODELS.glob("codetta-24k*/*" if arguments.command else "codetta-24k/*")):
        if path.is_file() and path.suffix != ".png":
            yield f"codetta/models/{path.relative_to(MODELS)}", path, False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--machine", default="x86_64")
    parser.add_argument("--with", nargs="*", type=Path, default=[])
    parser.add_argument("--command", type=Path)
    arguments = parser.parse_args()
    version, tag = field("version"), f"py3-none-manylinux_2_34_{arguments.machine}"
    info = f"codetta-{version}.dist-info"
    files = list(contents(arguments)) + [
        (f"{info}/METADATA", metadata(version), False),
        (f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: codetta\nRoot-Is-Purelib: false\nTag: {tag}\n", False),
        (f"{info}/entry_points.txt", "[console_scripts]\ncodetta = codetta.__main__:main\n", False),
        (f"{info}/licenses/LICENSE", HERE.parent / "LICENSE", False),
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    wheel = arguments.out / f"codetta-{version}-{tag}.whl"
    record = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, source, is_program in files + [(f"{info}/RECORD", None, False)]:
            if source is None:
                data = "".join(line + "\n" for line in record + [f"{info}/RECORD,,"]).encode()
            else:
                data = source.encode() if isinstance(source, str) else source.read_bytes()
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | (0o755 if is_program or name.endswith(".so.0") else 0o644)) << 16
            archive.writestr(entry, data)
            record.append(f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}")
    print(f"{wheel}: {wheel.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
