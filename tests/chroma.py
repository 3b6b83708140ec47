"""A real Chroma server on this machine for tests, and a proxy before it that asks for a token, as one in earnest would.

with ChromaServer(tmp_path / "server") as server, Proxy(server.url, token="secret") as proxy:
    ...  # server.url, proxy.url
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

import httpx

# For 127.0.0.1 in tests only: signed by itself, good until 2120.
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguzG9O/6J/7bd0Lud
3D138qmSYB3hIoLiwqSj2fy0AXChRANCAASNxG+Y9ukskWa/5BIpQaNBNW+I3PFh
sc4MqodkrmGMa7ZLAm33v5NrqJ/LYuDRR6IMETTTje6YMUctWqllY1Ie
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIBATAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDAR0ZXJuMCAX
DTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAxMDAwMDAwWjAPMQ0wCwYDVQQDDAR0ZXJu
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEjcRvmPbpLJFmv+QSKUGjQTVviNzx
YbHODKqHZK5hjGu2SwJt97+Ta6ify2Lg0UeiDBE0043umDFHLVqpZWNSHqNkMGIw
DwYDVR0RBAgwBocEfwAAATAPBgNVHRMBAf8EBTADAQH/MB0GA1UdDgQWBBQIWF9g
PXsHtwg603ZlK41JrqmJ3DAfBgNVHSMEGDAWgBQIWF9gPXsHtwg603ZlK41JrqmJ
3DAKBggqhkjOPQQDAgNIADBFAiBUdNILtd39XRUOpCLrHlTVUqqM4hAIMW02ejR3
bibsuAIhALtThKFgMjSglVg/gsIX361O2sArGDa3FtpvjOSYFNA6
-----END CERTIFICATE-----
"""

_PATIENCE = 60  # seconds until a server that does not answer counts as broken


class ChromaServer:
    """`chroma run` on a free port of 127.0.0.1; once stopped, it can start again at this port, over this folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    def start(self) -> None:
        """Returns when the server answers."""
        program = Path(sys.executable).with_name("chroma")
        command = [program, "run", "--path", self.folder / "data", "--host", "127.0.0.1", "--port", str(self.port)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=_quiet())
        give_up = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise AssertionError(f"chroma run failed: {(self.folder / 'log').read_text()[-500:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Kills the server and waits until it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/v2/heartbeat", timeout=1, trust_env=False).is_success
        except httpx.TransportError:
            return False


class Proxy:
    """Hands requests on to `target` where the token is right and the path begins with the prefix; else 401, 404.

    `certificate` is a file with a certificate and its key: with one, the proxy speaks TLS.
    """

    def __init__(
        self, target: str, token: str | None = None, prefix: str = "", certificate: Path | None = None
    ) -> None:
        self.target, self.token, self.prefix = target, token, prefix
        self.seen: list[dict[str, str]] = []
        """The headers of every request, their names in lower case."""
        self._client = httpx.Client(trust_env=False, timeout=30)
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._server.server_port}{prefix}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._client.close()

    def reply(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Status and body of what comes back."""
        self.seen.append(headers)
        if self.token and headers.get("authorization") != f"Bearer {self.token}":
            return 401, b"<html>Who are you?</html>"
        if not path.startswith(f"{self.prefix}/"):
            return 404, b"<html>Nothing here.</html>"
        there = self.target + path.removeprefix(self.prefix)
        answer = self._client.request(method, there, content=body, headers={"Content-Type": "application/json"})
        return answer.status_code, answer.content


class _Handler(BaseHTTPRequestHandler):
    proxy: Proxy
    protocol_version = "HTTP/1.1"
    timeout = 5

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, content = self.proxy.reply(self.command, self.path, headers, body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_DELETE = _hand_on

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _quiet() -> dict[str, str]:
    """The environment without what would lead the server to another folder or to a collector of traces."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CHROMA_", "OTEL_", "CONFIG_"))}
