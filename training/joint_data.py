"""Pairs for the network that reads both (question, passage) and (sentence, evidence): python -m training.joint_data.

    python -m training.joint_data DATA --out FOLDER

DATA holds claims/, reading/ and qa/. Writes FOLDER/pairs.npz: tokens of every pair, its task, label, weight and group,
the sentences of its passage with theirs, and if it is held out. Whole sources of claims (HELD_SOURCES) are held out,
and one in five articles of HELD_IN_PART and of everything else but claims, so that no text stands on both sides.
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from tokenizers import Tokenizer

import qa.models
from qa.language.names import find_names
from qa.language.text import sentence_spans, stems
from training.check_thresholds import FAIR_NAMES, attempts, cases, read_articles

CLAIM, QUESTION = 0, 1
FIRST_TOKENS, SECOND_TOKENS = 64, 220
EVIDENCE_WORDS = (35, 50, 70, 100)
"""The lengths of evidence that it learns from, one drawn for each claim, so that none is a sign of anything."""
HELD_SOURCES = ("lfqa", "factcheckgpt", "summedits_podcast", "summedits_sales_call", "wice", "expertqa")
HELD_IN_PART = ("defacto",)
"""Sources of which one article in five is held out."""
FALSIFIED_ARTICLES = 700
WEIGHTS = {"begin": 0.3, "faithdial": 0.3, "dialfact": 0.3, "q2": 0.3, "paws": 0.3, "fnc1": 0.4}
SHARES = {
    **dict.fromkeys(("fever_dev", "climate", "healthver", "scifact"), 0.12),
    **dict.fromkeys(("fm2", "fever_symmetric", "covidfact"), 0.2),
    **dict.fromkeys(("begin", "faithdial", "dialfact", "q2"), 0.08),
    **dict.fromkeys(("anli", "control", "paws"), 0.35),
    "fnc1": 0.25,
    "factcheckgpt": 0.4,
}
"""Of what is not news, the share that is learned from."""
LEFT_OUT, WITHOUT = 0.3, 0.6
"""Chance that a passage loses a sentence that does not answer, and that one which answers comes once more without
its answer: the nearest a passage can come to a question and say nothing of it."""
SAME_MATTER = 0.2
"""Articles with a cosine above it may tell of one event, and what one does not say the other may."""
FALSIFIED_TWINS, PUBLIC_TWINS = 100_000, 200_000
"""Added to the numbers of twins, which are counted for each kind of claims anew."""
SEED = 7


@dataclass(frozen=True, slots=True)
class Pair:
    """A pair of texts and what was judged of them."""

    task: int
    first: str
    second: str
    label: float
    """1 when the evidence bears the sentence out, or the passage answers; 0 when not; between, in part."""
    group: str
    is_held: bool
    weight: float = 1.0
    sentences: tuple[tuple[int, int, float], ...] = ()
    """Start, end in `second`, and 1 for a sentence that answers; empty where nobody judged sentences."""
    answers: tuple[tuple[int, int], ...] = ()
    """Start and end in `second` of every short answer; empty where there is none or nobody marked it."""
    twin: int = 0
    """Number shared with the sentences over the same evidence that differ from it in little; 0 for none."""
    is_marked: bool = False
    """Whether somebody marked the short answers, so that none means none."""


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a packed file of JSON lines."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def is_held(key: str) -> bool:
    """True for one key in five, always the same ones."""
    return blake2b(key.encode(), digest_size=2).digest()[0] % 5 == 0


def is_held_claim(row: Mapping[str, Any]) -> bool:
    """True for a row of claims/train that is not learned from."""
    source = row["source"]
    return source.startswith(HELD_SOURCES) or source.startswith(HELD_IN_PART) and is_held(row["evidence"])


# --- evidence --------------------------------------------------------------------------------------------------------


class Evidence:
    """Picks from a long text what may bear a sentence out: its best sentences and what stands round them."""

    def __init__(self, idf: dict[str, float]) -> None:
        self._idf = idf

    def of(self, claim: str, sentences: Sequence[str], words: int) -> str:
        """At most `words` words of the sentences, in order: greedy by idf of the claim's stems not yet met."""
        told = [set(stems(sentence)) for sentence in sentences]
        left = {stem: self._idf.get(stem, 12.0) for stem in stems(claim)}
        chosen: set[int] = set()
        for _ in range(3):
            gains = [sum(left.get(stem, 0.0) for stem in held) for held in told]
            best = max(range(len(told)), key=lambda n: gains[n], default=-1)
            if best < 0 or gains[best] <= 0:
                break
            for number in (best, best - 1, best + 1):
                length = sum(len(sentences[n].split()) for n in chosen | {number} if 0 <= n < len(told))
                if 0 <= number < len(told) and (length <= words or not chosen):
                    chosen.add(number)
            for stem in told[best]:
                left.pop(stem, None)
        return " ".join(sentences[n] for n in sorted(chosen or {0} if sentences else ()))


