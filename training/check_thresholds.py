"""Measures the citation check on news sentences that a rule has falsified or fairly reworded.

    python -m training.check_thresholds DATA [--articles 400] [--part tune|report] [--verify none] [--show KIND ...]

DATA holds realtimeqa/articles.jsonl.xz (JSON lines with title, outlet, date, text). Articles of 2022 and 2023
are for tuning the rules and thresholds of qa/check/, those of 2024 for reporting. Printed per kind: the share that
came out right with its 95% interval (Wilson), and the verdicts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import lzma
import math
import random
import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qa.check import check
from qa.check.discrepancies import speakers
from qa.check.evidence import REPORTING
from qa.ingest.clean import clean
from qa.language.facts import Fact, find_facts
from qa.language.lexicon import WEEKDAYS, any_of, months
from qa.language.names import country
from qa.language.text import STOPWORDS, normalise, sentence_spans
from qa.models import load_verifier
from qa.types import Article, Claim, Hit, Passage

PASSAGE_WORDS = 200
DISTRACTORS = 5


@dataclass(frozen=True)
class Case:
    """A sentence of an article, the passage it stands in, and what else was found."""

    sentence: str
    following: str
    passage: Passage
    others: list[Passage]
    beside: list[Passage]
    """Other passages of its article."""
    facts: list[Fact]
    names: list[str]
    elsewhere: list[str]
    random: random.Random

    def replaced(self, fact: Fact, by: str) -> str:
        """The sentence with a fact of it written in another way."""
        return self.sentence[: fact.start] + by + self.sentence[fact.end :]

    def pick(self, *kinds: str) -> Fact | None:
        """One of the facts of these kinds, if there is any."""
        chosen = [fact for fact in self.facts if fact.kind in kinds]
        return self.random.choice(chosen) if chosen else None


# --- falsified --------------------------------------------------------------------------------------------------------


def number(case: Case) -> str | None:
    """Another number, of the same length and unit."""
    fact = case.pick("number", "percent", "money")
    if not fact:
        return None
    digits = re.search(r"\d+", fact.text)
    if digits:
        value = int(digits[0][:6])
        other = str(value + case.random.choice([1, 2, 3, 5, 10, 30]))
        return case.replaced(fact, fact.text[: digits.start()] + other + fact.text[digits.end() :])
    spelled = [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "first",
        "second",
        "third",
        "fourth",
    ]
    found = next((word for word in re.findall(r"[a-z]+", fact.text.lower()) if word in spelled), None)
    if not found:
        return None
    at = spelled.index(found)
    other = case.random.choice([w for w in (spelled[:10] if at < 10 else spelled[10:]) if w != found])
    return case.replaced(fact, fact.text.lower().replace(found, other))


def date(case: Case) -> str | None:
    """Another month, weekday or year."""
    fact = case.pick("date")
    if not fact:
        return None
    for names in (months("en"), WEEKDAYS):
        if found := next((name for name in names if name in fact.text), None):
            return case.replaced(fact, fact.text.replace(found, case.random.choice([n for n in names if n != found])))
    if re.fullmatch(r"\d{4}", fact.text):
        return case.replaced(fact, str(int(fact.text) + case.random.choice([-3, -2, -1, 1, 2])))
    return None


def _name(case: Case, names: list[str]) -> str | None:
    fact = case.pick("name")
    choices = [
        name for name in names if name not in case.sentence and fact and not set(name.split()) & set(fact.text.split())
    ]
    return case.replaced(fact, case.random.choice(choices)) if fact and choices else None


def name_elsewhere(case: Case) -> str | None:
    """A name from another article."""
    return _name(case, case.elsewhere)


def name_same_article(case: Case) -> str | None:
    """Another name from the same article."""
    return _name(case, case.names)


_VERB_OR_PREPOSITION = re.compile(r"\b(?!and\b|or\b|the\b|an?\b)[a-z]{2,}\b")


def names_swapped(case: Case) -> str | None:
    """The first two names in each other's place, where more than "and" or a title stands between them."""
    names = [fact for fact in case.facts if fact.kind == "name"]
    if len(names) < 2 or names[0].end > names[1].start or set(names[0].text.split()) & set(names[1].text.split()):
        return None
    a, b, s = names[0], names[1], case.sentence
    between = s[a.end : b.start]
    if not _VERB_OR_PREPOSITION.search(between) or country(a.text.lower()) == country(b.text.lower()) is not None:
        return None
    return s[: a.start] + b.text + s[a.end : b.start] + a.text + s[b.end :]


