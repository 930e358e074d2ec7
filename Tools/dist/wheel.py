#!/usr/bin/env python3
"""Packs the Python package with the built library, models, and what else it is given, as one wheel for all versions of Python.

    Tools/dist/wheel.py --library .build/library/lib/libcodetta.so.0 --models Models/codetta-24k --output dist

Needs nothing but Python 3.11. The same inputs give the same bytes. What is inside, with versions, hashes and licences, is listed in
codetta/share/codetta/NOTICE of the wheel.
"""

from __future__ import annotations

import argparse
import base64
import csv
import hashlib
import io
import os
import platform
import re
import stat
import tomllib
import zipfile
from pathlib import Path

import bundled

ROOT = Path(__file__).resolve().parents[2]
# What a model folder has that nobody needs in a wheel.
LEFT_OUT = (".png",)


def version() -> str:
    """That of the library's header, which the package must agree with."""
    header = (ROOT / "Sources/CCodetta/include/codetta.h").read_text()
    found = [re.search(rf"#define CODETTA_VERSION_{part} (\d+)", header) for part in ("MAJOR", "MINOR", "PATCH")]
    stated = ".".join(match[1] for match in found if match)
    package = re.search(r'^__version__ = "(.*)"$', (ROOT / "Python/src/codetta/__init__.py").read_text(), re.M)
    if not package or package[1] != stated:
        raise SystemExit(f"error: the header has version {stated}, the package {package and package[1]}")
    return stated


def metadata(project: dict, number: str, licences: list[str]) -> str:
    """The METADATA of pyproject.toml."""
    lines = [
        "Metadata-Version: 2.4", f"Name: {project['name']}", f"Version: {number}", f"Summary: {project['description']}",
        f"Keywords: {','.join(project['keywords'])}", f"License-Expression: {project['license']}",
        *(f"License-File: {name}" for name in licences),
        *(f"Classifier: {name}" for name in project["classifiers"]), f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {name}" for name in project["dependencies"]),
    ]
    for extra, names in project["optional-dependencies"].items():
        lines += [f"Provides-Extra: {extra}", *(f'Requires-Dist: {name} ; extra == "{extra}"' for name in names)]
    lines += ["Description-Content-Type: text/markdown", "", (ROOT / "Python" / project["readme"]).read_text()]
    return "\n".join(lines)


class Wheel:
    """A wheel that is being written."""

    def __init__(self, path: Path) -> None:
        self.file = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        self.record: list[tuple[str, str, int | str]] = []

    def add(self, name: str, content: bytes, executable: bool = False) -> None:
        entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
        entry.external_attr = (stat.S_IFREG | (0o755 if executable else 0o644)) << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        self.file.writestr(entry, content, compresslevel=9)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self.record.append((name, f"sha256={digest}", len(content)))

    def finish(self, info: str) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([*self.record, (f"{info}/RECORD", "", "")])
        self.add(f"{info}/RECORD", text.getvalue().encode())
        self.file.close()


def pack(arguments: argparse.Namespace) -> Path:
    number = version()
    project = tomllib.loads((ROOT / "Python/pyproject.toml").read_text())["project"]
    tag = f"py3-none-{arguments.platform}"
    info = f"codetta-{number}.dist-info"
    arguments.output.mkdir(parents=True, exist_ok=True)
    path: Path = arguments.output / f"codetta-{number}-{tag}.whl"
    partial = path.with_suffix(".partial")
    wheel = Wheel(partial)

    for source in sorted((ROOT / "Python/src/codetta").rglob("*")):
        if source.is_file() and (source.suffix == ".py" or source.name == "py.typed"):
            wheel.add(f"codetta/{source.relative_to(ROOT / 'Python/src/codetta')}", source.read_bytes())

    binaries = [(arguments.library, f"codetta/lib/{arguments.library.name}")]
    if arguments.command:
        if b"libfftw3f.so" in arguments.command.read_bytes():
            raise SystemExit(f"error: {arguments.command} links FFTW, which is under the GPL; build it with TRAITS=PermissiveFFT")
        binaries.append((arguments.command, "codetta/bin/codetta"))
    libraries = sorted(path for path in arguments.libraries.glob("*.so*")) if arguments.libraries else []
    binaries += [(path, f"codetta/lib/{path.name}") for path in libraries]
    for source, name in binaries:
        wheel.add(name, source.read_bytes(), executable=True)
    for model in arguments.models:
        for source in sorted(model.iterdir()):
            if source.is_file() and source.suffix not in LEFT_OUT:
                wheel.add(f"codetta/share/codetta/Models/{model.name}/{source.name}", source.read_bytes())

    texts = {"LICENSE": (ROOT / "LICENSE").read_bytes()}
    for text in sorted(arguments.libraries.glob("licences/*")) if arguments.libraries else []:
        texts[f"licences/{text.name}"] = text.read_bytes()
    notice = bundled.notice(number, binaries, arguments.models, LEFT_OUT).encode()
    wheel.add("codetta/share/codetta/NOTICE", notice)
    texts["NOTICE"] = notice
    for name, content in texts.items():
        wheel.add(f"{info}/licenses/{name}", content)
    wheel.add(f"{info}/METADATA", metadata(project, number, list(texts)).encode())
    wheel.add(f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: codetta\nRoot-Is-Purelib: false\nTag: {tag}\n".encode())
    scripts = "".join(f"{name} = {target}\n" for name, target in project["scripts"].items())
    wheel.add(f"{info}/entry_points.txt", f"[console_scripts]\n{scripts}".encode())
    wheel.finish(info)
    os.replace(partial, path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--library", type=Path, required=True, help="libcodetta.so.MAJOR, as Tools/library/build.sh builds it")
    parser.add_argument("--models", type=Path, nargs="+", default=[ROOT / "Models/codetta-24k"], help="model folders")
    parser.add_argument("--libraries", type=Path, help="a folder of libraries to put beside it, as Tools/dist/libraries.sh makes")
    parser.add_argument("--command", type=Path, help="the command, which finds its libraries in ../lib")
    parser.add_argument("--platform", default=f"manylinux_2_34_{platform.machine()}", help="the wheel's platform tag")
    parser.add_argument("--output", type=Path, default=ROOT / "dist")
    path = pack(parser.parse_args())
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