def document_frequencies(texts: Iterator[str]) -> dict[str, float]:
    """Stem -> idf over the texts."""
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        counts.update(set(stems(text)))
        number += 1
    return {stem: math.log(number / count) for stem, count in counts.items()}


# --- sentences and their evidence ------------------------------------------------------------------------------------


def claims(data: Path, evidence: Evidence, chance: random.Random) -> Iterator[Pair]:
    """The judged sentences of claims/train and of reading/claims and reading/small_models."""
    judged = [{**row, "id": row["evidence"]} for row in rows(data / "claims/train.jsonl.xz")]
    judged.sort(key=lambda row: (row["source"], row["evidence"]))
    words = chance.choice(EVIDENCE_WORDS)
    for row, twin, before in zip(judged, twins(judged), [None, *judged[:-1]], strict=True):
        source = row["source"]
        if before is None or before["evidence"] != row["evidence"]:
            words = chance.choice(EVIDENCE_WORDS)
        if chance.random() > next((share for name, share in SHARES.items() if source.startswith(name)), 1.0):
            continue
        label = {"supported": 1.0, "partial": 0.5}.get(row["label"], 0.0)
        text = row["evidence"]
        parts = [text[a:b] for a, b in sentence_spans(text)] if len(text.split()) > words else [text]
        weight = next((value for name, value in WEIGHTS.items() if source.startswith(name)), 1.0)
        said = evidence.of(row["claim"], parts, words)
        twin += PUBLIC_TWINS if twin else 0
        yield Pair(CLAIM, row["claim"], said, label, f"claims/{source}", is_held_claim(row), weight, twin=twin)
    told: list[dict[str, Any]] = list(rows(data / "reading/claims.jsonl.xz"))
    for row, twin in zip(told, twins(told), strict=True):
        text = f"{row['title']}. {evidence.of(row['claim'], row['sentences'], chance.choice(EVIDENCE_WORDS))}"
        held, label = is_held(row["id"]), float(row["label"] == "supported")
        yield Pair(CLAIM, row["claim"], text, label, f"reading/{row['how']}", held, 1.5, twin=twin)
    for row in rows(data / "reading/small_models.jsonl.xz"):
        for one in row["sentences"]:
            if one["label"] == "no_claim":
                continue
            best = max(
                row["passages"], key=lambda p: len(set(stems(one["text"])) & set(stems(" ".join(p["sentences"]))))
            )
            text = f"{best['title']}. {evidence.of(one['text'], best['sentences'], chance.choice(EVIDENCE_WORDS))}"
            label = float(one["label"] == "supported")
            yield Pair(CLAIM, one["text"], text, label, "small_models", is_held(row["id"]), 2.0)


def twins(claims: Sequence[dict[str, Any]]) -> list[int]:
    """For each claim a number that it shares with those of its article that have most of its words; 0 for none."""
    numbers, made = [0] * len(claims), 0
    said = [set(stems(row["claim"])) for row in claims]
    for n, row in enumerate(claims):
        for m in range(max(0, n - 12), n):
            alike = claims[m]["id"] == row["id"] and len(said[n] & said[m]) >= 0.5 * len(said[n] | said[m])
            if alike and claims[m]["label"] != row["label"]:
                if not numbers[m]:
                    made += 1
                    numbers[m] = made
                numbers[n] = numbers[m]
                break
    return numbers


