"""The names that columns go by: in several languages, and in the exports of products that are known."""

import re
import unicodedata
from collections.abc import Sequence

from pipeline.reader._folding import fold
from pipeline.values import Struct


class Layout(Struct, frozen=True):
    """An export of a known product: the headers that give it away, all of which it has."""

    name: str
    headers: tuple[str, ...]


OWN_EXPORT = "an export of this tool"

LAYOUTS = (
    Layout("Salesforce contacts", ("firstname", "lastname", "accountid", "ownerid")),
    Layout("Salesforce contacts", ("firstname", "lastname", "mailingcity", "isdeleted")),
    Layout("Zoho CRM", ("recordid", "contactowner", "firstname", "lastname", "mobile")),
    Layout("Salesforce report", ("salutation", "firstname", "lastname", "mailingstreet")),
    Layout("Salesforce leads", ("firstname", "lastname", "leadsource", "isconverted")),
    Layout("HubSpot contacts", ("firstname", "lastname", "lifecyclestage", "contactowner")),
    Layout("HubSpot contacts", ("recordid", "firstname", "lastname", "phonenumber", "lifecyclestage")),
    Layout("Google Contacts (new layout)", ("firstname", "lastname", "phone1label", "phone1value")),
    Layout("Google Contacts (old layout)", ("givenname", "familyname", "phone1type", "phone1value")),
    Layout("Outlook", ("firstname", "lastname", "businessphone", "homephone", "mobilephone", "telex")),
    Layout("Outlook", ("firstname", "lastname", "primaryphone", "companymainphone")),
    Layout("Windows Address Book", ("firstname", "lastname", "homephone", "mobilephone", "pager", "businessphone")),
    Layout("Thunderbird", ("displayname", "workphone", "pagernumber", "mobilenumber")),
    Layout("Pipedrive people", ("personname", "personphonework")),
    Layout("Pipedrive people", ("personname", "personphone")),
    Layout("Mailchimp audience", ("emailaddress", "memberrating", "optintime")),
    Layout("Shopify customers", ("firstname", "lastname", "acceptsemailmarketing", "totalspent")),
    Layout("RapidPro / TextIt contacts", ("urntel",)),
    Layout("OroCRM contacts", ("firstname", "lastname", "phones1phone", "emails1email")),
    Layout("Microsoft 365 users", ("displayname", "officephone", "mobilephone", "department")),
    Layout("Entra users", ("officephonetelephonenumber", "mobilephonemobile")),
    Layout("PrestaShop addresses", ("addressid", "alias", "customeremail", "mobilephone")),
    Layout("Chatwoot contacts", ("phonenumber", "identifier", "name", "email")),
    Layout(OWN_EXPORT, ("id", "phone", "first", "last", "assigneeid", "isoptedout")),
    Layout("Heymarket import sheet", ("firstname", "lastname", "phonenumber", "list")),
    Layout("Heymarket import sheet", ("firstname", "lastname", "phonenumber", "optout")),
)
"""In this order: the first one whose headers are all there names the file."""


def find_layout(headers: Sequence[str]) -> str:
    """Return the name of the product whose export has these headers, or ""."""
    seen = set(map(fold, headers))
    return next((layout.name for layout in LAYOUTS if seen.issuperset(layout.headers)), "")


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST = _names(
    """
    firstname first givenname forename fname contactfirstname vorname rufname prenom nombre nombres primernombre
    primeironome voornaam fornamn fornavn imie firstnamem
    """
)
LAST = _names(
    """
    lastname last surname familyname lname contactlastname nachname familienname zuname apellido apellidos
    sobrenome ultimonome cognome achternaam efternamn etternavn nazwisko nomdefamille
    """
)
FULL = _names(
    """
    name fullname contactname contact personname customername clientname membername realname kontakt
    ansprechpartner nomcomplet nombrecompleto nomecompleto nome nom naam nominativo
    """
)
DISPLAY = _names("displayname anzeigename namedisplayname")
EMAIL = _names(
    """
    email emailaddress mail primaryemail email1value emails1email emailprimary personemailwork personemail
    customeremail workemail correo correoelectronico courriel emailadresse eposta adressemail epost
    indirizzoemail emailaddress1 contactemail
    """
)
_EMAIL_WORDS = _names("email emails mail correo courriel epost")
_FURTHER = _names(
    """
    e address addresses adresse other secondary second alternate alternative additional work home personal private
    business primary main value electronico 1 2 3 4
    """
)
TAGS = _names("tags tag labels label categories category groups etiquetas schlagworte")
COUNTRY = _names(
    """
    country countrycode mailingcountry billingcountry countryregion defaultaddresscountrycode pays land
    laenderkennung pais paese address1country homecountry businesscountry homecountryregion
    businesscountryregion mailingcountrycode othercountry workcountry nation
    """
)
_COUNTRY_WORDS = _names(
    """
    country countries pays land staat pais paese nation kraj zeme orszag ulke maa riik valsts salis tara drzava
    """
)
_CALLING_WORDS = _names("dial dialing dialling calling isd idd ddi lada vorwahl indicatif prefix prefijo landesvorwahl")
_NO_COUNTRY_WORDS = _names(
    "birth nationality citizenship origin tax passport currency language id number area geburt naissance"
)
DELETED = _names("isdeleted deleted")
OWNER = _names("assignee assigneename assignedto contactowner owner ownername accountmanager")
AVATAR = _names("avatar photo photourl picture pictureurl imageurl avatarurl")

