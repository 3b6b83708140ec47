import datetime as dt
from dataclasses import replace

import pytest

from qa.store import Thumb
from qa.types import Answer, Article, Citation, Draft, Filters, Hit, Passage, Question, Sentence, TimeWindow
from qa.ui.asking import Snapshot
from qa.ui.turns import TurnPlace, run_html

HOSTILE = '"><img src=x onerror=alert(1)>'
DAY = dt.date(2024, 5, 3)
ARTICLE = Article("a", HOSTILE, f"It rained. {HOSTILE}", outlet=HOSTILE)
HIT = Hit(Passage(ARTICLE, 0, 10), 0.5)
ANSWER = Answer(
    Question(HOSTILE, f"standalone {HOSTILE}", Filters(outlets=(HOSTILE,)), DAY, TimeWindow(DAY, DAY, words=HOSTILE)),
    f"It rained. {HOSTILE}",
    mode=HOSTILE,
    notice=HOSTILE,
    citations=(Citation(1, ARTICLE, 0, 10),),
    timings_ms={"total": 1234.0},
)

SENTENCE = Sentence(HOSTILE, (1,), "unsupported", (HOSTILE,))


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Snapshot("done", answer=ANSWER), "· 1.2 s"),
        (Snapshot("failed", Draft(HOSTILE, (HIT,)), error=HOSTILE), 'class="failure"'),
        (Snapshot("stopped", Draft(HOSTILE, (HIT,))), "Stopped. What stands here was not checked."),
        (Snapshot("stopped", Draft(HOSTILE, (HIT,), sentences=(SENTENCE,))), "What has no verdict was not checked."),
        (
            Snapshot("stopped", Draft("", (HIT,), first=ANSWER)),
            "Stopped. This is the answer in the articles’ own words.",
        ),
        (Snapshot("running", Draft(HOSTILE, (HIT,))), 'data-heading="Found so far"'),
        (Snapshot("running", Draft("", (HIT,))), "Reading 1 passage …"),
        (Snapshot("running"), "Searching 5,110 articles …"),
    ],
)
def test_in_every_state_what_comes_from_outside_is_text(seen: Snapshot, words: str) -> None:
    place = TurnPlace(1, HOSTILE, HOSTILE, 1, Thumb(False, HOSTILE), HOSTILE)
    html = run_html(place, seen, 5_110)
    assert "<img" not in html and words in html
    assert ("Ask again" in html) == (seen.state != "running")


def test_the_thumb_that_was_given_is_pressed_and_reasons_are_asked_for_a_bad_answer() -> None:
    done = Snapshot("done", answer=ANSWER)
    bad = run_html(TurnPlace(1, "Q", "c", 1, Thumb(False, "out of date")), done, 3)
    assert bad.count('aria-pressed="true"') == 2 and 'aria-label="What is wrong with it?">' in bad
    good = run_html(TurnPlace(1, "Q", "c", 1, Thumb(True)), done, 3)
    assert good.count('aria-pressed="true"') == 1 and 'aria-label="What is wrong with it?" hidden>' in good
    assert "Good answer" not in run_html(TurnPlace(1, "Q"), done, 3)


def test_closest_passages_have_a_heading_where_there_are_some() -> None:
    refusal = replace(ANSWER, text="", sentences=(), abstained=True)
    place = TurnPlace(1, "Q")
    assert 'data-heading="Closest passages"' in run_html(place, Snapshot("done", answer=refusal), 3)
    bare = replace(refusal, citations=())
    assert "data-heading" not in run_html(place, Snapshot("done", answer=bare), 3)
