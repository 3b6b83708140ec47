"""The page that describes the interface: made of the OpenAPI document, with examples that run as they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from qa.show.templates import templates

_HERE = Path(__file__).parent

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
    "get /api/collections": ("curl -s {at}/api/collections",),
    "post /api/collections": (
        f'curl -s {{at}}/api/collections {_ASK} \'{{{{"name": "Port project", "outlets": ["BelTA"]}}}}\'',
    ),
    "get /api/collections/{name}": ("curl -s {at}/api/collections/Port%20project",),
    "patch /api/collections/{name}": (
        f"curl -s -X PATCH {{at}}/api/collections/Port%20project {_ASK} '{{{{\"shared\": true}}}}'",
    ),
    "delete /api/collections/{name}": ("curl -s -X DELETE {at}/api/collections/Port%20project",),
    "get /api/stories": ("curl -s '{at}/api/stories?limit=5'",),
    "get /api/stories/{article_id}": ("curl -s {at}/api/stories/cis-counter-terrorism-program",),
    "get /api/health": ("curl -s {at}/api/health",),
}
"""For each operation, commands in which {at} is the address of the window."""


def docs_html(document: Mapping[str, Any], address: str, style: str = "") -> str:
    """The whole page. `style` is CSS with the colours; without any, the browser's own are used."""
    own = (_HERE / "assets" / "docs.css").read_text(encoding="utf-8")
    return (
        templates(_HERE / "templates")
        .get_template("docs.html")
        .render(
            style=Markup(f"{style}\n{own}"),
            version=document["openapi"],
            operations=[
                _operation(method, path, operation, document, address)
                for path, operations in document["paths"].items()
                for method, operation in operations.items()
            ],
        )
    )


def examples(address: str) -> Iterator[str]:
    """Every example, for the window at this address."""
    for commands in EXAMPLES.values():
        yield from (command.format(at=address) for command in commands)


def _operation(
    method: str, path: str, operation: Mapping[str, Any], document: Mapping[str, Any], address: str
) -> dict[str, Any]:
    return {
        "anchor": f"{method}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        "name": f"{method.upper()} {path}",
        "about": operation.get("description", "").split("\n\n"),
        "commands": [command.format(at=address) for command in EXAMPLES.get(f"{method} {path}", ())],
        "tables": [
            ("Parameters", _parameters(operation)),
            ("Fields", _body(operation, document)),
            ("Answer", _answer(operation, document)),
        ],
        "others": [status for status in operation["responses"] if status != "200"],
    }


Rows = list[tuple[str, str, str]]
"""Name, type and description of each field."""


def _parameters(operation: Mapping[str, Any]) -> Rows:
    return [
        (each["name"], _kind(each["schema"]), each.get("description") or each["schema"].get("description", ""))
        for each in operation.get("parameters", ())
    ]


def _body(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Rows:
    body = operation.get("requestBody")
    return _fields(body["content"]["application/json"]["schema"], document, says_required=True) if body else []


def _answer(operation: Mapping[str, Any], document: Mapping[str, Any]) -> Rows:
    content = operation["responses"].get("200", {}).get("content", {})
    return _fields(content.get("application/json", {}).get("schema", {}), document)


def _fields(schema: Mapping[str, Any], document: Mapping[str, Any], *, says_required: bool = False) -> Rows:
    model = _resolved(schema, document)
    required = model.get("required", ()) if says_required else ()
    return [
        (name, _kind(field) + (" (required)" if name in required else ""), field.get("description", ""))
        for name, field in model.get("properties", {}).items()
    ]


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
