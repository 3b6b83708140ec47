"""The commands beside `qa serve`: hashing a password, and the server for programs that speak MCP."""

from __future__ import annotations

import getpass
import sys
from typing import Annotated

import typer

from qa.cli.options import Chroma, Config, Database, Embed, Index, Llm, Rerank, Verbose, Verify, read_settings
from qa.errors import UsageError


def password(
    user: Annotated[str, typer.Argument(metavar="USER", help="The name to log in with.")],
    role: Annotated[
        str | None,
        typer.Option("--role", metavar="ROLE", help="administrator, or reader: asks, and changes nothing for others."),
    ] = None,
    verbose: Verbose = False,
) -> int:
    """Print a user with a hashed password, as a line for `qa serve --auth-file FILE`; the password is asked for."""
    from qa.ui.passwords import hashed
    from qa.ui.roles import ROLES

    if not user.strip() or "\n" in user or user.startswith("#"):
        raise UsageError("The name is empty, has lines, or begins with #. Give another, such as: qa password anna")
    if role is not None and role not in ROLES:
        raise UsageError(f"There is no role '{role}'. Choose one of: {', '.join(ROLES)}.")
    if sys.stdin.isatty():
        secret = getpass.getpass(f"Password of {user}: ")
        if secret != getpass.getpass("Again: "):
            raise UsageError("The two passwords differ. Try again.")
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise UsageError("The password is empty. Type one, or send it on stdin.")
    sys.stdout.write(f"{user.strip()}:{hashed(secret)}{f':{role}' if role else ''}\n")
    return 0


def mcp(
    http: Annotated[
        int | None,
        typer.Option(
            "--http", metavar="PORT", min=1, max=65535, help="Listen on this port of this machine, not stdio."
        ),
    ] = None,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    rerank: Rerank = None,
    verify: Verify = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Serve the library to programs that speak MCP: the tools ask, search and open_article."""
    from qa.api.mcp import serve_mcp
    from qa.ask.assistant import Assistant

    with Assistant.open(
        read_settings(index, embed, llm, database, chroma, config, rerank=rerank, verify=verify)
    ) as assistant:
        serve_mcp(assistant, http)
    return 0
