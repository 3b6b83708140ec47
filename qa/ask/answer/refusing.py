"""Recognises a refusal: a reply that only says, in whatever words, that the passages hold no answer."""

from __future__ import annotations

import re

from qa.ask.answer.markers import read_markers
from qa.check.claims import not_a_statement
from qa.language.text import sentence_spans, words
from qa.prompts import refusal

_FIRST_WORDS = frozenset("unfortunately sorry answer based on the provided given passages".split())
_TURN = re.compile(
    r"\b(?:but|however|although|though|aber|jedoch|mais|pero|ma|mas|maar|ale|но|однако|але)\b|;", re.IGNORECASE
)
_LONGEST = 40
"""Words of a sentence that refuses; a longer one tells something."""

# How a sentence begins that refuses, by language.
_SILENT = {
    "en": r"""(?:it|this|that|the\ answer|(?:the|this|that|an?|any|his|her|their|its)\ [^,.]{2,60}?)
        \ (?:is|was|are|were)(?:\ not|n't)\ (?:\w+\ )?(?:mentioned|stated|specified|provided|given\ in|said\ in
        |reported\ in|found\ in
        |in\ the\ (?:\w+\ )?(?:passages|articles|texts?|sources))
        |(?:the|these|provided)\ [^,.]{0,30}?(?:passages?|articles?|texts?|sources?)
        \ (?:provide|contain|give|have|hold)s?\ no\ |(?:none|neither)\ of\ the\ (?:passages|articles|texts|sources)[ ]
        |not\ (?:mentioned|stated|specified|said)\b
        |unknown\.?$|(?:it|this)\ (?:cannot|can't|can\ not)\ be\ (?:determined|answered|said)
        |i(?:'m|\ am)\ (?:unable|not\ able|not\ sure)\b|no\ information\b|there\ is(?:n't|\ not)\ (?:enough|any)\b""",
    "ru": r"""(?:в\ )?(?:этих\ |данных\ )?(?:статьях|статье|тексте|текстах|отрывках|отрывке|источниках)\ [^.]{0,60}?
        (?:не\ (?:говорится|указан\w*|сказано|упоминается|сообщается|уточняется)|нет\ (?:ответа|информации|сведений))
        |(?:статьи|отрывки|тексты|источники)\ не\ (?:говорят|сообщают|упоминают|содержат)|(?:я\ )?не\ знаю
        |(?:это\ )?не\ (?:указано|сообщается|упоминается|уточняется)""",
    "uk": r"""(?:у|в)\ (?:цих\ )?(?:статтях|статті|тексті|уривках|джерелах)\ [^.]{0,60}?
        (?:не\ (?:йдеться|вказано|сказано|згадується|повідомляється)|немає)|(?:статті|уривки|джерела)\ не\ \w+
        |(?:я\ )?не\ знаю|(?:це\ )?не\ (?:вказано|повідомляється|згадується)""",
    "de": r"""(?:die|der|das|diese|in\ den|in\ diesen|im|in\ dem)\ (?:artikeln?|texten?|text|passagen?|quellen?)
        \ [^.]{0,60}?(?:sag|erwähn|nenn|enth[aä]lt|geb|steh|find|wird|werden)\w*\ ?[^.]{0,60}?(?:nichts?|keine\w*)\b
        |ich\ wei(?:ß|ss)\ (?:es\ )?nicht|(?:das|es|dies)\ wird\ nicht\ (?:erwähnt|genannt|gesagt)|dazu\ (?:steht|sagen)
        \ [^.]{0,30}?nichts""",
    "fr": r"""(?:les|l'|le|ces|cet|ce)\ ?(?:articles?|passages?|textes?|sources?)\ (?:ne\ |n')(?:le\ |l'|en\ )?
        (?:disent|dit|mentionnent|mentionne|précisent|précise|indiquent|indique|contiennent|contient|parlent|parle)
        \ (?:pas|rien|aucune?)|je\ ne\ (?:le\ )?sais\ pas
        |(?:ce|cela|ceci)\ n'est\ pas\ (?:mentionné|précisé|indiqué)""",
    "es": r"""(?:los|el|las|la|estos)\ (?:artículos?|pasajes?|textos?|fuentes?)\ no\ (?:lo\ )?
        (?:dicen?|mencionan?|indican?|especifican?|contienen?|responden?)|no\ (?:lo\ )?sé
        |no\ se\ (?:menciona|indica|dice|especifica)""",
    "it": r"""(?:gli\ |l'|i\ |il\ |le\ |la\ )(?:articol[io]|passagg?i?o?|brani|brano|test[io]|font[ei])\ non\ (?:lo\ )?
        (?:dicono|dice|menzionano?|indicano?|specificano?|riportano?|contengono|contiene)|non\ lo\ so
        |non\ (?:è|viene)\ (?:menzionat[oa]|indicat[oa]|specificat[oa])""",
    "pt": r"""(?:os|o|as|a)\ (?:artigos?|trechos?|passage(?:m|ns)|textos?|fontes?)\ não\ (?:o\ )?
        (?:dizem|diz|mencionam?|indicam?|informam?|especificam?|contêm)|(?:eu\ )?não\ sei
        |não\ (?:é|foi)\ (?:mencionad[oa]|indicad[oa]|informad[oa])""",
    "nl": r"""(?:de|het|deze|in\ de|in\ het)\ (?:artikelen|artikel|passages?|teksten|tekst|bronnen)
        \ (?:vermeld\w*|zeggen|zegt|noem\w*|staat|geven)\ [^.]{0,40}?(?:niet|niets|geen)\b|(?:ik\ )?weet\ (?:het\ )?niet
        |(?:dat|dit|het)\ wordt\ niet\ (?:vermeld|genoemd)""",
    "pl": r"""(?:artykuły|artykuł|fragmenty|teksty|tekst|źródła)\ (?:o\ tym\ |tego\ )?nie
        \ (?:mówią|mówi|wspominają|wspomina|podają|podaje|zawierają|zawiera)|nie\ wiem|nie\ (?:podano|wspomniano)""",
    "tr": r"""(?:bu\ )?(?:makale|metin|haber|kaynak|pasaj)\w*\ [^.]{0,80}?
        (?:belirt|söyle|söylen|bahsed|bahsedil|yer\ al)(?:il)?(?:mi|mı|mu|mü|me|ma)\w*|(?:bunu\ )?bilmiyorum""",
}
_SILENT_START = re.compile(rf"\W*(?:{'|'.join(f'(?:{pattern})' for pattern in _SILENT.values())})", re.I | re.X)
_DENIES = re.compile(r"\b(?:not|no|cannot|nothing|unable|nor)\b|n't\b", re.IGNORECASE)


def refuses(text: str) -> bool:
    """True where a reply only says that the passages hold no answer, with or without quotes, markers, polite words."""
    bare = read_markers(text, ())[0]
    said = [bare[start:end].strip("*_\"'> ") for start, end in sentence_spans(bare)]
    said = [sentence for sentence in said if words(sentence)]
    return any(map(_is_refusal, said)) and all(_is_refusal(sentence) or not_a_statement(sentence) for sentence in said)


def _is_refusal(sentence: str) -> bool:
    if _TURN.search(re.sub(r"(?i)^\W*(?:i'm |i am )?sorry,? but ", "", sentence)) or len(words(sentence)) > _LONGEST:
        return False
    before, agreed, _ = f" {' '.join(words(sentence))} ".partition(f" {' '.join(words(refusal()))} ")
    if agreed:
        return set(before.split()) <= _FIRST_WORDS
    if sentence.endswith(("?", ":")):
        return False
    return bool(_SILENT_START.match(sentence)) or (not_a_statement(sentence) and bool(_DENIES.search(sentence)))
