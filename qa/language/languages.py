"""What word search knows of each language: stems, stopwords, how it writes numbers and names; and how to guess it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import lru_cache

import Stemmer

from qa.language.text import STOPWORDS

_SNOWBALL = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "nn": "norwegian",
    "no": "norwegian", "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
    # These have no stemmer of their own; the endings are near enough, and a short question in one looks like the other.
    "be": "russian", "bg": "russian", "uk": "russian",
}  # fmt: skip

# Only names have a capital letter, and no case endings: a name is best left as it is.
_NAMES_STAND_OUT = frozenset("en fr es it pt ca nl da sv no nb nn id ga".split())
# Where 1.000 is a thousand and 1,5 is one and a half.
_DECIMAL_COMMA = frozenset(
    "be bg ca cs da de el es et fi fr hr hu id it kk ky lt lv nb nl nn no pl pt ro ru sk sl sr sv tr uk uz vi".split()
)
_CYRILLIC = frozenset("be bg kk ky mk mn ru sr tg uk".split())

_FEW_WORDS = {
    "ru": """а без более бы был была были было быть в вам вас ведь весь во вот все всего всех вы где да даже для до его
        ее её ей ему если есть еще ещё же за и из или им их к как какая какие какой какого каком когда кого которая
        которого которой которые который которых кто кому куда ли либо между меня мне может мы на над надо нас наш не
        него нее неё ней нет ни них но ну о об однако он она они оно от по под при про с сам свое своего своей свои
        свою себе себя сколько со так также такой там тебя тем то того тоже той только том тот ту ты у уже чего чем
        чему что чтобы чье чья чей эта эти это этого этой этом этот эту я почему зачем откуда""",
    "uk": """а але без би був була були було бути в вам вас ви від всі де для до його її їй йому є же з за зі і із або
        її їх й до як яка яке які який якого коли кого хто ким на над нас не ні ними но о об він вона вони воно по
        під при про с себе та також так там ти тим то того той тільки у це цей ця ці цього чи чого чим що щоб я
        чому скільки між""",
    "de": """aber als am an auch auf aus bei bis da dann das dass dem den der des die diese dieser dieses doch du durch
        ein eine einem einen einer eines er es für gegen hat hatte haben ich ihr ihre im in ist ja kann kein keine man
        mehr mit nach nicht noch nur ob oder ohne sein seine sich sie sind so über um und uns unter vom von vor war
        waren was wann warum welche welcher welches wenn wer wem wen werden wie wir wird wo wurde wurden zu zum zur""",
    "fr": """à au aux avec c ce ces cette cet d dans de des du elle elles en est et été être eu il ils j je l la le les
        leur leurs lui m mais me même mes moi mon n ne nos notre nous on ont ou où par pas plus pour qu quand que quel
        quelle quelles quels qui s sa sans se ses si son sont sous sur t ta te tes toi ton tu un une vos votre vous y a
        combien comment pourquoi""",
    "es": """a al algo ante como con contra cual cuál cuales cuándo cuando cuánto cuántos de del desde donde dónde
        durante e el él ella ellas ellos en entre era es esa ese eso esta está este esto fue fueron ha han hasta hay
        la las le les lo los más me mi muy no nos o para pero por porque que qué quien quién se ser si sí sin sobre
        son su sus también te tiene tu un una uno y ya""",
    "it": """a ad ai al alla alle agli anche che chi ci come con contro cosa cui da dal dalla dalle dei del della delle
        dello di dopo dove e è ed era fu gli ha hanno i il in io l la le lo loro ma nei nel nella nelle non o per perché
        più quale quali quando quanti quanto questa questo se si sono sta su sua sue sui sul sulla suo suoi tra un una
        uno fra stato""",
    "pt": """a ao aos as às até com como da das de dele dela do dos e é ela elas ele eles em entre era essa esse esta
        este eu foi foram há isso já lhe mais mas me na não nas no nos o onde os ou para pela pelas pelo pelos por
        porque qual quais quando quanto que quem se sem ser seu seus sua suas são também tem um uma você""",
    "nl": """aan al als bij daar dan dat de der deze die dit door een en er geen had heb heeft het hij hoe hun ik in is
        je kan maar met mijn na naar niet nog nu of om onder ook op over te tegen tot uit van veel voor waar waarom
        wanneer was wat we wel welke werd wie wordt worden zal ze zich zij zijn zo zonder zou""",
    "pl": """a albo ale bez był była było były być co czy dla do gdy gdzie go i ich ile im ja jak jaki jako je jego jej
        jest już kiedy kto która które który ma mi na nad nie nim o od on ona one oni oraz po pod przed przez przy
        się są ta tak także tam te tego tej ten to tym u w we z za ze że dlaczego""",
    "tr": """ama bir bu da daha de değil diye en gibi hangi için ile ise kadar ki kim mi mı mu mü nasıl ne neden nerede
        o olan olarak oldu olduğu onun sonra şu ve veya ya zaman""",
    "vi": """ai bao bị bởi các cái có của cho còn cũng đã đang đâu đây đến để đều đó được gì giữa khi không là lại lên
        mà một nào này nhiêu như những ở qua ra rằng rất sẽ sau tại thì theo thế trên trong từ và vào về vì với""",
}  # fmt: skip


@lru_cache
def stopwords(language: str) -> frozenset[str]:
    """The lower-case stopwords of the language; empty where no list is known."""
    return STOPWORDS if language == "en" else frozenset(_FEW_WORDS.get(language, "").split())


@lru_cache
def stemmer(language: str) -> Callable[[str], str]:
    """A function from a lower-case word to its Snowball stem; in a language without one, to the word itself."""
    name = _SNOWBALL.get(language, "")
    if name not in Stemmer.algorithms():
        return str
    snowball, lock = Stemmer.Stemmer(name), threading.Lock()

    def stem(word: str) -> str:
        with lock:  # it keeps the word it is at
            return str(snowball.stemWord(word))

    return stem


def keeps_names(language: str) -> bool:
    """Whether a word with a capital letter is a name, and never inflected."""
    return language in _NAMES_STAND_OUT


def has_decimal_comma(language: str) -> bool:
    """Whether 1.000 is a thousand and 1,5 is one and a half."""
    return language in _DECIMAL_COMMA


def is_cyrillic(language: str) -> bool:
    """Whether it is written in Cyrillic letters."""
    return language in _CYRILLIC


# --- which language --------------------------------------------------------------------------------------------------

_SCRIPTS = re.compile(
    r"(?P<el>[\u0370-\u03ff])|(?P<ru>[\u0400-\u052f])|(?P<hy>[\u0530-\u058f])|(?P<he>[\u0590-\u05ff])"
    r"|(?P<ar>[\u0600-\u06ff])|(?P<hi>[\u0900-\u097f])|(?P<ta>[\u0b80-\u0bff])|(?P<th>[\u0e00-\u0e7f])"
    r"|(?P<bn>[\u0980-\u09ff])|(?P<pa>[\u0a00-\u0a7f])|(?P<gu>[\u0a80-\u0aff])|(?P<te>[\u0c00-\u0c7f])"
    r"|(?P<kn>[\u0c80-\u0cff])|(?P<ml>[\u0d00-\u0d7f])|(?P<si>[\u0d80-\u0dff])|(?P<lo>[\u0e80-\u0eff])"
    r"|(?P<my>[\u1000-\u109f])|(?P<am>[\u1200-\u137f])|(?P<km>[\u1780-\u17ff])|(?P<ka>[\u10a0-\u10ff])|(?P<ja>[\u3040-\u30ff])|(?P<zh>[\u3400-\u9fff])|(?P<ko>[\uac00-\ud7af])"
)
_LETTERS = {
    "uk": re.compile("[іїєґ]", re.IGNORECASE),
    "be": re.compile("ў", re.IGNORECASE),
    "kk": re.compile("[әғқңөұүһ]", re.IGNORECASE),
    "sr": re.compile("[ђћџљњј]", re.IGNORECASE),
}
_PERSIAN = re.compile("[پچژگ]")
_LATIN_WORD = re.compile(r"[^\W\d_]+")
_DISTINCT = {
    language: frozenset(words.split()) - STOPWORDS
    for language, words in _FEW_WORDS.items()
    if not is_cyrillic(language)
}


def language_of(text: str) -> str:
    """The language of a short text, by its letters; in Latin letters by its stopwords. English in doubt."""
    if not text.isascii():
        found = [match.lastgroup or "" for match in _SCRIPTS.finditer(text)]
        if len(found) > sum(map(str.isalpha, text)) / 2:
            script = "ja" if "ja" in found else max(sorted(set(found)), key=found.count)
            if script == "ar" and _PERSIAN.search(text):
                return "fa"
            return _cyrillic(text) if script == "ru" else script
    held = set(_LATIN_WORD.findall(text.lower()))
    english = sum(word in STOPWORDS for word in held)
    said = {language: sum(word in words for word in held) for language, words in _DISTINCT.items()}
    most = max(said, key=lambda language: said[language])
    return most if said[most] > max(english, 1) else "en"


def _cyrillic(text: str) -> str:
    if _LETTERS["be"].search(text):
        return "be"
    return next((language for language, letters in _LETTERS.items() if letters.search(text)), "ru")
