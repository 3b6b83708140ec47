"""Who the articles of a story name most: people, organisations and places, by the articles that name them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from qa.ask.answer.running_text import running_sentences
from qa.language.names import country, name_words
from qa.language.text import NAME_WORD
from qa.language.whole_names import WholeName, whole_names
from qa.types import Article

READ = 4_000
"""Characters of an article that names are looked for in."""
FEWEST = 2
"""Articles that have to name somebody, where there are as many."""

Key = tuple[str, ...]
"""What all forms of a name have in common: its `name_words`."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and how many articles have it."""

    name: str
    """In its most frequent form."""
    articles: int


@dataclass(slots=True)
class _Told:
    """What the articles of a story say of a name."""

    forms: Counter[str] = field(default_factory=Counter)
    having: set[int] = field(default_factory=set)
    """The numbers of the articles that have it."""


def named_most(articles: Sequence[Article], count: int) -> list[Named]:
    """Up to `count` names, those that most articles have first; the outlets themselves are left out.

    Headlines and captions are not read: their capitals mark no names.
    """
    sentences = [list(_sentences(article)) for article in articles]
    told = _told(sentences)
    _fold_offices(told)
    _fold_short_forms(told)
    outlets = {_squeezed(article.outlet.split(".")[0]) for article in articles if article.outlet}
    known = [
        Named(_form(key, one.forms), len(one.having))
        for key, one in told.items()
        if not any(_squeezed(form) in outlets for form in one.forms)
    ]
    fewest = FEWEST if len(articles) > FEWEST else 1
    known.sort(key=lambda one: (-one.articles, -len(one.name.split()), one.name))
    return [one for one in known if one.articles >= fewest][:count]


def _sentences(article: Article) -> Iterator[str]:
    """The running text of an article's beginning, sentence by sentence."""
    return (" ".join(span.text.split()) for span in running_sentences(article) if span.start < READ)


def _told(sentences: Sequence[Iterable[str]]) -> dict[Key, _Told]:
    """Each name and where it stands. A first word of a sentence is part of one only where it is so elsewhere."""
    found: list[tuple[int, WholeName]] = []
    small: Counter[str] = Counter()
    for number, article in enumerate(sentences):
        for sentence in article:
            found += ((number, name) for name in whole_names(sentence))
            small.update(token[0] for token in NAME_WORD.finditer(sentence) if token[0].islower())
    inner = Counter(name.text for _, name in found if not name.is_first)
    told: dict[Key, _Told] = defaultdict(_Told)
    for number, name in found:
        text = name.text if not name.is_first or inner[name.text] else _without_first(name.text, small)
        if text and not (" " not in text and small[text.lower()] >= inner[text]):
            one = told[name_words(text)]
            one.forms[text] += 1
            one.having.add(number)
    told.pop((), None)
    return dict(told)


def _without_first(text: str, small: Counter[str]) -> str:
    """The name without the word that opened the sentence, where that is an ordinary one."""
    first, _, rest = text.partition(" ")
    return rest if small[first.lower()] else text


def _fold_offices(told: dict[Key, _Told]) -> None:
    """Adds "Climate John Kerry" to "John Kerry": the longer form is rarer, and its end stands alone elsewhere."""
    for key in sorted((key for key in told if len(key) > 2), key=len, reverse=True):
        ends = (key[at:] for at in range(1, len(key) - 1))
        end = next((end for end in ends if end in told and len(told[end].having) >= len(told[key].having)), None)
        if end:
            told[end].having |= told.pop(key).having


def _fold_short_forms(told: dict[Key, _Told]) -> None:
    """Adds articles that have only a surname to the longer name that ends with it, if one is by far the most told."""
    for key in [key for key in told if len(key) == 1]:
        longer = sorted(
            (other for other in told if len(other) > 1 and _surname(other) == key[0]),
            key=lambda other: -len(told[other].having),
        )
        counts = [len(told[other].having) for other in longer]
        if counts and counts[0] >= 2 * sum(counts[1:]) and counts[0] >= len(told[key].having) / 2:
            told[longer[0]].having |= told.pop(key).having


def _surname(key: Key) -> str:
    """The last word of a name before "Jr." or a numeral."""
    return next((word for word in reversed(key) if word not in _GENERATIONS), "")


_GENERATIONS = frozenset("jr sr ii iii iv".split())


def _form(key: Key, forms: Counter[str]) -> str:
    """The form that is shown: the most frequent one; of a country its name, of a dateline none in capitals."""
    chosen = forms
    if len(key) == 1 and country(key[0]) == key[0]:
        chosen = Counter({form: count for form, count in forms.items() if _is_country(form)})
        if not chosen:
            return key[0].upper() if len(key[0]) == 2 else key[0].title()
    quiet = Counter({form: count for form, count in chosen.items() if not _is_shouted(form)})
    return quiet.most_common(1)[0][0] if quiet else chosen.most_common(1)[0][0].title()


def _is_shouted(form: str) -> bool:
    return form.isupper() and (len(form) > 6 or " " in form)


def _is_country(form: str) -> bool:
    """Whether a form is the country itself, and not its people or language."""
    words = form.lower().replace(".", "")
    return (
        country(words) == words
        or " " in words
        or words in ("usa", "america", "britain", "holland", "burma", "palestine")
    )


def _squeezed(name: str) -> str:
    """The letters of a name, as the address of an outlet has them."""
    return re.sub(r"[\W_]|^the\b", "", name.lower())
