"""Text and its encodings, Markdown with front matter, PDF, DOCX."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reading import docx, pdf

from qa.ingest.read import Failure, Record, read_file
from qa.ingest.read.ocr import can_recognize, languages

Write = Callable[[str, str | bytes], Path]


def record(path: Path) -> Record:
    [item] = read_file(path)
    assert isinstance(item, Record), item
    return item


def failure(path: Path) -> str:
    [item] = read_file(path)
    assert isinstance(item, Failure), item
    assert "\n" not in item.reason
    return item.reason


# --- encodings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding: str, write: Write) -> None:
    found = record(write("a.md", "---\r\ntitle: Café\r\n---\r\nDéjà “vu”.".encode(encoding)))
    assert (found.fields["title"], found.text) == ("Café", "Déjà “vu”.")


RUSSIAN = "Мост через реку открыли во вторник после двух лет работ. Мэр города сказал, что движение начнётся утром."
CZECH = "Most přes řeku byl otevřen v úterý po dvou letech prací. Starostka řekla, že provoz začne zítra ráno."
POLISH = "Most przez rzekę został otwarty we wtorek po dwóch latach prac. Burmistrz powiedziała, że ruch zacznie się."
HUNGARIAN = "A polgármester kedden azt mondta, hogy a két éve lezárt új híd holnap megnyílik, és az út szűk lesz, nőtt."
GREEK = "Η γέφυρα άνοιξε την Τρίτη μετά από δύο χρόνια εργασιών. Ο δήμαρχος είπε ότι η κυκλοφορία αρχίζει αύριο."
TURKISH = "Belediye başkanı salı günü iki yıldır kapalı olan yeni köprünün yarın sabah açılacağını söyledi."
HEBREW = "הגשר נפתח ביום שלישי אחרי שנתיים של עבודות. ראש העיר אמר שהתנועה תתחיל מחר בבוקר."
ARABIC = "تم افتتاح الجسر يوم الثلاثاء بعد عامين من العمل. وقال رئيس البلدية إن حركة المرور ستبدأ غدا صباحا."
JAPANESE = "橋は二年間の工事の後、火曜日に開通した。市長は、交通は明日の朝に始まると述べた。"
CHINESE = "大桥经过两年的施工于星期二通车。市长说，明天早上开始通行。居民们感到高兴。"
KOREAN = "다리는 2년간의 공사 끝에 화요일에 개통되었다. 시장은 내일 아침부터 통행이 시작된다고 말했다."
ENGLISH = "The bridge isn’t open yet, the mayor, Señor Muñoz, said at the café. “We wait,” she said – and they did."
SPANISH = "La alcaldesa dijo que el puente, cerrado durante dos años de obras, abrirá mañana por la mañana."
DANISH = "Borgmesteren sagde, at den nye bro, som har været lukket i to år, åbner i morgen. Prisen blev højere."
FRENCH = "Le pont a été ouvert mardi après deux années. La maire a déclaré : « C’est très bien, voilà où nous allons »."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "utf-16-le"),
        (RUSSIAN, "utf-16-be"),
        ("Мост открыт.", "cp1251"),
        (CZECH, "cp1250"),
        (CZECH, "iso8859-2"),
        (POLISH, "cp1250"),
        (POLISH, "iso8859-2"),
        (HUNGARIAN, "cp1250"),
        (GREEK, "cp1253"),
        (TURKISH, "cp1254"),
        (HEBREW, "cp1255"),
        (ARABIC, "cp1256"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
        (ENGLISH, "cp1252"),
        (SPANISH, "cp1252"),
        (DANISH, "cp1252"),
        (FRENCH, "cp1252"),
        ("café", "cp1252"),
        ("Señor Muñoz said yes.", "cp1252"),
        ("naïve", "latin-1"),
    ],
)
@pytest.mark.parametrize("times", [1, 900])
def test_encodings_that_are_guessed(text: str, encoding: str, times: int, write: Write) -> None:
    text = "\n".join([text] * times)
    assert record(write("a.txt", text.encode(encoding))).text == text


def test_a_few_broken_characters_do_not_make_another_encoding(write: Write) -> None:
    whole = RUSSIAN.encode()
    assert record(write("a.txt", whole[:-2])).text.startswith(RUSSIAN[:-2])
    assert record(write("b.txt", whole + b"\xff\n" + whole)).text == f"{RUSSIAN}\ufffd\n{RUSSIAN}"


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00",
        b"\x81\x8d\x8f\x90\x9d" * 9,
        bytes(range(1, 256)),
        b"\xff\xfe\x00",
        b"\x00\x00\x00\x00",
        b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00",
    ],
)
def test_what_is_not_text_is_refused(content: bytes, write: Write) -> None:
    assert "not a text file" in failure(write("a.txt", content))


# --- front matter ----------------------------------------------------------------------------------------------------


def front(head: str, write: Write) -> dict[str, Any]:
    found = record(write("a.md", f"---\n{head}\n---\n\nBody."))
    assert found.text.strip() == "Body."
    return dict(found.fields)


@pytest.mark.parametrize(
    ("head", "fields"),
    [
        ("title: 1984", {"title": "1984"}),
        ("title: No", {"title": "No"}),
        ("title: null\noutlet: ~\ndate:", {}),
        ("date: 2017-01-19", {"date": "2017-01-19"}),
        ("date: 2017-02-30", {"date": "2017-02-30"}),
        ("date: 2017-01-19 10:00:00 +0600", {"date": "2017-01-19 10:00:00 +0600"}),
        ("authors: [Ines Falk, Jo Lund]", {"authors": ["Ines Falk", "Jo Lund"]}),
        ("authors:\n  - name: Ines Falk\n  - Jo Lund\n  - [x]", {"authors": ["Ines Falk", "Jo Lund"]}),
        ("author: Ines Falk", {"authors": "Ines Falk"}),
        ("source: {id: x, name: The Herald}", {"outlet": "The Herald"}),
        ("source: The Sun\noutlet: The Herald", {"outlet": "The Herald"}),
        ("id: 7", {"id": "7"}),
        ("text: not this\ntitle: T", {"title": "T"}),
        ("# a remark\ntitle: T", {"title": "T"}),
        ("'title': T", {"title": "T"}),
        ("authors: [&a Ines, *a]", {"authors": ["Ines", "Ines"]}),
        ("tags: [a, b]", {}),
        ("", {}),
    ],
)
def test_front_matter(head: str, fields: dict[str, Any], write: Write) -> None:
    assert front(head, write) == fields


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("---\ntitle: [a\n---\nBody.", "the front matter is not YAML (line"),
        ("---\ntitle: T\nBody without an end.", "no closing line '---'"),
        ("---\ntitle: a: b\n---\nBody.", "the front matter is not YAML (line 2)"),
        ("---\nauthors: &a [Ines, *a]\n---\nBody.", "recursive"),
        ("---\ntitle: " + "[" * 5000 + "\n---\nBody.", "the front matter is not YAML"),
    ],
)
def test_broken_front_matter_is_told(content: str, reason: str, write: Write) -> None:
    assert reason in failure(write("a.md", content))


@pytest.mark.parametrize(
    "text",
    [
        "---\n\nA rule above.\n\n---\n\nAnd below.",
        "----\ntitle: T\n----\n",
        "--- dash",
        "A.\n---\ntitle: T\n---\n",
        "---",
    ],
)
def test_a_rule_is_no_front_matter(text: str, write: Write) -> None:
    found = record(write("a.md", text))
    assert (found.text, dict(found.fields)) == (text, {})


# --- PDF -------------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_pdf_are_kept(write: Write) -> None:
    page = (
        "The Larn bridge\nThe bridge opened on Tuesday after two years of long, hard work. The govern-\n"
        "ment paid. The well-\nknown mayor, a well-known man of the North-\nEast, did not come at all.\nThe end."
    )
    found = record(write("a.pdf", pdf(page, "", "Page three\n- one item of a list that is longer\n1.2. A heading")))
    first, second, third = found.text.split("\f")
    assert first == (
        "The Larn bridge\n\nThe bridge opened on Tuesday after two years of long, hard work. The government paid. "
        "The well-known mayor, a well-known man of the North-East, did not come at all.\n\nThe end."
    )
    assert (second, third) == ("", "Page three\n\n- one item of a list that is longer\n\n1.2. A heading")
    assert found.dates == () and "date" not in found.fields


@pytest.mark.parametrize(
    ("title", "is_one"),
    [
        ("Bridge over the Larn opens", True),
        ("Microsoft Word - bridge.doc", False),
        ("bridge story final.docx", False),
        ("Untitled document", False),
        ("C:/news/bridge over/x", False),
        ("bridge", False),
        ("  ", False),
        ("word " * 50, True),
    ],
)
@pytest.mark.parametrize("suffix", [".pdf", ".docx"])
def test_a_title_of_the_properties(suffix: str, title: str, is_one: bool, write: Write) -> None:
    content = pdf("The bridge opened.", title=title) if suffix == ".pdf" else docx("The bridge opened.", title=title)
    assert dict(record(write(f"a{suffix}", content)).fields) == ({"title": title.strip()} if is_one else {})


def encrypted(password: str) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=io.BytesIO(pdf("The bridge opened.")))
    writer.encrypt(password, "owner", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_with_a_password(write: Write) -> None:
    assert failure(write("a.pdf", encrypted("secret"))) == "is protected by a password; save it without one"
    assert record(write("b.pdf", encrypted(""))).text == "The bridge opened."


def test_a_scan_says_so(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # and so without tesseract
    reason = "holds only pictures (a scan), no text; recognize it first (OCR), as with: ocrmypdf --force-ocr"
    assert failure(write("a.pdf", pdf("", "", scan=True))).startswith(reason)
    assert failure(write("b.pdf", pdf(""))) == "holds no text"
    assert failure(write("c.pdf", pdf())) == "holds no pages"


@pytest.mark.parametrize("encoding", ["Identity-H", "Identity-V", "KSCms-UHC-H"])
def test_letters_without_a_map_to_text_are_no_text(
    encoding: str, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")  # and so without tesseract
    glyphs = f"/Subtype /Type0 /BaseFont /Song /Encoding /{encoding}"
    reason = "its letters have no map to text, so that only their shapes are known, as some programs write Chinese"
    assert failure(write("a.pdf", pdf("7KH EULGJH", font=glyphs))).startswith(reason)
    mapped = glyphs.replace(encoding, "UniGB-UTF16-H")
    assert record(write("b.pdf", pdf("新桥通车".encode("utf-16-be").decode("latin-1"), font=mapped))).text == "新桥通车"


needs_ocr = pytest.mark.skipif(not can_recognize(), reason="tesseract or the extra citewire[ocr] is not installed")


@needs_ocr
@pytest.mark.slow
def test_a_scan_is_read_where_tesseract_is(write: Write) -> None:
    from PIL import Image, ImageDraw, ImageFont

    lines = ["The bridge over the Larn opened on Tuesday", "after two years of work.", "", "It cost 18 million crowns."]
    pages = [Image.new("L", (1240, 500), 255) for _ in range(2)]
    ImageDraw.Draw(pages[0]).multiline_text((60, 60), "\n".join(lines), font=ImageFont.load_default(40))
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    text = record(write("a.pdf", out.getvalue())).text
    assert text == "The bridge over the Larn opened on Tuesday after two years of work.\n\nIt cost 18 million crowns.\f"


@needs_ocr
def test_what_cannot_be_recognized_says_why(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))  # where no language is
    languages.cache_clear()
    assert failure(write("a.pdf", pdf("", scan=True))).startswith("recognizing its text failed: ")
    languages.cache_clear()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.3, 0.5, 0.8, 0.97])
def test_a_pdf_cut_off_gives_what_can_be_read(share: float, write: Write) -> None:
    whole = pdf(*(f"Page {n} of the story.\nIt goes on." for n in range(1, 11)))
    *kept, bad = read_file(write("a.pdf", whole[: int(len(whole) * share)]))
    assert isinstance(bad, Failure) and ("cut off" in bad.reason or "not a PDF" in bad.reason)
    assert len(kept) == (share >= 0.3)
    for item in kept:
        assert isinstance(item, Record) and item.text.startswith("Page 1 of the story.")


def test_a_damaged_page_loses_no_other(write: Write) -> None:
    whole = pdf("Page one.", "Page two.", "Page three.")
    broken = whole.replace(b"/Contents 8 0 R", b"/Contents [ 1 ]")
    found, *bad = read_file(write("a.pdf", broken))
    assert isinstance(found, Record) and found.text == "Page one.\f\fPage three."
    assert all(isinstance(item, Failure) and ", page 2" in item.name for item in bad)


def test_a_pdf_of_too_many_pages(write: Write) -> None:
    assert failure(write("a.pdf", pdf(*["x"] * 2001))) == "has 2,001 pages, more than 2,000; split it"


# --- DOCX ------------------------------------------------------------------------------------------------------------


def changed(content: bytes, **parts: str) -> bytes:
    """A DOCX with what stands between <w:body> and its end replaced, or with more parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "word/document.xml" and "body" in parts:
                head, _, rest = data.partition(b"<w:body>")
                data = head + b"<w:body>" + parts["body"].encode() + rest[rest.index(b"</w:body>") :]
            new.writestr(name, data)
        for name, text in parts.items():
            if name != "body":
                new.writestr(name, text)
    return out.getvalue()