def falsified(data: Path, evidence: Evidence, chance: random.Random) -> Iterator[Pair]:
    """Sentences of news that a rule falsified or fairly reworded, with their own passage or another one."""
    for number, (case, is_chosen) in enumerate(cases(read_articles(data, FALSIFIED_ARTICLES, "tune"), chance)):
        for kind, text, cited, _ in attempts(case, is_chosen):
            if chance.random() < (0.5 if is_chosen else 0.3):
                parts = [cited.text[a:b] for a, b in sentence_spans(cited.text)]
                title = f"{cited.article.title}. " if chance.random() < 0.5 else ""
                second = title + evidence.of(text, parts, chance.choice(EVIDENCE_WORDS))
                held = is_held(cited.article.title)
                yield Pair(
                    CLAIM,
                    text,
                    second,
                    float(kind in FAIR_NAMES),
                    f"falsified/{kind}",
                    held,
                    0.6,
                    twin=FALSIFIED_TWINS + number,
                )


# --- questions and passages ------------------------------------------------------------------------------------------


def asked(question: str, history: dict[str, str] | None) -> str:
    """A question as the network reads it: what was asked and answered before stands before it."""
    return f"{history['q']} {history['short']} | {question}" if history else question


def asked_of(row: Mapping[str, Any], one: Mapping[str, Any]) -> str:
    """One of the questions written over an article, behind the one that it follows."""
    after = row["questions"][one["after"]] if one.get("after") is not None else None
    return asked(one["q"], {"q": after["q"], "short": after.get("short") or ""} if after else None)


def passage_of(
    title: str, sentences: Sequence[str], told: dict[int, float]
) -> tuple[str, tuple[tuple[int, int, float], ...]]:
    """Title and sentences as one text, and where each sentence stands in it."""
    text, spans = f"{title}.", []
    for number, sentence in enumerate(sentences):
        start = len(text) + 1
        text += f" {sentence}"
        spans.append((start, len(text), told.get(number, 0.0)))
    return text, tuple(spans)


def searches(data: Path) -> Iterator[Pair]:
    """The passages that searches found, each judged, for single questions and for turns of conversations.

    What is learned from comes once more without the sentences that answer.
    """

    def pairs(question: str, judged: dict[str, Any], held: bool, group: str) -> Iterator[Pair]:
        for passage, grade, numbers in zip(judged["passages"], judged["grades"], judged["answers"], strict=True):
            text, spans = passage_of(passage["title"], passage["sentences"], dict.fromkeys(numbers, 1.0))
            yield Pair(QUESTION, question, text, {2: 1.0, 1: 0.5}.get(grade, 0.0), group, held, 1.5, spans)
            if grade == 2 and not held:
                left = [sentence for n, sentence in enumerate(passage["sentences"]) if n not in numbers]
                text, spans = passage_of(passage["title"], left, {})
                yield Pair(QUESTION, question, text, 0.0, group, held, 1.5, spans)

    for row in rows(data / "reading/searches.jsonl.xz"):
        yield from pairs(asked(row["q"], row["history"]), row, is_held(row["from"]), "searches")
    before: dict[str, str] | None = None
    for row in rows(data / "reading/conversations.jsonl.xz"):
        before = before if row["turn"] > 1 else None
        if "judged" in row:
            yield from pairs(asked(row["q"], before), row["judged"], is_held(row["conv"]), "conversations")
        before = {"q": row["q"], "short": row.get("answer") or ""}


def written(data: Path, chance: random.Random) -> Iterator[Pair]:
    """The questions written over articles, each with a window that answers it and one that may not."""
    for row in rows(data / "reading/articles.jsonl.xz"):
        sentences, held = row["sentences"], is_held(row["id"])
        for one in row["questions"]:
            question = asked_of(row, one)
            right = {n: 1.0 for n in one.get("answer") or ()} | {n: 0.6 for n in one.get("also") or ()}
            places = sorted(one.get("answer") or ([one["trap"]] if isinstance(one.get("trap"), int) else []))
            middle = places[0] if places else chance.randrange(len(sentences))
            start = max(0, middle - chance.randrange(6))
            for begin in dict.fromkeys((start, chance.randrange(len(sentences)))):
                window = list(range(begin, min(len(sentences), begin + 9)))
                rest = [n for n in window if n not in right]
                if chance.random() < LEFT_OUT and len(rest) > 1:  # a gap is no sign of anything
                    window.remove(chance.choice(rest))
                for shown in (window, rest) if len(rest) < len(window) and not held else (window,):
                    told = {place: right[n] for place, n in enumerate(shown) if n in right}
                    if shown and (told or shown is window or chance.random() < WITHOUT):
                        text, spans = passage_of(row["title"], [sentences[n] for n in shown], told)
                        label = max(told.values(), default=0.0)
                        yield Pair(QUESTION, question, text, label, f"articles/{one['type']}", held, 1.0, spans)


