"""The page that describes the interface: made of the OpenAPI document, with examples that run as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any

_ASK = "-H 'Content-Type: application/json' -d"
_QUESTION = '"question": "Who took over the chairmanship of the CIS?"'

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "post /api/ask": (
        f"curl -s {{at}}/api/ask {_ASK} '{{{{{_QUESTION}}}}}'",
        f"curl -sN {{at}}/api/ask {_ASK} '{{{{{_QUESTION}, \"stream\": true}}}}'",
    ),
    "get /api/search": ("curl -sG {at}/api/search --data-urlencode 'q=chairmanship of the CIS' -d limit=3",),
    "get /api/articles": ("curl -s '{at}/api/articles?sort=title&descending=false&limit=5'",),
    "get /api/articles/{article_id}": ("curl -s {at}/api/articles/cis-counter-terrorism-program",),
    "get /api/health": ("curl -s {at}/api/health",),
}
"""For each operation, commands in which {at} is the address of the window."""


def docs_html(document: Mapping[str, Any], address: str, style: str = "") -> str:
    """The whole page. `style` is CSS with the colours; without any, the browser's own are used."""
    own = (Path(__file__).parent / "assets" / "docs.css").read_text(encoding="utf-8")
    parts = [
        _operation(method, path, operation, document, address)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]
    links = "".join(
        f'<li><a href="#{_anchor(method, path)}"><code>{method.upper()} {escape(path)}</code></a></li>'
        for path, operations in document["paths"].items()
        for method in operations
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>The interface for programs \u00b7 Citewire</title><style>{style}\n{own}</style></head><body><main>"
        "<h1>The interface for programs</h1><p>The same answers as in the window, as JSON. An error is "
        '<code>{"error": "a sentence"}</code> with the status that fits. Where the window asks for a log-in, send the '
        "name and the password with every request: <code>curl -u anna:secret ...</code></p>"
        f'<p>For tools: <a href="openapi.json">openapi.json</a> (OpenAPI {escape(document["openapi"])}).</p>'
        f'<nav aria-label="Operations"><ul>{links}</ul></nav>{"".join(parts)}</main></body></html>'
    )


def examples(address: str) -> Iterator[str]:
    """Every example, for the window at this address."""
    for commands in EXAMPLES.values():
        yield from (command.format(at=address) for command in commands)


def _operation(method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any], address: str) -> str:
    about = "".join(f"<p>{_inline(words)}</p>" for words in operation.get("description", "").split("\n\n"))
    shown = "".join(
        f'<pre tabindex="0"><code>{escape(command.format(at=address))}</code></pre>'
        for command in EXAMPLES.get(f"{method} {path}", ())
    )
    return (
        f'<section id="{_anchor(method, path)}"><h2><code>{method.upper()} {escape(path)}</code></h2>{about}{shown}'
        f"{_parameters(operation)}{_body(operation, document)}{_answers(operation, document)}</section>"
    )


def _parameters(operation: Mapping[str, Any]) -> str:
    rows = [
        (each["name"], _kind(each["schema"]), each.get("description") or each["schema"].get("description", ""))
        for each in operation.get("parameters", ())
    ]
    return _table("Parameters", rows)


def _body(operation: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    body = operation.get("requestBody")
    return _fields("Fields", body["content"]["application/json"]["schema"], document) if body else ""


def _answers(operation: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    parts = []
    for status, answer in operation["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        if status == "200":
            parts.append(_fields("Answer", schema, document))
    others = ", ".join(status for status in operation["responses"] if status != "200")
    return "".join(parts) + (f'<p class="others">Other statuses: {others}.</p>' if others else "")


def _fields(heading: str, schema: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    model = _resolved(schema, document)
    required = model.get("required", ())
    rows = []
    for name, field in model.get("properties", {}).items():
        needed = " (required)" if heading == "Fields" and name in required else ""
        rows.append((name, _kind(field) + needed, field.get("description", "")))
    return _table(heading, rows)


def _resolved(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    if reference := schema.get("$ref"):
        model: Mapping[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
        return model
    return schema


def _kind(schema: Mapping[str, Any]) -> str:
    """The type of a field in a word or two."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2].removesuffix("Out").removesuffix("Document")
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    kind = str(schema.get("format") or schema.get("type") or "anything")
    of = f" of {_kind(schema['items'])}" if "items" in schema else ""
    default = f", {json.dumps(schema['default'])} if left out" if schema.get("default") not in (None, "", []) else ""
    return kind + of + default


def _table(heading: str, rows: list[tuple[str, str, str]]) -> str:
    if not rows:
        return ""
    cells = "".join(
        f'<tr><th scope="row"><code>{escape(name)}</code></th><td>{escape(kind)}</td><td>{_inline(about)}</td></tr>'
        for name, kind, about in rows
    )
    return (
        f'<h3>{heading}</h3><div class="box" tabindex="0" role="region" aria-label="{heading}">'
        f"<table><tbody>{cells}</tbody></table></div>"
    )


def _inline(text: str) -> str:
    """Text with `code` in it."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _anchor(method: str, path: str) -> str:
    return f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}"
