"""What the words of a header say about consent."""

import functools
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Literal

from pipeline.reader.consent._languages import LANGUAGES
from pipeline.reader.consent._tokens import split_header
from pipeline.values import Struct

Side = Literal["no", "yes", ""]
"""What a yes in the column means: no (opted out), yes (may be texted), or nothing."""


def _listed(words: str) -> str:
    """A regular expression of the words of a block; an underscore in one is a blank."""
    return "|".join(words.split()).replace("_", " ")


_TEXTING = r"""
    sms\w* mms rcs txt texts? texting texted whatsapp mobile mobiles cell cellphone cellular handy textable smsable
    textnachricht\w* kurznachricht\w* texto\w* textmeddelande\w* simsen smsen smsa appen movil celular
"""
_OTHER_CHANNELS = r"""
    e_?mails? mails? mailing mailings mailen mailable bulkemails? \w*newsletter\w* nieuwsbrief nyhetsbrev correo correos courriel\w* mejl e_?post
    epost post postal postalisch poczta posta letter letters fax faxes faxen telefax calls? calling called robocalls? voice voicemail
    phone_?calls? anruf\w* anrufen telefonisch telefonwerbung telefonat\w* appels? appeler llamad\w* llamar ligac\w* ligar
    chiamat\w* chiamare telefonat\w* bellen gebeld telefonisch\w* dzwon\w* telefonicz\w* samtal ringa ring push web
    messenger facebook viber telegram linkedin print catalog\w* brief briefpost bloctel
"""
_ANY = r"""
    sms\w* mms whatsapp txt text texts texting textos? textmeddelanden textnachricht\w* nachricht\w* mensaj\w* mensage\w* messagg\w*
    messages? messaging wiadomosc\w* bericht\w* meddelanden marketing\w* marknadsforing werbung publicidade?
    pubblicita publicite reclame reklam\w* reclamo contact\w* contato contatos contatto
    contatti kontakt\w* contacteren communicat\w* comunica\w* kommunikation\w* utskick promotion\w* promocion\w* promocao promocoes
    promozion\w* demarchage prospection e_?mails? mails? mejl correo correos courriels? newsletter\w* nieuwsbrief nyhetsbrev e_?post
    calls? llamad\w* appels? anrufe? ligac\w* chiamat\w* telefonat\w*
"""
_DATES = r"""
    date dates datetime time timestamp at on since when day ts datum zeitpunkt zeitstempel am seit wann heure depuis
    quand fecha hora desde cuando data dia quando dal tijd tijdstip sinds op wanneer czas dnia kiedy od tidpunkt sedan nar
"""
_TOPICS = """
    werbung werbenachrichten nachrichten publicite publicidad publicidade pubblicita reclame reklam reklama reklamy
    marknadsforing kommunikation komunikacja comunicacion comunicaciones comunicacao comunicacoes comunicazione
    comunicazioni messaggi mensajes mensagens berichten wiadomosci meddelanden utskick
"""
_TOPIC_WORDS = re.compile(rf"\b(marketing|communications?|messages|messaging|opt|{'|'.join(_TOPICS.split())})\b")

_STATUSES = r"""
    status statuses state preferences? prefs? setting settings statut etat estado situacao stato condizione voorkeur\w*
    preferencias? preferences preferenze? preferencje stan installning\w* einstellung\w*
"""
_ABOUT = r"""
    reason reasons source method mode ip url page form language version wording campaign id ids keyword by history count
    score type category level plan tier price name notes? comments? link document file proof hours colou?r timezone agent
    owner user title grund quelle motif raison origine source motivo fuente origem fonte reden bron powod zrodlo orsak kalla
    number_of provider carrier bis
"""
"""Words of headers that tell of a consent and do not say it."""

_ADVERBS = "longer yet currently mehr noch mas ya piu meer juz langre"
"""What may stand between a negation and what it turns round: `no longer blocked`."""

_MEASURES = "price rate tier level plan score version language wording colou?r timezone provider carrier fee cost age"
"""What is measured or named of an opt-out: a cell of it opts nobody out."""

