"""Lines of a page that are not the article: a table with a row for each kind."""

from __future__ import annotations

import re

_LONGEST = 500  # characters of a line that a row can match, which bounds the time of every pattern

_AGENCY = (
    r"(?-i:(?:The )?Associated Press|AP(?: Photos?)?|Getty(?: Images)?|GETTY IMAGES|R(?:euters|EUTERS)|AFP|EPA(?:-EFE)?"
    r"|UPI|Shutterstock|Alamy|Xinhua|S(?:ipa|IPA)(?: USA)?|Anadolu(?: Agency)?|NurPhoto|Z(?:uma|UMA)(?: Press)?|AFPTV"
    r"|USA T(?:oday|ODAY)(?: S(?:ports|PORTS)| N(?:etwork|ETWORK))?|Imagn(?: Images)?|Kyodo(?: News)?|Icon Sportswire"
    r"|PA (?:Images|Wire|Media)|Adobe Stock|iStock|ABACA ?PRESS|CQ[- ]Roll Call|TASS|Sputnik|MediaPunch|Bettmann)"
)
_PICTURE = r"(?:(?:file )?photo|image|picture|photograph|illustration)s?"
_NETWORK = r"(?:x|twitter|facebook|instagram|threads|youtube)"
_SHARE = (
    r"(?:share|tweet|post|e-?mail|print|save|facebook|twitter|whatsapp|linkedin|pinterest|reddit|flipboard|copy link)"
)
_NEWSLETTER = r"(?:newsletters?|(?:in|to) your (?:e-?mail )?inbox|e-?mail alerts)"
_PROMPT = r"(?:sign[ -]?up|subscribe|get|receive|join|want|stay (?:up|in)|never miss|would you like to receive)"
_TITLE = r"(?:report|story|article|column|post|file|fact check)"

# An address for tips about a crime, a form or a ticket is news, unless the reporter asks.
_TO_A_REPORTER = (
    r"(?=[^@]*(?:@|twitter\.com/))(?:(?=.*\b(?:covers|reporter|columnist|journalist|editor|writer)\b)"
    r"|(?!.*\b(?:police|sheriff|detectives?|investigators?|deput(?:y|ies)|anyone|crime|to register|tickets?|apply|book"
    r"|rsvp|\w+\.(?:gov|edu|org|mil))\b))"
)
_ADDRESS = r"(?:@|twitter\.com/).{2,180}"

# What stands before the headline of another article.
_POINTER = (
    r"[(►▶➤•📷 -]*(?:(?:see |hear |read )?more(?: (?:here|coverage|news|on this))?|see also|also (?:see|read)"
    r"|related(?: (?:news|story|stories|coverage|articles?|video))?|read(?: (?:also|next|this|it|the (?:full|whole)"
    r" (?:story|article|column)(?: here)?))?|in case you missed (?:it|this)|icymi|don't miss(?: (?:this|it))?"
    r"|dig deeper|(?:you )?(?:may|might)(?: also)? like|live (?:updates|blog|leaderboard)|photos"
    r"|watch(?: (?:live|now|video))?|listen|must[ -]read)"
)
_HEADLINE = r"(?-i:['\"]?[A-Z]|\d+ [A-Za-z]{3})"
# A label that belongs to the article: "When:Friday at 8 p.m. in the town hall".
_FIELD = (
    r"(?:[qa]|kick-?off|start|who|what|when|where|why|how|times?|dates?|tv|radio|stream(?:ing)?|odds|line|location|venue|place|costs?"
    r"|prices?|hours|tickets?|(?:more )?info(?:rmation)?|details?|contact|phone|address|notes?|age|name|party|score"
    r"|results?|answer|question|winners?|(?:the )?claim|(?:our )?rating|director|cast|starring|rated|ingredients"
    r"|directions|how to watch)"
)

