"""The command line, with the commands of other files beside this one. It parses, calls the journeys and prints."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.collections import collections
from qa.cli.conversations import conversations, export, verify
from qa.cli.eval import evals
from qa.cli.library import libraries
from qa.cli.options import (
    Chroma,
    Collection,
    Config,
    Database,
    DraftFirst,
    Embed,
    From,
    Index,
    Json,
    Llm,
    NoWait,
    Outlets,
    Rerank,
    To,
    Verbose,
    Verify,
    console,
    library_there,
    print_json,
    read_day,
    read_filters,
    read_settings,
    within,
)
from qa.cli.serve import mcp, password
from qa.cli.stories import brief, stories
from qa.cli.surroundings import leave_under_threads, mend_proxies, mend_streams
from qa.errors import QAError, UsageError

if TYPE_CHECKING:
    from qa.ask.assistant import Assistant
    from qa.doctor import Salvaged
    from qa.library import IngestReport, Library
    from qa.settings import Settings

# The root of the parser's own errors, which typer does not export.
_ParserError: type[Exception] = typer.BadParameter.__mro__[2]

_INTERRUPTED = 130
# What is slow to import (settings, stores, models, the window) is imported where it is used: `qa --help` needs none.

app = typer.Typer(
    name="qa",
    help="Ask questions of news articles; every sentence of the answer shows the passage that says it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: qa serve",
)
app.add_typer(evals, name="eval")
app.add_typer(libraries, name="library")
app.add_typer(collections, name="collections")


def main() -> None:
    """Runs the command line; a known error becomes a line on stderr and an exit code: 1 failed, 2 wrong usage."""
    verbose = any(flag in sys.argv[1:] for flag in ("-v", "--verbose"))
    mend_streams()
    mend_proxies(os.environ)
    try:
        code = app(prog_name="qa", standalone_mode=False)
        if code == _INTERRUPTED:  # the parser makes an exit code of Ctrl-C
            _fail("Stopped.", _INTERRUPTED)
    except _ParserError as error:
        code = _fail_usage(error)
    except QAError as error:
        if verbose:
            raise
        code = _fail(str(error), error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        code = _fail("Stopped.", _INTERRUPTED)
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # the reader of a pipe has gone; nobody is left to tell
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


@app.command(epilog="Example: qa ingest articles/ more.jsonl 'archive/**/*.md'")
def ingest(
    sources: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH_OR_URL...",
            help="Files, folders, globs, addresses of pages and feeds. Read: text, Markdown, HTML, PDF, DOCX, ODT, "
            "RTF, mail, JSON, JSONL, CSV, RSS, Atom and WARC, each also as .gz or .xz, and ZIP and TAR of these.",
        ),
    ],
    prune: Annotated[
        bool, typer.Option("--prune", help="Take out articles whose file, or row of a file, has gone.")
    ] = False,
    follow: Annotated[bool, typer.Option("--watch", help="Go on and follow what changes, until Ctrl-C.")] = False,
    no_clean: Annotated[bool, typer.Option("--no-clean", help="Keep every line, boilerplate as well.")] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Read pages on private networks and this machine too.")
    ] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", metavar="N", help="Read, clean, split and embed in N processes beside the one that stores."
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray",
            metavar="ADDRESS",
            help="Let a Ray cluster do so: its address, auto for one here, local for its own.",
        ),
    ] = None,
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Take articles into the library; what has not changed is left alone."""
    if follow:
        from qa.library import check_roots

        check_roots(sources)
    flags = {
        "clean": False if no_clean else None,
        "allow_private": allow_private or None,
        "workers": workers,
        "ray": ray,
    }
    with _library(read_settings(index, embed, llm, database, chroma, config, **flags)) as library:
        report = _ingest(library, sources, prune=prune, wait=not no_wait)
        _print_report(report, library, verbose)
        if follow:
            _watch(library, sources, prune, not no_wait, verbose)
    return 1 if report.failed_entirely else 0