_OTHER_PURPOSES = r"""
    photos? photograph\w* pictures? images? videos? filming medical treatment surg\w* dental vaccin\w* immuni[sz]ation parental
    guardian cookies? consent_(?:forms?|decree|orders?) form_signed screening recording arbitration
    fotos? bilder bildrechte behandlung medizinisch\w* impf\w* eltern\w* soins medica\w* chirurgi\w* parentale?
    imagen quirurgic\w* imagem cirurgi\w* immagin\w* sanitari\w* genitori beeld\w*
    recess lunch(?:es)? sports? games? swimming excursions? (?:field_)?trips? outings? camps? research stud(?:y|ies) testing insurance
    paperless autopay yearbook ausflug\w* ausfluge klassenfahrt\w* schwimm\w* versicherung\w* sorties? voyages? assurance
    excursion\w* excursao excursoes passeios? viaje viajes viagem viagens seguro gita gite uitje\w* uitstap\w* excursie\w*
    verzekering\w* wycieczk\w* basen ubezpieczen\w* utflykt\w* forsakring\w*
    behandeling ouders? zdjec\w* wizerun\w* zabieg\w* leczeni\w* rodzic\w* vard foraldra\w*
"""
"""What people agree to that has nothing to do with being texted."""

_NEUTRAL = r"""
    is are was has have had been be of from to for by the a an any all in we you us i me my our this does do did if can not
    contact contacts customer customers client clients lead person people user member members subscriber recipient
    flag field value yn y n bool boolean c status state communication communications message messages messaging
    marketing promotional transactional compliant compliance promotions promo campaigns notifications? list lists global globally number numbers phone
    phones telephone current latest last mkt mktg general overall
    der die das fur fuer von zum zur per mit den dem ist hat kontakt kunde telefon rufnummer le la les de du des pour
    par est a client contact telephone el los las por para del es esta cliente telefono o os do da e di il lo gli per
    del della het van voor is klant na dla jest klient och av for ar kund nummer numero
"""


_TOPIC = "~"
"""What stands for any of these words, so that they are compiled once and not in every phrase."""


_DENIERS = r"""
    un not non no without lacks? lacking missing never cannot \w+n_t free_(?:of|from) exempt
    nicht keine? keinen nie niemals ohne fehlt pas sans ne aucune? jamais sin nunca jamas ningun\w* nao sem nenhum\w*
    senza mai nessun\w* niente niet geen zonder nooit bez brak nigdy zaden zadn\w* ej inte inga ingen inget utan saknas? aldrig
"""
"""Words that turn what follows them round."""


_BOTH = re.compile(r"\b(yes no|y n|true false|on off|ja nein|ja nee|ja nej|oui non|si no|sim nao|tak nie)\b")
"""What may be chosen in a column: its second word turns nothing round."""

_ENDED_WORDS = r"""
    cleared? removed? removal lifted ended expired? lapsed revoked revocation cancell?ed cancell?ation reset reversed reversal undone
    rescinded overturned voided? waived terminated withdrawn withdrawal deleted off inactive denied declined refused refusal rejected
    formerly former previously previous ex
    aufgehoben geloscht entfernt widerrufen beendet zuruckgezogen zuruckgenommen abgelehnt verweigert abgelaufen fruher ehemals ehemalig\w*
    leve levee annul\w* supprim\w* retir\w* revoqu\w* refus\w* expire\w* ancien\w*
    anulad\w* levantad\w* cancelad\w* eliminad\w* removid\w* revocad\w* revogad\w* rechazad\w* recusad\w* negad\w* denegad\w*
    caducad\w* expirad\w* anteriormente
    revocat\w* annullat\w* rimoss\w* ritirat\w* rifiutat\w* negat\w* scadut\w* precedente\w*
    opgeheven verwijderd ingetrokken geweigerd geannuleerd verlopen voorheen vroeger
    usuniet\w* cofniet\w* anulowan\w* wycofan\w* odwolan\w* odrzucon\w* wygas\w* wczesniej
    borttag\w* upphavd\w* aterkallad\w* aterkallat nekad\w* nekat avslag\w* utgang\w* tidigare
"""
"""Words that say that what stands beside them is over, or was refused."""