# Why such a line is dropped, in the reader's words, and a pattern that the whole line matches in either case.
# A number, a price, a time or a month on its own stays, and so does a sentence of the article: it may be the answer.
RULES: list[tuple[str, str]] = [
    ("ornament", r"[•·*♦◆■●▪◦\-–—_|=~<>/!\s]*+|[•·*|] ?\d{1,3}"),
    ("page number", r"page \d{1,4} (?:of|/) \d{1,4}"),
    ("reading time", r"(?:(?:estimated )?reading time:? )?\d{1,2}[ -]?min(?:ute)?s?[ -]read|reading time:? \d+ min\w*"),
    (
        "page code",
        r"\w+=\"https?://\S*|\[/?(?:embedtweet|pullquote|caption|embed)\b[^\]]{0,80}\]",
    ),
    ("syndication mark", r"mil[ -]osi\b.{0,60}"),
    # the page around the article
    (
        "navigation",
        r"(?:popular|(?:most|must)[ -](?:read|viewed|watched|popular|shared)|trending(?: now)?|editors?'?s? picks?"
        r"|related(?: (?:articles|stories|coverage|topics|content|links|news))?|(?:read|see|show|load|learn) more"
        r"(?: here)?|more on this(?: story)?|see (?:all|also)|also (?:see|read)|read (?:also|next)|up next"
        r"|what to read next|more (?:stories|news|coverage)(?: from .{2,40})?|you (?:may|might) also like|loading"
        r"|recommended(?: for you| stories)?|back to top|skip to (?:main )?content|(?:show|hide|toggle) caption"
        r"|(?:read the )?full story(?: here)?"
        r"|(?:article|story) continue[sd] below|continue reading(?: below| the main story)?|click here|photo|video)"
        r"[\s:.!>…»]*",
    ),
    ("navigation", r"home ?[|>›»/][\w&'|>›»/ ]{2,150}|more from .{2,40}:"),
    ("navigation", r"(?:next|prev(?:ious)?) image \d+ of \d+|slideshow \( ?\d+ images? ?\)"),
    ("navigation", r"(?:mobile users: )?(?:(?:click|tap) here (?:to|for)|click to (?:get|enlarge|view))\b.{0,100}"),
    ("navigation", r"download (?:the|our) .{0,40}\bapp\b.{0,60}"),
    # advertising and money
    (
        "advertisement",
        r"(?:(?:advertisements?|advertorial|sponsored(?: content)?|paid (?:content|post)|promoted(?: content)?"
        r"|ad feedback)[ :.!]*(?:continue reading.{0,30})?){1,4}",
    ),
    ("advertisement", r"(?:post|content|article) sponsored by\b.{0,80}"),
    ("advertisement", r"(?:video )?ad feedback .{0,200}|video player was slow to load.{0,400}"),
    (
        "disclosure",
        r".{0,300}\b(?:earn|receive)\b.{0,60}\b(?:commission|affiliate fee|revenue from sports betting).{0,200}",
    ),
    # sharing and comments
    ("share line", rf"(?:share|tweet|link copied|copy link|share (?:this|via .{{2,20}}|on {_NETWORK}))[:.!]?"),
    (
        "share line",
        r"share this (?:article|story|page|post)\b.{0,80}|view this post on instagram|a post shared by\b.{0,100}",
    ),
    ("share line", rf"(?:listen to article [\d:]+ )?(?:share this article )?(?:{_SHARE}[ |,/•]*){{3,12}}"),
    ("comments", r"(?:(?:view|show|read|leave|post|add) (?:a |all |your )?comments?|comments \(\d+\))[.!]?"),
    ("comments", r"join the conversation[.!]?"),
    # newsletters, subscriptions, consent
    ("newsletter", r"(?:sign[ -]?up(?: (?:here|now|today))?|(?:our )?newsletters?(?: sign[ -]?up)?)[:.!]?"),
    (
        "newsletter",
        rf"(?=[►•(📧 -]*(?:[^\":.!?]{{2,70}}[:.!?]+ ?|[^\":.!?]{{2,60}}newsletter )?(?:to get .{{2,80}}, ?)?"
        rf"{_PROMPT}\b).*\b{_NEWSLETTER}.*",
    ),
    ("newsletter", r"[^\"]{5,200}\b(?:delivered|sent) (?:\w+ )?to your (?:inbox|phone)\b.{0,120}"),
    ("subscription", r"subscribe(?: (?:now|today|here))?[:.!]?|(?:just |exclusively )?for subscribers[:.]?"),
    (
        "subscription",
        r"(?:these|this) (?:articles?|story|stories) (?:is|are) (?:only )?for .{0,40}\bsubscribers\b.{0,250}",
    ),
    ("subscription", r"(?:thank you for supporting|consider supporting|support) (?:\S+ ){0,3}journalism\b.{0,160}"),
    (
        "subscription",
        r"already a subscriber\?.{0,80}|subscribe to \S+\.com\b.{0,60}|to (?:continue|keep) reading,.{0,100}",
    ),
    (
        "consent",
        r"(?:we(?: and our partners)?|(?:this|our) (?:web)?site|by (?:continuing|clicking|using))\b(?=.*\bcookies?\b)"
        r"(?=.*\b(?:accept|agree|consent|experience|preferences|settings|policy|your use)\b).{0,400}",
    ),
    ("consent", r"(?:accept|manage|reject)(?: all)? cookies|(?:cookie|privacy) policy|terms of (?:use|service)"),
    ("consent", r"(?:by (?:signing up|subscribing|submitting),? you|you) agree to (?:the |our |receive ).{0,250}"),
    (
        "consent",
        r"we will use the (?:details|information) you have .{0,350}|this site is protected by recaptcha.{0,150}",
    ),
    ("consent", r"if you wish to object to the use of your data.{0,60}"),
    ("copyright", r"\W{0,3}(?:copyright|©|\(c\))\W{0,4}(?:©|\(c\))?\s?(?:\d{4}\b|by\b).{0,300}"),
    ("copyright", r".{0,120}\ball rights reserved\b.{0,200}"),
    # who took part, and how to write to them
    (
        "credit line",
        r"contributing(?: writers?| reporters?)? ?:.{2,200}|ap (?:\w+ ){1,2}writers? .{3,100} contributed\.?",
    ),
    ("credit line", rf".{{3,200}} contributed (?:reporting|to this {_TITLE})\b.{{0,40}}"),
    (
        "credit line",
        r"(?:from |with |by )?(?:(?:usa today network|staff|post) and )?(?:news|wire|staff|post)"
        r" (?:reports|services?|wires)\.?",
    ),
    ("credit line", rf"(?:special to )?{_AGENCY}"),
    (
        "contact line",
        rf"{_TO_A_REPORTER}\W{{0,3}}(?:you can |got .{{2,50}}\? |have .{{2,90}}\? |for more \w+, )?(?:please )?"
        r"(?:follow|reach|contact|e-?mail|tweet|write to|send .{2,40} to|send to|find|connect with) "
        rf"(?:him|her|them|me|us|the|(?:\w+ ){{1,4}}reporter|(?-i:[A-Z])|(?=[@\w]+@))[^@]{{0,120}}{_ADDRESS}",
    ),
    (
        "contact line",
        rf"{_TO_A_REPORTER}(?-i:[A-Z])[^@]{{10,330}}\b(?:(?:follow|reach|contact|e-?mail) (?:him|her|them|me)"
        rf"|be (?:reached|e-?mailed|contacted|followed)|tweets|is on (?:twitter|x))\b[^@]{{0,60}}{_ADDRESS}",
    ),
    (
        "contact line",
        r"(?-i:[A-Z]).{2,40} is (?:at|on) (?:https?://)?(?:www\.)?(?:twitter|x)\.com/\w+|(?:follow )?@\w{3,30}",
    ),
    ("contact line", rf"(?:follow|like|join) (?:us|him|her|them|(?-i:[A-Z])\S*(?: \S+)?) on {_NETWORK}\b.{{0,80}}"),
    # other articles
    ("link to another article", rf"{_POINTER}(?::(?=\S)| ?: ){_HEADLINE}.{{8,220}}[^.]"),
    ("link to another article", rf"{_POINTER}:{_HEADLINE}.{{8,220}}"),
    (
        # A headline right after the colon, as usatoday.com has it: "Storm warning:What to know tonight"
        "link to another article",
        rf"(?!{_FIELD} ?:)[^:]{{3,80}}(?<![\s:]):(?:(?<!\d:)|(?!\d))(?=(?:\S+ ){{3}}){_HEADLINE}.{{12,200}}"
        r"(?:[^.]|\b(?-i:Here's|Here are|Here is|See|What|How|Why) [^.?!]{0,60}\.)",
    ),
    ("link to another article", r"(?:more )?ap [\w' ]{2,40}: ?https?://.{0,150}|[^.]{10,200}[^.:] (?-i:Read more)"),
    # pictures and players
    (
        "caption",
        r"(?:image copyright .{2,40} )?(?:image|media|video) caption[,:]? .{2,300}|facebook twitter pinterest .{2,350}",
    ),
    ("photo credit", rf"[\[(]?(?:[^!?:;]{{2,60}}(?:/| via ))?{_AGENCY}(?:(?:/| via | |, ){_AGENCY}){{0,3}}[\])]?"),
    ("photo credit", rf"[\[(]?{_AGENCY}/[^.!?:;]{{2,40}}[\])]?|(?:enlarge(?: this)? image|toggle caption).{{0,150}}"),
    ("photo credit", rf"[\[(]?{_PICTURE}(?: (?:credit|source|copyright)| by| courtesy)[ ,:].{{2,60}}[^.]"),
    (
        "player",
        r"listen to (?:this|the|our) (?:article|story|episode|podcast)\b.{0,60}|listen (?:now|here)|watch(?: now)?:",
    ),
    ("player", r"watch the latest video at .{2,40}|hit play on the .{2,300}|(?:media|video) playback is .{2,300}"),
    ("player", r"(?:your (?:browser|device) does not support|this video (?:file )?can(?:no|')t be played).{0,120}"),
]

