"""Mail, mailboxes, saved pages, ODT, RTF and archives: what a delivery to a newsroom comes in."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from reading import EXAMPLES, HTML, TEXT, TITLE, docx, mail, odt, rtf, saved_page, tarred, zipped

from qa.ingest.read import Failure, Record, read_file

Write = Callable[[str, str | bytes], Path]
LINE = "The council of Nes met again to talk about the road over the pass, the mayor said on Monday. "


def records(path: Path) -> list[Record]:
    items = list(read_file(path))
    assert all(isinstance(item, Record) for item in items), items
    return [item for item in items if isinstance(item, Record)]


def record(path: Path) -> Record:
    [found] = records(path)
    return found


def failure(path: Path) -> str:
    [item] = read_file(path)
    assert isinstance(item, Failure), item
    return item.reason


# --- mail ------------------------------------------------------------------------------------------------------------


def test_a_newsletter_is_an_article_of_its_sender_and_day(write: Write) -> None:
    rows = "".join(f"<tr><td><h2>Story {n}</h2><p>{LINE * 3}</p></td></tr>" for n in range(4))
    body = f"<html><body><table>{rows}</table></body></html>"
    found = record(write("a.eml", mail(body, kind="text/html", Date="Tue, 05 Mar 2024 23:30:00 -0500")))
    assert dict(found.fields) == {"title": TITLE, "outlet": "Lantern News", "date": "2024-03-05"}
    assert all(f"Story {n}" in found.text for n in range(4)) and found.text.count(LINE.strip()) >= 4


def test_the_page_of_a_message_comes_before_its_plain_part(write: Write) -> None:
    message = (
        "From: news@lantern.example\nSubject: =?utf-8?q?Br=C3=BCcke?=\n"
        "Content-Type: multipart/alternative; boundary=B\n\n"
        f"--B\nContent-Type: text/plain; charset=utf-8\n\nRead this in a browser.\n--B\n"
        f"Content-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n\n"
        f"<html><body><article><p>{LINE * 4}Gr=FCn.</p></article></body></html>\n--B--\n"
    )
    found = record(write("a.eml", message))
    assert (found.fields["title"], found.fields["outlet"]) == ("Brücke", "lantern.example")
    assert found.text.endswith("Grün.") and "in a browser" not in found.text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("Only text.", "not a message"),
        ("Subject: A\n\n", "holds no text"),
        ("Subject: A\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=", "holds no text"),
        (
            "From: \xff\nSubject: \xff\nDate: yesterday\nContent-Type: text/plain; charset=nonsense\n\n ",
            "holds no text",
        ),
    ],
)
def test_what_is_no_message(content: str, reason: str, write: Write) -> None:
    assert reason in failure(write("a.eml", content.encode("latin-1")))


def test_a_mailbox_gives_each_of_its_messages(write: Write) -> None:
    messages = [
        mail(f"{LINE}\n\n>From here on it snowed.", Message_ID="<1@x>"),
        b"Subject: Nothing\n\n",
        mail(LINE * 2, Message_ID="<1@x>"),
        mail("From the pass to the sea. " + LINE),
    ]
    box = b"\n".join(b"From a@b Tue Mar  5 09:00:00 2024\n" + message for message in messages)
    one, nothing, two, three = read_file(write("a.mbox", box))
    assert isinstance(one, Record) and one.key == "<1@x>" and one.text.endswith("From here on it snowed.")
    assert isinstance(nothing, Failure) and nothing.name.endswith("a.mbox, message 2")
    assert isinstance(two, Record) and two.key != one.key
    assert isinstance(three, Record) and three.text.startswith("From the pass")


@pytest.mark.parametrize(
    ("address", "url"), [("https://lantern.example/bridge", "https://lantern.example/bridge"), ("cid:1@mhtml", None)]
)
def test_a_saved_page_knows_its_address(address: str, url: str | None, write: Write) -> None:
    found = record(write("a.mhtml", saved_page(HTML, address)))
    assert (found.text, found.fields.get("url")) == (TEXT, url)
    assert found.source.url is None and found.source.path


def test_what_is_saved_without_a_page(write: Write) -> None:
    assert "no page is saved in it" in failure(write("a.mhtml", mail()))


# --- documents -------------------------------------------------------------------------------------------------------


def test_an_odt_in_the_order_of_its_page(write: Write) -> None:
    cell = "<table:table-cell><text:p>{}</text:p></table:table-cell>".format
    content = odt(
        "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>",
        '<text:h text:outline-level="1">A road</text:h>',
        "<text:section><text:p>The <text:span>bridge</text:span><text:s/>opened<text:tab/>at<text:line-break/>dawn."
        "<text:note><text:note-body><text:p>A note.</text:p></text:note-body></text:note></text:p></text:section>",
        "<text:list><text:list-item><text:p>One.</text:p></text:list-item>"
        "<text:list-item><text:p>Two.</text:p></text:list-item></text:list>",
        f"<table:table><table:table-row>{cell('Year')}{cell('Cars')}</table:table-row></table:table>",
    )
    found = record(write("a.odt", content))
    assert found.text == "A road\n\nThe bridge opened\tat\ndawn.\n\n- One.\n- Two.\n\nYear | Cars"
    assert found.fields["title"] == "A road"


def test_the_title_of_an_odt_by_its_style(write: Write) -> None:
    styles = '<style:style style:name="P1" style:parent-style-name="Title"/>'
    blocks = (
        "<text:p>By Ines Falk</text:p>",
        '<text:p text:style-name="P1">Two boats</text:p>',
        "<text:h>A road</text:h>",
    )
    assert record(write("a.odt", odt(*blocks, title="Some other name", styles=styles))).fields["title"] == "Two boats"


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04",
        zipped({"a.txt": "x"}),
        zipped({"content.xml": "<broken"}),
        zipped({"content.xml": "<a/>"}),
        zipped({"content.xml": '<!DOCTYPE a [<!ENTITY b "xxxx">]><a>&b;</a>'}),
    ],
)
def test_what_is_no_odt(content: bytes, write: Write) -> None:
    assert failure(write("a.odt", content)).startswith(("not an ODT file", "not a text document"))


def test_an_rtf_with_signs_of_its_own(write: Write) -> None:
    found = record(write("a.rtf", rtf(r"Caf\'e9 \u8222?offen\u8220? {\b at} dawn.", LINE, title="Two boats for Nes")))
    assert found.text == f"Café „offen“ at dawn.\n\n{LINE.strip()}"
    assert found.fields["title"] == "Two boats for Nes"


def test_the_pictures_of_an_rtf_are_no_text(write: Write) -> None:
    picture = r"{\pict\pngblip " + "89504e47" * 200_000 + "}"
    assert record(write("a.rtf", rtf(picture, LINE))).text == LINE.strip()


def test_what_is_no_rtf(write: Write) -> None:
    assert failure(write("a.rtf", TEXT)) == "not an RTF file, or a damaged one"


# --- archives --------------------------------------------------------------------------------------------------------

DELIVERY = {
    "2024/a.docx": docx(TEXT, title=TITLE),
    "2024/b.jsonl": b'{"id": "1", "text": "One."}\n{"broken\n{"id": "2", "text": "Two."}\n',
    "2024/c.eml": EXAMPLES[".eml"],
    "2024/photo.png": b"\x89PNG",
    "2024/.hidden.txt": b"Hidden.",
    "__MACOSX/2024/._a.docx": b"x",
    "2024/d.pdf": b"no PDF",
    "2024/e.zip": zipped({"a.txt": TEXT}),
    "../../etc/f.txt": b"A name that leads out of the archive is a name.",
}


@pytest.mark.parametrize(("name", "pack"), [("a.zip", zipped), ("a.tar", tarred), ("a.tar.gz", tarred)])
def test_a_delivery_is_read_without_unpacking(
    name: str, pack: Callable[[dict[str, bytes]], bytes], write: Write, tmp_path: Path
) -> None:
    path = write(name, pack(DELIVERY))
    items = list(read_file(path))
    found = {item.key: item for item in items if isinstance(item, Record)}
    assert list(found) == ["2024/a.docx", "2024/b.jsonl, 1", "2024/b.jsonl, 2", "2024/c.eml", "../../etc/f.txt"]
    assert found["2024/a.docx"].fields["title"] == TITLE
    assert all(one.source.path == path and one.source.data is None for one in found.values())
    failures = {item.name.removeprefix(f"{path}, "): item.reason for item in items if isinstance(item, Failure)}
    assert list(failures) == ["2024/b.jsonl, line 2", "2024/d.pdf", "2024/e.zip"]
    assert failures["2024/e.zip"] == "an archive in an archive is not read; unpack it first"
    assert sorted(tmp_path.rglob("*")) == [path]


def test_a_password_and_a_bomb_in_an_archive_lose_nothing_else(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.txt", "x" * 60_000_000)
        archive.writestr("locked.txt", TEXT)
        archive.writestr("good.txt", TEXT)
    data = bytearray(out.getvalue())
    at = data.rindex(b"locked.txt") - 46  # its entry in the directory at the end
    assert data[at : at + 4] == b"PK\x01\x02"
    data[at + 8] |= 1
    bomb, locked, good = read_file(write("a.zip", bytes(data)))
    assert isinstance(bomb, Failure) and "would unpack to 60 MB" in bomb.reason
    assert isinstance(locked, Failure) and locked.reason == "needs a password; unpack it first"
    assert isinstance(good, Record) and good.text == TEXT


def test_an_archive_without_articles(write: Write) -> None:
    assert failure(write("a.zip", zipped({"a.png": "x"}))) == "holds no articles"
    assert failure(write("a.tar", tarred({}))) == "holds no articles"
