"""Names as a reader would list them: what is cut off from them, and what is not."""

from __future__ import annotations

import pytest

from qa.language.whole_names import whole_names


@pytest.mark.parametrize(
    ("sentence", "names"),
    [
        # Whole, where a word is ordinary or a small one stands within.
        ("He flew from New York to the Bank of England.", ["New York", "Bank of England"]),
        (
            "It fell in the Gulf of Mexico, said the National Weather Service.",
            ["Gulf of Mexico", "National Weather Service"],
        ),
        ("He sued the Securities and Exchange Commission.", ["Securities and Exchange Commission"]),
        ("They left for Sharm el-Sheikh and Mar-a-Lago.", ["Sharm el-Sheikh", "Mar-a-Lago"]),
        ("They overturned Roe v. Wade and met at St. Peter's Basilica.", ["Roe v. Wade", "St. Peter's Basilica"]),
        ("Fans of Aaron Judge saw the Women's World Cup.", ["Fans", "Aaron Judge", "Women's World Cup"]),
        # Without what somebody is.
        ("They met the special envoy for Climate John Kerry.", ["John Kerry"]),
        ("They met Secretary of State Condoleezza Rice.", ["Condoleezza Rice"]),
        ("They met Minister of Foreign Affairs Ines Falk.", ["Ines Falk"]),
        ("It was signed by Maryland Democrat Wes Moore.", ["Maryland", "Wes Moore"]),
        ("It was signed by Yankees GM Brian Cashman.", ["Yankees", "Brian Cashman"]),
        ("He called House Minority Leader Kevin McCarthy.", ["Kevin McCarthy"]),
        ("He called the Republican National Committee.", ["Republican National Committee"]),
        ("She was seen with King Charles III and Prince Harry.", ["King Charles III", "Prince Harry"]),
        ("Mark Kelly of Arizona spoke for the director of NASA.", ["Mark Kelly", "Arizona", "NASA"]),
        # Without whose it is.
        ("It is Twitter's San Francisco office.", ["Twitter", "San Francisco"]),
        # Nothing that says nothing by itself.
        ("It begins at 9 a.m. ET in the Court, said D-Memphis.", []),
        ("The low-Earth orbit of the July-branded probe isn't it, I'm told.", []),
        # A headline within the text.
        ("Things You Need to Know Today: Replay More Must-Watch Videos", []),
    ],
)
def test_a_name_is_whole_and_nothing_but_the_name(sentence: str, names: list[str]) -> None:
    assert [name.text for name in whole_names(sentence)] == names


def test_a_name_that_opens_a_sentence_says_so() -> None:
    assert [(name.text, name.is_first) for name in whole_names("Divers of Vik met Ines Falk. ")] == [
        ("Divers", True),
        ("Vik", False),
        ("Ines Falk", False),
    ]
    assert whole_names("However, officials were there.") == []