def run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_a_docx_in_the_order_of_its_page(write: Write) -> None:
    cell = "<w:tc><w:p>{}</w:p></w:tc>".format
    body = (
        f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>{run('The bridge ')}<w:ins>{run('opened')}</w:ins>"
        f"<w:del><w:r><w:delText>fell</w:delText></w:r></w:del><w:hyperlink>{run(' today')}</w:hyperlink>"
        f"<w:moveFrom>{run('gone')}</w:moveFrom><w:r><w:tab/><w:t>at</w:t><w:br/><w:t>dawn</w:t></w:r></w:p><w:p/>"
        f"<w:tbl><w:tr>{cell(run('Year'))}{cell(run('Cars'))}</w:tr><w:tr>{cell(run('2022'))}{cell(run('9'))}</w:tr></w:tbl>"
        f"<w:sdt><w:sdtContent><w:p>{run('In a control.')}</w:p></w:sdtContent></w:sdt>"
    )
    found = record(write("a.docx", changed(docx("x"), body=body)))
    assert found.text == "The bridge opened today\tat\ndawn\n\nYear | Cars\n2022 | 9\n\nIn a control."


def styled(style: str, text: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run(text)}</w:p>'


@pytest.mark.parametrize(
    ("paragraphs", "title"),
    [
        ([("Heading1", "The line"), ("Title", "Two boats"), ("Heading1", "The price")], "Two boats"),
        ([("Normal", "By Ines Falk"), ("Heading1", "The line"), ("Heading1", "The price")], "The line"),
        ([("Normal", "By Ines Falk"), ("Heading2", "The line")], None),
    ],
)
def test_a_title_by_its_style(paragraphs: list[tuple[str, str]], title: str | None, write: Write) -> None:
    body = "".join(styled(style, text) for style, text in paragraphs)
    found = record(write("a.docx", changed(docx("x"), body=f"{body}<w:p>{run('The council met.')}</w:p>")))
    assert found.fields.get("title") == title


