"""A small hub on 127.0.0.1, with its storage of large files at another port.

    python3 server.py LOG [FOLDER]        prints both ports; ends with its standard input

A repository is lab/KIND or lab/KIND.ANYTHING; what goes wrong with it is in its kind; lab/folder has the files of
FOLDER. /file/KIND.ANYTHING/NAME is a file of FOLDER, or the weights, on a plain web server. Every request is a line of JSON in LOG.
"""
import gzip
import hashlib
import http.server
import json
import pathlib
import sys
import threading
import time
import urllib.parse

COMMIT = "c0ffee" * 6 + "cafe"
WEIGHTS = bytes((i * i >> 3) & 255 for i in range(300_000))
SHARDS = {"a.safetensors": WEIGHTS[:1000], "b.safetensors": WEIGHTS[1000:3000]}
# Half a GB of zeros.
BOMB = gzip.compress(bytes(1 << 20)) * 512
CARD = b"---\nlicense: cc-by-4.0\n---\n# A model\n"


def files(kind):
    if kind in ("folder", "slow") and len(sys.argv) > 2:
        return {path.name: path.read_bytes() for path in pathlib.Path(sys.argv[2]).iterdir()}
    config = {"model_type": "llama" if kind == "other" else "soundstream"}
    if kind == "huge-config":
        config["padding"] = "x" * (1 << 20)
    found = {"config.json": json.dumps(config).encode(), "README.md": CARD, "train.py": b"print()"}
    if kind == "pickle":
        found["pytorch_model.bin"] = WEIGHTS
    elif kind.startswith("sharded"):
        names = {"x": "a.safetensors", "y": "b.safetensors" if kind == "sharded" else "../b.safetensors"}
        found["model.safetensors.index.json"] = json.dumps({"weight_map": names}).encode()
        found.update(SHARDS)
    else:
        found["model.safetensors"] = WEIGHTS
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = {}
    lock = threading.Lock()

    def log_message(self, *arguments):
        pass

    def note(self):
        """How often this was asked for before."""
        with self.lock:
            record = {"method": self.command, "path": self.path, "storage": self.is_storage, **{
                name: self.headers.get(name) for name in ("Authorization", "Range")}}
            with open(sys.argv[1], "a") as log:
                log.write(json.dumps(record) + "\n")
            count = self.seen.get((self.is_storage, self.command, self.path), 0)
            self.seen[self.is_storage, self.command, self.path] = count + 1
            return count

    def answer(self, status, headers={}, body=b""):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def without_end(self, head, pieces, piece, pause=0):
        """Sends `head`, then `piece` over and over, until nobody takes it any more."""
        self.close_connection = True
        try:
            self.wfile.write(head)
            for _ in range(pieces):
                self.wfile.write(piece)
                time.sleep(pause)
        except OSError:
            pass

    def file(self, kind, name, count):
        """A plain file on a web server: /file/KIND.ANYTHING/NAME, of FOLDER or the weights; a query changes nothing."""
        name = name.partition("?")[0]
        if kind in ("moved", "moved-away", "moved-for-ever"):
            target = {"moved": "ranges", "moved-for-ever": kind}.get(kind)
            return self.answer(302, {"Location": f"/file/{target}/{name}" if target else "ftp://127.0.0.1/x"})
        content = b"" if kind == "empty" else WEIGHTS
        if kind != "empty" and len(sys.argv) > 2:
            content = (pathlib.Path(sys.argv[2]) / name).read_bytes()
        total = len(content)
        if kind in ("absent", "denied", "refused"):
            return self.answer({"absent": 404, "denied": 403, "refused": 418}[kind])
        if kind == "flaky" and count % 2 == 0:
            return self.answer(503)
        if kind == "endless":
            return self.without_end(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1 << 40, b"10000\r\n" + bytes(1 << 16) + b"\r\n")
        wanted = self.headers.get("Range")
        if kind == "whole" or not wanted:
            return self.answer(200, {}, content)
        first, last = (int(number) for number in wanted[len("bytes="):].split("-"))
        if first >= total:
            return self.answer(416, {"Content-Range": f"bytes */{total}"})
        last = min(last, total - 1)
        body = content[first:last + 1]
        if kind == "other-range":
            first += 1
        if kind == "too-long":
            body += b"?"
        if kind == "grown" and count > 0:
            total += 1
        headers = {"Content-Range": f"bytes {first}-{last}/{total}", "ETag": f'"{count if kind == "changing" else 1}"'}
        if kind == "unnamed":
            headers["Content-Range"] = "bytes"
        if kind == "packed":
            headers["Content-Encoding"] = "gzip"
        self.answer(206, headers, body)

    def do_HEAD(self):
        self.do_GET()

    def do_GET(self):
        self.serve(self.note())


