"""Addresses of pages: what counts as one, how it is requested, and when two name the same page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from qa.errors import ReadError

if TYPE_CHECKING:
    import httpx

_WEB = ("http://", "https://")

# What newsletters, advertisers and share buttons add to an address, and what no site needs to find the page. Names
# that some sites need ("id", "cid", "source", "ref") are not among them: two articles must never pass for one.
_TRACKING = re.compile(
    r"(?:utm|mtm|piwik|matomo)_\w+|pk_(?:campaign|cid|content|keyword|kwd|medium|source)|at_(?:campaign|medium)"
    r"|(?:fb|g|dc|y|tw|tt)clid|gclsrc|(?:gbra|wbra|msclk)id|igsh(?:id)?|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|hsctatracking"
    r"|oly_(?:anon|enc)_id|vero_id|xtor|cmpid|ocid|smid|smtyp|ftag|ref_(?:src|url)|hootpostid|__twitter_impression",
    re.IGNORECASE,
)


def is_address(source: str) -> bool:
    """True for the address of a page, False for a file."""
    return source.lower().startswith(_WEB)


def plain_address(url: str) -> str:
    """The key by which two addresses name the same page; what is no address is returned unchanged.

    Without fragment, tracking parameters, default port and closing slash; the host in lower case, the parameters
    sorted. A fragment that a page finds its content by ("#!/story/5") stays.
    """
    import courlan

    url = url.strip()
    if not is_address(url):
        return url
    try:
        parts = urlsplit(url)
        path = parts.path if parts.path.strip("/") else ""
        bare = parts._replace(path=path, query="", fragment="")
        plain = courlan.normalize_url(bare, strict=True, trailing_slash=False)
    except ValueError:  # half an IPv6 address, a name that is no name
        return url
    query = "&".join(sorted(part for part in parts.query.split("&") if part and not _is_tracking(part)))
    return plain + f"?{query}" * bool(query) + f"#{parts.fragment}" * parts.fragment.startswith(("!", "/"))


def _is_tracking(parameter: str) -> bool:
    return bool(_TRACKING.fullmatch(unquote(parameter.partition("=")[0])))


def parse(address: str) -> httpx.URL:
    """The address in the form of a request: names in IDNA, the rest percent-encoded, no fragment. Raises ReadError."""
    import httpx

    try:
        url = httpx.URL(address.strip()).copy_with(fragment=None)
    except (httpx.InvalidURL, ValueError):
        raise ReadError("this is not the address of a page; write it as https://example.com/story") from None
    if "%" in url.host or not 0 < (url.port or 80) < 65536:
        raise ReadError("the address names no host that there can be; check what stands before its first '/'")
    if url.scheme not in ("http", "https") or not url.host:
        raise ReadError("only addresses that begin with http:// or https:// and name a host are read")
    if url.userinfo:
        raise ReadError(
            "an address with a user name or password in it is not read; save the page in a browser and give the file"
        )
    return url
