"""Correcting an article by hand: a form over the article with its title, day, outlet and authors."""

from __future__ import annotations

import gradio as gr

from qa.store import as_written
from qa.ui.context import AppState, Payload, served
from qa.ui.pages import render

CORRECT = "correct articles"
"""What only an administrator may do."""


def correcting_panel(app: AppState) -> None:
    """The dialog that corrects the article that is open."""
    library = app.library

    def correcting_fields(payload: Payload, owner: str | None) -> str:
        article = library.require(str(payload["article"]))
        said = {one.field: one.said for one in library.corrections(article.id)}
        return render("library/correcting.html", values=as_written(article), said=said)

    def correct(payload: Payload, owner: str | None) -> None:
        """Sets the fields that were changed; what is as its file says is given back to the file."""
        id_ = str(payload["article"])
        given = {str(field): str(value) for field, value in dict(payload["given"]).items()}
        said = {one.field: one.said for one in library.corrections(id_)}
        unset = [field for field in said if field in given and given[field].strip() == said[field]]
        library.correct([id_], {field: given[field] for field in given if field not in unset}, unset, wait=False)

    gr.HTML(
        render("library/correcting_panel.html"),
        elem_id="correcting-panel",
        apply_default_css=False,
        js_on_load="citewire.correcting(element, server)",
        server_functions=[served(each, CORRECT) for each in (correcting_fields, correct)],
    )
