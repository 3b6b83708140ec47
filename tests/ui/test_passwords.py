"""Passwords: hashed with salt, read from a file, tried only so often."""

from pathlib import Path

import pytest

from qa.errors import UsageError
from qa.ui.passwords import Attempts, TooManyAttempts, hashed, read_accounts, read_hashed


def test_a_password_is_kept_as_a_hash_with_a_salt_of_its_own() -> None:
    one, other = hashed("secret"), hashed("secret")
    assert one.fits("secret") and not one.fits("Secret") and not one.fits("")
    assert str(one) != str(other) and "secret" not in str(one) + repr(one)
    assert read_hashed(str(one)) == one


@pytest.mark.parametrize(
    "text",
    [
        "secret",
        "scrypt$16384$8$1$!!!$AAAA",
        "bcrypt$16384$8$1$AAAA$AAAA",
        "scrypt$15$8$1$AAAA$AAAA",
        "scrypt$1073741824$8$1$AAAA$AAAA",  # would take a terabyte
        "scrypt$16384$8$900$AAAA$AAAA",
    ],
)
def test_what_is_no_hash_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_hashed(text)


def test_accounts_of_words_and_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "users.txt"
    file.write_text(f"# the desk\n\nanna:{hashed('a:b')}\nübung:{hashed('ß')}\n", "utf-8")
    accounts = read_accounts(["ben:se:cret"], file)
    assert accounts is not None and len(accounts) == 3
    assert accounts.fits("anna", "a:b") and accounts.fits("ben", "se:cret") and accounts.fits("übung", "ß")
    assert not accounts.fits("anna", "se:cret") and not accounts.fits("carla", "secret") and not accounts.fits("", "")
    assert not accounts.fits("anna", "a" * 1_000_000)


def test_without_any_account_nobody_is_asked() -> None:
    assert read_accounts() is None


def test_a_name_that_is_not_there_is_compared_like_one_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = read_accounts(["anna:secret"])
    assert accounts
    made: list[str] = []
    real = __import__("hashlib").scrypt
    monkeypatch.setattr("hashlib.scrypt", lambda secret, **how: made.append(secret.decode()) or real(secret, **how))
    accounts.fits("anna", "wrong")
    accounts.fits("nobody", "wrong")
    assert made == ["wrong", "wrong"]


@pytest.mark.parametrize(
    ("auth", "lines", "message"),
    [
        (["anna"], None, "--auth wants USER:PASSWORD"),
        ([":secret"], None, "--auth wants USER:PASSWORD"),
        (["anna:"], None, "--auth wants USER:PASSWORD"),
        (["anna:one", "anna:two"], None, "The user 'anna' is named twice"),
        ([], "anna:secret\n", "Line 1 of users.txt holds no name with a hashed password. Write one with: qa password"),
        ([], "# nobody\n", "The file of passwords users.txt is empty"),
        ([], None, "The file of passwords users.txt cannot be read: No such file"),
    ],
)
def test_accounts_that_cannot_be_used(tmp_path: Path, monkeypatch, auth: list[str], lines: str | None, message) -> None:
    monkeypatch.chdir(tmp_path)
    if lines is not None:
        Path("users.txt").write_text(lines, "utf-8")
    with pytest.raises(UsageError) as caught:
        read_accounts(auth, None if auth else Path("users.txt"))
    assert message in str(caught.value) and "secret" not in str(caught.value).replace("editor:secret", "")


def test_attempts_are_counted_by_key_and_wait_longer_each_time() -> None:
    now = [100.0]
    attempts = Attempts(free=2, longest=10, now=lambda: now[0])

    def fail(*keys: str) -> None:
        with attempts.one(keys):
            pass

    def wait(*keys: str) -> int:
        with pytest.raises(TooManyAttempts) as caught:
            fail(*keys)
        assert str(caught.value) == f"Too many attempts to log in. Try again in {caught.value.seconds} seconds."
        return caught.value.seconds

    fail("address 1", "user anna")
    fail("address 1", "user ben")
    waits = []
    for _ in range(4):
        waits.append(wait("address 1", "user carla"))
        assert wait("address 1") == waits[-1]  # what was refused does not count
        now[0] += waits[-1]
        fail("address 1")
    assert waits == [2, 4, 8, 10]
    assert now[0] == 124
    fail("address 2", "user anna")  # of 100 is forgotten
    fail("address 3", "user anna")
    assert wait("address 4", "user anna") == 2
    now[0] = 200
    fail("address 1", "user anna")
    fail("address 1", "user anna")  # all was forgotten
    assert wait("address 1") == wait("user anna") == 2


def test_a_success_does_not_count() -> None:
    attempts = Attempts(free=1, longest=60, now=lambda: 0.0)
    for _ in range(3):
        with attempts.one(["user anna"]) as succeeded:
            succeeded()
    with attempts.one(["user anna"]):
        pass
    with pytest.raises(TooManyAttempts, match="Try again in 2 seconds"), attempts.one(["user anna"]):
        pass
