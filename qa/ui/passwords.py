"""Names and passwords: kept as salted hashes, compared in a time that tells nothing, and tried only so often."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from qa.errors import UsageError
from qa.ui.roles import ROLES, Role

LONGEST = 1_000
"""Characters of a name or a password that anybody may try."""
_WORK = (1 << 14, 8, 1)  # scrypt's n, r and p: 16 MB and some fifty milliseconds
_HARDEST = (1 << 18, 16, 4)
_FIRST_WAIT = 2.0  # seconds
_AT_ONCE = 2  # hashes that are made at the same time: more would take the processor from those who are in


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A password that cannot be read back."""

    salt: bytes
    digest: bytes
    work: tuple[int, int, int] = _WORK

    def __str__(self) -> str:
        n, r, p = self.work
        return f"scrypt${n}${r}${p}${_text(self.salt)}${_text(self.digest)}"

    def fits(self, password: str) -> bool:
        """Whether it is this one; takes the same time either way."""
        return hmac.compare_digest(self.digest, _digest(password, self.salt, self.work))


def hashed(password: str) -> PasswordHash:
    """The password under a salt of its own."""
    salt = secrets.token_bytes(16)
    return PasswordHash(salt, _digest(password, salt, _WORK))


def read_hashed(text: str) -> PasswordHash:
    """The hash that `str` wrote. Raises ValueError where it is none."""
    name, *work, salt, digest = text.split("$")
    n, r, p = (int(number) for number in work)
    is_sane = n >= 2 and n & (n - 1) == 0 and 0 < r and 0 < p and (n, r, p) <= _HARDEST and r <= 16 and p <= 4
    if name != "scrypt" or not is_sane:
        raise ValueError(text)
    return PasswordHash(base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True), (n, r, p))


class Accounts:
    """Who may come in. Safe to use from several threads."""

    def __init__(self, passwords: Mapping[str, PasswordHash], readers: Iterable[str] = ()) -> None:
        self._passwords = dict(passwords)
        self._readers = frozenset(readers)
        self._nobody = hashed(secrets.token_hex())  # what the password of a name that is not there is compared with
        self._turns = threading.Semaphore(_AT_ONCE)

    def __len__(self) -> int:
        return len(self._passwords)

    def __contains__(self, user: object) -> bool:
        return user in self._passwords

    def role(self, user: str | None) -> Role:
        """What the user is; a name that is not there has the fewest rights."""
        return "administrator" if user in self._passwords and user not in self._readers else "reader"

    def seal(self, user: str) -> str:
        """A text that is another one once the user has another password; empty for a name that is not there."""
        password = self._passwords.get(user)
        return hashlib.sha256(str(password).encode()).hexdigest() if password else ""

    def fits(self, user: str, password: str) -> bool:
        """Whether the password is the user's. Takes as long for a name that is not there."""
        if len(user) > LONGEST or len(password) > LONGEST:
            return False
        with self._turns:
            is_right = self._passwords.get(user, self._nobody).fits(password)
        return is_right and user in self._passwords


def read_accounts(auth: Sequence[str] = (), file: Path | None = None) -> Accounts | None:
    """Those of `auth` ("user:password" each) and of a file with a line "user:scrypt$..." each; None without either.

    A line of the file may end in ":administrator" or ":reader". Where none does, all are administrators; where one
    does, a line without is a reader's. Those of `auth` are administrators. Raises UsageError, which names no password.
    """
    if not auth and file is None:
        return None
    known: dict[str, PasswordHash] = {}
    roles: dict[str, Role | None] = {}
    for user, hash_, role in _of_lines(file):
        _add(known, user, hash_)
        roles[user] = role
    for words in auth:
        _add(known, *_of_words(words))
    readers = [user for user, role in roles.items() if role != "administrator"] if any(roles.values()) else []
    return Accounts(known, readers)


def _add(known: dict[str, PasswordHash], user: str, hash_: PasswordHash) -> None:
    if user in known:
        raise UsageError(f"The user '{user}' is named twice. Give each name one password.")
    known[user] = hash_