def test_the_strict_form_of_the_standard(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx("The council met."))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            for part in ("officeDocument", "wordprocessingml", "drawingml"):
                before = f"http://schemas.openxmlformats.org/{part}/2006/".encode()
                data = data.replace(before, f"http://purl.oclc.org/ooxml/{part}/".encode())
            new.writestr(name, data)
    assert record(write("a.docx", out.getvalue())).text == "The council met."


def test_a_bomb_is_not_unpacked(write: Write) -> None:
    huge = "x" * 60_000_000
    assert "would unpack to 60 MB" in failure(write("a.docx", changed(docx("x"), **{"word/media/a.bin": huge})))
    many = {f"a{n}": "" for n in range(10_001)}
    assert "in 100" in failure(write("b.docx", changed(docx("x"), **many)))


def test_entities_are_not_expanded(write: Write) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
    content = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx("x"))) as old, zipfile.ZipFile(content, "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb if name == "word/document.xml" else old.read(name))
    assert failure(write("a.docx", content.getvalue()))


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"not a zip", docx("x")[:2000]])
def test_what_is_no_docx(content: bytes, write: Write) -> None:
    assert failure(write("a.docx", content)).startswith("not a DOCX file, or a damaged one")


def test_an_archive_that_is_no_docx(write: Write) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    assert failure(write("a.docx", out.getvalue())).startswith("not a DOCX file, or a damaged one")
