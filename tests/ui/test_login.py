"""The log-in: sessions in cookies, Basic for programs, who is turned away and how, and how often one may try."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from looping import run
from parts import own_windows

from qa.errors import UsageError
from qa.ui.context import owner_of
from qa.ui.login import Authenticator, LogIn, login_html, login_routes
from qa.ui.passwords import Attempts, read_accounts
from qa.ui.server import check_root_path
from qa.ui.sessions import IDLE, WHOLE, Sessions

Ask = Callable[..., httpx.Response]


def make(**parts: Any) -> FastAPI:
    accounts = read_accounts(["anna:secret", "ben:hidden"])
    assert accounts
    authenticator = Authenticator(accounts, Sessions(own_windows().sessions, accounts.seal), **parts)
    app = FastAPI()
    app.include_router(login_routes(authenticator))

    @app.get("/")
    @app.get("/api/articles")
    @app.get("/api/health")
    def who(request: Request) -> dict[str, Any]:
        return {"user": owner_of(request)}

    app.add_middleware(LogIn, authenticator=authenticator)
    return app


def visit(
    app: FastAPI,
    *requests: tuple[str, str, dict[str, Any]],
    base: str = "http://t:7860",
    client: str = "127.0.0.1",
) -> list[httpx.Response]:
    async def asked() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app, client=(client, 123))
        async with httpx.AsyncClient(transport=transport, base_url=base) as asker:
            return [await asker.request(method, path, **how) for method, path, how in requests]

    return run(asked())


def form(user: str, password: str) -> dict[str, Any]:
    return {"data": {"user": user, "password": password}}


def test_a_session_begins_with_the_right_password_and_ends_with_the_log_out() -> None:
    logged_in, seen, out, after = visit(
        make(),
        ("POST", "/login", form("anna", "secret")),
        ("GET", "/", {}),
        ("POST", "/logout", {}),
        ("GET", "/", {}),
    )
    assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/")
    cookie = logged_in.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie and "Path=/" in cookie
    assert seen.json() == {"user": "anna"}
    assert out.headers["location"] == "/login"
    assert after.status_code == 401


def test_under_a_path_of_its_own_it_leads_to_that_path() -> None:
    accounts = read_accounts(["anna:secret"])
    assert accounts
    authenticator = Authenticator(accounts, Sessions(own_windows().sessions))
    app = FastAPI()
    app.include_router(login_routes(authenticator, "/news"))
    app.add_middleware(LogIn, authenticator=authenticator, root_path="/news")
    turned_away, logged_in, again, out = visit(
        app,
        ("GET", "/?a=b", {"headers": {"accept": "text/html"}}),
        ("POST", "/login?next=/?a=b", form("anna", "secret")),
        ("POST", "/login?next=/news/?a=b", form("anna", "secret")),
        ("POST", "/logout", {}),
    )
    assert again.headers["location"] == "/news/?a=b"
    assert turned_away.headers["location"] == "/news/login?next=%2F%3Fa%3Db"
    assert (logged_in.headers["location"], out.headers["location"]) == ("/news/?a=b", "/news/login")


@pytest.mark.parametrize(("given", "path"), [("", ""), ("/", ""), ("/news/", "/news"), ("/a/b-c.d", "/a/b-c.d")])
def test_a_root_path_has_no_slash_at_its_end(given: str, path: str) -> None:
    assert check_root_path(given) == path


@pytest.mark.parametrize("given", ["news", "//evil.example", "/a b", "/<script>", "https://a.example/b", "/a?b"])
def test_what_is_no_root_path(given: str) -> None:
    with pytest.raises(UsageError, match="is not a path. Write it as the proxy shows it"):
        check_root_path(given)


def test_under_https_the_cookie_goes_nowhere_else() -> None:
    [logged_in] = visit(make(), ("POST", "/login", form("anna", "secret")), base="https://t")
    assert "Secure" in logged_in.headers["set-cookie"]


def test_a_token_of_a_session_that_was_ended_is_worth_nothing() -> None:
    app = make()
    [logged_in] = visit(app, ("POST", "/login", form("anna", "secret")))
    name, value = logged_in.headers["set-cookie"].partition(";")[0].split("=", 1)
    with_cookie = {"headers": {"Cookie": f"{name}={value}"}}
    before, _, after = visit(
        app, ("GET", "/", with_cookie), ("POST", "/logout", with_cookie), ("GET", "/", with_cookie)
    )
    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("user", ["anna", "nobody", "", "<b>"])
def test_what_is_wrong_is_not_told_apart(user: str) -> None:
    [refused] = visit(make(), ("POST", "/login", form(user, "wrong")))
    assert refused.status_code == 401
    assert "This name and password do not belong together. Try again." in refused.text
    assert "set-cookie" not in refused.headers and "<b>" not in refused.text


def test_a_reader_is_led_to_the_page_and_back() -> None:
    html = {"headers": {"Accept": "text/html,*/*"}}
    turned, page, back = visit(
        make(), ("GET", "/?q=a%20b", html), ("GET", "/login?next=%2F%3Fq%3Da", {}),
        ("POST", "/login?next=%2F%23%2Fc%2F12", form("ben", "hidden")),
    )  # fmt: skip
    assert (turned.status_code, turned.headers["location"]) == (303, "/login?next=%2F%3Fq%3Da%2520b")
    assert page.status_code == 200 and "default-src 'none'" in page.headers["content-security-policy"]
    assert back.headers["location"] == "/#/c/12"


@pytest.mark.parametrize(
    "away", ["//evil.example", "https://evil.example", "/\\evil.example", "", "javascript:x", "/a\nb"]
)
def test_nobody_is_led_elsewhere(away: str) -> None:
    [there] = visit(make(), ("POST", "/login", {**form("anna", "secret"), "params": {"next": away}}))
    assert there.headers["location"] == "/"


def test_who_is_in_already_needs_no_page() -> None:
    _, page = visit(make(), ("POST", "/login", form("anna", "secret")), ("GET", "/login", {}))
    assert (page.status_code, page.headers["location"]) == (303, "/")


def test_a_program_is_asked_for_basic_and_a_page_is_not() -> None:
    program, page, window, health = visit(
        make(),
        ("GET", "/api/articles", {}),
        ("GET", "/api/articles", {"headers": {"Sec-Fetch-Mode": "cors"}}),
        ("GET", "/gradio_api/queue", {}),
        ("GET", "/api/health", {}),
    )
    assert program.status_code == 401 and program.headers["www-authenticate"].startswith('Basic realm="Citewire"')
    assert program.json() == {"error": "Log in first, or send a name and a password (HTTP Basic)."}
    assert "www-authenticate" not in page.headers and page.headers["x-citewire"] == "log-in"
    assert window.json() == {"error": "Log in first."}
    assert health.json() == {"user": None}


def test_basic_is_for_the_interface_alone() -> None:
    right, wrong, other, broken, again = visit(
        make(),
        ("GET", "/api/articles", {"auth": ("ben", "hidden")}),
        ("GET", "/api/articles", {"auth": ("ben", "secret")}),
        ("GET", "/", {"auth": ("ben", "hidden")}),
        ("GET", "/api/articles", {"headers": {"Authorization": "Basic !!!"}}),
        ("GET", "/api/articles", {"auth": ("ben", "hidden")}),
    )
    assert right.json() == again.json() == {"user": "ben"}
    assert [each.status_code for each in (wrong, other, broken)] == [401, 401, 401]


def test_too_many_attempts_wait_from_wherever_they_come() -> None:
    by_user, by_address = (Attempts(free=free, longest=300, now=lambda: 0.0) for free in (2, 4))
    app = make(by_user=by_user, by_address=by_address)
    wrong = ("POST", "/login", form("anna", "wrong"))
    answers = visit(
        app,
        wrong,
        ("GET", "/api/articles", {"auth": ("Anna", "wrong")}),
        ("POST", "/login", form("anna", "secret")),
        ("POST", "/login", form("ben", "hidden")),
        ("POST", "/login", form("ben", "wrong")),
        ("GET", "/api/articles", {"auth": ("ben", "hidden")}),
    )
    assert [each.status_code for each in answers] == [401, 401, 429, 303, 401, 200]
    assert answers[2].headers["retry-after"] == "2"
    assert "Too many attempts to log in. Try again in 2 seconds." in answers[2].text
    carla = ("GET", "/api/articles", {"auth": ("carla", "wrong")})
    last, after = visit(app, carla, carla)
    assert (last.status_code, after.status_code) == (401, 429)
    assert after.json() == {"error": "Too many attempts to log in. Try again in 2 seconds."}


def test_nobody_is_locked_out_of_where_they_usually_log_in() -> None:
    """Somebody tries the owner's name from many places: the owner goes on, and logs in again where they did before."""
    app = make(by_user=Attempts(free=2, longest=300, now=lambda: 0.0))
    right, wrong = ("POST", "/login", form("anna", "secret")), ("POST", "/login", form("anna", "wrong"))
    [first] = visit(app, right, client="10.0.0.1")
    for place in ("10.0.0.2", "10.0.0.3"):
        visit(app, wrong, client=place)
    assert [visit(app, right, client=f"10.0.0.{n}")[0].status_code for n in (1, 2, 9)] == [303, 429, 429]
    session = {"headers": {"cookie": first.headers["set-cookie"].split(";")[0]}}
    [seen] = visit(app, ("GET", "/", session), client="10.0.0.9")
    assert seen.json() == {"user": "anna"}


