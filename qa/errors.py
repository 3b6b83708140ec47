"""Every error a user can cause. The message says what is wrong, with which value, and what to do.

QAError                     the work failed: one or two lines on stderr, exit code 1
├── UsageError              the words of the command are wrong: exit code 2
│   ├── SettingsError       a value in qa.toml, in the environment or in a flag
│   └── Forbidden           something that only an administrator of the window may do
├── ReadError               a file that cannot be read as articles
├── LibraryError            the library folder: not writable, made by another version, locked
│   ├── EmbedderMismatch    opened with another embedder than it was built with
│   ├── LibraryBusy         another process is writing, and the command was not to wait
│   └── DatabaseGone        the database server does not answer: ask again when it is back
├── ModelError              a model that is missing, unreachable or refuses
│   ├── ContextTooLong      more than the model can read at once: ask again with fewer passages
│   └── MissingExtra        a package that an optional feature needs is not installed
├── PromptError             a prompt file with a field missing
└── EvalError               an evaluation set or run that cannot be used
"""


class QAError(Exception):
    """The root of the tree above."""

    exit_code = 1


class UsageError(QAError):
    """The words of the command are wrong."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting has a value that cannot be used."""


class Forbidden(UsageError):
    """Only an administrator may do this."""


class ReadError(QAError):
    """A file cannot be read as articles."""


class LibraryError(QAError):
    """The library folder cannot be used."""


class EmbedderMismatch(LibraryError):
    """The library was built with another embedder than the one asked for."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class DatabaseGone(LibraryError):
    """The database server does not answer."""


class ModelError(QAError):
    """A model is missing, unreachable, or refuses."""


class ContextTooLong(ModelError):
    """The model cannot read as much at once; with fewer passages it may."""


class MissingExtra(ModelError):
    """An optional package is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional package. Install it with: pip install 'citewire[{extra}]'")


class PromptError(QAError):
    """A prompt file is missing, or a field of it was not given."""


class EvalError(QAError):
    """An evaluation set or run cannot be used."""


def first_line(error: BaseException) -> str:
    """The first line of what an error of another package says, short and without control characters; else its name."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return "".join(sign for sign in line if sign.isprintable()).rstrip(". ")
