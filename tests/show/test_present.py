"""An Answer as JSON, as text to paste, and as HTML in which nothing from outside is more than text."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markup import Tree
from rich.console import Console

from qa.cli.terminal import print_answer
from qa.show.copying import answer_rich_html
from qa.show.document import answer_json, document_of, read_answer, stored_json, whole_article_json
from qa.show.document import answer_of as answer_of_document
from qa.show.export import make_export, write_export
from qa.show.html import (
    answer_html,
    article_html,
    draft_html,
    found_cards_html,
    source_card_html,
    source_cards_html,
)
from qa.show.html.cards import context_of
from qa.show.html.words import legend_html
from qa.show.wording import (
    VERDICT_MEANINGS,
    VERDICT_SIGNS,
    VERDICT_WORDS,
    answer_text,
    byline,
    citation_text,
    day,
    filters_text,
    note_text,
    page_of,
    web_address,
)
from qa.types import (
    Answer,
    Article,
    Citation,
    Claim,
    DatePrecision,
    Draft,
    Dropped,
    Filters,
    Hit,
    Note,
    Passage,
    Question,
    Sentence,
)

ARTICLE = Article(
    id="a1",
    title="Bridge to close",
    text=(
        "The council met on Monday. It was a long meeting. The bridge will close on 2 April. Repairs cost 18 million. "
        "Ferries will run.\n\nCyclists may cross on Sundays. Nobody else may."
    ),
    outlet="Coast Courier",
    date=dt.date(2024, 3, 12),
    date_source="dateline",
    authors=("Mara Lind", "Jo Falk"),
    url="https://news.example/bridge?a=1&b=2",
    path="bridge.md",
)
UNDATED = Article(id="a2", title="Ferries", text="Ferries will run.")


def quoting(article: Article, words: str, n: int = 1) -> Citation:
    start = article.text.index(words)
    return Citation(n, article, start, start + len(words))


CLOSE = quoting(ARTICLE, "The bridge will close on 2 April.")
COST = quoting(ARTICLE, "Repairs cost 18 million.", n=2)


def answer_of(*sentences: Sentence, citations: tuple[Citation, ...] = (CLOSE, COST), **fields: object) -> Answer:
    text = "".join(s.prefix + s.text + "".join(f" [{n}]" for n in s.citations) for s in sentences)
    return Answer(
        Question("When?", "When?"),
        text,
        "extractive",
        sentences=sentences,
        citations=citations,
        **fields,  # type: ignore[arg-type]
    )


# --- JSON and text ---------------------------------------------------------------------------------------------------


def test_the_json_document_has_the_shape_of_the_contract() -> None:
    answer = replace(
        answer_of(Sentence("The bridge will close on 2 April.", (1,), "verbatim"), citations=(CLOSE,)),
        question=Question("When?", "When will it close?", Filters(dt.date(2024, 1, 1), None, ("Coast Courier",))),
        hits=(Hit(Passage(ARTICLE, 0, 26), 0.1234567),),
        timings_ms={"total": 1.2345},
    )
    assert answer_json(answer) == {
        "question": "When?",
        "standalone_question": "When will it close?",
        "answer": "The bridge will close on 2 April. [1]",
        "abstained": False,
        "mode": "extractive",
        "notice": None,
        "respelled": [],
        "confidence": None,
        "sentences": [
            {
                "text": "The bridge will close on 2 April.",
                "citations": [1],
                "verdict": "verbatim",
                "reasons": [],
                "support": None,
            }
        ],
        "citations": [
            {
                "n": 1,
                "article_id": "a1",
                "title": "Bridge to close",
                "outlet": "Coast Courier",
                "date": "2024-03-12",
                "date_source": "dateline",
                "url": "https://news.example/bridge?a=1&b=2",
                "path": "bridge.md",
                "start": 50,
                "end": 83,
                "quote": "The bridge will close on 2 April.",
            }
        ],
        "passages": [
            {
                "rank": 1,
                "article_id": "a1",
                "start": 0,
                "end": 26,
                "score": 0.123457,
                "text": "The council met on Monday.",
            }
        ],
        "filters": {"from": "2024-01-01", "to": None, "outlets": ["Coast Courier"], "collection": None},
        "timings_ms": {"total": 1.23},
        "rejected": [],
        "replaced": None,
        "usage": None,
    }


WRITTEN = replace(
    answer_of(Sentence("It closes on 2 April.", (1,), "supported"), citations=(CLOSE,)),
    mode="openai:tiny",
    rejected=(Sentence("The <b>king</b> wept.", (), "unsupported", ("the cited passage says little of this",)),),
    replaced=answer_of(Sentence(COST.quote, (1,), "verbatim"), citations=(replace(COST, n=1),)),
)


def test_what_was_replaced_and_rejected_is_in_the_json_and_kept() -> None:
    document = answer_json(WRITTEN)
    assert [sentence["text"] for sentence in document["rejected"]] == ["The <b>king</b> wept."]
    assert "prefix" not in document["rejected"][0] and document["rejected"][0]["citations"] == []
    replaced = document["replaced"]
    assert (replaced["mode"], replaced["answer"]) == ("extractive", f"{COST.quote} [1]")
    assert replaced["citations"][0]["quote"] == COST.quote and "link" not in replaced["citations"][0]
    again = answer_of_document(read_answer(stored_json(document_of(WRITTEN))))
    assert again.rejected == WRITTEN.rejected and again.replaced and again.replaced.text == replaced["answer"]
    assert again.replaced.citations[0].quote == COST.quote


def test_what_was_replaced_and_rejected_is_folded_away() -> None:
    html = answer_html(WRITTEN)
    rejected, replaced = re.findall(r"<details.*?</details>", html, re.DOTALL)
    assert "1 sentence that the sources do not bear out" in rejected and "&lt;b&gt;king&lt;/b&gt;" in rejected
    assert "Not in the source" in rejected and "says little of this" in rejected
    assert "In the articles&#39; own words" in replaced and COST.quote in replaced and "Coast Courier" in replaced
    assert "<details" not in answer_html(replace(WRITTEN, rejected=(), replaced=None))


def test_a_byline_says_what_is_not_known() -> None:
    assert byline(ARTICLE) == "Coast Courier, 12 Mar 2024"
    assert byline(UNDATED) == "unknown outlet, undated"


def test_filters_are_said_in_words() -> None:
    day = dt.date(2024, 1, 1)
    assert filters_text(Filters()) == ""
    assert filters_text(Filters(day)) == "from 1 Jan 2024"
    assert filters_text(Filters(articles=("a",))) == "1 chosen article"
    assert filters_text(Filters(day, articles=("a", "b"), stories=("c",), any_time=True)) == (
        "2 chosen articles and 1 chosen story, from 1 Jan 2024, whatever time the question names"
    )
    assert filters_text(Filters(day, day, ("BelTA", "Tass"))) == "BelTA or Tass, from 1 Jan 2024 until 1 Jan 2024"


def test_a_citation_to_paste_has_quote_title_outlet_date_and_address() -> None:
    assert citation_text(CLOSE) == (
        '"The bridge will close on 2 April." - "Bridge to close", Coast Courier, 12 Mar 2024, '
        "https://news.example/bridge?a=1&b=2"
    )
    assert citation_text(quoting(UNDATED, "Ferries will run.")) == '"Ferries will run." - "Ferries", undated'


def test_an_answer_to_paste_lists_its_sources_and_its_doubts() -> None:
    answer = answer_of(
        Sentence("The bridge will close on 2 April.", (1,), "verbatim"),
        Sentence("Repairs cost 20 million.", (2,), "unsupported", ('"20 million" is not in the source',), " "),
    )
    lines = answer_text(answer).splitlines()
    assert lines[0] == "The bridge will close on 2 April. [1] Repairs cost 20 million. [2]"
    assert lines[2] == 'Not in the source: "Repairs cost 20 million."'
    assert lines[4].startswith('[1] "The bridge will close on 2 April." - "Bridge to close"')
    assert lines[5].startswith('[2] "Repairs cost 18 million."')


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://news.example/a", "https://news.example/a"),
        (" HTTP://news.example ", "HTTP://news.example"),
        ("javascript:alert(1)", None),
        (" JavaScript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("data:text/html,<script>", None),
        ("//news.example", None),
        ("file:///etc/passwd", None),
        ("", None),
        (None, None),
    ],
)
def test_only_web_addresses_are_followed(url: str | None, address: str | None) -> None:
    assert web_address(replace(ARTICLE, url=url)) == address
    links = Tree(article_html(replace(ARTICLE, url=url), 0, 0)).all("a")
    assert [link["href"] for link in links] == ([address] if address else [])
    links = Tree(
        source_cards_html(answer_of(citations=(quoting(replace(ARTICLE, url=url), "Ferries will run."),)))
    ).all("a")
    assert [link["href"] for link in links] == ([f"{address}#:~:text=Ferries%20will%20run"] if address else [])


# --- the answer as HTML ----------------------------------------------------------------------------------------------


def test_each_sentence_is_followed_by_its_chips() -> None:
    tree = Tree(answer_html(answer_of(Sentence("Both.", (1, 2), "supported"))))
    assert [chip["data-cite"] for chip in tree.all("chip")] == ["1", "2"]
    assert [chip["data-verdict"] for chip in tree.all("chip")] == ["supported", "supported"]
    assert tree.all("chip")[0]["aria-label"] == "Source 1. Supported. Coast Courier, 12 Mar 2024"
    assert tree.all("flag") == []


@pytest.mark.parametrize(
    ("verdict", "reasons", "words", "why"),
    [
        ("unsupported", ("'20 million' is not there", "the name Berg is not there"), "Not in the source",
         "'20 million' is not there. The name Berg is not there."),
        ("unverified", (), "Not verified", "The check could not tell whether the source says this. Read the passage."),
    ],
)  # fmt: skip
def test_a_sentence_in_doubt_is_flagged_with_the_reasons(verdict, reasons, words, why) -> None:
    tree = Tree(answer_html(answer_of(Sentence("Repairs cost 20 million.", (2,), verdict, reasons))))
    assert words in tree.text
    assert [flag["data-tip"] for flag in tree.all("flag")] == [why]
    assert [sentence["data-verdict"] for sentence in tree.all("sentence")] == [verdict]


def test_a_sentence_without_a_source_has_a_flag_and_no_chip() -> None:
    tree = Tree(answer_html(answer_of(Sentence("So it is.", (), "unsupported", ("no source is given",)))))
    assert tree.all("chip") == []
    assert len(tree.all("flag")) == 1
    assert "No source" in tree.text
    assert "Not in the source" not in tree.text


def test_paragraphs_and_lists_are_kept() -> None:
    html = answer_html(
        answer_of(
            Sentence("First.", (1,), "verbatim"),
            Sentence("Second.", (1,), "verbatim", (), " "),
            Sentence("Item one.", (1,), "verbatim", (), "\n\n- "),
            Sentence("Item two.", (1,), "verbatim", (), "\n- "),
            Sentence("Still item two.", (1,), "verbatim", (), " "),
            Sentence("Step.", (1,), "verbatim", (), "\n1. "),
            Sentence("After.", (1,), "verbatim", (), "\n\n"),
        )
    )
    tree = Tree(html)
    assert [tag for tag, _ in tree.elements if tag in ("p", "ul", "ol", "li")] == [
        "p",
        "ul",
        "li",
        "li",
        "ol",
        "li",
        "p",
    ]


def test_a_refusal_offers_what_was_closest_without_a_verdict() -> None:
    answer = Answer(Question("Why?", "Why?"), "The articles do not say.", "extractive", True, citations=(CLOSE, COST))
    tree = Tree(answer_html(answer))
    assert "The articles do not say." in tree.text
    assert [(chip["data-cite"], chip["data-verdict"]) for chip in tree.all("chip")] == [("1", "none"), ("2", "none")]
    assert "closest" not in answer_html(replace(answer, citations=()))


def test_a_draft_shows_its_markers_as_chips_that_lead_nowhere() -> None:
    tree = Tree(draft_html(Draft("It closes [1] in [12] April.\n\nNext [x] <b>")))
    assert len(tree.all("chip")) == 2
    assert tree.all("button") == []
    assert len(tree.all("p")) == 2
    assert "Next [x] <b>" in tree.text


def test_a_draft_shows_the_verdicts_of_its_finished_sentences_and_then_the_one_that_grows() -> None:
    finished = (
        Sentence("The bridge closes.", (1,), "supported"),
        Sentence("It costs <b>9</b>.", (2,), "unsupported", ("no",), " "),
    )
    claims = (Claim("The bridge closes."), Claim("It costs <b>9</b>.", prefix=" "), Claim("It is ol", prefix="\n\n"))
    tree = Tree(draft_html(Draft("unused", claims=claims, sentences=finished)))
    assert [(chip["data-verdict"]) for chip in tree.all("chip")] == ["supported", "unsupported"]
    assert [flag["data-verdict"] for flag in tree.all("flag")] == ["unsupported"]
    assert tree.all("button") == [] and len(tree.all("p")) == 2
    assert "It costs <b>9</b>." in tree.text and tree.text.rstrip().endswith("It is ol") and "unused" not in tree.text


# --- sources as HTML -------------------------------------------------------------------------------------------------


def test_a_card_shows_the_quotation_marked_in_its_surroundings() -> None:
    tree = Tree(source_card_html(CLOSE, (Sentence("The bridge will close on 2 April.", (1,), "verbatim"),)))
    assert tree.marked == "The bridge will close on 2 April."
    assert "Coast Courier · 12 Mar 2024 (from its dateline)" in tree.text
    assert "Verbatim Word for word in the source." in tree.text
    # Two sentences before and two after, the rest left out.
    assert "The council met on Monday. It was a long meeting. The bridge" in tree.text
    assert "Repairs cost 18 million. Ferries will run. …" in tree.text
    assert "Cyclists" not in tree.text
    (opener,) = [button for button in tree.all("button") if button.get("data-action") == "open"]
    assert (opener["data-article"], opener["data-start"], opener["data-end"]) == ("a1", "50", "83")


def test_a_card_begins_at_the_beginning_of_the_article_without_dots() -> None:
    tree = Tree(source_card_html(quoting(ARTICLE, "The council met")))
    assert tree.marked == "The council met"
    assert "… The council" not in tree.text


def test_a_quotation_that_begins_inside_a_sentence_is_shown_in_its_sentence() -> None:
    tree = Tree(source_card_html(quoting(ARTICLE, "close on 2")))
    assert tree.marked == "close on 2"
    assert "It was a long meeting. The bridge will close on 2 April." in tree.text


def test_sentences_that_disagree_about_a_source_are_named() -> None:
    good = Sentence("The bridge will close on 2 April.", (1,), "verbatim")
    bad = Sentence("It closes on 3 May.", (1,), "unsupported", ("3 May is not in the source",))
    assert "“" not in Tree(source_card_html(CLOSE, (good,))).text
    tree = Tree(source_card_html(CLOSE, (good, bad)))
    assert len(tree.all("verdict")) == 2
    assert "Not in the source “It closes on 3 May.” 3 May is not in the source." in tree.text


def test_a_good_verdict_says_what_it_means_before_how_it_came_about() -> None:
    moved = Sentence(
        "The bridge will close on 2 April.", (1,), "verbatim", ("citation moved to the passage that says it",)
    )
    assert "Word for word in the source. Citation moved to" in Tree(source_card_html(CLOSE, (moved,))).text


def test_an_undated_article_says_so_once() -> None:
    tree = Tree(source_card_html(quoting(UNDATED, "Ferries")))
    assert "Unknown outlet · undated" in tree.text
    assert tree.all("how") == []


def test_passages_that_were_found_have_no_number() -> None:
    tree = Tree(found_cards_html([Hit(Passage(ARTICLE, 0, 26), 1.0)]))
    assert tree.marked == "The council met on Monday."
    assert tree.all("card-number") == []


def test_the_article_is_whole_and_marked_across_paragraphs() -> None:
    start = ARTICLE.text.index("Ferries")
    end = ARTICLE.text.index(" may cross")
    tree = Tree(article_html(ARTICLE, start, end))
    assert tree.marked == "Ferries will run.Cyclists"
    assert "The council met on Monday." in tree.text
    assert "Nobody else may." in tree.text
    assert "Mara Lind, Jo Falk" in tree.text


@pytest.mark.parametrize(("start", "end"), [(0, 0), (5, 5), (40, 10), (-5, 3), (10_000, 20_000), (0, 10_000)])
def test_odd_offsets_lose_no_text(start: int, end: int) -> None:
    assert "".join(ARTICLE.text.split()) in "".join(Tree(article_html(ARTICLE, start, end)).text.split())


def test_every_place_that_is_cited_is_marked_with_its_number() -> None:
    start, end = CLOSE.start, CLOSE.end
    inside = ARTICLE.text.index("2 April")
    cited = [(1, start, end), (3, COST.start, COST.end), (4, inside, inside + 7), (5, 9, 9)]
    tree = Tree(article_html(ARTICLE, start, end, cited=cited))
    assert [(mark.get("data-n"), "aria-current" in mark) for mark in tree.all("mark")] == [
        ("1", True),
        ("4", True),
        (None, True),
        ("3", False),
    ]
    assert tree.marked == "The bridge will close on 2 April.Repairs cost 18 million."


def test_a_passage_that_no_citation_names_is_marked_in_another_way() -> None:
    tree = Tree(article_html(ARTICLE, 0, 26, cited=[(1, CLOSE.start, CLOSE.end)]))
    assert [mark.get("class") for mark in tree.all("mark")] == ["found", None]
    assert [mark.get("aria-current") for mark in tree.all("mark")] == ["true", None]


LONG = replace(ARTICLE, text=" ".join(f"word{n}" for n in range(300_000)))


@pytest.mark.parametrize("at", [0, 700_000, len(LONG.text) - 12])
def test_of_a_long_article_a_window_is_shown_first_and_all_of_it_on_demand(at: int) -> None:
    start = LONG.text.rindex("word", 0, at + 10)
    end = start + 8
    tree = Tree(html := article_html(LONG, start, end, whole=False))
    assert len(html) < 60_000
    assert tree.marked == LONG.text[start:end]
    more = [button for button in tree.all("button") if button["data-action"] == "article-whole"]
    assert len(more) == (start > 20_000) + (end < len(LONG.text) - 20_000)
    assert len(article_html(LONG, start, end)) > len(LONG.text)


def test_a_short_article_is_whole_at_once() -> None:
    assert article_html(ARTICLE, 0, 5, whole=False) == article_html(ARTICLE, 0, 5)


def test_the_words_that_the_check_missed_are_marked_in_the_answer_and_on_the_card() -> None:
    bad = Sentence("It closes on <3> May.", (1,), "unsupported", ("3 May is not there",), missed=((13, 20),))
    for html in (answer_html(answer_of(bad)), source_card_html(CLOSE, (bad,))):
        assert '<span class="missed">&lt;3&gt; May</span>' in html
        assert "It closes on <3> May." in Tree(html).text
    assert not Tree(source_card_html(CLOSE, (replace(bad, missed=()),))).all("claimed")


def test_a_card_says_what_the_article_corrected() -> None:
    tree = Tree(source_card_html(quoting(VERSION, "Nobody else may.")))
    assert "Correction An earlier version <i>said</i> 20 million." in tree.text


def test_an_article_is_one_card_with_its_passages_inside() -> None:
    ferries = Citation(3, UNDATED, 0, 17)
    cards = Tree(source_cards_html(answer_of(citations=(CLOSE, ferries, replace(COST, n=4)))))
    titles = [attributes["aria-label"] for tag, attributes in cards.elements if tag == "article"]
    assert titles == ["Bridge to close", "Ferries"]
    numbers = [attributes.get("data-card") for tag, attributes in cards.elements if tag == "section"]
    assert numbers == ["1", "4", "3"]
    assert cards.text.count("Coast Courier") == 1


def test_the_marks_are_the_same_in_the_window_the_terminal_and_the_exports() -> None:
    said = [
        Sentence(CLOSE.quote, (1,), "verbatim"),
        Sentence("It will close on 2 April.", (2,), "supported"),
        Sentence("It may close.", (3,), "unverified", ("the source is vague",)),
        Sentence("It closed on 3 April.", (4,), "unsupported", ("3 April is not there",)),
    ]
    answer = answer_of(*said, citations=tuple(replace(CLOSE, n=n) for n in (1, 2, 3, 4)))
    exported = make_export("Bridge", (document_of(answer),))
    legend = legend_html()
    drawn, *others = (
        set(re.findall(r'data-verdict="(\w+)"(?:(?!data-verdict).)*?<path d="([^"]+)"', html, re.DOTALL))
        for html in (legend, answer_html(answer), source_cards_html(answer), write_export(exported, "html"))
    )
    assert len(dict(drawn)) == len(drawn) == 4 and others == [drawn] * 3
    with (console := Console(width=120)).capture() as captured:
        print_answer(console, answer)
    markdown = write_export(exported, "md")
    for verdict, words in VERDICT_WORDS.items():
        assert f"{words}</strong> {VERDICT_MEANINGS[verdict]}" in legend
        for text in (captured.get(), markdown):
            assert f"{VERDICT_SIGNS[verdict]} {words}" in text


def test_the_words_behind_a_number_are_what_stands_round_the_quotation() -> None:
    assert context_of(CLOSE) == (
        "The council met on Monday. It was a long meeting. “The bridge will close on 2 April.” "
        "Repairs cost 18 million. Ferries will run."
    )
    long = Article(id="a3", title="t", text=f"{'aaa ' * 70}end. Here. {'bbb ' * 70}")
    said = context_of(quoting(long, "Here."))
    assert "“Here.”" in said and len(said) < 400


def test_an_article_does_not_repeat_its_title_and_names_no_folder_of_the_server() -> None:
    article = replace(ARTICLE, text=f"Bridge to  CLOSE\n\n{ARTICLE.text}", path="/srv/desk/bridge.md", url=None)
    seen = Tree(article_html(article, 0, 0)).text
    assert seen.casefold().count("bridge to close") == 1 and "The council met on Monday." in seen
    assert "bridge.md" in seen and "/srv" not in seen
    assert "C:" not in article_html(replace(article, path="C:\\desk\\bridge.md"), 0, 0)
    assert Tree(article_html(article, 0, 16)).text.casefold().count("bridge to close") == 1  # it is what was cited
    alone = replace(article, text=article.title)
    assert Tree(article_html(alone, 0, 0)).text.count("Bridge to close") == 2  # there is nothing else to show


# --- nothing from outside is more than text --------------------------------------------------------------------------

ALLOWED = {
    "article", "blockquote", "button", "div", "em", "footer", "h2", "h3", "header", "li", "mark", "ol", "p", "path",
    "q", "section", "span", "strong", "svg", "ul",
}  # fmt: skip
hostile = st.text(max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "</blockquote></article><iframe>",
        "![x](http://elsewhere.example/x.png)",
        "&lt;b&gt; &amp; \x00 \u202e",
        "- [1] **bold** [2](javascript:x)",
    ]
)


@example("t", "text", "https://", "r")
@given(hostile, hostile, hostile, hostile)
def test_whatever_stands_in_an_article_or_an_answer_stays_text(title: str, text: str, said: str, reason: str) -> None:
    article = Article(id=title, title=title, text=f"{text} {said}", outlet=text, url=said, path=reason, authors=(said,))
    citation = Citation(1, article, 0, len(article.text))
    sentences = (Sentence(said, (1,), "unsupported", (reason,), "\n- "), Sentence(text, (1,), "verbatim", (), said))
    answer = answer_of(*sentences, citations=(citation,))
    for html in (
        answer_html(answer),
        answer_html(replace(answer, abstained=True, sentences=())),
        source_cards_html(answer),
        found_cards_html([Hit(Passage(article, 0, 1), 1.0)]),
        article_html(replace(article, url=None), 0, 3),
        draft_html(Draft(said)),
        answer_rich_html(answer),
    ):
        tree = Tree(html)
        # A text may happen to be an address; then the card links to it, and to nothing else.
        assert {tag for tag, _ in tree.elements} <= ALLOWED | {"a"}
        assert all((a["href"] or "").startswith(("http://", "https://")) for tag, a in tree.elements if tag == "a")
        assert not [name for _, attributes in tree.elements for name in attributes if name.startswith("on")]


# --- what is known of an article -------------------------------------------------------------------------------------

VERSION = replace(
    ARTICLE,
    also_in=("Fjord Post", "<b>Echo</b>"),
    notes=(Note("correction", "An earlier version <i>said</i> 20 million."),),
    pages=(0, ARTICLE.text.index("Cyclists")),
    first_published=dt.date(2024, 3, 11),
    place="Port Ellery",
)


@pytest.mark.parametrize(("precision", "said"), [("day", "12 Mar 2024"), ("month", "Mar 2024"), ("year", "2024")])
def test_a_date_is_shown_as_exactly_as_it_is_known(precision: DatePrecision, said: str) -> None:
    assert day(replace(ARTICLE, date_precision=precision)) == said


def test_a_page_is_told_by_its_number() -> None:
    last = VERSION.text.index("Nobody")
    assert [page_of(VERSION, offset) for offset in (0, last)] == [1, 2]
    assert page_of(ARTICLE, last) is None
    assert "page 2" in Tree(source_card_html(quoting(VERSION, "Nobody else may."))).text
    assert "page" not in Tree(source_card_html(quoting(ARTICLE, "Nobody else may."))).text


def test_a_source_says_who_else_published_it() -> None:
    tree = Tree(source_card_html(quoting(VERSION, "Nobody else may.")))
    assert "Also in Fjord Post, <b>Echo</b>" in tree.text and not tree.all("b")
    assert "Also in" not in Tree(source_card_html(quoting(ARTICLE, "Nobody else may."))).text


@pytest.mark.parametrize(
    ("note", "shown"),
    [
        (Note("correction", "Correction: The bridge is 300 metres long."), "The bridge is 300 metres long."),
        (Note("correction", "CORRECTION - An earlier version said 20."), "An earlier version said 20."),
        (Note("correction", "Correction, 2 March 2023: It is 300 metres."), "2 March 2023: It is 300 metres."),
        (Note("correction", "Editor’s note: Corrections (May 3): It is 300 metres."), "(May 3): It is 300 metres."),
        (Note("correction", "Corrections officers were meant."), "Corrections officers were meant."),
        (Note("update", "Updated: The ferry has sailed."), "The ferry has sailed."),
        (Note("editor", "Editor's note: Names were changed."), "Names were changed."),
        (Note("editor", "Note:"), "Note:"),
    ],
)
def test_a_note_does_not_repeat_the_word_before_it(note: Note, shown: str) -> None:
    assert note_text(note) == shown


def test_an_article_shows_its_notes_and_what_was_taken_out() -> None:
    dropped = [Dropped("Share <script>this</script>", "share line"), Dropped("Popular", "navigation")]
    tree = Tree(article_html(VERSION, 0, 5, dropped))
    assert "Correction An earlier version <i>said</i> 20 million." in tree.text
    assert "first published 11 Mar 2024" in tree.text and "Port Ellery" in tree.text
    assert "2 lines taken out by cleaning" in tree.text and "Popular (navigation)" in tree.text
    assert not tree.all("script") and not tree.all("i")
    assert "taken out" not in Tree(article_html(ARTICLE, 0, 5)).text


def test_the_day_of_a_later_change_stands_beside_that_of_publication() -> None:
    article = replace(ARTICLE, date=dt.date(2024, 5, 3), date_source="json-ld", updated=dt.date(2024, 5, 9))
    said = "published 3 May 2024, updated 9 May 2024"
    assert byline(article) == f"{article.outlet}, {said}"
    assert said in citation_text(Citation(1, article, 0, 5))
    tree = Tree(article_html(article, 0, 5))
    assert "published 3 May 2024 (from the page's data), updated 9 May 2024" in tree.text
    assert json.loads(json.dumps(whole_article_json(article, [])))["updated"] == "2024-05-09"


def test_an_article_as_json_holds_all_that_is_known_of_it() -> None:
    document = json.loads(json.dumps(whole_article_json(VERSION, [Dropped("Popular", "navigation")])))
    assert document["date"] == "2024-03-12" and document["first_published"] == "2024-03-11"
    assert document["notes"] == [{"kind": "correction", "text": "An earlier version <i>said</i> 20 million."}]
    assert document["dropped"] == [{"text": "Popular", "reason": "navigation"}]
    assert document["text"] == VERSION.text and document["also_in"] == ["Fjord Post", "<b>Echo</b>"]
