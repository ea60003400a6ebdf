"""A real S3 API on loopback, with a gate in front of it that can hold a request up or refuse it."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import fsspec
from moto.server import ThreadedMotoServer

BUCKET = "backups"
KEY = {"AWS_ACCESS_KEY_ID": "test-key", "AWS_SECRET_ACCESS_KEY": "test-secret", "AWS_DEFAULT_REGION": "us-east-1"}
# A driver that cannot find its service is not to try for minutes.
IMPATIENT = {"AWS_MAX_ATTEMPTS": "1", "AWS_RETRY_MODE": "standard"}

_DENIED = b"<Error><Code>AccessDenied</Code><Message>The key was revoked.</Message></Error>"


@dataclass
class ObjectStore:
    """The service behind its gate. `hold` names a file whose upload or removal waits; `is_held` is set when it does."""

    environment: dict[str, str]
    hold: str = ""
    refuse: str = ""
    is_held: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def files(self) -> dict[str, bytes]:
        """Return what lies in the bucket."""
        system = self._system()
        return {path.removeprefix(f"{BUCKET}/"): system.cat_file(path) for path in system.find(BUCKET)}

    def put(self, path: str, content: bytes) -> None:
        """Replace an object."""
        self._system().pipe_file(f"{BUCKET}/{path}", content)

    def make_bucket(self) -> None:
        """Make the bucket."""
        self._system().mkdir(BUCKET)

    def drop_bucket(self) -> None:
        """Remove the bucket with everything in it."""
        self._system().rm(BUCKET, recursive=True)

    def _system(self) -> fsspec.AbstractFileSystem:
        known = {"key": KEY["AWS_ACCESS_KEY_ID"], "secret": KEY["AWS_SECRET_ACCESS_KEY"]}
        return fsspec.filesystem(
            "s3", **known, endpoint_url=self.environment["AWS_ENDPOINT_URL"], use_listings_cache=False
        )


@contextmanager
def serve_object_store() -> Iterator[ObjectStore]:
    """Run the service and the gate until the end."""
    service = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    service.start()
    _, port = service.get_host_and_port()
    # All of its servers in one process share what they hold.
    fresh = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    fresh.request("POST", "/moto-api/reset")
    fresh.getresponse().read()
    fresh.close()

    class Gate(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command in ("PUT", "DELETE") and store.hold and store.hold in self.path:
                store.is_held.set()
                store.go_on.wait(30)
            if store.refuse and store.refuse in self.path and self.command == "PUT":
                self._answer(403, {"Content-Type": "application/xml"}, _DENIED)
                return
            behind = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            behind.request(self.command, self.path, body, dict(self.headers))
            answer = behind.getresponse()
            self._answer(answer.status, dict(answer.getheaders()), answer.read())
            behind.close()

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            for name, value in headers.items():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            length = headers.get("Content-Length", headers.get("content-length", "0"))
            self.send_header("Content-Length", length if self.command == "HEAD" else str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    gate = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    gate.daemon_threads = True
    threading.Thread(target=gate.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{gate.server_address[1]}"
    store = ObjectStore({**KEY, **IMPATIENT, "AWS_ENDPOINT_URL": address})
    store.make_bucket()
    try:
        yield store
    finally:
        store.go_on.set()
        gate.shutdown()
        gate.server_close()
        service.stop()