_ANY = re.compile("|".join(f"(?P<row_{number}>{pattern})" for number, (_, pattern) in enumerate(RULES)), re.IGNORECASE)


def find_reason(line: str) -> str:
    """Why the line is not the article; empty if it is."""
    found = _ANY.fullmatch(line) if len(line) <= _LONGEST else None
    return RULES[int(found.lastgroup.removeprefix("row_"))][0] if found and found.lastgroup else ""


# What the caption of a photograph ends with, as in "It fell in May. Jane Roe/Pool/AFP via Getty Images".
_CREDIT = re.compile(
    r"(?:(?<=[.!?\"')]) (?:[A-Z][\w.'-]* ){0,3}| [A-Z][\w'-]+ )[A-Z][\w.'-]*/(?:[\w .'-]{2,40}(?:/| via )){0,3}"
    rf"{_AGENCY}(?:/{_AGENCY}){{0,2}}\Z"
    r"|(?<=[.!?\"')]) (?:AFP|Getty Images)\Z"
    rf"|(?<=[.!?\"')]) {_AGENCY}/[\w .'-]{{2,40}}(?:/[\w .'-]{{2,40}})?\Z"
    rf"| \| {_AGENCY}\Z"
    rf"| \((?:(?:File |{_AGENCY} )?[Pp]hotos?|Image|Picture)(?: credit)?(?::| by) [^()]{{2,100}}\)\Z"
    rf"| \((?:[^()]{{2,60}}(?:/| via ){_AGENCY}|{_AGENCY}/)[^()]{{0,60}}(?: \(\d\))?\)\Z"
)
_LONGEST_CREDIT = 150  # characters


def split_credit(line: str) -> tuple[str, str]:
    """The line without the photo credit at its end, and that credit, which may be empty."""
    if line.endswith((".", "!", "?", '"')):  # a sentence, as most lines are
        return line, ""
    kept = line
    while found := _CREDIT.search(kept, max(0, len(kept) - _LONGEST_CREDIT)):
        kept = kept[: found.start()].rstrip()
    return kept, line[len(kept) :].strip()