_STEMS = r"""
    opt(?:ed|s|ing)?_?outs? suppress\w* (?:black|block)_?list\w* unsub\w* dn[cdmt] \w*abgemeld\w* \w*abmeld\w* abbestell\w* desabo\w* desinscri\w* baja desuscri\w* descadastr\w*
    disiscri\w* afgemeld\w* afmeld\w* uitgeschreven wypis\w* avregistr\w* avanmal\w* \w*widerspr\w*
"""
_GIVEN = re.compile(
    r"\b(opt(ed)? ?in(s|to)?|consent\w*|\w*einwillig\w*|\w*zustimmung\w*|consens\w*|toestemming\w*|zgod\w*|samtyck\w*)\b"
)
"""A permission: beside an opt-out it is not clear which of them a yes means."""

_OPT = re.compile(r"\bopt\b")


def _words(block: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_listed(block)})(?!\w)")


def phrases(blocks: Iterable[str], *, whole: bool = False) -> re.Pattern[str]:
    """Compile phrases, one a line; `whole` ones are all that a text says."""
    lines = [line.strip() for block in blocks for line in block.splitlines() if line.strip()]
    listed = "|".join(lines).replace("{any}", _TOPIC)
    return re.compile(rf"\A(?:{listed})\Z" if whole else rf"(?<!\w)(?:{listed})(?!\w)")


class Lexicon(Struct, frozen=True):
    """The patterns of all languages, and the words that others are glued of."""

    negative: re.Pattern[str]
    positive: re.Pattern[str]
    weak_negative: re.Pattern[str]
    weak_positive: re.Pattern[str]
    texting: re.Pattern[str]
    other_channel: re.Pattern[str]
    dates: re.Pattern[str]
    statuses: re.Pattern[str]
    about: re.Pattern[str]
    neutral: re.Pattern[str]
    purposes: re.Pattern[str]
    measures: re.Pattern[str]
    topics: re.Pattern[str]
    denied: re.Pattern[str]
    ends_denying: re.Pattern[str]
    ended: re.Pattern[str]
    denied_opt_out: re.Pattern[str]
    """An opt-out that is denied or over, whatever else the words of its phrase may mean."""


@functools.cache
def lexicon() -> Lexicon:
    """Return the patterns, made when the first header is judged."""
    negative, positive = [each.negative for each in LANGUAGES], [each.positive for each in LANGUAGES]
    weak = [each.weak_negative for each in LANGUAGES], [each.weak_positive for each in LANGUAGES]
    return Lexicon(
        phrases(negative),
        phrases(positive),
        phrases(weak[0]),
        phrases(weak[1]),
        _words(_TEXTING),
        _words(_OTHER_CHANNELS),
        _words(_DATES),
        _words(_STATUSES),
        _words(_ABOUT),
        _words(_NEUTRAL + _ADVERBS),
        _words(_OTHER_PURPOSES),
        _words(_MEASURES),
        _words(_ANY),
        re.compile(rf"\b(?:{_listed(_DENIERS)})\b"),
        re.compile(rf"\b(?:{_listed(_DENIERS)}) $"),
        re.compile(rf"\b(?:{_listed(_ENDED_WORDS)})\b"),
        re.compile(
            rf"(?<!do )\b(?:{_listed(_DENIERS)}) (?:\w+ ){{0,2}}(?:{_listed(_STEMS)})\b"
            rf"|\b(?:{_listed(_STEMS)}) (?:\w+ )?(?:{_listed(_ENDED_WORDS)})\b"
            rf"|\b(?:{_listed(_ENDED_WORDS)}) (?:\w+ )?(?:{_listed(_STEMS)})\b"
        ),
    )


