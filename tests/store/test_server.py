"""The vector index, embedded and in a real server: the same to whoever asks, and one line where a server fails."""

import datetime as dt
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from chroma import CERTIFICATE, KEY, ChromaServer, Proxy, free_port
from filelock import FileLock, Timeout

from qa.errors import EmbedderMismatch, LibraryError, SettingsError
from qa.store.articles.articles import PassageVector
from qa.store.vectors import index as vectors_module
from qa.store.vectors import server as server_module
from qa.store.vectors.index import VectorIndex
from qa.store.vectors.local import LocalVectors
from qa.store.vectors.server import ServerVectors
from qa.types import Filters

pytestmark = pytest.mark.slow

DIMENSION = 8
LIBRARIES = iter(f"{number:032x}" for number in range(1_000))


@pytest.fixture(scope="module")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaServer]:
    with ChromaServer(tmp_path_factory.mktemp("chroma")) as server:
        yield server


Connect = Callable[..., ServerVectors]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Opens the collection of a library that no other test has."""
    opened: list[ServerVectors] = []
    mine = next(LIBRARIES)

    def make(url: str, token: str | None = None, library: str = mine, embedder: str = "hashing:stems") -> ServerVectors:
        opened.append(ServerVectors(url, token, library, embedder, DIMENSION))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


@pytest.fixture(params=["embedded", "server"])
def index(request: pytest.FixtureRequest, tmp_path: Path, connect: Connect) -> Iterator[VectorIndex]:
    if request.param == "server":
        made: VectorIndex = connect(request.getfixturevalue("chroma").url)
    else:
        made = LocalVectors(tmp_path / "vectors", "hashing:stems", DIMENSION)
    assert not made.is_whole()
    made.start_again()
    yield made
    made.close()


def passage(
    id_: int, first: dt.date | None = None, last: dt.date | None = None, outlet: str | None = None
) -> PassageVector:
    """The higher the id, the farther from the passage 0."""
    angle = id_ / 50
    vector = np.zeros(DIMENSION, np.float32)
    vector[:2] = np.cos(angle), np.sin(angle)
    return PassageVector(id_, outlet, first, last or first, vector)


def test_the_nearest_come_first_with_their_cosines(index: VectorIndex) -> None:
    index.add([passage(id_) for id_ in (5, 1, 9, 3)])
    found = index.nearest(passage(0).vector, 3)
    assert list(found) == [1, 3, 5]
    assert found == pytest.approx({id_: np.cos(id_ / 50) for id_ in found}, abs=1e-5)
    assert len(index.nearest(passage(0).vector, 10)) == 4, "no more than there are"


def test_what_is_there_is_passed_over_and_what_is_forgotten_is_gone(index: VectorIndex) -> None:
    index.add([passage(1), passage(2)])
    index.add([passage(2), passage(3)])
    assert (index.count(), index.ids()) == (3, {1, 2, 3})
    index.forget([2, 77])
    assert (index.count(), index.ids()) == (2, {1, 3})
    assert set(index.nearest(passage(2).vector, 9)) == {1, 3}


def test_ids_are_listed_page_by_page(index: VectorIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "_PAGE", 3)
    assert index.ids() == set()
    index.add([passage(id_) for id_ in range(1, 12)])
    assert index.ids() == set(range(1, 12))


def test_passages_go_in_and_out_in_portions(index: VectorIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors_module, "AT_ONCE", 4)
    index.add([passage(id_) for id_ in range(1, 12)])
    index.forget(range(1, 10))
    assert index.ids() == {10, 11}


def test_an_index_that_starts_again_is_empty_and_whole(index: VectorIndex) -> None:
    index.add([passage(1)])
    index.start_again()
    assert index.is_whole() and index.count() == 0
    index.add([passage(2)])
    index.close()
    assert index.ids() == {2}, "opened anew"


DATES = {
    "day": (dt.date(2020, 5, 10), dt.date(2020, 5, 10)),
    "month": (dt.date(2020, 5, 1), dt.date(2020, 5, 31)),
    "year": (dt.date(2020, 1, 1), dt.date(2020, 12, 31)),
    "undated": (None, None),
}


RANGES = [
    (None, None, {"day", "month", "year", "undated"}),
    (dt.date(2020, 5, 10), None, {"day", "month", "year"}),
    (dt.date(2020, 5, 11), None, {"month", "year"}),
    (dt.date(2020, 6, 1), None, {"year"}),
    (dt.date(2021, 1, 1), None, set()),
    (None, dt.date(2019, 12, 31), set()),
    (None, dt.date(2020, 4, 30), {"year"}),
    (None, dt.date(2020, 5, 1), {"month", "year"}),
    (dt.date(2020, 5, 10), dt.date(2020, 5, 10), {"day", "month", "year"}),
    (dt.date(2020, 5, 20), dt.date(2020, 5, 20), {"month", "year"}),
]


def test_a_date_that_is_known_to_the_month_passes_where_any_day_of_it_does(dated: VectorIndex) -> None:
    for first, last, expected in RANGES:
        found = dated.nearest(passage(0).vector, 9, Filters(first, last))
        assert {list(DATES)[id_ - 1] for id_ in found} == expected, (first, last)


@pytest.fixture
def dated(index: VectorIndex) -> VectorIndex:
    index.add([passage(id_, *dates, outlet="Хроника") for id_, dates in enumerate(DATES.values(), start=1)])
    return index


def test_outlets_are_compared_without_case_and_together_with_dates(dated: VectorIndex) -> None:
    assert len(dated.nearest(passage(0).vector, 9, Filters(outlets=("ХРОНИКА", "Other")))) == 4
    assert dated.nearest(passage(0).vector, 9, Filters(outlets=("Other",))) == {}
    both = Filters(dt.date(2020, 5, 11), dt.date(2020, 5, 12), ("хроника",))
    assert set(dated.nearest(passage(0).vector, 9, both)) == {2, 3}


# --- a server that others use too ------------------------------------------------------------------------------------


def test_what_one_client_writes_another_finds_at_once(chroma: ChromaServer, connect: Connect) -> None:
    first, second = connect(chroma.url), connect(f"{chroma.url}/")
    first.start_again()
    for id_ in range(1, 6):
        (first, second)[id_ % 2].add([passage(id_)])
        assert first.ids() == second.ids() == set(range(1, id_ + 1))
        assert list((second, first)[id_ % 2].nearest(passage(id_).vector, 1)) == [id_]


def test_processes_that_share_a_lock_take_turns(tmp_path: Path) -> None:
    lock = tmp_path / "vectors.lock"
    index = ServerVectors("http://127.0.0.1:8000", None, "library", "hashing:stems", DIMENSION, FileLock(lock))
    with index.held(), index.held(), pytest.raises(Timeout):
        FileLock(lock).acquire(timeout=0)
    FileLock(lock).acquire(timeout=0).lock.release()


def test_libraries_in_one_server_stay_apart(chroma: ChromaServer, connect: Connect) -> None:
    mine, other = connect(chroma.url), connect(chroma.url, library=next(LIBRARIES))
    mine.start_again()
    other.start_again()
    mine.add([passage(1)])
    assert (mine.ids(), other.ids()) == ({1}, set())


def test_a_collection_that_was_wiped_is_noticed_and_made_again(chroma: ChromaServer, connect: Connect) -> None:
    mine, other = connect(chroma.url), connect(chroma.url)
    mine.start_again()
    mine.add([passage(1)])
    assert other.is_whole() and other.count() == 1
    mine._connected().delete_collection(mine._library)
    with pytest.raises(LibraryError, match="does not exist"):
        other.nearest(passage(1).vector, 1)
    assert not other.is_whole()
    other.start_again()
    other.add([passage(2)])
    assert mine.is_whole() and mine.ids() == {2}, "what another made is found, though it is another collection"


def test_a_collection_of_another_embedder_is_refused_until_it_is_made_again(
    chroma: ChromaServer, connect: Connect
) -> None:
    connect(chroma.url).start_again()
    other = connect(chroma.url, embedder="other:one")
    for ask in (other.is_whole, other.count):
        with pytest.raises(
            EmbedderMismatch, match=r"by the embedder 'hashing:stems' \(8 dimensions\), not 'other:one'"
        ):
            ask()
    other.start_again()
    assert other.is_whole()


# --- a server that fails ---------------------------------------------------------------------------------------------


def failure(index: ServerVectors) -> str:
    """What every way to use the index says, in one line."""
    said = set()
    for use in (index.is_whole, index.count, index.start_again, lambda: index.add([passage(1)])):
        with pytest.raises(LibraryError) as error:
            use()
        said.add(str(error.value))
    assert len(said) == 1
    [line] = said
    assert "\n" not in line
    return line


def test_a_server_that_is_not_there(connect: Connect) -> None:
    port = free_port()
    assert failure(connect(f"http://127.0.0.1:{port}")) == (
        f"The Chroma server http://127.0.0.1:{port} does not answer (connection refused); "
        f"start it with: chroma run --port {port}, or leave --chroma away."
    )


def test_a_host_that_nobody_knows(connect: Connect) -> None:
    assert "http://nowhere.invalid does not answer (" in failure(connect("http://nowhere.invalid"))


def test_a_server_that_takes_the_call_and_says_nothing(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "_CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "does not answer (it takes too long)" in failure(connect(f"http://127.0.0.1:{silent.getsockname()[1]}"))


def test_a_server_that_stops_and_comes_back(chroma: ChromaServer, connect: Connect) -> None:
    index = connect(chroma.url)
    index.start_again()
    index.add([passage(1)])
    chroma.stop()
    assert "does not answer (" in failure(index)
    chroma.start()
    assert index.is_whole() and list(index.nearest(passage(1).vector, 1)) == [1]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "is no Chroma server of version 1 or later (404 Not Found). Check the address."),
        (410, "is no Chroma server of version 1 or later (410 Gone). Check the address."),
        (308, "is no Chroma server of version 1 or later (308 Permanent Redirect). Check the address."),
        (403, "refuses the token, or wants one (403 Forbidden)."),
        (503, "fails (503 Service Unavailable). Try again later."),
        (200, "is no Chroma server of version 1 or later (it has no heartbeat). Check the address."),
    ],
)
def test_a_server_that_is_another_or_unwell(status: int, said: str, connect: Connect) -> None:
    with Proxy("") as proxy:
        proxy.reply = lambda *request: (status, b"<html>\x1b[31mred\r\nblue</html>")  # type: ignore[method-assign]
        assert failure(connect(proxy.url)).endswith(f"{proxy.url} {said}")


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "ftp://host:8000", "http://", "http://host:port", "http://host:0", "http://host:99999",
     "http://[::1", "http://name:word@host", "http://host?a=b", "http://host#a", "http://ho\nst:8000"],
)  # fmt: skip
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(SettingsError, match="is no address. Write it as http://host:port") as error:
        ServerVectors(url, None, "library", "hashing:stems", DIMENSION)
    assert "\n" not in str(error.value)


# --- a proxy before it -----------------------------------------------------------------------------------------------


def test_the_token_goes_with_every_request(chroma: ChromaServer, connect: Connect) -> None:
    with Proxy(chroma.url, token="sesame", prefix="/vectors") as proxy:
        index = connect(proxy.url, token="sesame")
        index.start_again()
        index.add([passage(1)])
        assert list(index.nearest(passage(1).vector, 1)) == [1]
        assert len(proxy.seen) > 4
        for headers in proxy.seen:
            assert (headers["authorization"], headers["x-chroma-token"]) == ("Bearer sesame", "sesame")
        for token in (None, "wrong"):
            assert failure(connect(proxy.url, token=token)) == (
                f"The Chroma server {proxy.url} refuses the token, or wants one (401 Unauthorized)."
            )
    assert connect(chroma.url).ids() == {1}, "the same collection, without the proxy"


@pytest.mark.parametrize("token", ["two\nlines", "schlüssel"])
def test_a_token_that_no_header_holds_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(SettingsError, match="no header can hold") as error:
        ServerVectors("http://127.0.0.1:8000", token, "library", "hashing:stems", DIMENSION)
    assert token not in str(error.value)


def test_a_certificate_is_checked(
    chroma: ChromaServer, connect: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, certificate = tmp_path / "both.pem", tmp_path / "certificate.pem"
    both.write_text(KEY + CERTIFICATE)
    certificate.write_text(CERTIFICATE)
    # A switch of Chroma's own that would turn the check off: it must not.
    monkeypatch.setenv("CHROMA_SERVER_SSL_VERIFY", "false")
    with Proxy(chroma.url, certificate=both) as proxy:
        assert failure(connect(proxy.url)) == (
            f"The Chroma server {proxy.url} cannot prove who it is (self-signed certificate). "
            "Name the certificate of its authority in SSL_CERT_FILE."
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        index = connect(proxy.url)
        index.start_again()
        assert index.is_whole()
