#!/usr/bin/env python3
"""Puts PNG pictures of one width below each other and writes them as one small PNG.

    python3 Tools/pictures/stack.py OUT.png IN.png …

Reads what `codetta plot` writes: 8-bit RGB without interlacing. Needs nothing but Python. Colours are rounded to 32 levels
per channel, which halves the file and changes nothing that a reader could see in a spectrogram.
"""

import struct
import sys
import zlib

CHANNELS = 3


def chunks(data: bytes):
    """The chunks of a PNG file: (type, content)."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n", "not a PNG file"
    at = 8
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        yield kind, data[at + 8 : at + 8 + length]
        at += 12 + length


def paeth(left: int, above: int, corner: int) -> int:
    """The neighbour that is nearest to left + above − corner (PNG specification, filter type 4)."""
    estimate = left + above - corner
    return min((left, above, corner), key=lambda value: abs(estimate - value))


def read(path: str) -> tuple[int, list[bytes]]:
    """Width and rows of an RGB picture."""
    data = list(chunks(open(path, "rb").read()))
    width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", data[0][1])
    assert (depth, colour, interlace) == (8, 2, 0), f"{path}: expected 8-bit RGB without interlacing"
    raw = zlib.decompress(b"".join(content for kind, content in data if kind == b"IDAT"))
    size = width * CHANNELS
    above, rows = bytes(size), []
    for y in range(height):
        kind, line = raw[y * (size + 1)], raw[y * (size + 1) + 1 : (y + 1) * (size + 1)]
        row = bytearray(size)
        for x in range(size):
            left = row[x - CHANNELS] if x >= CHANNELS else 0
            corner = above[x - CHANNELS] if x >= CHANNELS else 0
            guess = (0, left, above[x], (left + above[x]) // 2, paeth(left, above[x], corner))[kind]
            row[x] = (line[x] + guess) & 255
        rows.append(bytes(row))
        above = rows[-1]
    return width, rows


def write(path: str, width: int, rows: list[bytes]) -> None:
    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    packed = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))


def main() -> None:
    out, *inputs = sys.argv[1:]
    rounded = bytes(min(255, (value + 4) // 8 * 8) for value in range(256))
    widths, rows = set(), []
    for path in inputs:
        width, more = read(path)
        widths.add(width)
        rows += [row.translate(rounded) for row in more]
    assert len(widths) == 1, f"pictures of different widths: {sorted(widths)}"
    write(out, widths.pop(), rows)
    print(f"{out}: {len(rows)} rows")


if __name__ == "__main__":
    main()