_ALONE_NOTHING = r"""
    ad ai al alerts all alla am an and are as at att au aux be brief by call calls campaign campaigns club com contact
    contacto contacts contato contatto d da dal das data date day de deals del della der des di die do du el em email
    emails en fa fax flag for from fuer fur ha had has have het hora il in is ist it keyword l la las le les letter
    list lists los mail mailing mails me message messages mode my na name news number och od of off offers om on op os
    par para per phone phones por post print program promo promotions push que reply request ring said se send sent
    service sign status ta te the till time to up updates us van vi via von voor was we web wij with you zu zum zur
"""
"""Words that say nothing about consent where no other word of a phrase stands beside them."""


_SHORT = "is no in do ok to on un of us we me by ne ej at"
"""Words of two letters that others are glued of; with more of them `adopted` would be an ad that was opted."""


class _Pieces(Struct, frozen=True):
    """The words and stems that the phrases are made of."""

    known: frozenset[str]
    stems: frozenset[str]
    telling: frozenset[str]
    telling_stems: frozenset[str]
    """Those of which a header has at least one, if it says anything; a long stem may stand inside a word."""


@functools.cache
def _pieces() -> _Pieces:
    said = " ".join(
        block for each in LANGUAGES for block in (each.negative, each.positive, each.weak_negative, each.weak_positive)
    )
    telling, stems = _literals(said + _TEXTING)
    known, more = _literals(" ".join((_ANY, _DATES, _OTHER_CHANNELS)))
    known = {word for word in known | telling if len(word) > 2} | set(_SHORT.split()) | {"has", "flag", "status"}
    topics = {"marketing", "communication", "communications", "messages", "messaging", "opt", *_TOPICS.split()}
    return _Pieces(
        frozenset(known),
        frozenset(stem for stem in stems | more if len(stem) > 3),
        frozenset((telling - set(_ALONE_NOTHING.split())) | topics),
        frozenset(stem for stem in stems if len(stem) > 3),
    )


def known_pieces() -> tuple[AbstractSet[str], AbstractSet[str]]:
    """Return the words and stems that others are glued of."""
    return _pieces().known, _pieces().stems


def turns_round(words: str) -> bool:
    """Whether words that stand before others turn them round: "not opted out"."""
    return bool(lexicon().denied.search(" ".join(words.split()[-2:])))


def _literals(block: str) -> tuple[set[str], set[str]]:
    """Return the words and the stems that regular expressions are made of."""
    found = [(each[1], each[2] or "") for each in re.finditer(r"(?<!\\)([a-z]{2,})(\\w\*|\?)?", block)]
    words = {word for word, more in found if more != r"\w*"} | {word[:-1] for word, more in found if more == "?"}
    return words, {word for word, more in found if more == r"\w*"}


_SHORT_STEM = 5


def may_speak(header: str) -> bool:
    """Whether a header may say anything: quickly, so that the patterns are only made where they are needed."""
    pieces = _pieces()
    words = split_header(header, pieces.known, pieces.stems).split()
    return any(word in pieces.telling or _has_stem(word, pieces.telling_stems) for word in words)


def _has_stem(word: str, stems: AbstractSet[str]) -> bool:
    return any(stem in word if len(stem) > _SHORT_STEM else word.startswith(stem) for stem in stems)


class HeaderWords(Struct, frozen=True):
    """What a header says. `weak` words mean it only where their cells agree; `about` tells of a consent."""

    side: Side
    weak: bool
    texting: bool
    other_channel: str
    is_status: bool
    is_date: bool
    about: bool
    measures: bool
    """It measures or names something of a consent: the price of a list, the version of a text."""

    negated: bool
    """A word such as `without` or `removed` turns what the header else says round."""

    bare: bool
    """It names a way to reach people, or marketing, and nothing else."""

    @property
    def elsewhere(self) -> bool:
        """Whether it speaks of another channel alone."""
        return bool(self.other_channel) and not self.texting


