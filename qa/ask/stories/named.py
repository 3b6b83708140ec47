"""Who the articles of a story name most: people, organisations and places, by the articles that name them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qa.language.names import find_names, name_matches, name_words
from qa.types import Article

READ = 4_000
"""Characters of an article that names are looked for in."""
FEWEST = 2
"""Articles that have to name somebody, where there are as many."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and how many articles have it."""

    name: str
    """In its most frequent form."""
    articles: int


def named_most(articles: Sequence[Article], count: int) -> list[Named]:
    """Up to `count` names, those that most articles have first; the outlets themselves are left out."""
    outlets = {frozenset(name_words(_label(article.outlet))) for article in articles if article.outlet}
    forms: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    having: Counter[tuple[str, ...]] = Counter()
    for article in articles:
        own = set[tuple[str, ...]]()
        for name in _longest_forms(article):
            key = name_words(name)
            if key and not any(outlet <= set(key) for outlet in outlets):
                forms[key][name] += 1
                own.add(key)
        having.update(own)
    _fold_short_forms(having, forms)
    fewest = FEWEST if len(articles) > FEWEST else 1
    ranked = sorted(having, key=lambda key: (-having[key], -len(key), key))
    return [Named(forms[key].most_common(1)[0][0], having[key]) for key in ranked if having[key] >= fewest][:count]


def _label(outlet: str) -> str:
    """The name of an outlet; of a host, such as cnn.com, what stands before its last part."""
    return outlet if " " in outlet else outlet.rsplit(".", 1)[0]


def _longest_forms(article: Article) -> Iterable[str]:
    """The names of an article, each in the longest form that it gives."""
    text = f"{article.title}\n{article.text[:READ]}"
    kept: list[str] = []
    for name in sorted({text[start:end] for start, end in find_names(text)}, key=lambda name: (-len(name), name)):
        if "\n" not in name and not any(name_matches(name, other) for other in kept):
            kept.append(name)
    return kept


def _fold_short_forms(having: Counter[tuple[str, ...]], forms: Mapping[tuple[str, ...], Counter[str]]) -> None:
    """Adds articles that have only a surname to the one longer name that ends with it."""
    for key in [key for key in having if len(key) == 1]:
        longer = [other for other in having if len(other) > 1 and other[-1] == key[0]]
        if len(longer) == 1 and having[longer[0]] >= having[key] / 2:
            having[longer[0]] += having.pop(key)
            forms[longer[0]].update(forms[key])