@app.command(epilog='Example: qa ask "Who took over the chairmanship?" --from 2017-01-01 --outlet Kazinform')
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    as_json: Json = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="DATE", help="Answer as the archive stood on this day.")
    ] = None,
    outlet: Outlets = None,
    date_from: From = None,
    date_to: To = None,
    collection: Collection = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep question and answer as a conversation.")] = False,
    goes_on: Annotated[
        bool, typer.Option("--continue", help="Go on with the last conversation, and keep this.")
    ] = False,
    conversation: Annotated[
        str | None, typer.Option("--conversation", metavar="ID", help="Go on with this conversation, and keep this.")
    ] = None,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    rerank: Rerank = None,
    verify: Verify = None,
    draft: DraftFirst = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Answer a question from the library, with the passage behind every sentence."""
    from qa.ask.assistant import Assistant
    from qa.ask.conversation import Conversation
    from qa.show.document import answer_json

    if goes_on and conversation is not None:
        raise UsageError("--continue and --conversation name two conversations. Give one of them.")
    filters = read_filters(outlet, date_from, date_to)
    day = read_day("--as-of", as_of)
    settings = read_settings(index, embed, llm, database, chroma, config, rerank=rerank, verify=verify, draft=draft)
    with Assistant.open(settings) as assistant:
        _tell_found(settings, assistant)
        if not assistant.library.count():
            raise UsageError(f"The library {assistant.settings.index} is empty. Put articles in with: qa ingest FOLDER")
        if goes_on or conversation is not None:
            asked = Conversation.resume(assistant, conversation)
        else:
            asked = Conversation(assistant, kept=keep)
        filters = within(assistant.library, collection, filters)
        answer = asked.ask(question, filters=filters or None, as_of=day or ...)
    if as_json:
        print_json(answer_json(answer))
    else:
        from qa.cli.terminal import print_answer

        print_answer(console(), answer, verbose=verbose)
    if asked.is_stored:
        kept = f"Kept in conversation {asked.id}, question {len(asked.turns)}. Go on with: qa ask ... --continue"
        console(stderr=True).print(kept, highlight=False)
    return 0


@app.command(epilog="Example: qa serve --port 7861 --llm openai:llama3.2")
def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 7860,
    auth: Annotated[
        list[str] | None,
        typer.Option("--auth", metavar="USER:PASSWORD", help="Ask for a name and a password; again for more users."),
    ] = None,
    auth_file: Annotated[
        Path | None,
        typer.Option("--auth-file", metavar="FILE", help="Users and hashed passwords, as `qa password` prints them."),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="A name the window is reached by, as behind a proxy."),
    ] = None,
    root_path: Annotated[
        str, typer.Option("--root-path", metavar="PATH", help="Where a reverse proxy shows it, such as /news.")
    ] = "",
    log_json: Annotated[
        bool, typer.Option("--log-json", help="Write the log to stderr as JSON lines, with every request and answer.")
    ] = False,
    log_questions: Annotated[
        bool, typer.Option("--log-questions", help="The same, with the text of questions.")
    ] = False,
    finish: Annotated[
        float,
        typer.Option("--finish", metavar="SECONDS", min=0, help="How long answers may go on after a SIGTERM."),
    ] = 0,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the window in the browser.")] = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    rerank: Rerank = None,
    verify: Verify = None,
    draft: DraftFirst = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Open the chat window; an empty library is given the articles that come with Citewire first."""
    from qa.ask.assistant import Assistant
    from qa.prompts import folder
    from qa.settings import secrets_file, settings_origins
    from qa.ui.passwords import read_accounts

    if log_json or log_questions:
        from qa.ui.watch.logs import log_as_json

        log_as_json()
    accounts = read_accounts(auth or [], auth_file)
    chosen = {"rerank": rerank, "verify": verify, "draft": draft}
    settings = read_settings(index, embed, llm, database, chroma, config, **chosen)
    origins = settings_origins(config, index=index, embed=embed, llm=llm, database=database, chroma=chroma, **chosen)
    with Assistant.open(settings, background=True) as assistant:
        _tell_found(settings, assistant)
        if not assistant.library.count():
            _print_report(_ingest(assistant.library, [str(folder("seeds"))]), assistant.library, verbose)
        from qa.ui.app import serve as serve_window
        from qa.ui.server import open_note

        if note := open_note(host, accounts):
            console(stderr=True).print(note, highlight=False)
        serve_window(
            assistant,
            host=host,
            port=port,
            auth=accounts,
            allow_hosts=allow_host or [],
            open_browser=open_browser,
            origins=origins,
            root_path=root_path,
            logs_questions=log_questions,
            server_file=secrets_file(config).absolute(),
            finish=finish,
            announce=lambda url: console().print(f"Citewire is at {url} (Ctrl-C stops it)", highlight=False),
        )
    leave_under_threads(0)
    return 0


