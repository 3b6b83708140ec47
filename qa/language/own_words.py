"""What is said in the language of a question that is not the language of the articles."""

from __future__ import annotations

REFUSED = {
    "ar": "لا تذكر المقالات ذلك. المقالات باللغة الإنجليزية.",
    "bn": "নিবন্ধগুলিতে এ কথা নেই। নিবন্ধগুলি ইংরেজিতে লেখা।",
    "de": "Die Artikel sagen es nicht. Sie sind auf Englisch; die Frage wurde Wort für Wort auf Englisch gesucht.",
    "el": "Τα άρθρα δεν το αναφέρουν. Τα άρθρα είναι στα αγγλικά.",
    "es": "Los artículos no lo dicen. Están en inglés; la pregunta se buscó en inglés, palabra por palabra.",
    "fa": "مقاله‌ها این را نمی‌گویند. مقاله‌ها به زبان انگلیسی هستند.",
    "fr": "Les articles ne le disent pas. Ils sont en anglais ; la question a été cherchée en anglais, mot à mot.",
    "he": "הכתבות אינן אומרות זאת. הכתבות באנגלית.",
    "hi": "लेखों में यह नहीं है। लेख अंग्रेज़ी में हैं।",
    "it": "Gli articoli non lo dicono. Sono in inglese; la domanda è stata cercata in inglese, parola per parola.",
    "ja": "記事には書かれていません。記事は英語です。",
    "ko": "기사에 나와 있지 않습니다. 기사는 영어로 되어 있습니다.",
    "nl": "De artikelen zeggen het niet. Ze zijn in het Engels.",
    "pl": "Artykuły tego nie mówią. Są po angielsku.",
    "pt": "Os artigos não o dizem. Estão em inglês; a pergunta foi procurada em inglês, palavra por palavra.",
    "ru": "В статьях этого нет. Статьи на английском; вопрос искали по-английски, слово за словом.",
    "th": "บทความไม่ได้กล่าวถึงเรื่องนี้ บทความเป็นภาษาอังกฤษ",
    "tr": "Makalelerde bu yazmıyor. Makaleler İngilizcedir.",
    "uk": "У статтях цього немає. Статті англійською.",
    "vi": "Các bài báo không nói điều này. Các bài báo bằng tiếng Anh.",
    "zh": "文章中没有提到。文章是英文的。",
}
"""Language, two letters -> that the articles do not answer, and which language they are in."""

ANSWERED = {
    "de": "Die Artikel sind auf Englisch; die Frage wurde Wort für Wort auf Englisch gesucht.",
    "es": "Los artículos están en inglés; la pregunta se buscó en inglés, palabra por palabra.",
    "fr": "Les articles sont en anglais ; la question a été cherchée en anglais, mot à mot.",
    "it": "Gli articoli sono in inglese; la domanda è stata cercata in inglese, parola per parola.",
    "pt": "Os artigos estão em inglês; a pergunta foi procurada em inglês, palavra por palavra.",
    "ru": "Статьи на английском; вопрос искали по-английски, слово за словом.",
}
"""The same for an answer; of the languages whose questions can be put into English."""

NAMES = {
    "ar": "Arabic", "el": "Greek", "en": "English", "fa": "Persian", "he": "Hebrew", "hi": "Hindi", "hy": "Armenian",
    "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "sr": "Serbian",
    "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "be": "Belarusian", "vi": "Vietnamese",
    "zh": "Chinese", "de": "German", "es": "Spanish", "fr": "French", "it": "Italian", "pt": "Portuguese",
    "ru": "Russian", "am": "Amharic", "bn": "Bengali", "gu": "Gujarati", "km": "Khmer", "kn": "Kannada", "lo": "Lao",
    "ml": "Malayalam", "my": "Burmese", "pa": "Punjabi", "si": "Sinhala", "te": "Telugu",
}  # fmt: skip
"""What a language is called in English."""
