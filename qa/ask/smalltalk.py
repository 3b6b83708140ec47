"""What is answered to a greeting, thanks, "what can you do", "is it good?" and a bare address: no search."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from qa.ask.understand.leaning import is_unclear
from qa.show.wording import when_text
from qa.store import ArticleRow

Talk = Literal["hello", "thanks", "help", "new", "unclear", "address"]

_SAID: Mapping[Talk, str] = {
    "hello": """hi|hello|hey|hi there|hello there|how are you|how are you doing|hi how are you|good morning
        |good afternoon|good evening|hola|buenos días|buenas tardes|hallo|guten tag|guten morgen|moin
        |bonjour|salut|bonsoir|привет|здравствуйте|добрый день|olá|oi|bom dia|ciao|buongiorno|你好|您好|こんにちは
        |مرحبا|السلام عليكم|merhaba|xin chào""",
    "thanks": """thanks|thank you|thx|thanks a lot|many thanks|thank you very much|ok thanks|great thanks|gracias
        |muchas gracias|danke|vielen dank|danke schön|merci|merci beaucoup|спасибо|большое спасибо|obrigado|obrigada
        |grazie|grazie mille|谢谢|謝謝|ありがとう|ありがとうございます|شكرا|teşekkürler|cảm ơn""",
    "help": """help|help me|what can you do|what can i ask|what can i ask you|what do you do|what are you|who are you
        |how does this work|what do you know|what is in the library|what's in the library|what articles do you have
        |which articles do you have|ayuda|qué puedes hacer|que puedes hacer|hilfe|was kannst du|aide|que peux-tu faire
        |que sais-tu faire|помощь|что ты умеешь|ajuda|o que você pode fazer|o que sabes fazer|aiuto|cosa puoi fare
        |cosa sai fare""",
    "new": """what's new|what is new|whats new|news|the news|latest news|what's the latest|what is the latest|any news
        |headlines|the headlines|what are the headlines|top stories|qué hay de nuevo|noticias|was gibt es neues
        |nachrichten|quoi de neuf|actualités|что нового|новости|novidades|notícias|o que há de novo|che c'è di nuovo
        |notizie|novità|新闻|新聞|最新ニュース|ニュース|الأخبار|haberler|tin tức""",
}
_KIND: Mapping[str, Talk] = {one.strip(): talk for talk, said in _SAID.items() for one in said.split("|")}
_ADDRESS = re.compile(r"(?i)(?:https?://\S+|www\.[^\s/]+(?:/\S*)?)")
_MOST_OUTLETS = 3
NO_ARTICLES = "There are no articles yet. Add some with: qa ingest FOLDER"
NONE_PASSES = "No article passes the filters."
UNCLEAR = "What is that about? Nothing was asked before it: name the person, place or event that you mean."

ADDRESS = (
    "That is the address of a page, not a question. Add the page to the library, in the window under Library or with: "
    "qa ingest ADDRESS. Then ask about it."
)

_WITHOUT_ARTICLES: Mapping[Talk, str] = {"thanks": "You are welcome.", "unclear": UNCLEAR, "address": ADDRESS}


def talk_of(text: str, is_first: bool = False) -> Talk | None:
    """What kind of small talk it is; None for anything else.

    A question that leans on others is unclear where it `is_first`, over all that the library holds.
    """
    if _ADDRESS.fullmatch(text.strip()):
        return "address"
    said = re.sub(r"[^\w\s'-]", "", text.casefold().replace("’", "'")).replace(" citewire", "").replace(" please", "")
    return _KIND.get(" ".join(said.split())) or ("unclear" if is_first and is_unclear(text) else None)


def about(talk: Talk, rows: Sequence[ArticleRow], held: int) -> str:
    """What is said of a library that holds so many articles, `rows` of which may be asked about."""
    if talk in _WITHOUT_ARTICLES:
        return _WITHOUT_ARTICLES[talk]
    if not rows:
        return NONE_PASSES if held else NO_ARTICLES
    outlets = Counter(row.outlet for row in rows if row.outlet).most_common()
    when = when_text([row.date for row in rows if row.date])
    told = " ".join(filter(None, [f"{len(rows):,} article{'s' * (len(rows) > 1)}", when]))
    if outlets:
        rest = len(outlets) - _MOST_OUTLETS
        told += f" by {', '.join(name for name, _ in outlets[:_MOST_OUTLETS])}"
        told += f" and {rest} other{'s' * (rest > 1)}" if rest > 0 else ""
    return (
        f"Ask about the news: this library holds {told}. Every sentence of an answer shows the passage that says it, "
        "and where the articles do not say, neither does Citewire."
    )