@app.command(epilog="Example: qa articles --json")
def articles(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Show these articles whole.")] = None,
    as_json: Json = False,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Correct title, date, outlet or authors by hand, for good."),
    ] = None,
    unset: Annotated[
        list[str] | None,
        typer.Option("--unset", metavar="FIELD", help="Take back what was set; the file counts again."),
    ] = None,
    collection: Collection = None,
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """List what the library holds, show articles whole, or correct what is known of them."""
    from qa.cli.terminal import print_article, print_articles
    from qa.show.document import article_json, whole_article_json
    from qa.types import Filters

    corrections = dict(map(_field_and_value, given or ()))
    if (corrections or unset) and not ids:
        raise UsageError("Name the articles to correct, such as: qa articles ID --set date=2024-05-03")

    if collection is not None and ids:
        raise UsageError("--collection lists articles and ids show them. Give one of them.")
    settings = read_settings(index, embed, llm, database, chroma, config)
    wants_library = ids or collection is not None or settings.database
    if not (wants_library or settings.index.expanduser().exists()):  # to look makes no library
        if as_json:
            print_json([])
        else:
            print_articles(console(), [], settings.index)
        return 0
    with _library(settings if not ids and collection is None else library_there(settings)) as library:
        if not ids:
            filters = within(library, collection, Filters())
            rows = library.articles(filters)
            if as_json:
                print_json([article_json(row) for row in rows])
            else:
                print_articles(console(), rows, library.settings.index, filters.collection)
            return 0
        if corrections or unset:
            library.correct(list(dict.fromkeys(ids)), corrections, unset or (), _on_wait, wait=not no_wait)
        found = [(library.require(id_), library.dropped(id_), library.corrections(id_)) for id_ in ids]
    if as_json:
        documents = [whole_article_json(*each) for each in found]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for each in found:
            print_article(console(), *each)
    return 0