def negation(case: Case) -> str | None:
    """A "not" more or less."""
    if found := re.search(r"\b(?:not |never )|(?<=[a-z])n't\b", case.sentence):
        return case.sentence[: found.start()] + case.sentence[found.end() :]
    if found := re.search(r"\b(?:is|are|was|were|will|would|can|could|should|has|have|had)\b(?! not)", case.sentence):
        return case.sentence[: found.end()] + " not" + case.sentence[found.end() :]
    return None


TURNED = [
    tuple(pair.split("/"))
    for pair in """
    more/less increased/decreased increase/decrease rose/fell rising/falling higher/lower won/lost win/lose
    before/after support/oppose supported/opposed against/for approved/rejected accepted/refused
    largest/smallest growing/shrinking gained/lost up/down above/below started/ended began/stopped best/worst
    joined/left allow/ban first/last high/low long/short strong/weak raise/lower raised/cut good/bad
    early/late over/under most/least guilty/innocent legal/illegal confirmed/denied released/detained
    """.split()
]


def direction(case: Case) -> str | None:
    """A word turned into its opposite."""
    pairs = [*TURNED, *((b, a) for a, b in TURNED)]
    found = [(a, b) for a, b in pairs if re.search(rf"\b{a}\b", case.sentence)]
    if not found:
        return None
    a, b = case.random.choice(found)
    return re.sub(rf"\b{a}\b", b, case.sentence, count=1)


def quotation(case: Case) -> str | None:
    """Another word inside the quotation marks."""
    quotes = [f for f in case.facts if f.kind == "quotation" and len(f.text.split()) >= 4]
    if not quotes:
        return None
    fact = case.random.choice(quotes)
    inside = [w for w in re.finditer(r"\b[a-z]{4,}\b", fact.text) if w[0] not in STOPWORDS]
    others = [w for w in re.findall(r"\b[a-z]{4,}\b", case.passage.text) if w not in fact.text and w not in STOPWORDS]
    if not inside or not others:
        return None
    word = case.random.choice(inside)
    return case.replaced(fact, fact.text[: word.start()] + case.random.choice(others) + fact.text[word.end() :])


def speaker(case: Case) -> str | None:
    """The words put into another mouth."""
    said = speakers(case.sentence, case.facts)
    others = [name for name in case.names if " " in name and not set(name.split()) & set(case.sentence.split())]
    return case.sentence.replace(said[0], case.random.choice(others)) if said and others else None


def word(case: Case) -> str | None:
    """A word from another article."""
    silent = STOPWORDS | REPORTING
    inside = [w for w in re.finditer(r"\b[a-z]{5,}\b", case.sentence) if w[0] not in silent and not w[0].endswith("ly")]
    found: set[str] = {w for passage in case.others for w in re.findall(r"\b[a-z]{5,}\b", passage.text)} - silent
    others = sorted(w for w in found if w not in case.passage.text)
    if not inside or not others:
        return None
    chosen: re.Match[str] = case.random.choice(inside)
    return case.sentence[: chosen.start()] + case.random.choice(others) + case.sentence[chosen.end() :]


# --- fairly reworded --------------------------------------------------------------------------------------------------


def as_it_stands(case: Case) -> str | None:
    """The sentence itself."""
    return case.sentence