class Hub(Handler):
    is_storage = False

    def serve(self, count):
        parts = self.path.strip("/").split("/")
        if parts[0] == "file":
            return self.file(parts[1].split(".")[0], parts[2], count)
        if parts[0] == "moved":
            return self.answer(307, {"Location": self.path.replace("/moved/", "/lab/", 1)})
        kind, revision, name = parts[1].split(".")[0], urllib.parse.unquote(parts[3]), "/".join(parts[4:])
        if kind == "silent":
            return time.sleep(600)
        if kind == "no-http":
            return self.without_end(b"\x1b[31mwhat is HTTP?\r\n\r\n", 0, b"")
        if kind == "endless-head":
            return self.without_end(b"HTTP/1.1 200 OK\r\n", 1 << 40, b"X-A: " + b"b" * 8000 + b"\r\n")
        if kind == "absent" or revision not in ("main", COMMIT, "pr/1+x"):
            code = "RepoNotFound" if kind == "absent" else "RevisionNotFound"
            return self.answer(401 if kind == "absent" else 404, {"X-Error-Code": code, "WWW-Authenticate": "Bearer"})
        if kind == "private" and self.headers.get("Authorization") != "Bearer hf_secret":
            return self.answer(401, {"X-Error-Code": "RepoNotFound"})
        if kind == "gated":
            return self.answer(403, {"X-Error-Code": "GatedRepo"})
        if kind == "flaky" and count < 1:
            return self.answer(503)
        content = files(kind).get(name)
        if content is None:
            return self.answer(404, {"X-Error-Code": "EntryNotFound"}, b"Entry not found")
        if not name.endswith(".safetensors"):
            etag = hashlib.sha1(content).hexdigest()
            if kind == "evil":
                etag = "../../../evil"
            described = {"X-Repo-Commit": COMMIT, "ETag": f'"{etag}"'}
            if self.command == "GET" and kind == "bomb":
                return self.answer(200, {**described, "Content-Encoding": "gzip"}, BOMB)
            if self.command == "GET" and kind == "too-long":
                return self.answer(200, described, content + b" ")
            if self.command == "GET" and kind in ("endless", "endless-refusal"):
                status = b"200 OK" if kind == "endless" else b"500 Oh"
                head = b"HTTP/1.1 " + status + b"\r\nTransfer-Encoding: chunked\r\n\r\n"
                return self.without_end(head, 1 << 40, b"10000\r\n" + bytes(1 << 16) + b"\r\n")
            return self.answer(200, described, content)
        etag = "no-hash" if kind == "unverified" else hashlib.sha256(content).hexdigest()
        target = {"loop": self.path, "downgrade": "http://192.0.2.1/x"}.get(
            kind, f"http://127.0.0.1:{storage.server_port}/{parts[1]}/{name}")
        self.answer(302, {
            "X-Repo-Commit": COMMIT, "ETag": '"of-the-redirect"', "X-Linked-ETag": f'"{etag}"', "X-Linked-Size": str(len(content)),
            "Location": target}, b"Found")


class Storage(Handler):
    is_storage = True

    def serve(self, count):
        repository, name = self.path.strip("/").split("/")
        kind = repository.split(".")[0]
        content = files(kind)[name]
        if kind == "corrupt":
            content = content[:-1] + b"?"
        if kind == "long":
            content += b"more"
        wanted = self.headers.get("Range")
        start = int(wanted[len("bytes="):-1]) if wanted and kind != "whole-again" else 0
        total = len(content)
        headers = {}
        if wanted and kind != "whole-again":
            shift = 1 if kind == "other-range" else 0
            headers["Content-Range"] = f"bytes {start + shift}-{total - 1}/{total}"
        body = content[start:]
        if kind in ("cut", "whole-again", "other-range") and count < 1 or kind == "dead":
            # Promises all and breaks off.
            self.answer(200, {"Content-Length": str(len(body)), **headers}, body[:100_000] if kind != "dead" else b"")
            self.wfile.flush()
            self.close_connection = True
            return self.connection.shutdown(2)
        if kind == "drip":
            return self.without_end(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), 600, b"x", 0.1)
        if kind == "slow" and count < 1:
            self.answer(200, {"Content-Length": str(len(body))}, body[:1000])
            self.wfile.flush()
            return time.sleep(60)
        self.answer(206 if headers else 200, headers, body)


hub = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
storage = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Storage)
for server in (hub, storage):
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(hub.server_port, storage.server_port, flush=True)
sys.stdin.read()
