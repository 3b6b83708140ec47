"""The routes: /api/ask, /api/search, /api/articles, collections, stories and health, and what describes them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import ExitStack
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from qa.api.asking import Askings, begin, events, whole
from qa.api.collections import collection_routes
from qa.api.docs import docs_html
from qa.api.errors import Missing, Route, user_of
from qa.api.schema import (
    ERRORS,
    MISSING,
    ArticleOut,
    ArticlesOut,
    AskRequest,
    ErrorOut,
    HealthOut,
    SearchOut,
    StoriesOut,
    StoryOut,
)
from qa.ask.assistant import Assistant
from qa.ask.stories.document import event_json, story_json
from qa.runtime import ASKER
from qa.show.document import answer_json, article_json, passage_json, whole_article_json
from qa.show.document_form import WholeAnswer
from qa.types import CollectionName, Filters

log = logging.getLogger(__name__)

_TAKEN: dict[int | str, dict[str, Any]] = {
    409: {"model": ErrorOut, "description": "The conversation has another question under way."},
    502: {"model": ErrorOut, "description": "The language model failed."},
}
Within = Annotated[str | None, Query(max_length=200, description="Only this collection: its name or its id.")]
_GONE = 499  # what proxies write down where nobody waits any more
_PAGE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"
}


def api_routes(assistant_for: Callable[[str | None], Assistant], style: str = "") -> APIRouter:
    """The routes. `assistant_for` gives the assistant of a user, who is None where nobody logs in; `style` is CSS."""
    routes = APIRouter(prefix="/api", route_class=Route, default_response_class=JSONResponse)
    askings = Askings()

    def named(collection: str | None, owner: str | None) -> CollectionName | None:
        kept = assistant_for(owner).library.store.collections
        return kept.find(collection, owner=owner).named if collection else None

    @routes.post("/ask", responses={200: {"model": WholeAnswer}, **ERRORS, **MISSING, **_TAKEN})
    async def ask(asked: AskRequest, request: Request) -> Response:
        """Ask a question; the answer is the document of `qa ask --json`.

        With `"stream": true`, or `Accept: text/event-stream`, it comes as server-sent events: `draft` (`text` so far,
        unchecked; the first has the `passages` found, and where a model writes, one has the `first` answer, in the
        articles' own words and checked), then `conversation` (`id`) where it is kept, then `answer`, or `error`.
        Closing the connection ends the question. Without a stream the id of a kept conversation stands in the header
        `X-Citewire-Conversation`.
        """
        owner = user_of(request)
        ASKER.set(owner)
        held = ExitStack()
        held.enter_context(askings.one(asked.conversation))
        try:
            asking = await run_in_threadpool(lambda: begin(assistant_for(owner), asked, owner))
            if not (asked.stream or "text/event-stream" in request.headers.get("accept", "")):
                answer = await whole(asking, request)
                if answer is None:
                    return Response(status_code=_GONE)
                id_ = asking.conversation.id if asking.conversation else None
                return JSONResponse(answer_json(answer), headers={"X-Citewire-Conversation": id_} if id_ else None)
            rest = held.pop_all()
        finally:
            held.close()

        async def sent() -> AsyncGenerator[str]:
            with rest:
                async for event in events(asking):
                    yield event

        # Some proxies hold back what streams unless they are asked not to.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(sent(), media_type="text/event-stream", headers=headers)

    @routes.get("/search", responses={200: {"model": SearchOut}, **ERRORS})
    def search(
        request: Request,
        q: Annotated[str, Query(max_length=100_000, description="What to search for.")],
        limit: Annotated[int, Query(ge=1, le=50, description="Passages, at most.")] = 10,
        outlet: Annotated[list[str] | None, Query(description="Only this outlet; again for more.")] = None,
        date_from: Annotated[dt.date | None, Query(alias="from", description="Only articles from this day on.")] = None,
        date_to: Annotated[dt.date | None, Query(alias="to", description="Only articles up to this day.")] = None,
        as_of: Annotated[dt.date | None, Query(description="The day the question is asked from.")] = None,
        collection: Within = None,
    ) -> JSONResponse:
        """The passages found for a question, best first, without an answer."""
        owner = user_of(request)
        ASKER.set(owner)
        assistant = assistant_for(owner)
        filters = Filters(date_from, date_to, tuple(outlet or ()), collection=named(collection, owner))
        question = assistant.understand(q, filters=filters, as_of=as_of)
        found = assistant.retrieve(question, limit)
        passages = []
        for rank, hit in enumerate(found.hits, start=1):
            article = hit.passage.article
            known = {"title": article.title, "outlet": article.outlet, "url": article.url}
            dated = {"date": article.date.isoformat() if article.date else None, "date_source": article.date_source}
            passages.append(passage_json(rank, hit) | known | dated)
        asked = {"question": question.text, "standalone_question": question.standalone}
        return JSONResponse({**asked, "notice": found.notice, "passages": passages})

    @routes.get("/articles", responses={200: {"model": ArticlesOut}, **ERRORS})
    def articles(
        request: Request,
        search: Annotated[str, Query(max_length=1_000, description="Words of title, outlet or authors.")] = "",
        outlet: Annotated[str | None, Query(description="Only this outlet.")] = None,
        sort: Annotated[str, Query(description="title, outlet, date, language or passages.")] = "date",
        descending: Annotated[bool, Query(description="The highest, or newest, first.")] = True,
        limit: Annotated[int, Query(ge=1, le=500, description="Articles, at most.")] = 50,
        offset: Annotated[int, Query(ge=0, le=1_000_000_000, description="How many to leave out.")] = 0,
        collection: Within = None,
    ) -> JSONResponse:
        """The articles of the library, without their text."""
        owner = user_of(request)
        page = assistant_for(owner).library.store.contents(
            search=search,
            outlet=outlet,
            collection=named(collection, owner),
            sort=sort,
            descending=descending,
            offset=offset,
            limit=limit,
        )
        rows = [article_json(row) for row in page.rows]
        return JSONResponse({"total": page.total, "offset": offset, "articles": rows})

    @routes.get("/articles/{article_id:path}", responses={200: {"model": ArticleOut}, **ERRORS, **MISSING})
    def article(article_id: str, request: Request) -> JSONResponse:
        """A whole article: the cleaned text that `start` and `end` of citations and passages count in."""
        library = assistant_for(user_of(request)).library
        if (found := library.article(article_id)) is None:
            raise Missing(f"There is no article '{article_id}'. They are listed at /api/articles")
        return JSONResponse(whole_article_json(found, library.dropped(article_id), library.corrections(article_id)))

    collection_routes(routes, assistant_for)

    @routes.get("/stories", responses={200: {"model": StoriesOut}, **ERRORS})
    def stories(
        request: Request, limit: Annotated[int, Query(ge=1, le=20, description="Stories, at most.")] = 10
    ) -> JSONResponse:
        """The stories that most articles of the last days tell."""
        events = assistant_for(user_of(request)).stories.busiest(limit)
        return JSONResponse({"stories": [event_json(event) for event in events]})

    @routes.get("/stories/{article_id:path}", responses={200: {"model": StoryOut}, **ERRORS, **MISSING})
    def story(article_id: str, request: Request) -> JSONResponse:
        """The story of an article: its timeline, who is named most, what the articles differ in and corrected."""
        if (found := assistant_for(user_of(request)).stories.story(article_id)) is None:
            raise Missing(f"There is no article '{article_id}'. They are listed at /api/articles")
        return JSONResponse(story_json(found))

    @routes.get("/health", responses={200: {"model": HealthOut}, 503: {"model": HealthOut}})
    def health() -> JSONResponse:
        """Whether the library can be read. Needs no log-in."""
        try:
            count = assistant_for(None).library.count()
        except Exception:
            log.exception("The library cannot be read.")
            return JSONResponse({"status": "unreadable", "articles": None, "version": version("citewire")}, 503)
        return JSONResponse({"status": "ok", "articles": count, "version": version("citewire")})

    @cache
    def document() -> dict[str, Any]:
        about = "Answers from news articles, each sentence with the passage that says it, checked by code."
        return get_openapi(title="Citewire", version=version("citewire"), description=about, routes=described)

    described = list(routes.routes)

    @routes.get("/openapi.json", include_in_schema=False)
    def openapi() -> JSONResponse:
        return JSONResponse(document())

    @routes.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        address = f"{request.url.scheme}://{request.url.netloc}"
        return HTMLResponse(docs_html(document(), address, style), headers=_PAGE)

    @routes.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
    def nothing(rest: str, request: Request) -> Response:
        raise Missing(f"There is no {request.method} /api/{rest}. What there is stands at /api/docs")

    return routes
