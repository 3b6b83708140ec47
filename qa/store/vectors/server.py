"""The vector index in a Chroma server, which several processes and machines may use at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from qa.errors import EmbedderMismatch, LibraryError, SettingsError, first_line
from qa.store.vectors.index import CONFIGURATION, VectorIndex

if TYPE_CHECKING:
    from chromadb import Collection

_CONNECT, _REPLY = 5.0, 60.0  # seconds; Chroma's own client would wait for ever


class ServerVectors(VectorIndex):
    """The collection of one library in a Chroma server, named after the library's id.

    The server keeps its own files in order. Who brings the collection up to date with the articles still takes turns
    (`held`), else one would put back what another has just removed: by `lock`, which all processes on the library
    share, and which one may enter again. Raises SettingsError for an address or a token that cannot be one,
    LibraryError where the server fails.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        library: str,
        embedder: str,
        dimension: int,
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._url = _address(url)
        self._headers = _headers(token)
        self._library = library
        self._metadata = {"embedder": embedder, "dimension": dimension}
        self._threads = threading.RLock()
        self._processes = lock or nullcontext()
        self._client: Any = None
        self._opened: Collection | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the lock on the index, across threads and the processes that share the lock file."""
        with self._threads, self._processes:
            yield

    def is_whole(self) -> bool:
        """Whether the server has the collection. Raises EmbedderMismatch where that is of another embedder."""
        from chromadb.errors import NotFoundError

        with self.held(), self._answers():
            try:
                self._opened = self._open()
            except NotFoundError:
                self._opened = None
        return self._opened is not None

    def is_open(self) -> bool:
        """True if the collection is at hand."""
        return self._opened is not None

    def start_again(self) -> None:
        """Makes the collection anew."""
        from chromadb.errors import NotFoundError

        with self.held(), self._answers():
            client = self._connected()
            with suppress(NotFoundError):
                client.delete_collection(self._library)
            self._opened = client.create_collection(
                self._library, configuration=CONFIGURATION, metadata=self._metadata, embedding_function=None
            )

    def close(self) -> None:
        """Ends the connection; the next call makes a new one."""
        with self._threads:
            client, self._client, self._opened = self._client, None, None
            if client is not None:
                for session in _sessions(client):  # Chroma's own close leaves them open
                    session.close()
                client.close()

    @contextmanager
    def _collection(self, changes: bool = False) -> Iterator[Collection]:
        with self._answers():
            with self._threads:
                collection = self._opened = self._opened or self._open()
            yield collection

    def _open(self) -> Collection:
        collection: Collection = self._connected().get_collection(self._library, embedding_function=None)
        built = collection.metadata or {}
        if any(built.get(name) != value for name, value in self._metadata.items()):
            raise EmbedderMismatch(
                f"The Chroma server {self._url} holds vectors of this library by the embedder "
                f"'{built.get('embedder')}' ({built.get('dimension')} dimensions), not '{self._metadata['embedder']}' "
                f"({self._metadata['dimension']}). Make them again with: qa doctor --repair"
            )
        return collection

    def _connected(self) -> Any:
        """Chroma's client, which is not asked before the server has said that it is one: it would wait for ever."""
        if self._client is None:
            import chromadb
            import httpx
            from chromadb.config import Settings

            reply = httpx.get(f"{self._url}/api/v2/heartbeat", headers=self._headers, timeout=_CONNECT)
            if "heartbeat" not in reply.raise_for_status().text:
                raise LibraryError(_another(self._url, "it has no heartbeat"))
            # Set here, so that no variable of Chroma's own and no .env file can turn the check of certificates off.
            settings = Settings(
                anonymized_telemetry=False,
                chroma_server_ssl_verify=None,
                chroma_server_host=None,
                chroma_server_http_port=None,
            )
            self._client = chromadb.HttpClient(self._url, headers=dict(self._headers), settings=settings)
            for session in _sessions(self._client):
                session.timeout = httpx.Timeout(_REPLY, connect=_CONNECT)
        return self._client

    @contextmanager
    def _answers(self) -> Iterator[None]:
        """Turns everything that Chroma and the network raise into one line; the collection is then asked for again."""
        try:
            yield
        except LibraryError:
            raise
        except Exception as error:  # Chroma wraps some of httpx's errors in ValueError, some in Exception
            self._opened = None
            raise LibraryError(_explanation(self._url, error)) from error


def _address(url: str) -> str:
    """The address without a slash at its end. Raises SettingsError, which says what one looks like."""
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        usable = False
    if not usable or parts.username is not None or parts.query or parts.fragment or not url.isprintable():
        raise SettingsError(f"The Chroma server {url!r} is no address. Write it as http://host:port or https://host.")
    return url.strip().rstrip("/")


def _headers(token: str | None) -> dict[str, str]:
    """The header that authenticates to a proxy before the server: Chroma has had no authentication since version 1."""
    if not token:
        return {}
    if not (token.isascii() and token.isprintable()):  # not shown: it is a secret
        raise SettingsError("The token for the Chroma server has signs that no header can hold. Copy it again.")
    return {"Authorization": f"Bearer {token}", "X-Chroma-Token": token}


def _sessions(client: Any) -> list[Any]:
    """Both connections of a client: Chroma opens one more to look for the tenant."""
    return [part._server._session for part in (client, client._admin_client)]


def _another(url: str, why: str) -> str:
    return f"The server {url} is no Chroma server of version 1 or later ({why}). Check the address."


def _explanation(url: str, error: Exception) -> str:
    import httpx

    cause = _cause(error)
    if isinstance(cause, httpx.HTTPStatusError):
        status = f"{cause.response.status_code} {cause.response.reason_phrase}".rstrip()
        if cause.response.status_code in (401, 403):
            return f"The Chroma server {url} refuses the token, or wants one ({status})."
        if cause.response.status_code < 500:
            return _another(url, status)
        return f"The Chroma server {url} fails ({status}). Try again later."
    if isinstance(cause, httpx.ConnectError) and "certificate" in str(cause).lower():
        why = str(cause).rpartition("certificate verify failed: ")[2].partition(" (_ssl")[0]
        return (
            f"The Chroma server {url} cannot prove who it is ({why}). "
            "Name the certificate of its authority in SSL_CERT_FILE."
        )
    if isinstance(cause, httpx.TransportError):
        return (
            f"The Chroma server {url} does not answer ({_reason(cause)}); "
            f"start it with: chroma run --port {urlsplit(url).port or 8000}, or leave --chroma away."
        )
    return f"The Chroma server {url} fails: {first_line(error)}."


def _cause(error: BaseException | None) -> BaseException | None:
    """The httpx error behind an error of Chroma's client, if there is one."""
    import httpx

    while error is not None and not isinstance(error, httpx.HTTPError):
        error = error.__cause__ or error.__context__
    return error


def _reason(error: BaseException) -> str:
    import httpx

    if isinstance(error, httpx.TimeoutException):
        return "it takes too long"
    return first_line(error).partition("] ")[2].lower() or first_line(error)