def elsewhere(data: Path, chance: random.Random) -> Iterator[Pair]:
    """Each of these questions with what the words of it find in another article on another matter: on its subject,
    as a search brings it, and without the answer.
    """
    articles = {row["id"]: row for name in ("claims", "articles") for row in rows(data / f"reading/{name}.jsonl.xz")}
    numbers = {key: n for n, key in enumerate(articles)}
    windows = [
        (n, row["title"], row["sentences"][begin : begin + 7])
        for n, row in enumerate(articles.values())
        for begin in range(0, len(row["sentences"]), 5)
    ]
    words = TfidfVectorizer(analyzer=stems, sublinear_tf=True)
    found = words.fit_transform(f"{title} {' '.join(sentences)}" for _, title, sentences in windows)
    whole = words.transform(" ".join([row["title"], *row["sentences"]]) for row in articles.values())
    owner = np.array([n for n, _, _ in windows])
    for row in rows(data / "reading/articles.jsonl.xz"):
        alike = (whole @ whole[numbers[row["id"]]].T).toarray().ravel()
        same = set(np.flatnonzero(alike > SAME_MATTER))
        for one in row["questions"]:
            question = asked_of(row, one)
            near = (found @ words.transform([question]).T).toarray().ravel()
            near[[n in same for n in owner]] = 0
            short = (one.get("short") or "").casefold()
            good = [n for n in np.argsort(-near)[:6] if not short or short not in " ".join(windows[n][2]).casefold()]
            if good:
                _, title, sentences = windows[chance.choice(good)]
                text, spans = passage_of(title, sentences, {})
                yield Pair(QUESTION, question, text, 0.0, "elsewhere", is_held(row["id"]), 1.0, spans)


def renamed(pairs: Sequence[Pair], chance: random.Random) -> Iterator[Pair]:
    """Questions that a passage answers, once more with a name that it holds replaced by one that it does not hold."""
    named = [_names(pair.second) for pair in pairs]
    pool = sorted({name for names in named for name in names})
    for pair, names in zip(pairs, named, strict=True):
        told = pair.first.rpartition(" | ")[2]
        inside = [name for name in names if re.search(rf"(?i)\b{re.escape(name)}\b", told)]
        if pair.task != QUESTION or pair.label < 1 or pair.is_held or not inside:
            continue
        old, held = chance.choice(inside), pair.second.casefold()
        for _ in range(50):
            new = chance.choice(pool)
            if len(new.split()) == len(old.split()) and new.casefold() not in held:
                as_typed = new if old in told else new.lower()
                question = re.sub(rf"(?i)\b{re.escape(old)}\b", lambda _, said=as_typed: said, pair.first)
                sentences = tuple((begin, end, 0.0) for begin, end, _ in pair.sentences)
                yield replace(pair, first=question, label=0.0, group="renamed", sentences=sentences, answers=())
                break


def _names(text: str) -> list[str]:
    return [text[a:b] for a, b in find_names(text) if b - a > 3 or text[a:b].isupper()]


def public(data: Path, chance: random.Random, most: int) -> Iterator[Pair]:
    """A share of the public questions, each with its passage; the sentences that hold the answer are right."""
    light = {"qamr": 0.1, "qasrl": 0.1, "subjqa": 0.3, "tweetqa": 0.4, "dream": 0.3, "friendsqa": 0.3}
    names = [("qa/newsqa_half", 1.0), ("qa/squad2_dev_half", 0.25), ("qa/reader_train", 0.09)]
    made = 0
    for name, share in names:
        for row in rows(data / f"{name}.jsonl.xz"):
            source = row.get("source", name.removeprefix("qa/"))
            part = next((value for key, value in light.items() if source.startswith(key)), 1.0)
            if chance.random() > share * part or made >= most:
                continue
            text = row.get("passage") or row.get("context") or ""
            answers = [answer for answer in row.get("answers") or () if answer.strip()]
            answerable = bool(row.get("answerable", bool(answers)))
            spans = sentence_spans(text)
            right = [n for n, (a, b) in enumerate(spans) if any(answer in text[a:b] for answer in answers)]
            if answerable and not right:
                continue
            middle = right[0] if right else chance.randrange(max(len(spans), 1))
            begin = max(0, middle - chance.randrange(5))
            window = spans[begin : begin + 9]
            told = {n - begin: 1.0 for n in right if begin <= n < begin + 9} if answerable else {}
            passage, places = passage_of("", [text[a:b] for a, b in window], told)
            first = row.get("history")
            question = f"{' '.join(map(str, first))[-200:]} | {row['question']}" if first else row["question"]
            held = is_held(text[:80])
            made += 1
            marked = []
            for number, (a, _, _) in zip(range(begin, begin + 9), places, strict=False):
                inside = text[slice(*spans[number])]
                for answer in answers if answerable and number in right else ():
                    if answer in inside:
                        marked.append((a + inside.index(answer), a + inside.index(answer) + len(answer)))
            yield Pair(
                QUESTION, question, passage, float(answerable), source, held, 0.7, places, tuple(set(marked)), 0, True
            )


