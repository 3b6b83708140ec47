"""The HTML report and the Markdown of runs: what they show, and that texts in them are never more than text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from eval_runs import make_record, make_run, make_set
from report_runs import EVAL_SET, EVIL, FERRY, LEAD, QUERIES, SOURCES, WHOLE, good, poor

from qa.errors import EvalError
from qa.evaluation.comparison import Comparisons, compare_runs
from qa.evaluation.reports.html import html_report
from qa.evaluation.reports.html.plots import UNIT, Axis, balanced, times
from qa.evaluation.reports.html.questions import parts_of
from qa.evaluation.reports.markdown import markdown_report
from qa.evaluation.reports.words import summary_lines
from qa.evaluation.runs import Run
from qa.evaluation.sets import Query


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return [good(), poor()]


@pytest.fixture(scope="module")
def comparisons(runs: list[Run]) -> Comparisons:
    return compare_runs(runs)


@pytest.fixture(scope="module")
def html(runs: list[Run], comparisons: Comparisons) -> str:
    return html_report(runs, comparisons)


class Page(HTMLParser):
    """The tags of a page with their attributes, which tags are not closed in order, and the text by element id."""

    EMPTY = frozenset(("meta", "input", "line", "path", "polyline", "br"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.wrong: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.wrong += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.EMPTY:
            return
        if not self._open or self._open.pop() != tag:
            self.wrong.append(tag)

    def all(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.tags if name == tag)


def text_of(html: str) -> str:
    """What a reader sees, roughly: without styles, scripts and tags."""
    seen = re.sub(r"<(style|script)\b.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", seen).split())


# --- the page --------------------------------------------------------------------------------------------------------


def test_every_tag_is_closed(html: str) -> None:
    assert Page(html).wrong == []


def test_texts_of_articles_questions_answers_and_names_are_never_tags(html: str) -> None:
    page = Page(html)

    assert len(list(page.all("script"))) == 1
    assert EVIL not in html
    assert html.count("&lt;script&gt;alert(") > 8
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_nothing_is_asked_of_a_network(html: str) -> None:
    page = Page(html)
    links = [a.get("href") or "" for a in page.all("a")]

    assert all(link.startswith("#") for link in links) and links
    assert not {"link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.tags}
    assert not [attributes for _, attributes in page.tags if attributes.keys() & {"src", "srcset", "action", "data"}]
    assert "url(" not in html and "@import" not in html


def test_only_the_scripts_own_hash_may_run(html: str) -> None:
    (policy,) = (meta["content"] or "" for meta in Page(html).all("meta") if "http-equiv" in meta)

    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", policy)


def test_links_within_the_page_lead_somewhere(html: str) -> None:
    page = Page(html)
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert {(a["href"] or "")[1:] for a in page.all("a")} <= set(ids)
    assert len(ids) == len(set(ids))


def test_both_schemes_narrow_screens_and_paper_have_styles(html: str) -> None:
    narrow = "@container report (max-width: 700px)"
    for query in ("(prefers-color-scheme: dark)", narrow, "@media print", "prefers-reduced-motion"):
        assert query in html


def test_equal_runs_give_equal_pages(runs: list[Run], comparisons: Comparisons, html: str) -> None:
    assert html_report(runs, comparisons) == html


# --- numbers ---------------------------------------------------------------------------------------------------------


def test_every_metric_that_applies_stands_there_with_interval_and_n(html: str) -> None:
    seen = text_of(html)

    assert "Answer correct" in seen and "Refused, rightly" in seen
    assert "good 1.000 0.158 to 1.000 2" in seen  # two of two
    assert "Without a question of this set that they apply to: " in seen and "Attribution right" in seen


def test_differences_say_in_words_what_they_are(html: str) -> None:
    seen = text_of(html)

    assert "too few questions to tell" in seen
    assert "nDCG@10 −.685 −1.000 to −.369 1 .884 0 · 0 · 2 too few questions to tell" in seen
    assert "no metric shows a difference" in seen


def test_what_is_more_than_chance_stands_first_and_in_colour() -> None:
    queries = [Query(f"q{n}", "Who opened it?", answers=("Ines Falk",), answerable=True) for n in range(20)]
    eval_set = make_set("harbour", queries, list(SOURCES), {query.id: {"bridge": 1} for query in queries})
    right = [make_record(q, SOURCES, sentence=LEAD, cites=("bridge", 0, len(LEAD)), found=[WHOLE]) for q in queries]
    runs = [
        make_run(eval_set, SOURCES, right, name="old"),
        make_run(eval_set, SOURCES, [make_record(q, SOURCES, found=[FERRY]) for q in queries], name="new"),
    ]

    page = html_report(runs, compare_runs(runs))

    head = text_of(page.partition("<nav")[0])
    assert "new is worse than old: Recall@1 by" in head and "Refused, wrongly (less is better) by" in head
    assert '<tr data-tone="worse">' in page and '<tr data-tone="better">' not in page
    assert '<small data-tone="worse">worse</small>' not in page  # all of one type: no slices


def test_a_run_that_finds_more_and_refuses_worse_is_not_called_better() -> None:
    answered = [Query(f"q{n}", "Who opened it?", answers=("Ines Falk",), answerable=True) for n in range(20)]
    unanswerable = [Query(f"u{n}", "Who painted it?", answerable=False) for n in range(12)]
    eval_set = make_set("harbour", [*answered, *unanswerable], list(SOURCES), {q.id: {"bridge": 1} for q in answered})
    said = {"sentence": LEAD, "cites": ("bridge", 0, len(LEAD)), "found": [WHOLE]}
    missed = [make_record(q, SOURCES, found=[FERRY]) for q in answered]
    found = [make_record(q, SOURCES, **said) for q in answered]
    refused = [make_record(q, SOURCES, found=[FERRY]) for q in unanswerable]

    def summary(wrongly_answered: int) -> tuple[str, str]:
        some = [make_record(q, SOURCES, **said) for q in unanswerable[:wrongly_answered]]
        runs = [
            make_run(eval_set, SOURCES, [*missed, *refused], name="old"),
            make_run(eval_set, SOURCES, [*found, *some, *refused[wrongly_answered:]], name="new"),
        ]
        ((line, tone),) = summary_lines(compare_runs(runs))
        return line, tone

    line, tone = summary(wrongly_answered=12)
    assert line.startswith("new is worse than old: Refused, rightly by") and " It is better: Recall@1 by" in line
    assert tone == "worse"
    line, tone = summary(wrongly_answered=2)
    assert line.startswith(
        "new may be worse than old: Refused, rightly 1.000 to 0.833, which chance can explain. It is"
    )
    assert tone == "same"
    assert summary(wrongly_answered=0)[1] == "better"


def test_slices_are_over_the_questions_of_a_kind(html: str) -> None:
    by_type = text_of(html.partition("By type")[2].partition("</table>")[0])

    assert by_type.startswith("2 parts type questions nDCG@10")
    assert "who 2 1.000 of 1 0.631 of 1" in by_type


def test_a_notice_of_a_run_is_shown(html: str) -> None:
    assert "A notice &lt;script&gt;" in html


def test_a_run_alone_has_no_differences() -> None:
    page = html_report([good()])

    assert 'id="differences"' not in page
    assert "Those that failed come first." in page
    assert Page(page).wrong == []


def test_a_run_that_only_finds_has_no_curve_of_refusals() -> None:
    found = [make_record(query, SOURCES, answer="", found=[WHOLE]) for query in QUERIES]

    assert 'id="refusing"' not in html_report([make_run(EVAL_SET, SOURCES, found)])


def test_confidence_is_drawn_against_truth_where_a_run_states_it() -> None:
    stated = [{**record, "confidence": 0.75} for record in good().records]
    page = html_report([make_run(EVAL_SET, SOURCES, stated)])

    assert 'aria-label="Confidence against truth"' in page and "expected calibration error" in page
    assert Page(page).wrong == []
    assert "Confidence against truth" not in html_report([good()])


def test_no_run_and_too_many_are_refused() -> None:
    with pytest.raises(EvalError, match="1 to 8 runs, not 0"):
        html_report([])
    with pytest.raises(EvalError, match="1 to 8 runs, not 9"):
        html_report([good()] * 9)


# --- questions -------------------------------------------------------------------------------------------------------


def question(html: str, id: str) -> str:
    """The details of one question."""
    (found,) = (part for part in html.split('<details class="question"')[1:] if f'class="id">{id}<' in part)
    return found.partition("<footer>")[0]


def test_the_question_that_lost_most_comes_first(html: str) -> None:
    assert re.findall(r'class="id">(q\d)<', html) == ["q2", "q3", "q1"]


def test_evidence_is_marked_where_it_stands_with_the_answer_within(html: str) -> None:
    first = question(html, "q1")

    assert '<mark class="evidence">Mayor </mark><mark class="evidence answer">Ines Falk</mark>' in first
    assert "holds evidence" in first
    assert "good: found at 1" in text_of(first) and "found at 2" in text_of(first)


def test_missed_evidence_is_told_in_words(html: str) -> None:
    second = question(html, "q2")

    assert "missed, in no passage found" in text_of(second)
    assert (
        '<p class="missed"><strong>Missed.</strong> No passage found holds <q>It cost 48 million crowns</q></p>'
        in second
    )
    assert second.count('class="missed"') == 1


def test_without_evidence_the_articles_are_what_is_sought() -> None:
    query = Query("q1", "What did it cost?", answers=("48 million crowns",), answerable=True)
    eval_set = make_set("harbour", [query], list(SOURCES), {"q1": {"bridge": 1}})
    records = {
        "found": make_record(query, SOURCES, sentence="48 million crowns.", cites=WHOLE, found=[FERRY, WHOLE]),
        "lost": make_record(query, SOURCES, found=[FERRY]),
    }

    seen = text_of(html_report([make_run(eval_set, SOURCES, [record], name=name) for name, record in records.items()]))

    assert "Articles that answer it Bridge opens" in seen
    assert "found: found at 2 lost: missed, in no passage found" in seen
    assert (
        "2 Bridge opens &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;, Tern Valley Herald, 2021-05-04 holds an answer"
        in seen
    )
    assert "Missed. No passage found is from Bridge opens" in seen


def test_what_an_answer_said_and_what_is_wrong_with_it(html: str) -> None:
    second, third = question(html, "q2"), question(html, "q3")

    assert "answered right" in second and "refused though the articles say" in second
    assert "Cites [1] Bridge opens" in text_of(second)
    assert "answered though the articles do not say" in third
    assert "Right is a refusal: the articles do not say" in text_of(third)


def test_questions_carry_what_the_filter_looks_at(html: str) -> None:
    statuses = {a["data-status"] for a in Page(html).all("details") if "data-status" in a}

    assert statuses == {"failed differs", "failed differs missed"}


def test_passages_far_from_any_mark_are_cut() -> None:
    text = "hay " * 300 + "needle" + " straw" * 300

    parts = parts_of(text, [], [(1200, 1206)])

    assert [part.kind for part in parts] == ["", "answer", ""]
    assert parts[0].text == " … " + "hay " * 54 and parts[2].text == " straw" * 36 + " … "


def test_a_word_without_end_is_no_context() -> None:
    text = "x" * 1000 + "needle" + "y" * 1000

    assert [part.text for part in parts_of(text, [(1000, 1006)], [])] == [" … ", "needle", " … "]


def test_parts_are_the_text_again_where_nothing_is_cut() -> None:
    text = "The mayor opened the bridge."

    parts = parts_of(text, [(0, 16), (4, 20)], [(4, 9)])

    assert "".join(part.text for part in parts) == text
    assert [part.kind for part in parts] == ["evidence", "evidence answer", "evidence", ""]


# --- plots -----------------------------------------------------------------------------------------------------------


def test_places_on_an_axis() -> None:
    assert UNIT.place(0.25) == 25
    assert (Axis(-1, 1).place(0), Axis(-1, 1).place(5), Axis(2, 2).place(2)) == (50, 100, 50)
    assert Axis(1, 1000, logarithmic=True).place(10) == pytest.approx(33.33)


@pytest.mark.parametrize(("furthest", "end"), [(0.0, "+0.04"), (0.05, "+0.1"), (0.3, "+0.4"), (1.0, "+1")])
def test_differences_have_zero_in_the_middle(furthest: float, end: str) -> None:
    axis, ticks = balanced([-furthest, furthest / 2])

    assert axis.place(0) == 50 and ticks[-1].label == end
    assert [tick.label for tick in ticks if tick.strong] == ["0"]


def test_times_span_powers_of_ten() -> None:
    _, ticks = times([0.3, 42.0])

    assert [tick.label for tick in ticks] == ["0.1", "1", "10", "100"]
    assert times([])[1][0].label == "1"


# --- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_of_two_runs_is_short_and_names_the_losses(runs: list[Run], comparisons: Comparisons) -> None:
    text = markdown_report(runs, comparisons)

    assert text.startswith("### harbour: 3 questions, 2 articles\n")
    assert "| metric | good | poor\\<script\\>" in text
    assert "| Answer correct | 1.000 | 0.000 (−1.000, p 1) |" in text
    assert len([line for line in text.splitlines() if line.startswith("|")]) <= 9
    losses = text.partition("biggest losses")[2].splitlines()
    assert [line[:4] for line in losses if line[:1].isdigit()] == ["1. `", "2. `", "3. `"]


def test_markdown_holds_no_tags_links_or_mentions_of_a_set() -> None:
    bad = Query("q`1", "Did @someone <b>write</b> [this](http://x) `code` | twice?", answers=("yes",), answerable=True)
    eval_set = make_set("a|b", [bad], list(SOURCES), {"q`1": {"bridge": 1}})
    better = make_run(
        eval_set, SOURCES, [make_record(bad, SOURCES, sentence="Yes.", cites=FERRY, found=[WHOLE])], name="x"
    )
    worse = make_run(eval_set, SOURCES, [make_record(bad, SOURCES, found=[FERRY])], name="y")

    text = markdown_report([better, worse], compare_runs([better, worse]))

    assert "### a\\|b: 1 questions" in text
    assert "1. `` q`1 `` `` Did @someone <b>write</b> [this](http://x) `code` | twice? ``:" in text


def test_markdown_of_one_run_has_intervals() -> None:
    text = markdown_report([good()])

    assert "| metric | value | 95% interval | n |" in text
    assert "| Answer correct | 1.000 | 0.158 to 1.000 | 2 |" in text
    assert "> good: A notice \\<script\\>" in text