ADVERB = re.compile(
    r" (?:also|then|quickly|recently|already|still|really|very"
    r"|(?!probab|possib|potential|part|alleged|reported|like|unlike|ear|fami|rep|on)[a-z]{3,}ly)(?= [a-z])"
)


def adverb_dropped(case: Case) -> str | None:
    """Without an adverb that only colours it."""
    text = ADVERB.sub("", case.sentence, count=1)
    return text if text != case.sentence and '"' not in text else None


def clause_dropped(case: Case) -> str | None:
    """Without a subordinate clause."""
    if '"' in case.sentence:
        return None
    text = re.sub(
        r", (?:who|which|where|when|including|according to)\b[^,.;\"]{5,120}(?:,(?= [a-z])|(?=\.$))",
        "",
        case.sentence,
        count=1,
    )
    return text if text != case.sentence and len(text.split()) > 6 else None


def told_reporters(case: Case) -> str | None:
    """What was said, told to reporters."""
    if '"' in case.sentence:
        return None
    text = re.sub(r"\bsaid (?=(?:that |the |he |she |they |it |in ))", "told reporters ", case.sentence, count=1)
    return text if text != case.sentence else None


VERB = r"\b(is|are|was|were|do|does|did|has|have|had|would|could|should)"
CONTRACTIONS = [
    (rf"{VERB} not\b", r"\1n't"), (rf"{VERB}n't\b", r"\1 not"), (r"\b(cannot|can not)\b", "can't"),
    (r"\bcan't\b", "cannot"), (r"\bwill not\b", "won't"), (r"\bwon't\b", "will not"),
    (r"\b([Tt]hey|[Ww]e|[Yy]ou)'re\b", r"\1 are"), (r"\b([Ii]t|[Tt]hat|[Hh]e|[Ss]he)'s (?=a |the |not )", r"\1 is "),
]  # fmt: skip
NUMBER_FORMS = [
    (r"(\d) million\b", r"\1m"), (r"(\d) billion\b", r"\1bn"), (r"(\d) per ?cent\b", r"\1%"),
    (r"(\d)%", r"\1 percent"),
    (r"\btwo\b", "2"), (r"\bthree\b", "3"), (r"\bfour\b", "4"), (r"\bfive\b", "5"), (r"\bseven\b", "7"),
    (r"\b(\d),000\b", r"\1 thousand"), (r"(?<![\d,])(\d),(\d{3})\b(?!,)", r"\1\2"),
]  # fmt: skip


def _rewritten(case: Case, forms: list[tuple[str, str]]) -> str | None:
    """The first form that changes anything outside quotations."""
    texts = [re.sub(pattern, by, case.sentence, count=1) for pattern, by in forms]
    return next((text for text in texts if text != case.sentence and '"' not in text), None)


def contraction(case: Case) -> str | None:
    """Contracted, or spelled out."""
    return _rewritten(case, CONTRACTIONS)


def number_form(case: Case) -> str | None:
    """A number, percentage or sum in another form."""
    return _rewritten(case, NUMBER_FORMS)


def merged(case: Case) -> str | None:
    """With the next sentence, joined by "and"."""
    if not case.following or '"' in case.sentence + case.following or not case.sentence.endswith("."):
        return None
    first, _, rest = case.following.partition(" ")
    opening = first.lower() if first.lower() in STOPWORDS and first != "I" else first
    return f"{case.sentence[:-1]}, and {opening} {rest}"


def weekday_dated(case: Case) -> str | None:
    """The day that "on Tuesday" was."""
    published = case.passage.article.date
    found = re.search(rf"\bon ({any_of(WEEKDAYS)})\b(?!,? (?:[A-Z][a-z]+\.? )?\d)", case.sentence)
    if not found or not published or '"' in case.sentence:
        return None
    day = published - dt.timedelta(days=(published.weekday() - WEEKDAYS.index(found[1])) % 7)
    return case.sentence[: found.start()] + f"on {day.day} {day:%B} {day.year}" + case.sentence[found.end() :]