@functools.lru_cache(maxsize=4096)
def read_header(header: str) -> HeaderWords:
    """Return what the words of a header say about consent."""
    known = lexicon()
    text = split_header(header, _pieces().known, _pieces().stems)
    # What is left beside the words on consent decides whether weak ones count.
    side, weak = _side(text, known)
    texting = bool(known.texting.search(text))
    other = known.other_channel.search(text)
    if other and re.search(r"call (list|registry)|national|federal|registry|dnc", text) and side == "no":
        other = None
    about = bool(known.about.search(text))
    if side == "yes" and not weak:
        other = other or known.purposes.search(text)
    if side == "no" and not (weak or texting):
        other = other or _other_matter(text, known)
    beside = text
    for words in (known.texting, known.other_channel, known.dates, known.statuses, known.neutral, _OPT, _TOPIC_WORDS):
        beside = words.sub(" ", beside)
    return HeaderWords(
        side,
        weak,
        texting,
        other[0] if other else "",
        bool(known.statuses.search(text)),
        bool(known.dates.search(text)),
        about,
        bool(known.measures.search(text)),
        _is_negated(text, side, known, weak=weak, texting=texting),
        not side and bool(text) and not beside.strip() and _names_a_topic(text, texting=texting),
    )


def _other_matter(text: str, known: Lexicon) -> re.Match[str] | None:
    """Return what an opt-out is of, where that has nothing to do with being texted and is all that its header says."""
    found = known.purposes.search(text) or known.measures.search(text)
    rest = text
    for words in (known.negative, known.purposes, known.measures, known.neutral):
        rest = words.sub(" ", rest)
    return found if not rest.strip() and not known.topics.search(text) else None


def _names_a_topic(text: str, *, texting: bool) -> bool:
    return (texting and "texted" not in text.split()) or bool(_TOPIC_WORDS.search(text))


def _is_negated(text: str, side: Side, known: Lexicon, *, weak: bool, texting: bool) -> bool:
    """Whether a word turns round what a header says: one beside the words of an opt-out, any in a permission's."""
    text = _BOTH.sub(" ", text)
    if side == "yes":
        return any(words.search(text) for words in (known.denied, known.ended, known.weak_negative))
    if side == "no":
        said = known.weak_negative if weak else known.negative
        if (
            known.denied_opt_out.search(text)
            or _undoes_a_block(text, known)
            or (weak and known.weak_positive.search(text))
        ):
            return True
        phrases_said = [found[0] for found in said.finditer(text)]
        if any(map(known.ended.match, phrases_said)) and not all(map(known.ended.search, phrases_said)):
            return True
        # The words of an opt-out have negations of their own: "do not text", "consent revoked".
        rests = [said.sub(" ", text), said.sub(" ", known.topics.sub(_TOPIC, text))]
        turning = (known.denied, known.ended, _GIVEN)
        return all(any(words.search(rest) for words in turning) for rest in rests)
    return texting and bool(known.denied.search(text))


def _undoes_a_block(text: str, known: Lexicon) -> bool:
    """Whether a word such as `blocked` is denied right before it, or over: `SMS nicht gesperrt`, `Block revoked`."""
    words = " ".join(word for word in text.split() if word not in _ADVERBS.split())
    blocks = [found for found in known.weak_negative.finditer(words) if not known.ended.fullmatch(found[0])]
    over = bool(known.ended.search(words))
    return any(over or known.ends_denying.search(words[: found.start()]) for found in blocks)


def _side(text: str, known: Lexicon) -> tuple[Side, bool]:
    spellings = f"{text}\n{known.topics.sub(_TOPIC, text)}"
    if known.negative.search(spellings):
        return "no", False
    if known.positive.search(spellings):
        return "yes", False
    sides: tuple[tuple[Side, re.Pattern[str]], ...] = (("no", known.weak_negative), ("yes", known.weak_positive))
    for side, pattern in sides:
        if pattern.search(text):
            rest = known.weak_negative.sub(" ", known.weak_positive.sub(" ", text))
            known_words = (known.texting, known.topics, known.other_channel, known.dates, known.statuses, known.neutral)
            for words in (*known_words, known.denied, known.ended):
                rest = words.sub(" ", rest)
            return (side, True) if not rest.strip() else ("", False)
    return "", False
