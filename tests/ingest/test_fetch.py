"""Reading from the network: a real server on this machine, scripted to behave like the worst of the web."""

import gzip
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages import CERTIFICATE, Internet, PageServer, Reply, endless, moved

from qa.errors import ReadError
from qa.ingest.fetch import Fetcher, Page, is_address, plain_address
from qa.ingest.fetch.network import place_of
from qa.ingest.read.record import Failure

PUBLIC = "93.184.215.14"


@pytest.fixture
def site() -> Iterator[Callable[..., PageServer]]:
    opened: list[PageServer] = []

    def make(pages: dict[str, Any], certificate: Path | None = None) -> PageServer:
        opened.append(PageServer(pages, certificate).__enter__())
        return opened[-1]

    yield make
    for one in opened:
        one.__exit__()


@pytest.fixture(autouse=True)
def certificate(write: Callable[[str, str], Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one certificate that is trusted: quick to load, unlike those of the whole world."""
    path = write("news.example.pem", CERTIFICATE)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def fetch(url: str, **limits: Any) -> Page:
    with Fetcher(**{"allow_private": True, **limits}) as fetcher:
        return fetcher.fetch(url)


def refusal(url: str, **limits: Any) -> str:
    """The sentence with which reading fails."""
    with Fetcher(**{"allow_private": True, **limits}) as fetcher, pytest.raises(ReadError) as failed:
        fetcher.fetch(url)
    return str(failed.value)


# --- a page ----------------------------------------------------------------------------------------------------------


def test_a_page_comes_with_its_address_bytes_and_kind(site):
    server = site({"/story": Reply("Brücke".encode("latin-1"), kind="text/html; charset=latin-1")})
    assert fetch(server.url("/story#top")) == Page(
        server.url("/story"), b"Br\xfccke", content_type="text/html; charset=latin-1"
    )


def test_we_say_who_we_are_and_keep_no_cookies(site):
    server = site({"/a": Reply("a", headers={"Set-Cookie": "who=you"}), "/b": "b"})
    with Fetcher(allow_private=True) as fetcher:
        list(fetcher.fetch_all([server.url("/a"), server.url("/b")]))
    (headers,) = server.seen("/b")
    assert headers["user-agent"].startswith("Citewire/")
    assert headers["host"] == f"127.0.0.1:{server.port}"
    assert "cookie" not in headers


def test_an_address_may_hold_letters_of_any_script(site):
    server = site({"/br%C3%BCcke%20neu?q=%C3%BC": "opened"})
    assert fetch(server.url("/brücke neu?q=ü")).data == b"opened"


def test_a_page_is_unpacked(site):
    packed = gzip.compress(b"news " * 500)
    server = site({"/a": Reply(packed, headers={"Content-Encoding": "gzip"})})
    assert fetch(server.url("/a")).data == b"news " * 500


@pytest.mark.parametrize(
    ("body", "encoding", "said"),
    [
        (gzip.compress(b"news " * 500, mtime=0)[:-20], "gzip", "breaks off"),
        (b"this was never packed", "gzip", "not compressed as it says"),
        (b"\x1b\x03", "br", "compressed as 'br'"),
    ],
)
def test_a_page_that_cannot_be_unpacked_says_so(site, body, encoding, said):
    server = site({"/a": Reply(body, headers={"Content-Encoding": encoding})})
    assert said in refusal(server.url("/a"))


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 418, 429, 451, 500, 503])
def test_a_status_that_is_no_page_is_a_sentence(site, status):
    server = site({"/a": Reply(status=status)})
    said = refusal(server.url("/a"))
    assert str(status) in said
    assert "\n" not in said
    assert "; " in said  # and what to do


# --- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(site, status):
    server = site({"/old": moved("/new?x=1#part", status), "/new?x=1": "here"})
    assert fetch(server.url("/old")) == Page(server.url("/new?x=1"), b"here", "text/html; charset=utf-8")


def test_five_redirects_are_followed_and_no_sixth(site):
    server = site({f"/{n}": moved(f"{n - 1}") for n in range(1, 7)} | {"/0": "here"})
    assert fetch(server.url("/5")).data == b"here"
    assert "more than 5 times" in refusal(server.url("/6"))


def test_a_circle_of_redirects_ends(site):
    server = site({"/a": moved("/b"), "/b": moved("/a")})
    assert "more than 5 times" in refusal(server.url("/a"))
    assert len(server.seen("/a")) + len(server.seen("/b")) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://news.example/a", "javascript:alert(1)", "http://[::1"])
def test_a_redirect_away_from_the_web_is_refused(site, target):
    server = site({"/a": moved(target)})
    said = refusal(server.url("/a"))
    assert said.startswith("redirected to ")
    assert "http://" in said


def test_a_redirect_is_printed_without_control_characters(site):
    server = site({"/a": moved("http://news.example/\x1b[31m")})
    assert refusal(server.url("/a")).isprintable()


def test_a_redirect_with_a_password_is_refused(site):
    server = site({"/a": moved("http://user:secret@127.0.0.1/")})
    assert "user name or password" in refusal(server.url("/a"))


# --- where an address leads ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "this computer"),
        ("127.8.8.8", "this computer"),
        ("0.0.0.0", "this computer"),
        ("::1", "this computer"),
        ("::", "this computer"),
        ("10.0.0.1", "a private network"),
        ("172.16.0.1", "a private network"),
        ("192.168.1.1", "a private network"),
        ("169.254.169.254", "a private network"),
        ("fe80::1", "a private network"),
        ("fe80::1%eth0", "a private network"),
        ("fd00::1", "a private network"),
        ("100.64.0.1", "a reserved network"),
        ("fec0::1", "a reserved network"),
        ("224.0.0.1", "a group of computers"),
        ("ff02::1", "a group of computers"),
        ("240.0.0.1", "a private network"),
        ("255.255.255.255", "a private network"),
        ("::ffff:127.0.0.1", "this computer"),
        ("::ffff:10.0.0.1", "a private network"),
        ("::127.0.0.1", "a reserved network"),
        ("64:ff9b::10.0.0.1", "a private network"),
        ("64:ff9b::127.0.0.1", "this computer"),
        ("64:ff9b:1::1", "a reserved network"),
        ("2002:7f00:1::", "this computer"),
        ("2002:a00:1::", "a private network"),
        ("2001:0:a00:1::", "a private network"),
        (PUBLIC, ""),
        ("8.8.8.8", ""),
        ("2606:4700::6810:84e5", ""),
        ("64:ff9b::8.8.8.8", ""),
        ("::ffff:8.8.8.8", ""),
    ],
)
def test_where_an_address_leads(address, place):
    assert place_of(address) == place


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "0x7f.1", "2130706433", "127.1"]
)
def test_this_computer_is_not_read(site, host):
    server = site({"/secret": "secret"})
    said = refusal(server.url("/secret", host), allow_private=False)
    assert said.startswith("the address leads to this computer (")
    assert "--allow-private" in said
    assert not server.paths


def test_a_name_is_read_at_a_public_address(site):
    server = site({"/a": "a"})
    internet = Internet(server, {"news.example": [PUBLIC]})
    page = fetch("http://news.example/a", allow_private=False, resolve=internet.resolve, network=internet)
    assert page.data == b"a"
    assert set(internet.dialled) == {PUBLIC}
    assert server.seen("/a")[0]["host"] == "news.example"


@pytest.mark.parametrize("addresses", [["10.0.0.1"], [PUBLIC, "10.0.0.1"], ["10.0.0.1", PUBLIC]])
def test_a_name_that_leads_to_a_private_address_is_not_read(site, addresses):
    internet = Internet(site({"/a": "a"}), {"news.example": addresses})
    said = refusal("http://news.example/a", allow_private=False, resolve=internet.resolve, network=internet)
    assert said == "the address leads to a private network (10.0.0.1); --allow-private reads it all the same"
    assert not internet.dialled


@pytest.mark.parametrize("target", ["http://10.0.0.1/secret", "http://inside.example/secret", "//localhost/secret"])
def test_a_redirect_to_a_private_address_is_refused(site, target):
    server = site({"/a": moved(target), "/secret": "secret"})
    names = {"news.example": [PUBLIC], "inside.example": ["192.168.0.9"], "localhost": ["127.0.0.1"]}
    internet = Internet(server, names)
    said = refusal("http://news.example/a", allow_private=False, resolve=internet.resolve, network=internet)
    assert said.startswith("redirected to http://")
    assert "--allow-private" in said
    assert set(internet.dialled) == {PUBLIC}
    assert not server.seen("/secret")


def test_a_name_that_changes_its_address_is_connected_to_where_it_was_checked(site):
    """DNS rebinding: every second answer of the name server is an address of this computer."""
    server = site({"/a": "a"})
    turn = count()
    internet = Internet(server, {"news.example": lambda: [PUBLIC] if next(turn) % 2 == 0 else ["127.0.0.1"]})
    said = refusal("http://news.example/a", allow_private=False, resolve=internet.resolve, network=internet)
    assert "this computer (127.0.0.1)" in said
    assert internet.dialled == [PUBLIC]  # for robots.txt, whose connection was looked up once
    assert internet.asked == ["news.example"] * 2


def test_a_second_address_is_tried_when_the_first_does_not_answer(site):
    server = site({"/a": "a"})
    addresses = ["127.0.0.2", "127.0.0.1"]  # nobody listens at the first
    internet = Internet(server, {"news.example": addresses})
    assert fetch(f"http://news.example:{server.port}/a", resolve=internet.resolve).data == b"a"


@pytest.mark.parametrize("name", ["nowhere.invalid", "a" * 70 + ".example", "a..b.example"])
def test_a_name_without_an_address_says_so(name):
    def resolve(host: str, port: int, **_: Any) -> Sequence[Any]:
        host.encode("idna")
        raise OSError("name not known")

    assert refusal(f"http://{name}/", resolve=resolve).startswith(("there is no host '", "this is not the address"))


def test_a_server_that_is_not_there_says_so(site):
    with PageServer({}) as gone:
        url = gone.url("/a")
    said = refusal(url)
    assert said == "the server '127.0.0.1' cannot be read (connection refused); check the address or try again later"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://user:secret@news.example/", "a user name or password"),
        ("http://user@news.example/", "a user name or password"),
        ("ftp://news.example/", "http://"),
        ("http:///path", "http://"),
        ("http://news.example:99999/", "no host that there can be"),
        ("http://[half/", "no host that there can be"),
        ("http://\ud800/", "the address of a page"),
        ("", "http://"),
    ],
)
def test_what_is_no_address_of_a_page_is_refused(address, said):
    assert said in refusal(address)


# --- TLS -------------------------------------------------------------------------------------------------------------


def test_a_certificate_is_verified_for_the_name_not_for_the_number(site, certificate):
    server = site({"/a": "a"}, certificate)
    internet = Internet(server, {"news.example": [PUBLIC], "other.example": [PUBLIC]})
    network = {"allow_private": False, "resolve": internet.resolve, "network": internet}
    assert fetch("https://news.example/a", **network).data == b"a"
    said = refusal("https://other.example/a", **network)
    assert "its certificate is not valid" in said
    assert "other.example" in said
    assert server.paths == ["/robots.txt", "/a"]


def test_a_certificate_that_nobody_signed_is_refused(site, certificate, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    server = site({"/a": "a"}, certificate)
    internet = Internet(server, {"news.example": [PUBLIC]})
    said = refusal("https://news.example/a", resolve=internet.resolve, network=internet)
    assert "its certificate is not valid: self-signed" in said


def test_a_server_without_tls_says_so(site):
    server = site({"/a": "a"})
    assert "(it does not speak TLS)" in refusal(server.url("/a").replace("http:", "https:"))


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_page_may_be_as_large_as_the_limit_and_no_larger(site):
    server = site({"/a": b"x" * 1000, "/b": b"x" * 1001})
    assert len(fetch(server.url("/a"), largest=1000).data) == 1000
    assert "larger than 0.001 MB" in refusal(server.url("/b"), largest=1000)


def test_a_body_without_end_is_left(site):
    server = site({"/a": Reply(endless())})
    assert "larger than 1 MB" in refusal(server.url("/a"), largest=1_000_000)


def test_a_small_page_that_unpacks_into_a_large_one_is_left(site):
    bomb = gzip.compress(bytes(30_000_000))
    assert len(bomb) < 40_000
    server = site({"/a": Reply(bomb, headers={"Content-Encoding": "gzip"})})
    assert "larger than 20 MB" in refusal(server.url("/a"))
    tracemalloc.start()
    try:
        assert "larger than 0.1 MB" in refusal(server.url("/a"), largest=100_000)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


def test_what_follows_a_packed_page_is_left_unread(site):
    def padded() -> Iterator[bytes]:
        yield gzip.compress(b"news")
        yield from endless()

    server = site({"/a": Reply(padded(), headers={"Content-Encoding": "gzip"})})
    assert fetch(server.url("/a")).data == b"news"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(endless(b"x"), pause=0.02),
        Reply(hold=Event()),
        moved("/b"),
    ],
    ids=["drips", "never answers", "drips after a redirect"],
)
def test_a_slow_page_is_left_when_its_time_is_over(site, reply):
    server = site({"/a": reply, "/b": Reply(endless(b"x"), pause=0.02)})
    assert "the page did not arrive within 0.6 seconds" in refusal(server.url("/a"), seconds=0.6)


def test_a_name_server_that_is_silent_is_left_when_time_is_over():
    answered = Event()

    def resolve(host: str, port: int, **_: Any) -> Sequence[Any]:
        answered.wait(30)
        raise OSError("nobody")

    said = refusal("http://news.example/", resolve=resolve, seconds=0.6)
    answered.set()
    assert "did not arrive within 0.3 seconds" in said


def test_a_page_cut_short_by_its_server_says_so(site):
    server = site({"/a": Reply(b"half", length=1000)})
    assert "the connection broke off" in refusal(server.url("/a"))


def test_a_busy_server_is_asked_once_more_when_it_says_when(site):
    busy = Reply(status=503, headers={"Retry-After": "0"})
    server = site({"/a": [busy, "a"], "/b": [busy, busy, "b"]})
    assert fetch(server.url("/a")).data == b"a"
    assert "(503)" in refusal(server.url("/b"))
    assert len(server.seen("/b")) == 2


@pytest.mark.parametrize("wait", ["3600", "19", "Wed, 21 Oct 2015 07:28:00 GMT", "-1", "\xb2"])
def test_a_busy_server_is_not_waited_for_long(site, wait):
    server = site({"/a": Reply(status=429, headers={"Retry-After": wait})})
    assert "(429)" in refusal(server.url("/a"))
    assert len(server.seen("/a")) == 1


# --- manners ---------------------------------------------------------------------------------------------------------


def test_robots_are_obeyed_and_asked_for_once(site):
    server = site({"/robots.txt": "User-agent: *\nDisallow: /private\n", "/a": "a", "/b": "b", "/private/c": "c"})
    with Fetcher(allow_private=True) as fetcher:
        urls = [server.url(path) for path in ("/a", "/private/c", "/b")]
        found = dict(fetcher.fetch_all(urls))
    assert isinstance(refused := found[server.url("/private/c")], Failure)
    assert refused.name == server.url("/private/c")
    assert "robots.txt asks programs not to read this page" in refused.reason
    assert sorted(server.paths) == ["/a", "/b", "/robots.txt"]


def test_robots_can_name_us(site):
    server = site({"/robots.txt": "User-agent: citewire\nDisallow: /\n\nUser-agent: *\nAllow: /\n", "/a": "a"})
    assert "robots.txt" in refusal(server.url("/a"))


@pytest.mark.parametrize("robots", [Reply(status=404), Reply(status=403), Reply(b"\xff\x00\xfe\n:::"), b"", "<html>"])
def test_a_host_without_rules_may_be_read(site, robots):
    server = site({"/robots.txt": robots, "/a": "a"})
    assert fetch(server.url("/a")).data == b"a"


def test_a_host_whose_rules_cannot_be_had_is_left_alone(site):
    server = site({"/robots.txt": Reply(status=500), "/a": "a"})
    assert "its robots.txt cannot be read (500)" in refusal(server.url("/a"))
    assert server.paths == ["/robots.txt"]


def test_a_host_that_never_gives_its_rules_is_asked_once(site):
    server = site({"/robots.txt": Reply(hold=Event()), "/a": "a", "/b": "b"})
    with Fetcher(allow_private=True, seconds=1) as fetcher:
        found = dict(fetcher.fetch_all([server.url("/a"), server.url("/b")]))
    assert all("its robots.txt did not arrive within 0.5 seconds" in page.reason for page in found.values())
    assert server.paths == ["/robots.txt"]


def test_rules_are_found_behind_a_redirect(site):
    server = site({"/robots.txt": moved("/rules"), "/rules": "User-agent: *\nDisallow: /\n", "/a": "a"})
    assert "robots.txt asks programs not" in refusal(server.url("/a"))


def test_rules_without_end_are_read_so_far(site):
    def rules() -> Iterator[bytes]:
        yield b"User-agent: *\nDisallow: /private\n"
        yield from endless(b"# and so on\n" * 1000)

    server = site({"/robots.txt": lambda *_: Reply(rules()), "/a": "a", "/private": "b"})
    assert fetch(server.url("/a")).data == b"a"
    assert "robots.txt asks programs not" in refusal(server.url("/private"))


def test_a_redirect_does_not_lead_around_robots(site):
    server = site({"/robots.txt": "User-agent: *\nDisallow: /private\n", "/a": moved("/private"), "/private": "b"})
    assert "robots.txt asks programs not" in refusal(server.url("/a"))
    assert not server.seen("/private")


def test_pages_of_a_host_are_as_far_apart_as_it_asks(site, monkeypatch):
    starts: list[float] = []

    async def sleep_until(moment: float) -> None:
        starts.append(moment)

    monkeypatch.setattr("anyio.sleep_until", sleep_until)
    server = site({"/robots.txt": "User-agent: *\nCrawl-delay: 0.4\n", "/a": "a", "/b": "b", "/c": "c"})
    with Fetcher(allow_private=True, seconds=60) as fetcher:
        found = list(fetcher.fetch_all(server.url(path) for path in ("/a", "/b", "/c")))
    assert all(isinstance(page, Page) for _, page in found)
    assert len(starts) == 3
    assert all(later - earlier >= 0.4 - 1e-6 for earlier, later in zip(starts, starts[1:], strict=False))


def test_the_wait_for_a_turn_does_not_count_against_a_page(site):
    server = site({"/robots.txt": "User-agent: *\nCrawl-delay: 1.2\n", "/a": "a", "/b": "b", "/c": "c"})
    with Fetcher(allow_private=True, seconds=2) as fetcher:
        found = list(fetcher.fetch_all(server.url(path) for path in ("/a", "/b", "/c")))
    assert all(isinstance(page, Page) for _, page in found)


def test_a_host_that_asks_for_hours_is_waited_for_as_long_as_our_patience_lasts(site):
    server = site({"/robots.txt": "User-agent: *\nCrawl-delay: 7200\n", "/a": "a", "/b": "b"})
    with Fetcher(allow_private=True, patience=0.1) as fetcher:
        found = list(fetcher.fetch_all([server.url("/a"), server.url("/b")]))
    assert all(isinstance(page, Page) for _, page in found)


# --- several at once -------------------------------------------------------------------------------------------------


def test_several_pages_come_in_the_order_asked_for(site):
    slow = Event()

    def last(path: str, headers: Any) -> Reply:
        slow.set()
        return Reply("b")

    server = site({"/a": Reply("a", hold=slow), "/b": last})
    urls = [server.url("/a"), server.url("/b"), server.url("/missing"), "nonsense"]
    with Fetcher(allow_private=True) as fetcher:
        found = list(fetcher.fetch_all(urls))
    assert [url for url, _ in found] == urls
    assert [getattr(page, "data", None) for _, page in found] == [b"a", b"b", None, None]
    assert [page.name for _, page in found[2:] if isinstance(page, Failure)] == urls[2:]


def test_a_host_is_asked_for_two_pages_at_once(site):
    together = Barrier(2)

    def pair(path: str, headers: Any) -> Reply:
        together.wait(10)
        return Reply([b"a", b"b"], pause=0.02)

    server = site({f"/{n}": pair for n in range(8)})
    with Fetcher(allow_private=True) as fetcher:
        found = list(fetcher.fetch_all(server.url(f"/{n}") for n in range(8)))
    assert all(isinstance(page, Page) for _, page in found)
    assert server.most_at_once == 2


def test_pages_are_not_read_far_ahead_of_who_takes_them(site):
    server = site({f"/{n}": "a" for n in range(100)})
    taken: list[int] = []

    def urls() -> Iterator[str]:
        for n in range(100):
            taken.append(n)
            yield server.url(f"/{n}")

    with Fetcher(allow_private=True, at_once=4) as fetcher:
        pages = fetcher.fetch_all(urls())
        for _ in range(3):
            next(pages)
        assert len(taken) == 6
        pages.close()
    assert len(server.paths) <= 7


def test_stopping_early_leaves_nothing_running(site):
    server = site({"/a": "a"} | {f"/{n}": Reply(hold=Event()) for n in range(20)})
    urls = [server.url("/a"), *(server.url(f"/{n}") for n in range(20))]
    with Fetcher(allow_private=True) as fetcher:
        for _, page in fetcher.fetch_all(urls):
            assert isinstance(page, Page)
            break


def test_an_error_of_who_takes_them_leaves_nothing_running(site):
    server = site({"/a": "a", "/b": Reply(hold=Event())})
    with pytest.raises(KeyboardInterrupt), Fetcher(allow_private=True) as fetcher:
        for _ in fetcher.fetch_all([server.url("/a"), server.url("/b")]):
            raise KeyboardInterrupt


def test_nothing_is_loaded_before_the_first_page():
    program = "import sys, qa.ingest.fetch\nwith qa.ingest.fetch.Fetcher(): pass\nprint(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"httpx", "httpcore", "anyio", "protego", "courlan"} & set(loaded)


# --- addresses -------------------------------------------------------------------------------------------------------


def test_what_is_an_address():
    assert is_address("https://news.example/a")
    assert is_address("HTTP://news.example")
    assert not is_address("news/https.txt")
    assert not is_address("ftp://news.example/a")


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/story",
        "https://news.example/story/",
        "https://news.example/story#comments",
        "HTTPS://News.Example:443/story",
        " https://news.example/story?utm_source=x&UTM_Medium=y&fbclid=1&gclid=2 ",
    ],
)
def test_one_page_has_one_plain_address(url):
    assert plain_address(url) == "https://news.example/story"


@pytest.mark.parametrize(
    ("url", "plain"),
    [
        ("https://news.example", "https://news.example"),
        ("https://news.example/", "https://news.example"),
        ("https://news.example/s?b=2&a=1", "https://news.example/s?a=1&b=2"),
        ("https://news.example/s?a=1&a=2&", "https://news.example/s?a=1&a=2"),
        ("https://news.example/view?20240101", "https://news.example/view?20240101"),
        ("https://news.example/s?id=", "https://news.example/s?id="),
        ("https://news.example/s?cid=7&source=x", "https://news.example/s?cid=7&source=x"),
        ("https://news.example/#!/story/5", "https://news.example#!/story/5"),
        ("http://news.example:8080/s", "http://news.example:8080/s"),
        ("https://web.example/web/2020/https://news.example/s", "https://web.example/web/2020/https:/news.example/s"),
        ("https://news.example/s?u=https://other.example/t", "https://news.example/s?u=https://other.example/t"),
        ("https://[half/story", "https://[half/story"),
        ("notes/story.txt", "notes/story.txt"),
        ("", ""),
    ],
)
def test_the_plain_address_keeps_what_a_page_is_found_by(url, plain):
    assert plain_address(url) == plain


@given(st.one_of(st.text(), st.text().map("https://".__add__), st.text().map("https://news.example/".__add__)))
def test_a_plain_address_never_fails_and_is_its_own_plain_address(url):
    assert plain_address(plain_address(url)) == plain_address(url)


@given(
    st.one_of(st.text(), st.text().map("http://".__add__), st.binary().map(lambda b: "http://" + b.decode("latin-1")))
)
def test_an_odd_address_is_refused_in_one_sentence(url):
    from qa.ingest.fetch.address import parse

    try:
        assert parse(url).host
    except ReadError as error:
        assert str(error).isprintable()
