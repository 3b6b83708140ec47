"""Reads pages, several at once, each within a deadline, and respects robots.txt."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, field
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from itertools import islice
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urljoin

from qa.errors import ReadError
from qa.ingest.fetch.address import parse
from qa.ingest.fetch.response import Response, read_body
from qa.ingest.read.record import Failure

if TYPE_CHECKING:
    import anyio
    import httpcore
    import httpx
    from anyio.from_thread import BlockingPortal

    from qa.ingest.fetch.hosts import Host, Rules
    from qa.ingest.fetch.network import Resolve

    Get = Callable[[httpx.URL], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Page:
    """The page behind an address."""

    url: str
    """The final address after redirects."""
    data: bytes
    """Decompressed, in the page's own encoding."""
    content_type: str | None = None
    """As the server says, with its charset."""


@dataclass(eq=False)
class Fetcher:
    """Reads pages from the public network; a context manager, which opens nothing before the first page.

    Cookies are not kept, and no proxy is taken from the environment: what a proxy connects to could not be checked.
    """

    allow_private: bool = False
    """True to read addresses on this machine and on private networks too."""
    _: KW_ONLY
    largest: int = 20_000_000
    """Largest page in bytes, also after decompression."""
    seconds: float = 20.0
    """Deadline in seconds for one page, redirects and robots.txt included; the wait for its turn is not."""
    redirects: int = 5
    at_once: int = 8
    """Pages read at the same time, and so how far `fetch_all` reads ahead."""
    per_host: int = 2
    patience: float = 10.0
    """Longest wait in seconds that a server may ask for (Crawl-delay, Retry-After)."""
    resolve: Resolve = socket.getaddrinfo
    """The function that resolves names."""
    network: httpcore.AsyncNetworkBackend | None = None
    """The function that connects to resolved addresses; None is the real network."""
    _opened: ExitStack = field(default_factory=ExitStack, init=False, repr=False)
    _hosts: dict[tuple[str, str, int | None], Host] = field(default_factory=dict, init=False, repr=False)
    _running: set[Future[Page]] = field(default_factory=set, init=False, repr=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        self._opened.__exit__(*error)

    def fetch(self, url: str) -> Page:
        """The page at an address. Raises ReadError: one sentence for the user, without the address."""
        return self._start(url).result()

    def fetch_all(self, urls: Iterable[str]) -> Iterator[tuple[str, Page | Failure]]:
        """Each address with its page, in the order given; reads no more than `at_once` pages ahead of its consumer."""
        urls = iter(urls)
        ahead: deque[tuple[str, Future[Page]]] = deque()
        try:
            while True:
                ahead.extend((url, self._start(url)) for url in islice(urls, self.at_once - len(ahead)))
                if not ahead:
                    return
                url, future = ahead[0]
                outcome = _outcome(url, future)
                ahead.popleft()
                yield url, outcome
        finally:
            for _, future in ahead:
                future.cancel()

    # --- between the caller's thread and the event loop ---------------------------------------------------------------

    def _start(self, url: str) -> Future[Page]:
        future = self._portal.start_task_soon(self._page, url)
        self._running.add(future)
        future.add_done_callback(self._running.discard)
        return future

    @cached_property
    def _portal(self) -> BlockingPortal:
        """An event loop in its own thread, where a deadline or a user's stop ends any wait."""
        from anyio.from_thread import start_blocking_portal

        portal = self._opened.enter_context(start_blocking_portal())
        self._opened.enter_context(portal.wrap_async_context_manager(self._pool))
        self._opened.callback(self._cancel)
        return portal

    def _cancel(self) -> None:
        for future in list(self._running):
            future.cancel()

    @cached_property
    def _pool(self) -> httpcore.AsyncConnectionPool:
        import httpcore
        import httpx

        from qa.ingest.fetch.network import CheckedNetwork

        return httpcore.AsyncConnectionPool(
            ssl_context=httpx.create_ssl_context(),
            max_connections=None,
            max_keepalive_connections=0,  # a connection that its server is about to close would lose a page
            network_backend=CheckedNetwork(self.allow_private, self.resolve, self.network),
        )

    # --- one page -----------------------------------------------------------------------------------------------------

    async def _page(self, address: str) -> Page:
        import anyio

        try:
            with anyio.fail_after(self.seconds) as clock:
                url, response = await self._follow(parse(address), partial(self._get_politely, clock=clock))
        except TimeoutError:
            raise ReadError(f"the page did not arrive within {self.seconds:g} seconds; try again later") from None
        if not response.is_page:
            raise ReadError(response.complaint)
        return Page(str(url), response.data, response.headers.get("content-type"))

    async def _follow(self, url: httpx.URL, get: Get) -> tuple[httpx.URL, Response]:
        """The final address after redirects, and the response there."""
        response = await get(url)
        for _ in range(self.redirects):
            if response.location is None:
                return url, response
            target = _joined(url, response.location)
            try:
                url = parse(target)
                response = await get(url)
            except ReadError as error:
                raise ReadError(f"redirected to {target}: {error}") from None
        if response.location is None:
            return url, response
        raise ReadError(f"it redirects more than {self.redirects} times; give the address at which a browser ends")

    async def _get_politely(self, url: httpx.URL, clock: anyio.CancelScope) -> Response:
        """The response at an address, at the pace its host allows; retried once if the host says when."""
        import anyio

        host = self._host(url)
        rules = await self._rules(host, url)
        rules.check(str(url))
        async with host.turn(min(rules.delay, self.patience), clock):
            response = await self._get(url)
            wait = response.retry_after
            if wait is None or wait > min(self.patience, clock.deadline - anyio.current_time()):
                return response
            await anyio.sleep(wait)
            return await self._get(url)

    def _host(self, url: httpx.URL) -> Host:
        from qa.ingest.fetch.hosts import Host

        origin = (url.scheme, url.host, url.port)
        return self._hosts.setdefault(origin, Host(self.per_host))

    async def _rules(self, host: Host, url: httpx.URL) -> Rules:
        async with host.asking:
            if host.rules is None:
                host.rules = await self._ask_for_rules(url)
            return host.rules

    async def _ask_for_rules(self, url: httpx.URL) -> Rules:
        """The host's robots.txt, read once; a failure is remembered too."""
        import anyio

        from qa.ingest.fetch.hosts import LARGEST_ROBOTS, Rules, rules_of

        seconds = self.seconds / 2
        try:
            with anyio.fail_after(seconds):
                get = partial(self._get, largest=LARGEST_ROBOTS, cut=True)
                _, response = await self._follow(url.join("/robots.txt"), get)
        except ReadError as error:
            return Rules(refusal=str(error))
        except TimeoutError:
            return Rules(refusal=f"its robots.txt did not arrive within {seconds:g} seconds; try again later")
        return rules_of(response)

    async def _get(self, url: httpx.URL, largest: int | None = None, cut: bool = False) -> Response:
        """One request and its response, whatever its status."""
        import httpcore

        from qa.ingest.fetch.network import unreadable

        where = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        try:
            async with self._pool.stream("GET", where, headers=[(b"Host", url.netloc), *_headers()]) as stream:
                headers = {name.decode().lower(): value.decode("latin-1") for name, value in stream.headers}
                response = Response(stream.status, headers)
                if not response.is_page:
                    return response
                encoding = headers.get("content-encoding", "").lower()
                data = await read_body(stream.aiter_stream(), encoding, largest or self.largest, cut)
                return Response(response.status, headers, data)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise unreadable(url.host, error) from None


def _outcome(url: str, future: Future[Page]) -> Page | Failure:
    try:
        return future.result()
    except ReadError as error:
        return Failure(url, str(error))


def _joined(url: httpx.URL, location: str) -> str:
    """The target of a redirect, which may be relative and in UTF-8, in a printable form."""
    try:
        target = urljoin(str(url), location.encode("latin-1").decode())
    except ValueError:
        target = location
    return "".join(letter if letter.isprintable() else "?" for letter in target)


def _headers() -> list[tuple[bytes, bytes]]:
    try:
        release = version("citewire")
    except PackageNotFoundError:
        release = "dev"
    agent = f"Citewire/{release} (+reads articles for its user; honours robots.txt)"
    return [(b"User-Agent", agent.encode()), (b"Accept", b"text/html,*/*;q=0.8"), (b"Accept-Encoding", b"gzip")]