def speaker_moved(case: Case) -> str | None:
    """Who speaks before the quotation, not after."""
    found = re.fullmatch(r'"([^"]+)," ([A-Z][\w. -]+) said\.', case.sentence)
    return f'{found[2]} said: "{found[1]}."' if found else None


def date_fronted(case: Case) -> str | None:
    """The day moved to the beginning."""
    found = re.search(
        rf"(?<=[a-z]) (on {any_of(WEEKDAYS)}|in \d{{4}})(?=[.,](?! [A-Z][a-z]+\.? \d))",
        case.sentence,
    )
    if not found or '"' in case.sentence or not re.match(r"(?:The|A|He|She|They|In|But)\b", case.sentence):
        return None
    rest = case.sentence[: found.start()] + case.sentence[found.end() :]
    return f"{found[1][0].upper()}{found[1][1:]}, {rest[0].lower()}{rest[1:]}"


FALSE: list[Callable[[Case], str | None]] = [
    number, date, name_elsewhere, name_same_article, names_swapped, negation, direction, quotation, speaker, word,
]  # fmt: skip
FAIR: list[Callable[[Case], str | None]] = [
    as_it_stands, adverb_dropped, clause_dropped, told_reporters, contraction, number_form, merged, weekday_dated,
    speaker_moved, date_fronted,
]  # fmt: skip


RARE = [clause_dropped, told_reporters, contraction, number_form, weekday_dated, speaker_moved, date_fronted]
"""Fair rules that few sentences allow."""
FAIR_NAMES = [rule.__name__ for rule in FAIR]
SHOWN = 25

# --- the run ----------------------------------------------------------------------------------------------------------


YEARS = {"tune": ("2022", "2023"), "report": ("2024",)}


