"""Finds the encoding of bytes and gives their text; refuses what is not text."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections import Counter

from qa.errors import ReadError

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
# What a page may declare, and what browsers take it for: https://encoding.spec.whatwg.org/#names-and-labels
_TAKEN_FOR = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "tis-620": "cp874",
}
_DECLARED = re.compile(
    r"utf-\d|cp(?:125\d|866|874|932|949)|iso8859-\d+|koi8-[ru]|mac-cyrillic|big5\w*|gb18030|euc_jp|iso2022_jp"
)
# Every encoding that is guessed; those of Latin letters apart, since few bytes tell them from each other.
_LATIN = ("cp1252", "cp1250", "iso8859_2", "cp1254")
_OTHERS = ("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp932", "euc_jp", "gb18030", "cp949", "big5")
_SAMPLE = 65_536


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data`: by its mark, as UTF-8, as the encoding `declared` beside it, else as what it looks like.

    Raises ReadError on what is not text.
    """
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return _strict(data, encoding)
    if b"\x00" in data:
        return _unmarked_utf16(data)
    if _is_binary(data):
        raise ReadError("not a text file")
    if (name := _known(declared)) == "iso2022_jp":  # whose bytes are all ASCII
        return data.decode(name, "replace")
    if (text := _utf8(data)) is not None:
        return text
    if name and name != "utf-8":
        text = data.decode(name, "replace")
        if text.count("\ufffd") * 50 < len(text):
            return text
    return _guessed(data)


def is_utf8(head: bytes) -> bool:
    """Whether a file that begins with `head` is UTF-8 all through, as far as one can tell."""
    _, end = codecs.utf_8_decode(head, "replace", False)  # The last character may be cut.
    return b"\x00" not in head[:1024] and _utf8(head[:end]) is not None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise ReadError("not a text file: it begins as Unicode and goes on as something else") from None


def _unmarked_utf16(data: bytes) -> str:
    """UTF-16 without its mark. Only in the right order of bytes is it of few scripts, with spaces, and all text."""
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:_SAMPLE]
        plain = sum(" " <= char <= "~" or char in "\t\r\n" for char in sample)
        strange = any(unicodedata.category(char) in ("Cc", "Cn", "Co") and char not in "\t\r\n\f" for char in sample)
        rows = Counter(ord(char) >> 8 for char in sample).most_common(2)
        if plain * 20 >= len(sample) and not strange and sum(count for _, count in rows) >= 0.9 * len(sample):
            return text
    raise ReadError("not a text file")


def _is_binary(data: bytes) -> bool:
    """Whether more than one byte in a hundred controls a device instead of being text."""
    sample = data[:_SAMPLE]
    return len(_CONTROL.findall(sample)) * 100 > len(sample)


_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def _known(declared: str | None) -> str | None:
    """The encoding that a page means by a name; None where it is unknown or none for text."""
    try:
        name = codecs.lookup((declared or "").strip(" \"'")).name
    except (LookupError, ValueError):
        return None
    name = _TAKEN_FOR.get(name, name)
    return name if _DECLARED.fullmatch(name) else None


def _utf8(data: bytes) -> str | None:
    """The text where it is UTF-8 but for a few broken characters, as a cut or a bad paste leaves them."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(char > "\x7f" for char in text) - broken
    return text if whole >= 20 * broken else None


def _guessed(data: bytes) -> str:
    sample = _telling_part(data)
    name = _guess(sample, (*_LATIN, *_OTHERS) if _mostly_ascii(sample) else _OTHERS)
    if name is None:
        name = "cp1252"
    elif name in _LATIN:  # That its letters are Latin can be believed, which of them not.
        name = _latin(sample, "cp1254" if name == "cp1254" else "cp1250")
    text = data.decode(name, "replace")
    if text.count("\ufffd") * 50 >= len(text):
        raise ReadError("not a text file")
    return text


_TAGS = re.compile(rb"<[^<>]*>")
_WINDOWS_ONLY = re.compile(rb"[\x80-\x9f]")


def _telling_part(data: bytes) -> bytes:
    """The lines with other bytes than ASCII, without tags: enough of them to judge by."""
    text = _TAGS.sub(b"\n", data[: 16 * _SAMPLE])
    told = b" ".join(line for line in text.split(b"\n") if not line.isascii()) or data[-_SAMPLE:]
    return told if len(told) <= _SAMPLE else told[:_SAMPLE].rpartition(b" ")[0] or told[:_SAMPLE]


def _mostly_ascii(sample: bytes) -> bool:
    high = sum(byte > 127 for byte in sample)
    return high < 2 * sum(chr(byte).isalpha() for byte in sample if byte < 128)


def _guess(sample: bytes, encodings: tuple[str, ...]) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(encodings)).best()
    return best.encoding if best else None


def _latin(sample: bytes, other: str) -> str:
    """Windows-1252 where it makes sense of what `other` reads otherwise, else `other` or its ISO sister.

    It does where nearly all those letters belong to one language, or are as few as foreign names in an English text.
    """
    pairs = zip(sample.decode("cp1252", "replace"), sample.decode(other, "replace"), strict=True)
    letters = Counter(one.lower() for one, another in pairs if one != another)
    common = {letter for letter, count in letters.items() if count * 20 >= letters.total()}
    if letters.total() * 100 < len(sample) or any(common <= alphabet for alphabet in _WESTERN):
        return "cp1252"
    # The same letters, but for those that Windows keeps where ISO has none.
    return "iso8859_2" if other == "cp1250" and not _WINDOWS_ONLY.search(sample) else other


# Letters of French, Spanish, Portuguese, Italian, Catalan, the Nordic languages and Icelandic that other tables of
# Windows give to other letters.
_WESTERN = tuple(map(frozenset, ("àèêïùûœÿ", "ñ¿¡ºª", "ãõàê", "àèìòù", "àèòïñ", "åæøòà", "þðæ")))
