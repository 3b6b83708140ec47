"""Files of every format that tests read: made here, of invented words.

pdf       a PDF with a page of lines for each argument, or a scan
docx      a DOCX of paragraphs
EXAMPLES  by suffix, a file that holds one article titled TITLE (but for .txt, .pdf) whose text is TEXT
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping

TITLE = "Bridge over the Larn opens"
TEXT = "The bridge over the Larn opened on Tuesday after two years of work, and the first lorries crossed before dawn."


def pdf(*pages: str, title: str = "", scan: bool = False) -> bytes:
    """A PDF with these pages, each a text of lines; as a `scan`, each page is a picture instead."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
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

EXAMPLES: Mapping[str, bytes] = {
    ".md": f"---\ntitle: {TITLE}\n---\n{TEXT}".encode(),
    ".markdown": f"---\ntitle: {TITLE}\n---\n{TEXT}".encode(),
    ".txt": TEXT.encode(),
    ".html": HTML.encode(),
    ".htm": HTML.encode(),
    ".pdf": pdf(TEXT.replace(" after", "\nafter")),
    ".docx": docx(TEXT, title=TITLE),
    ".json": json.dumps([{"title": TITLE, "text": TEXT}]).encode(),
    ".jsonl": json.dumps({"title": TITLE, "text": TEXT}).encode(),
    ".csv": f'title,text\n{TITLE},"{TEXT}"\n'.encode(),
    ".xml": RSS.encode(),
    ".rss": RSS.encode(),
    ".atom": ATOM.encode(),
}
