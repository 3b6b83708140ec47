"""An answer to be pasted elsewhere: its words, and links to where each of them stands."""

from __future__ import annotations

from markup import Tree

from qa.show.copying import answer_markdown, answer_rich_html
from qa.show.export import file_name
from qa.types import Answer, Article, Citation, Question, Sentence

BRIDGE = Article(
    id="a",
    title="Bridge [to] close",
    text="The bridge will *close* on 2 April. Ferries will run.",
    outlet="Coast Courier",
    url="https://news.example/bridge?a=1&b=(2)",
)
UNKNOWN = Article(id="b", title="Ferries", text="Ferries will run.", url="javascript:alert(1)")
ANSWER = Answer(
    Question("When?", "When?"),
    "The bridge will *close* on 2 April. [1] Ferries run. [2]",
    "extractive",
    sentences=(
        Sentence("The bridge will *close* on 2 April.", (1,), "verbatim"),
        Sentence("Ferries <run>.", (2,), "unsupported", prefix="\n\n"),
    ),
    citations=(Citation(1, BRIDGE, 0, 35), Citation(2, UNKNOWN, 0, 17)),
)
LINK = "https://news.example/bridge?a=1&b=(2)#:~:text=The%20bridge%20will%20%2Aclose%2A%20on%202%20April"


def test_markdown_links_each_citation_to_its_words() -> None:
    assert answer_markdown(ANSWER) == (
        f"The bridge will \\*close\\* on 2 April. [\\[1\\]](<{LINK}>)\n\n"
        "Ferries &lt;run&gt;. \\[2\\] *(Not in the source)*\n\n"
        f"[\\[1\\] Bridge \\[to\\] close](<{LINK}>), Coast Courier, undated\n\n"
        "> The bridge will \\*close\\* on 2 April.\n\n"
        "\\[2\\] Ferries, unknown outlet, undated\n\n"
        "> Ferries will run.\n"
    )


def test_rich_text_has_the_same_links_and_no_other() -> None:
    tree = Tree(answer_rich_html(ANSWER))
    assert [attributes["href"] for tag, attributes in tree.elements if tag == "a"] == [LINK, LINK]
    assert "Ferries <run>. [2] (Not in the source)" in tree.text


def test_an_export_is_named_by_its_title() -> None:
    assert file_name("Who opened the bridge over the Lune?", "md") == "Who-opened-the-bridge-over-the-Lune.md"
    assert file_name("../../etc/passwd", "json") == "etc-passwd.json"
    assert file_name("Кто открыл мост?", "html") == "Кто-открыл-мост.html"
    assert file_name("?!", "md") == "conversation.md"
    assert len(file_name("bridge " * 50, "md")) <= 73 and len(file_name("x" * 500, "md")) == 73