def read_articles(folder: Path, count: int, part: str) -> list[Article]:
    """`count` articles of the years of a part and of a size to check, cleaned, spread over the whole file."""
    rows = []
    with lzma.open(folder / "realtimeqa" / "articles.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if (row.get("date") or "").startswith(YEARS[part]) and 250 < len(row["text"].split()) < 1500:
                rows.append(row)
    articles: list[Article] = []
    for row in random.Random(0).sample(rows, min(count, len(rows))):
        day = dt.date.fromisoformat(row["date"][:10].replace("/", "-"))
        text, title = clean(row["text"]).text, normalise(row.get("title") or "")
        articles.append(Article(str(len(articles)), title, text, row.get("outlet"), day))
    return articles


def passages(article: Article) -> list[Passage]:
    """The article cut into passages of some 200 words, at sentence ends."""
    found: list[Passage] = []
    start = size = 0
    spans = sentence_spans(article.text)
    for at, (a, b) in enumerate(spans):
        size += len(article.text[a:b].split())
        if size >= PASSAGE_WORDS or at == len(spans) - 1:
            found.append(Passage(article, spans[start][0], b, len(found)))
            start, size = at + 1, 0
    return found


def cases(articles: list[Article], rng: random.Random) -> Iterator[tuple[Case, bool]]:
    """Every sentence of a passage of each article, and whether it is one of the three that all rules are tried on."""
    cut = {article.id: passages(article) for article in articles}
    names = {
        a.id: sorted({f.text for f in find_facts(a.text) if f.kind == "name" and len(f.text) > 3}) for a in articles
    }
    for article in articles:
        strangers = rng.sample([a for a in articles if a.id != article.id], DISTRACTORS)
        passage = rng.choice(cut[article.id])
        spans = sentence_spans(passage.text)
        good = [
            i
            for i, (a, b) in enumerate(spans)
            if 8 <= len(passage.text[a:b].split()) <= 45 and re.match(r"[\"A-Z].*[.\"]$", passage.text[a:b], re.S)
        ]
        chosen = set(rng.sample(good, min(3, len(good))))
        for i in good:
            sentence = passage.text[slice(*spans[i])]
            following = passage.text[slice(*spans[i + 1])] if i + 1 in good else ""
            others = [rng.choice(cut[stranger.id]) for stranger in strangers]
            beside = [other for other in cut[article.id] if other != passage and sentence not in other.text]
            elsewhere = [n for n in names[strangers[0].id] if n not in article.text]
            facts = find_facts(sentence)
            case = Case(sentence, following, passage, others, beside, facts, names[article.id], elsewhere, rng)
            yield case, i in chosen


def main() -> None:
    """Run every rule over every case and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--part", choices=["tune", "report"], default="tune")
    parser.add_argument("--verify", default="bundled:news", help="the verifier that decides with the rules, or none")
    parser.add_argument("--show", nargs="*", default=[], help="print sentences of these kinds with a wrong verdict")
    options = parser.parse_args()
    verifier = load_verifier(options.verify)
    articles = read_articles(options.folder, options.articles, options.part)
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    shown: Counter[str] = Counter()
    began = time.process_time()
    for case, is_chosen in cases(articles, random.Random(1)):
        for kind, text, cited, found in attempts(case, is_chosen):
            [sentence], citations = check([Claim(text, (cited,))], [Hit(passage, 1.0) for passage in found], verifier)
            verdicts[kind][sentence.verdict] += 1
            passed = sentence.verdict in ("verbatim", "supported")
            if kind in options.show and passed != (kind in FAIR_NAMES) and shown[kind] < SHOWN:
                shown[kind] += 1
                print(f"{kind} [{sentence.verdict}] {text}\n  source: {case.sentence}")
                print(f"  shown: {[citation.quote for citation in citations]}\n  {sentence.reasons}\n")
    checks = sum(sum(counts.values()) for counts in verdicts.values())
    each = (time.process_time() - began) / max(checks, 1) * 1000
    print(f"{options.part}: {len(articles)} articles, {checks} checks, {each:.1f} ms of processor time each")
    false = [rule.__name__ for rule in FALSE]
    report("falsified: not passed", [*false, "source_elsewhere", "source_same_article"], verdicts, fair=False)
    report("fair: passed", FAIR_NAMES, verdicts, fair=True)


def attempts(case: Case, is_chosen: bool) -> Iterator[tuple[str, str, Passage, list[Passage]]]:
    """Each rule that changes the sentence: its name, the new sentence, the passage it cites, and what was found.

    Where it is none of the chosen sentences, only the rules that seldom find something to change.
    """
    for rule in [*FALSE, *FAIR] if is_chosen else RARE:
        text = rule(case)
        if text and (text != case.sentence or rule is as_it_stands):
            yield rule.__name__, text, case.passage, [case.passage, *case.others]
    if is_chosen:
        yield "source_elsewhere", case.sentence, case.others[0], case.others
    if is_chosen and case.beside:
        cited = case.random.choice(case.beside)
        yield "source_same_article", case.sentence, cited, [cited, *case.others]


def report(title: str, kinds: list[str], verdicts: dict[str, Counter[str]], fair: bool) -> None:
    """Print one line per kind: the share that came out right, how many there were, and their verdicts."""
    print(f"{title:24} share  95% interval     n  verbatim supported unverified unsupported")
    for kind in kinds:
        got, n = verdicts[kind], sum(verdicts[kind].values())
        passed = got["verbatim"] + got["supported"]
        right = passed if fair else n - passed
        low, high = wilson(right, n)
        counts = "".join(f"{got[verdict]:10}" for verdict in ("verbatim", "supported", "unverified", "unsupported"))
        print(f"  {kind:22} {right / max(n, 1):.3f}  {low:.3f} to {high:.3f} {n:5}{counts}")


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95% interval of a share (Wilson 1927)."""
    if not n:
        return 0.0, 1.0
    z, share = 1.96, right / n
    centre, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


if __name__ == "__main__":
    main()