_MOBILE = _names(
    """
    mobile mobil mobiel cell cellular cellphone handy movil celular cellulare portable gsm sms whatsapp msisdn
    mobilephone mobilenumber handynummer mobilnummer
    """
)
_PHONE_TOKENS = _MOBILE | _names(
    """
    phone phones telephone tel telefon telefono telefone telefoon phonenumber telephonenumber homephone workphone
    fon telefonnummer rufnummer urntel officephone telnr callback
    """
)
_LINES = _names("fax faxes telefax pager telex isdn tty tdd beeper")
_NOT_A_PHONE = _LINES | _names(
    """
    assistant assistants ext extension type label verified status carrier country code valid date count preferred
    id optin optout consent assistent opt marketing durchwahl domain provider
    """
)
_RANKS = (
    (_MOBILE, 0),
    (_names("work business office direct company geschaeftlich trabajo bureau"), 3),
    (_names("home privat casa domicile thuis residential"), 4),
    (_names("other alternate alternative secondary second sonstige otro autre"), 5),
    (_names("car radio callback"), 6),
    (_names("primary main default principal preferred haupt"), 1),
)
"""How good a phone is by a word of its name; the first that fits counts (so `Company Main Phone` is the company's)."""

_PLAIN_RANK = 2

_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words_of(header: str) -> list[str]:
    """Return the words of a header without case and accents: those of `MobilePhone` and `mobile_phone` are the same."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", header) if not unicodedata.combining(char))
    return [word.casefold() for word in _WORD.findall(_HUMP.sub(" ", plain))]


def says_further_email(header: str) -> bool:
    """Whether a header names one more address of the person, and nobody else's (`Email 2`, not `Owner Email`)."""
    words = words_of(header)
    return bool(_EMAIL_WORDS.intersection(words)) and set(words) <= _EMAIL_WORDS | _FURTHER


def phone_rank(header: str) -> int | None:
    """Return how good a phone column is by its name (0 best: a mobile), or None where the name says no phone."""
    words = words_of(header)
    if not _says_phone(words) or _NOT_A_PHONE.intersection(words):
        return None
    return next((rank for names, rank in _RANKS if names.intersection(words)), _PLAIN_RANK)


def says_country(header: str) -> bool:
    """Whether a header names a country or a calling code that may be the phone's."""
    words = set(words_of(header))
    named = _COUNTRY_WORDS.intersection(words) or fold(header) in COUNTRY or _CALLING_WORDS.intersection(words)
    return bool(named) and not _NO_COUNTRY_WORDS.intersection(words) and not words.issuperset(("name", "prefix"))


def says_other_line(header: str) -> str:
    """Return what kind of line that is no telephone a header names (fax, pager, ...), or ""."""
    words = words_of(header)
    found = [word for word in words if word in _NOT_A_PHONE]
    return found[0] if found and (_says_phone(words) or found[0] in _LINES) else ""


def _says_phone(words: Sequence[str]) -> bool:
    return bool(_PHONE_TOKENS.intersection(words)) or "".join(words) in _PHONE_TOKENS


NEVER_PHONE = _names(
    """
    id number zip zipcode postal postalcode card ccnumber cvv cvv2 ssn nationalid date created modified birthday
    birth price amount revenue total account vat latitude longitude ups rev plz code timestamp time dni invoice
    order year
    """
)
"""Words of headers whose numbers are something else, whatever they look like."""
