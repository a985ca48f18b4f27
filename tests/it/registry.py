"""A schema registry that does what a test wants: answers, fails in every way, or hangs."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FakeRegistry:
    """Use as a context. schemas: id to text, or to a whole answer. mode: a key of MODES."""

    def __init__(self):
        self.schemas, self.mode, self.seen, self.awake = {}, "ok", [], threading.Event()
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                fake.seen.append((time.monotonic(), self.path))
                MODES[fake.mode](fake, self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.set("ok")
        self.server.shutdown()
        self.server.server_close()

    def set(self, mode):
        """From now on; what hangs is let go."""
        self.mode = mode
        self.awake.set()
        self.awake = threading.Event()

    def asked(self, schema_id):
        """When a schema was asked for."""
        return [at for at, path in list(self.seen) if path.split("?")[0] == f"/api/schemas/ids/{schema_id}"]


def answer(handler, code, body, length=None):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    handler.send_response(code)
    handler.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    if length is not None:
        handler.close_connection = True
    handler.end_headers()
    handler.wfile.write(body)


def ok(fake, handler):
    schema_id = handler.path.split("?")[0].rpartition("/")[2]
    found = fake.schemas.get(int(schema_id)) if schema_id.isdigit() else None
    if found is None:
        answer(handler, 404, {"error_code": 40403, "message": f"Schema {schema_id} not found"})
    else:
        answer(handler, 200, found if isinstance(found, dict) else {"schema": found})


def hang(fake, handler):
    fake.awake.wait(300)
    handler.close_connection = True


def reset(_, handler):
    handler.close_connection = True


MODES = {
    "ok": ok,
    "hang": hang,
    "reset": reset,
    **{str(code): lambda _, handler, code=code: answer(handler, code, {"error_code": code, "message": "no"})
       for code in (401, 403, 408, 429, 500, 502, 503)},
    "rubbish": lambda _, handler: answer(handler, 200, b"<html><body>It works!</body></html>"),
    "no schema in it": lambda _, handler: answer(handler, 200, {"id": 1}),
    "nothing": lambda _, handler: answer(handler, 200, b""),
    "cut off": lambda _, handler: answer(handler, 200, b'{"schema": "{', length=5000),
}
