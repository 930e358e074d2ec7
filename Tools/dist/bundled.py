"""What a wheel or a tarball brings along: names, versions, hashes and licences."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

APACHE, SWIFT = "Apache-2.0", "Apache-2.0 with Runtime Library Exception"

# By the start of the file's name: what it is, its licence, and where its source is.
PARTS = {
    "libcodetta.": ("Codetta", APACHE, "this project; Swift's runtime and the C++ library are linked in"),
    "codetta": ("Codetta, the command", APACHE, "this project"),
    "libsoxr.": ("the SoX resampler library", "LGPL-2.1-or-later", "https://sourceforge.net/projects/soxr/"),
    "libkissfft-float.": ("KissFFT", "BSD-3-Clause", "https://github.com/mborgerding/kissfft"),
    "libebur128.": ("libebur128", "MIT", "https://github.com/jiixyj/libebur128"),
    "libsndfile.": ("libsndfile", "LGPL-2.1-or-later", "https://libsndfile.github.io/libsndfile/"),
    "libmpg123.": ("libmpg123", "LGPL-2.1-or-later", "https://mpg123.de"),
    "libmp3lame.": ("LAME", "LGPL-2.0-or-later", "https://lame.sourceforge.io"),
    "libFLAC.": ("libFLAC", "BSD-3-Clause", "https://xiph.org/flac/"),
    "libogg.": ("libogg", "BSD-3-Clause", "https://xiph.org/ogg/"),
    "libvorbis.": ("libvorbis", "BSD-3-Clause", "https://xiph.org/vorbis/"),
    "libvorbisenc.": ("libvorbis", "BSD-3-Clause", "https://xiph.org/vorbis/"),
    "libopus.": ("Opus", "BSD-3-Clause", "https://opus-codec.org"),
    "libcairo.": ("Cairo", "LGPL-2.1-only OR MPL-1.1", "https://www.cairographics.org"),
    "libpixman-1.": ("Pixman", "MIT", "https://www.pixman.org"),
    "libpng16.": ("libpng", "libpng-2.0", "http://www.libpng.org/pub/png/libpng.html"),
    "libz.": ("zlib", "Zlib", "https://zlib.net"),
    "libfreetype.": ("FreeType", "FTL", "https://freetype.org"),
    "libfontconfig.": ("Fontconfig", "MIT", "https://www.fontconfig.org"),
    "libexpat.": ("Expat", "MIT", "https://libexpat.github.io"),
    "libcurl.": ("curl", "curl", "https://curl.se/libcurl/"),
}

# Linked into libcodetta.
INSIDE = [
    ("the Swift runtime and standard library", SWIFT, "https://www.swift.org"),
    ("libstdc++", "GPL-3.0-or-later WITH GCC-exception-3.1, which lets anybody distribute it linked into a program on that program's own terms",
     "https://gcc.gnu.org"),
    ("swift-system", SWIFT, "https://github.com/apple/swift-system"),
]


def notice(version: str, binaries: list[tuple[Path, str]], models: list[Path], left_out: tuple[str, ...]) -> str:
    """The notice file: every binary and every model with its version, hash and licence."""
    lines = [f"Codetta {version}", "", "Codetta is under the Apache License 2.0. It comes with the following, each on its own terms.", ""]
    for path, name in binaries:
        title, licence, home = _part(Path(name))
        found = _versions(path).get(path.name)
        lines += [f"{name}: {title}{f' {found}' if found else ''}", f"  licence  {licence}", f"  source   {home}", f"  sha256   {_hash(path)}", ""]
    lines += ["Linked into libcodetta:", ""]
    for title, licence, home in INSIDE:
        lines += [f"{title}", f"  licence  {licence}", f"  source   {home}", ""]
    for model in models:
        lines += [f"codetta/share/codetta/Models/{model.name}: weights", f"  licence  {_model_licence(model)}"]
        lines += [f"  sha256   {_hash(path)} {path.name}" for path in sorted(model.iterdir()) if path.suffix not in left_out]
        lines += [""]
    lines += [
        "Libraries under the LGPL are files of their own, which you may replace by your own builds of them: in codetta/lib.",
    ]
    return "\n".join(lines) + "\n"


def _part(path: Path) -> tuple[str, str, str]:
    for start, part in PARTS.items():
        if path.name.startswith(start):
            return part
    raise SystemExit(f"error: {path}: what it is, and its licence, are not in Tools/dist/bundled.py")


def _versions(path: Path) -> dict[str, str]:
    """Versions of libraries, as Tools/dist/libraries.sh notes them beside the files."""
    noted = path.parent / "versions.json"
    found: dict[str, str] = json.loads(noted.read_text()) if noted.exists() else {}
    return found


def _model_licence(model: Path) -> str:
    card = model / "README.md"
    found = re.search(r"^license: *(.+)$", card.read_text(), re.M) if card.exists() else None
    return f"{found[1]}; see README.md beside it" if found else "see README.md beside it"


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
