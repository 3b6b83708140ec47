"""The command line, with the commands of other files beside this one. It parses, calls the journeys and prints."""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qa.cli.articles import articles, remove
from qa.cli.collections import collections
from qa.cli.conversations import conversations, export, verify
from qa.cli.doctor import doctor
from qa.cli.eval import evals
from qa.cli.ingest import ingest, read_in, tell_report
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
    Outlets,
    Rerank,
    To,
    Verbose,
    Verify,
    console,
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


@cache
def _parser() -> Any:
    """The parser of the command line, made of the functions below once a process."""
    return typer.main.get_command(app)


def main() -> None:
    """Runs the command line; a known error becomes a line on stderr and an exit code: 1 failed, 2 wrong usage."""
    verbose = any(flag in sys.argv[1:] for flag in ("-v", "--verbose"))
    mend_streams()
    mend_proxies(os.environ)
    try:
        code = _parser()(prog_name="qa", standalone_mode=False)
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


app.command(epilog="Example: qa ingest articles/ more.jsonl 'archive/**/*.md'")(ingest)


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
    from qa.runtime import give_back_memory
    from qa.settings import secrets_file, settings_origins
    from qa.ui.passwords import read_accounts

    give_back_memory()
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
            tell_report(read_in(assistant.library, [str(folder("seeds"))]), assistant.library, verbose)
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


app.command(epilog="Example: qa articles --json")(articles)
app.command(epilog="Example: qa remove cis-counter-terrorism-program")(remove)
app.command(epilog="Example: qa doctor --salvage saved-articles")(doctor)
app.command(epilog="Example: qa conversations --search chairmanship")(conversations)
app.command(epilog="Example: qa export --format html --out answer.html")(export)
app.command(epilog="Example: qa verify answer.html")(verify)
app.command(epilog="Example: qa stories --json")(stories)
app.command(epilog='Example: qa brief "the ferry accident" --from 2025-03-01')(brief)
app.command(epilog="Example: qa password anna")(password)
app.command(epilog="Example: qa mcp --http 7870")(mcp)


def _tell_found(settings: Settings, assistant: Assistant) -> None:
    """Says which model `--llm auto` has found."""
    if settings.llm == "auto":
        console(stderr=True).print(f"Found {assistant.mode} on {assistant.where}.", highlight=False)


def _fail_usage(error: Any) -> int:
    message, context = error.format_message(), getattr(error, "ctx", None)
    if not message:  # a command without arguments: its help has been printed
        return int(error.exit_code)
    return _fail(f"{message} See: {context.command_path if context else 'qa'} --help", error.exit_code)


def _fail(message: str, code: int) -> int:
    sys.stderr.write(f"qa: {message}\n")
    return code