def test_a_form_that_is_none_is_a_wrong_password() -> None:
    answers = visit(
        make(),
        ("POST", "/login", {"content": b"\xff\xfe"}),
        ("POST", "/login", {"content": b"user=anna&password=" + b"x" * 50_000}),
        ("POST", "/login", {"content": b"&".join(b"a=%d" % n for n in range(50))}),
    )
    assert [each.status_code for each in answers] == [401, 401, 401]


def test_sessions_end_when_nobody_uses_them_and_in_the_end_all() -> None:
    now = [0.0]
    sessions = Sessions(own_windows().sessions, now=lambda: now[0])
    token = sessions.begin("anna")
    now[0] += IDLE - 1
    assert sessions.user(token) == "anna"
    now[0] += IDLE - 1
    assert sessions.user(token) == "anna"
    now[0] += IDLE
    assert sessions.user(token) is None
    now[0] = 0.0
    token = sessions.begin("ben")
    for _ in range(WHOLE // (IDLE - 1)):
        now[0] += IDLE - 1
        assert sessions.user(token) == "ben"
    now[0] = WHOLE
    assert sessions.user(token) is None
    assert sessions.user("anything") is None and sessions.user(None) is None


def test_a_session_goes_on_after_a_restart_until_the_password_is_another() -> None:
    rows, seals = own_windows().sessions, {"anna": "one", "ben": "two"}
    tokens = {user: Sessions(rows, seals.__getitem__).begin(user) for user in seals}
    seals["ben"] = "three"
    again = Sessions(rows, seals.__getitem__)
    assert [again.user(token) for token in tokens.values()] == ["anna", None]
    again.end(tokens["anna"])
    assert Sessions(rows, seals.__getitem__).user(tokens["anna"]) is None


def test_the_page_has_no_script_and_asks_nobody() -> None:
    html = login_html("Wrong.", 'anna" onfocus="x')
    assert "<script" not in html and "http" not in html and "url(" not in html
    assert 'value="anna&#34; onfocus=&#34;x"' in html
    assert "prefers-color-scheme: dark" in html and "--paper: #16171a" in html
