"""A real nginx before a server of ours, set up as docs/serving.md says.

with proxied(server.address, ROOT, tmp_path) as address: ...
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chroma import free_port

needs_nginx = pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed: apt-get install nginx")
_DOCS = Path(__file__).parents[1] / "docs" / "serving.md"
_ASIDE = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def documented(path: str) -> str:
    """The block that docs/serving.md has for a location, with its lines."""
    found = re.search(rf"^    location {re.escape(path)} \{{\n.*?^    \}}$", _DOCS.read_text("utf-8"), re.M | re.S)
    assert found, f"docs/serving.md has no location {path}"
    return found[0]


@contextmanager
def proxied(address: str, location: str, folder: Path) -> Iterator[str]:
    """The address of an nginx that has a documented location, with the server at `address` behind it."""
    port = free_port()
    behind = location.replace("127.0.0.1:7860", urlsplit(address).netloc)
    aside = "".join(f"{name}_temp_path {folder}/{name};" for name in _ASIDE)
    (folder / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {folder}/nginx.pid; events {{}}\n"
        f"http {{ access_log off; {aside}\nserver {{ listen 127.0.0.1:{port};\n{behind}\n}} }}\n"
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as nginx:
        try:
            until = time.monotonic() + 20
            while not _answers(port):
                assert nginx.poll() is None and time.monotonic() < until, (folder / "nginx.log").read_text("utf-8")
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            nginx.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
