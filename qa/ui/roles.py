"""What only an administrator may do: one rule for the window, its routes and HTTP."""

from __future__ import annotations

from typing import Any, Literal, get_args

from qa.errors import Forbidden

Role = Literal["administrator", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)


def check(role: Role, deed: str) -> None:
    """Raises Forbidden where the role may not do the deed, such as "add articles"."""
    if role != "administrator":
        raise Forbidden(f"Only an administrator may {deed}. You are logged in as a reader.")


def role_of(request: Any) -> Role:
    """The role of who asks, which the log-in leaves in the state of a request; without a log-in nobody is a reader."""
    state = getattr(getattr(request, "request", request), "state", None)
    if getattr(state, "user", None) is None and not hasattr(state, "role"):
        return "administrator"
    return "administrator" if getattr(state, "role", None) == "administrator" else "reader"
