"""Files of every format that tests read: made here, of invented words.

pdf       a PDF with a page of lines for each argument, or a scan
docx      a DOCX of paragraphs
EXAMPLES  by suffix, a file that holds one article titled TITLE (but for .txt, .pdf) whose text is TEXT
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping

TITLE = "Bridge over the Larn opens"
TEXT = "The bridge over the Larn opened on Tuesday after two years of work, and the first lorries crossed before dawn."


HELVETICA = "/Subtype /Type1 /BaseFont /Helvetica"


def pdf(*pages: str, title: str = "", scan: bool = False, font: str = HELVETICA) -> bytes:
    """A PDF with these pages, each a text of lines; as a `scan`, each page is a picture instead."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", f"<< /Type /Font {font} >>"]
    picture = "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    objects += [f"{picture} /Length 1 >>\nstream\nx\nendstream", f"<< /Title ({title}) /CreationDate (D:20240102) >>"]
    kids = []
    for text in pages:
        shown = "\n".join(f"({_escaped(line)}) Tj T*" for line in text.split("\n"))
        stream = "q 400 0 0 600 0 0 cm /Im1 Do Q" if scan else f"BT /F1 11 Tf 72 720 Td 14 TL\n{shown}\nET"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        resources = f"/Resources << /Font << /F1 3 0 R >> {'/XObject << /Im1 4 0 R >>' * scan} >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] {resources} /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    return out + (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info 5 0 R >>\n"
        f"startxref\n{len(out)}\n%%EOF\n"
    ).encode("latin-1")


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def docx(*paragraphs: str, title: str = "") -> bytes:
    """A DOCX with these paragraphs."""
    from docx import Document

    document = Document()
    document.core_properties.title = title
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


HTML = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{TITLE}</title></head>
<body><nav><a href="/">Home</a></nav><article><p>{TEXT}</p></article></body></html>"""
RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Lantern News</title><link>https://lantern.example/</link>
<item><title>{TITLE}</title><link>https://lantern.example/bridge</link><description>{TEXT}</description></item>
</channel></rss>"""
ATOM = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Lantern News</title><id>tag:a</id>
<entry><title>{TITLE}</title><id>tag:b</id><link href="https://lantern.example/bridge"/><summary>{TEXT}</summary></entry>
</feed>"""


def odt(*blocks: str, title: str = "", styles: str = "") -> bytes:
    """An ODT whose body holds these blocks, as its XML; `title` is that of its properties."""
    names = {"office": "office", "text": "text", "table": "table", "style": "style"}
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for short, name in names.items()
    )
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{''.join(blocks)}</office:text></office:body></office:document-content>"
    )
    dc = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    about = f"<office:meta><dc:title>{title}</dc:title></office:meta>"
    meta = f"<office:document-meta {spaces} {dc}>{about}</office:document-meta>"
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": content, "meta.xml": meta})


def rtf(*paragraphs: str, title: str = "") -> bytes:
    """An RTF of these paragraphs."""
    text = "\n".join(f"{paragraph}\\par" for paragraph in paragraphs)
    return f"{{\\rtf1\\ansi\\ansicpg1252{{\\info{{\\title {title}}}}}\n{text}\n}}".encode("cp1252")


def mail(body: str = TEXT, subject: str = TITLE, kind: str = "text/plain", **headers: str) -> bytes:
    """A message."""
    said = {"From": "Lantern News <news@lantern.example>", "Subject": subject, "MIME-Version": "1.0"} | headers
    lines = [
        *(f"{name.replace('_', '-')}: {value}" for name, value in said.items()),
        f"Content-Type: {kind}; charset=utf-8",
    ]
    return ("\n".join(lines) + f"\n\n{body}\n").encode()


def saved_page(page: str, address: str = "") -> bytes:
    """A page as a browser saves it in one file."""
    where = f"Snapshot-Content-Location: {address}\n" if address else ""
    head = f"From: <Saved by Blink>\n{where}MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n"
    picture = "--B\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"
    return f"{head}--B\nContent-Type: text/html; charset=utf-8\n\n{page}\n{picture}--B--\n".encode()


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    """A ZIP archive of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def warc_record(kind: str, content_type: str, content: bytes, url: str = "") -> bytes:
    """A record of a WARC file."""
    target = f"WARC-Target-URI: {url}\r\n" if url else ""
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\n{target}Content-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content + b"\r\n\r\n"


def warc_page(url: str, body: bytes, head: str = "", *, status: str = "200 OK", kind: str = "text/html") -> bytes:
    """A record of a page that was fetched; `head` are further fields of the server's reply."""
    reply = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n{head}\r\n".encode() + body
    return warc_record("response", "application/http; msgtype=response", reply, url)


def tarred(files: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A TAR archive of these files."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


_PACKED = {"sub/a.md": f"---\ntitle: {TITLE}\n---\n{TEXT}".encode(), "sub/a.png": b"\x89PNG", "__MACOSX/._a.md": b"x"}

EXAMPLES: Mapping[str, bytes] = {
    ".md": f"---\ntitle: {TITLE}\n---\n{TEXT}".encode(),
    ".markdown": f"---\ntitle: {TITLE}\n---\n{TEXT}".encode(),
    ".txt": TEXT.encode(),
    ".html": HTML.encode(),
    ".htm": HTML.encode(),
    ".pdf": pdf(TEXT.replace(" after", "\nafter")),
    ".docx": docx(TEXT, title=TITLE),
    ".odt": odt(f"<text:p>{TEXT}</text:p>", title=TITLE),
    ".rtf": rtf(TEXT, title=TITLE),
    ".eml": mail(),
    ".mbox": b"From news@lantern.example Tue Mar  5 09:00:00 2024\n" + mail(),
    ".mhtml": saved_page(HTML),
    ".mht": saved_page(HTML),
    ".zip": zipped(_PACKED),
    ".tar": tarred(_PACKED),
    ".tgz": tarred(_PACKED, "w:gz"),
    ".warc": warc_page("https://lantern.example/bridge", HTML.encode()),
    ".json": json.dumps([{"title": TITLE, "text": TEXT}]).encode(),
    ".jsonl": json.dumps({"title": TITLE, "text": TEXT}).encode(),
    ".csv": f'title,text\n{TITLE},"{TEXT}"\n'.encode(),
    ".xml": RSS.encode(),
    ".rss": RSS.encode(),
    ".atom": ATOM.encode(),
}
