from __future__ import annotations

import datetime as dt
import email.utils

import pytest

from qa.models.faults import Fault, explained, seconds_asked
from qa.models.server import Server, is_loopback, is_private, without_password

SERVER = Server("http://me:secret@gpu:8000/v1", "sk-key", protocol="a protocol", address_name="ADDRESS", key_name="KEY")


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("", None), ("soon", None), (None, None)]
)
def test_seconds_to_wait(header: str | None, seconds: float | None) -> None:
    assert seconds_asked({"retry-after": header} if header is not None else {}) == seconds


def test_seconds_to_wait_until_a_date() -> None:
    asked = seconds_asked({"retry-after": email.utils.format_datetime(dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))})
    assert asked is not None and 3_500 < asked < 3_601
    assert seconds_asked({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0


@pytest.mark.parametrize(
    ("fault", "passes"),
    [
        (Fault("status", 429), True),
        (Fault("status", 429, code="insufficient_quota"), False),
        (Fault("status", 503), True),
        (Fault("status", 529), True),
        (Fault("status", 500, message="the input length exceeds the context length"), False),
        (Fault("status", 401), False),
        (Fault("unreachable"), True),
        (Fault("broken"), True),
        (Fault("deaf"), False),
        (Fault("silent"), False),
        (Fault("nonsense"), False),
    ],
)
def test_what_may_pass_by_itself(fault: Fault, passes: bool) -> None:
    assert fault.may_pass is passes


@pytest.mark.parametrize(
    "fault",
    [Fault(kind, message="sk-key \n" * 90) for kind in ("unreachable", "deaf", "silent", "broken", "nonsense")]  # type: ignore[arg-type]
    + [Fault("filtered"), Fault("empty"), Fault("reported", message="sk-key \n" * 90)]
    + [Fault("status", status, message="sk-key \n" * 90) for status in (400, 401, 403, 404, 413, 422, 429, 500, 529)],
)
def test_every_fault_is_a_line_with_the_server_and_without_its_key(fault: Fault) -> None:
    said = str(explained(fault, SERVER, "tiny", lambda: None))
    assert "gpu:8000" in said and "\n" not in said and len(said) < 400
    assert "sk-key" not in said and "secret" not in said


def test_a_server_does_not_show_its_key() -> None:
    assert "sk-key" not in repr(SERVER) and "secret" not in repr(SERVER)
    assert SERVER.where == "gpu:8000"
    assert without_password("https://me:secret@host/v1") == "https://host/v1"


@pytest.mark.parametrize(
    ("address", "loopback", "private"),
    [
        ("http://127.0.0.1:11434", True, True),
        ("http://localhost:8000/v1", True, True),
        ("http://[::1]:8000", True, True),
        ("http://192.168.1.7:8000", False, True),
        ("http://gpu:8000", False, True),
        ("http://gpu.local", False, True),
        ("https://api.openai.com/v1", False, False),
        ("http://8.8.8.8", False, False),
    ],
)
def test_where_an_address_leads(address: str, loopback: bool, private: bool) -> None:
    assert (is_loopback(address), is_private(address)) == (loopback, private)