@app.command(epilog="Example: qa remove cis-counter-terrorism-program")
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids as `qa articles` shows them.")],
    no_wait: NoWait = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Take articles out of the library; the files they came from stay."""
    with _library(library_there(read_settings(index, embed, llm, database, chroma, config))) as library:
        gone = library.remove(list(dict.fromkeys(ids)), _on_wait, wait=not no_wait)
        left = library.count()
    console().print(f"Removed {len(gone)}; the library holds {left:,} articles.", highlight=False)
    return 0


@app.command(epilog="Example: qa doctor --salvage saved-articles")
def doctor(
    mend: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    salvage_to: Annotated[
        Path | None,
        typer.Option(
            "--salvage",
            metavar="FOLDER",
            help="Write the articles that can still be read into a new folder, as Markdown for `qa ingest`.",
        ),
    ] = None,
    as_json: Json = False,
    index: Index = None,
    embed: Embed = None,
    llm: Llm = None,
    database: Database = None,
    chroma: Chroma = None,
    config: Config = None,
    verbose: Verbose = False,
) -> int:
    """Compare articles, vectors and words, say what is wrong, and mend it."""
    from qa.cli.terminal import print_findings, progress_bar
    from qa.doctor import examine, repair, salvage
    from qa.library import Library, with_own_embedder
    from qa.models import load_embedder

    settings = library_there(read_settings(index, embed, llm, database, chroma, config))
    if salvage_to is not None:
        if mend:
            raise UsageError("--repair and --salvage are two things. Give one of them.")
        if settings.database:
            raise UsageError("--salvage reads a damaged articles.db. Restore a PostgreSQL database with its own tools.")
        return _print_salvaged(salvage(settings.index, salvage_to), salvage_to, as_json)
    settings = with_own_embedder(settings)
    with Library.over(settings, load_embedder(settings.embed, settings), whatever_embedder=True) as library:
        findings = examine(library)
        if mend and not all(finding.is_fine for finding in findings):
            if not as_json:
                print_findings(console(), findings)
            with progress_bar(console(stderr=True), "Making vectors") as advance:
                repair(library, lambda done, total: advance(done, total))
            findings = examine(library)
    if as_json:
        print_json([{"name": one.name, "fine": one.is_fine, "said": one.said} for one in findings])
    else:
        print_findings(console(), findings, mended=mend)
    return 0 if all(finding.is_fine for finding in findings) else 1


app.command(epilog="Example: qa conversations --search chairmanship")(conversations)
app.command(epilog="Example: qa export --format html --out answer.html")(export)
app.command(epilog="Example: qa verify answer.html")(verify)
app.command(epilog="Example: qa stories --json")(stories)
app.command(epilog='Example: qa brief "the ferry accident" --from 2025-03-01')(brief)
app.command(epilog="Example: qa password anna")(password)
app.command(epilog="Example: qa mcp --http 7870")(mcp)


def _field_and_value(option: str) -> tuple[str, str]:
    field, equals, value = option.partition("=")
    if not equals:
        raise UsageError(f"--set {option!r} has no value. Write it as FIELD=VALUE, such as --set date=2024-05-03.")
    return field.strip(), value


# --- what the commands share -----------------------------------------------------------------------------------------


def _tell_found(settings: Settings, assistant: Assistant) -> None:
    """Says which model `--llm auto` has found."""
    if settings.llm == "auto":
        console(stderr=True).print(f"Found {assistant.mode} on {assistant.where}.", highlight=False)


def _library(settings: Settings) -> Library:
    from qa.library import Library

    return Library.open(settings)


def _ingest(library: Library, sources: list[str], *, prune: bool = False, wait: bool = True) -> IngestReport:
    from qa.cli.terminal import progress_bar

    try:
        with progress_bar(console(stderr=True), "Reading articles") as advance:
            return library.ingest(
                sources,
                lambda progress: advance(progress.done, progress.total),
                _on_wait,
                prune=prune,
                wait=wait,
            )
    except KeyboardInterrupt:
        console(stderr=True).print(
            f"{library.count():,} articles are in; the same command goes on from here.", highlight=False
        )
        raise


def _watch(library: Library, sources: list[str], prune: bool, wait: bool, verbose: bool) -> None:
    from qa.library import watch

    def ready() -> None:
        console(stderr=True).print("Following what changes (Ctrl-C stops it).", highlight=False)

    def tell(report: IngestReport) -> None:
        _print_report(report, library, verbose)

    watch(library, sources, tell, prune=prune, wait=wait, on_wait=_on_wait, on_ready=ready)


def _on_wait() -> None:
    console(stderr=True).print("Another process is writing to this library; waiting until it is done.")


def _print_salvaged(salvaged: Salvaged, out: Path, as_json: bool) -> int:
    total = "an unknown number of" if salvaged.total is None else f"{salvaged.total:,}"
    if as_json:
        print_json({"saved": salvaged.saved, "total": salvaged.total, "altered": list(salvaged.altered)})
    else:
        console().print(f"Saved {salvaged.saved:,} of {total} articles in {out}.", highlight=False)
        if salvaged.altered:
            altered = f"Damaged in part, compare before use: {', '.join(salvaged.altered)}"
            console().print(altered, highlight=False, markup=False)
        if salvaged.saved:
            console().print(f"Take them in with: qa ingest {out} --index NEW_FOLDER", highlight=False, markup=False)
    return 0 if salvaged.saved else 1


def _print_report(report: IngestReport, library: Library, verbose: bool) -> None:
    from qa.cli.terminal import print_report

    print_report(console(stderr=True), report, library.count(), library.settings.index, verbose=verbose)
    for notice in library.store.take_notices():
        console(stderr=True).print(notice, style="yellow", highlight=False, markup=False)


def _fail_usage(error: Any) -> int:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if not message:  # a command without arguments: its help has been printed
        return int(error.exit_code)
    return _fail(f"{message} See: {context.command_path if context else 'qa'} --help", error.exit_code)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"qa: {message}\n")
    return code
