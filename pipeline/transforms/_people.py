"""A person's whole name, split into given and family name: `Lee, Ann`, `Dr. Ann Lee`, `Bob J. Ray Jr.`.

What is no name of one person (a company, a couple, an address) stays whole in the place of the given name, so that
nothing is torn and nothing is lost.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    """
    dr doctor prof professor mr mister mrs ms miss mx madam sir rev reverend fr capt captain lt col maj gen sgt hon
    judge herr frau hr fru fräulein dipl ing dipl-ing med mag
    mme madame monsieur mlle mademoiselle maître
    sra señor señora srta señorita don doña
    sig signor signora signorina dott dottssa dottoressa avv arch senhor senhora dra doutor doutora exmo exma
    dhr meneer mevrouw mevr mw drs pan pani inż mgr
    """
)
_TITLES_IN_FRONT = _words("sr")
"""A title before a name (señor), a suffix behind it (senior)."""

_BEFORE_GIVEN = _words("sir don doña rev reverend")
"""Titles whose single name is a given one; behind the others it is the family's (Mr. Lee)."""

_SUFFIXES = _words(
    """
    jr junior sr senior ii iii iv jnr snr júnior phd md dds dvm esq esquire cpa rn mba jd llm ret dphil
    """
)
_DEGREES = _SUFFIXES | _words("ma ba do bsc msc bs ms pe cfa cfp facs np pa v 2nd 3rd")
"""What may stand behind a comma after a name and is no given name. Without the comma `Ma` and `Do` are names."""

_PARTICLES = _words(
    """
    van von de da di del della delle dello dei degli der den het ten ter te vom zum zur la le las los du des dos das
    do al el bin ibn bint abu ben af av st st. saint san santa mac mc
    """
)
_KIN = _words("filho neto sobrinho")
"""What belongs to the family name before it, in Portuguese."""

_COMPANY = _words(
    """
    inc incorporated llc llp lp ltd limited plc corp corporation co company pty group holdings holding partners
    partnership associates enterprises enterprise industries solutions services service systems supply supplies
    consulting logistics construction plumbing electric electrical roofing landscaping cleaning properties realty
    insurance bank university college school church hospital clinic pharmacy dental restaurant cafe hotel salon studio
    studios foundation association society club team department dept office center centre shop store market agency
    media technologies technology trucking transport motors
    gmbh ag kg ohg gbr ug mbh verein stiftung ev e.v praxis kanzlei autohaus bäckerei schule kirche firma
    sarl sas sasu eurl sci société cabinet école
    sa sl slu srl spa snc sapa ltda eireli cia compañía empresa escuela iglesia farmacia tienda
    bv nv vof stichting ab oy oyj as asa aps sp oo zoo spółka aktiebolag
    """
)
_AMBIGUOUS_COMPANY = _words(
    "sa as ag ab co sas sp bank club school market church office group service electric spa sci cia"
)
"""Words that are names or parts of names as well, where they do not stand at the end."""

_JOINS = re.compile(r"[&+@/]|\d|\b(?:and|und|et|og|och|en|oraz)\b", re.IGNORECASE)
_DOTS = re.compile(r"[.]")


def given_name(text: str) -> str:
    """Return the given names of a person's whole name; all of it where it is none."""
    return _split(text)[0]


def family_name(text: str) -> str:
    """Return the family name of a person's whole name; nothing where it is none, or has only one word."""
    return _split(text)[1]


def is_splittable(text: str) -> bool:
    """Whether a text may be the name of one person."""
    parts = [part.split() for part in text.split(",")]
    return not (_JOINS.search(text) or _is_company(text) or (len(parts) > 1 and not _comma_parts(parts)))


def _split(text: str) -> tuple[str, str]:
    whole = " ".join(text.split()).strip(" ,")
    if not is_splittable(whole):
        return whole, ""
    parts = [part.split() for part in whole.split(",") if part.split()]
    if not parts:
        return whole, ""
    if len(parts) > 1 and not all(map(_is_degree, parts[1])):
        return _of_comma_form(whole, parts)
    words, title = _without_titles(_without_suffixes(parts[0]))
    if len(words) < 2:
        return _of_one_word(whole, words, title)
    at = _family_at(words)
    return " ".join(words[:at]), " ".join(words[at:])


def _of_comma_form(whole: str, parts: list[list[str]]) -> tuple[str, str]:
    """`Lee, Dr. Ann`, `Ray Jr., Bob J.`, `Beethoven, Ludwig van`."""
    family, _ = _without_titles(_without_suffixes(parts[0]))
    given, _ = _without_titles(_without_suffixes(parts[1]))
    moved: list[str] = []
    while len(given) > 1 and _bare(given[-1]) in _PARTICLES and given[-1].islower():
        moved.insert(0, given.pop())
    if not family or not given:
        return whole, ""
    return " ".join(given), " ".join([*moved, *family])


def _of_one_word(whole: str, words: list[str], title: str) -> tuple[str, str]:
    if not words:
        return whole, ""
    is_family = title and title not in _BEFORE_GIVEN
    return ("", words[0]) if is_family else (words[0], "")


def _comma_parts(parts: list[list[str]]) -> bool:
    """Whether commas divide a name: in two, with degrees and suffixes behind."""
    filled = [part for part in parts if part]
    return len(filled) == len(parts) and all(all(map(_is_degree, part)) for part in filled[2:])


def _without_titles(words: list[str]) -> tuple[list[str], str]:
    """The words without titles in front of them, and the last of those."""
    at, title = 0, ""
    while at < len(words) and _bare(words[at]) in _TITLES | _TITLES_IN_FRONT:
        title = _bare(words[at])
        at += 1
    return words[at:], title


def _without_suffixes(words: list[str]) -> list[str]:
    end = len(words)
    while end > 1 and _bare(words[end - 1]) in _SUFFIXES:
        end -= 1
    return words[:end]


def _family_at(words: list[str]) -> int:
    """The place where the family name begins: the last word, with its particles, kin, or, of four words, two."""
    at = len(words) - 1
    if _bare(words[at]) in _KIN and at > 1:
        at -= 1
    is_double = len(words) == 4 and all(len(_bare(word)) > 1 and _bare(word) not in _PARTICLES for word in words)
    if is_double and at == 3:
        # Two given names and two of families, as in Spanish; nobody can know, and nothing is lost.
        return 2
    while at > 1 and _bare(words[at - 1]) in _PARTICLES:
        at -= 1
    return at


def _is_degree(word: str) -> bool:
    return _bare(word) in _DEGREES


def _is_company(text: str) -> bool:
    bare = [_bare(word) for word in text.replace(",", " ").split()]
    if len(bare) < 2:
        return False
    return bare[-1] in _COMPANY or any(word in _COMPANY - _AMBIGUOUS_COMPANY for word in bare)


def _bare(word: str) -> str:
    """A word as it is compared: without its case and dots."""
    return _DOTS.sub("", word).casefold()
