"""A real PostgreSQL for tests: Debian's, in a folder of its own, on a port of this machine, started once a session."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from chroma import free_port

EVERYWHERE = pytest.mark.parametrize(
    "database", ["file", pytest.param("server", marks=pytest.mark.slow)], indirect=True
)
"""Runs a test over SQLite and over PostgreSQL."""
USER, PASSWORD, NAME = "citewire", "planted-4711", "postgres"
_OPTIONS = "-c fsync=off -c shared_buffers=16MB -c max_connections=60 -c lc_messages=C"


def lacking() -> str | None:
    """What is missing for a server; None where nothing is."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed (pip install 'citewire[postgresql]')"
    return None if _programs() else "PostgreSQL is not installed (apt install postgresql)"


def address_of_its_own(request: pytest.FixtureRequest) -> str:
    """The address of a new library in the session's server."""
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    return server.address()


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl, which Debian does not put on the path."""
    there = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    there += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in there if (folder / "initdb").is_file() and (folder / "pg_ctl").is_file()), None)


class PostgreSQLServer:
    """A server with an empty database; `address` gives each library a schema of its own."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="citewire-postgresql-"))
        self._numbers = count(1)
        self.port = free_port()
        password = self._folder / "password"
        password.write_text(PASSWORD)
        for path in (self._folder, password):
            if os.geteuid() == 0:
                shutil.chown(path, "nobody")
        self._run("initdb", "-U", USER, f"--pwfile={password}", "-A", "scram-sha-256", *_LOCALE, "--no-sync")
        self.start()

    def address(self, password: str = PASSWORD, name: str = NAME, schema: str | None = None, **options: str) -> str:
        """Where a new library can be, or the one of that schema."""
        query = {"schema": schema or f"beat{next(self._numbers)}", **options}
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}?{asked}"

    def start(self) -> None:
        options = f"-h 127.0.0.1 -p {self.port} -k {self._folder} {_OPTIONS}"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """As a power cut would."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def run(self, statement: str) -> None:
        """Runs a statement as the server's own user."""
        import psycopg

        address = self.address().partition("?")[0]
        with psycopg.connect(address, autocommit=True) as db:
            db.execute(statement)

    def _run(self, program: str, *arguments: str) -> None:
        programs = _programs()
        assert programs
        as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        command = [programs / program, "-D", self._folder / "data", *arguments]
        with (self._folder / f"{program}.said").open("wb") as said:  # no pipe: the server would hold it open
            done = subprocess.run(command, cwd="/", stdout=said, stderr=said, timeout=120, **as_nobody)  # type: ignore[call-overload]
        assert done.returncode == 0, Path(said.name).read_text()


_LOCALE = ("-E", "UTF8", "--locale=C.UTF-8")