def _of_words(words: str) -> tuple[str, PasswordHash]:
    user, _, password = words.partition(":")
    user = user.strip()
    if not (user and password):
        raise UsageError("--auth wants USER:PASSWORD, such as --auth editor:secret.")
    if len(user) > LONGEST or len(password) > LONGEST:
        raise UsageError(f"A name and a password have at most {LONGEST:,} characters. Give shorter ones with --auth.")
    return user, hashed(password)


def _of_lines(file: Path | None) -> Iterator[tuple[str, PasswordHash, Role | None]]:
    if file is None:
        return
    remedy = "Write one with: qa password USER"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise UsageError(f"The file of passwords {file} cannot be read: {reason}. {remedy}") from None
    found = False
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        rest, colon, last = line.strip().rpartition(":")
        is_role = bool(colon) and "$" not in last
        user, _, text = rest.rpartition(":") if is_role else (rest, colon, last)
        try:
            hash_ = read_hashed(text)
        except ValueError:
            raise UsageError(f"Line {number} of {file} holds no name with a hashed password. {remedy}") from None
        if not user.strip():
            raise UsageError(f"Line {number} of {file} names no user. {remedy}")
        if is_role and last not in ROLES:
            raise UsageError(f"Line {number} of {file} has the role '{last}'. Choose one of: {', '.join(ROLES)}.")
        found = True
        yield user, hash_, next((role for role in ROLES if is_role and role == last), None)
    if not found:
        raise UsageError(f"The file of passwords {file} is empty. {remedy}")


class TooManyAttempts(Exception):
    """Raised where somebody has tried too often."""

    def __init__(self, seconds: float) -> None:
        self.seconds = max(1, math.ceil(seconds))
        """Until they may try again."""
        super().__init__(f"Too many attempts to log in. Try again in {_duration(self.seconds)}.")


@dataclass(slots=True)
class _Failures:
    count: int
    last: float


class Attempts:
    """How often somebody failed of late: each key may fail `free` times, then its wait doubles up to `longest` seconds.

    A success is not counted. What failed is forgotten once nothing has failed for twice as long.
    """

    def __init__(self, free: int, longest: float, now: Callable[[], float] = time.monotonic) -> None:
        self._free, self._longest, self._now = free, longest, now
        self._lock = threading.Lock()
        self._failed: dict[str, _Failures] = {}

    @contextmanager
    def one(self, keys: Iterable[str]) -> Iterator[Callable[[], None]]:
        """One attempt by whom the keys name; what it gives is to be called when it succeeds. Raises TooManyAttempts."""
        keys = list(keys)
        # It counts as failed from its beginning: many at the same time are many all the same.
        self._begin(keys)
        yield lambda: self._take_back(keys)

    def _begin(self, keys: Sequence[str]) -> None:
        with self._lock:
            now = self._now()
            for key in [key for key, failed in self._failed.items() if now >= failed.last + 2 * self._longest]:
                del self._failed[key]
            left = max((self._wait(self._failed.get(key)) for key in keys), default=0.0) - now
            if left > 0:
                raise TooManyAttempts(left)
            for key in keys:
                failed = self._failed.get(key)
                self._failed[key] = _Failures(failed.count + 1 if failed else 1, now)

    def _wait(self, failed: _Failures | None) -> float:
        """The moment until which a key has to wait."""
        if failed is None or failed.count < self._free:
            return 0.0
        return failed.last + min(_FIRST_WAIT * 2.0 ** min(failed.count - self._free, 60), self._longest)

    def _take_back(self, keys: Sequence[str]) -> None:
        with self._lock:
            for key in keys:
                if failed := self._failed.get(key):
                    failed.count -= 1
                    if failed.count <= 0:
                        del self._failed[key]


def _digest(password: str, salt: bytes, work: tuple[int, int, int]) -> bytes:
    n, r, p = work
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=2 * 128 * n * r * p + (1 << 20), dklen=32)


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _duration(seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    if seconds < 60:
        return f"{seconds} second{'' if seconds == 1 else 's'}"
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