# --- tokens ----------------------------------------------------------------------------------------------------------


def pack(pairs: Sequence[Pair], tokenizer: Tokenizer) -> dict[str, np.ndarray]:
    """The pairs as arrays: tokens of both texts with offsets, and the first and last token of each sentence."""
    firsts = tokenizer.encode_batch([pair.first for pair in pairs], add_special_tokens=False)
    seconds = tokenizer.encode_batch([pair.second for pair in pairs], add_special_tokens=False)
    tokens: list[int] = []
    starts, bounds, sentences, sentence_starts, answers, answer_starts = [0], [], [], [0], [], [0]
    for pair, first, second in zip(pairs, firsts, seconds, strict=True):
        a, b = first.ids[-FIRST_TOKENS:], second.ids[:SECOND_TOKENS]
        tokens += a + b
        starts.append(len(tokens))
        bounds.append(len(a))
        ends = [offset[1] for offset in second.offsets[:SECOND_TOKENS]]
        for begin, end, label in pair.sentences:
            inside = [
                n for n, offset in enumerate(second.offsets[:SECOND_TOKENS]) if begin <= offset[0] and ends[n] <= end
            ]
            if inside:
                sentences.append((inside[0], inside[-1] + 1, round(label * 10)))
        sentence_starts.append(len(sentences))
        for begin, end in pair.answers:
            inside = [n for n, (a, b) in enumerate(second.offsets[:SECOND_TOKENS]) if a < end and b > begin]
            if inside and ends[inside[-1]] >= end:
                answers.append((inside[0], inside[-1]))
        answer_starts.append(len(answers))
    groups = sorted({pair.group for pair in pairs})
    return {
        "tokens": np.array(tokens, np.uint16),
        "starts": np.array(starts, np.int64),
        "bounds": np.array(bounds, np.uint16),
        "sentences": np.array(sentences, np.uint16).reshape(-1, 3),
        "sentence_starts": np.array(sentence_starts, np.int64),
        "answers": np.array(answers, np.uint16).reshape(-1, 2),
        "answer_starts": np.array(answer_starts, np.int64),
        "twin": np.array([pair.twin for pair in pairs], np.int32),
        "is_marked": np.array([pair.is_marked for pair in pairs]),
        "task": np.array([pair.task for pair in pairs], np.uint8),
        "label": np.array([pair.label for pair in pairs], np.float32),
        "weight": np.array([pair.weight for pair in pairs], np.float32),
        "held": np.array([pair.is_held for pair in pairs]),
        "group": np.array([groups.index(pair.group) for pair in pairs], np.int32),
        "groups": np.array(groups),
    }


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--public", type=int, default=14_000, help="public questions at most")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(Path(qa.models.__file__).parent / "bundled/reader/tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    chance = random.Random(SEED)
    idf = document_frequencies(" ".join(row["sentences"]) for row in rows(options.data / "reading/claims.jsonl.xz"))
    pairs = list(claims(options.data, Evidence(idf), chance))
    pairs += falsified(options.data, Evidence(idf), chance)
    pairs += [*searches(options.data), *written(options.data, chance), *elsewhere(options.data, chance)]
    pairs += [*public(options.data, chance, options.public)]
    pairs += [*renamed([pair for pair in pairs if pair.task == QUESTION], chance)]
    np.savez_compressed(options.out / "pairs.npz", **pack(pairs, tokenizer))
    for name, count in sorted(Counter((p.task, p.group.split("/")[0], p.is_held) for p in pairs).items()):
        print(*name, count)


if __name__ == "__main__":
    main()
