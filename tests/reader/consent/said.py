"""Columns on consent as people write them, in nine languages: a header, and its cells with what they mean.

A cell with a plus is one of somebody who may be texted, one with a minus of somebody who may not; nothing behind it
is a blank cell, and an underscore is a blank. A blank beside a permission counts as none: that is the answer which is
given where it is asked.
"""

_BY_LANGUAGE = {
    "en": """
        SMS_OPT_OUT__c: -true +false +
        HasOptedOutOfSms: -1 +0
        SMSOptOut: -Yes +No +
        sms_opt_out: -Y +N
        hasoptedout: -true +false
        et4ae5__HasOptedOutOfMobile__c: -TRUE +FALSE
        Opted Out: -x +
        Opt-Out?: -Yes +
        OPTOUT: -T +F
        Text Opt Out: -✓ +
        Unsubscribed: -yes +no
        Unsubscribed At: -2024-03-01 +
        UNSUB_TIME: -2023-11-05_09:12:44 +
        unsubscribe_date: -03/14/2024 +
        Unsub: -1 +0 +
        Is Unsubscribed: -TRUE +FALSE
        DNC: -yes +no
        DNC Flag: -Y +N
        On DNC List: -Yes +No
        DND: -true +false
        DNT: -1 +0
        Do Not Text: -yes +
        DoNotText: -True +False
        do_not_contact: -yes +no
        Do Not Contact Date: -Mar_3,_2024 +
        Don't Text: -x +
        Never Text: -yes +no
        Cannot Text: -true +false
        No SMS: -yes +no
        NoSMS: -1 +
        No Texts: -x +
        No Text Messages: -yes +no
        No Marketing: -Yes +No
        Not Subscribed: -yes +no
        Stop SMS: -yes +no
        SMS Stop: -STOP +
        Replied Stop: -2024-02-02 +
        SMS Blocked: -yes +no
        Blocked: -true +false
        Is Blocked: -1 +0
        Contact Blocked: -yes +no
        Suppressed: -yes +no
        Suppression List: -Yes +No
        On Suppression: -true +
        Blacklisted: -1 +0
        Blocklisted: -yes +no
        Consent Revoked: -true +false
        Consent Withdrawn On: -2024-05-06 +
        Declined SMS: -yes +no
        Refused Consent: -yes +no
        Refuses Marketing: -Y +N
        Withdrawn: -yes +no
        Exclude from SMS: -TRUE +FALSE
        Opted Out Date/Time: -2024-06-01T10:00:00Z +
        SMS Opt-Out (Y/N): -Y +N
        Email & SMS Opt Out: -yes +no
        Banned: -yes +no
        SMS Opt In: +TRUE -
        SMS Opt-In: +yes -no
        sms_opt_in: +1 -0
        SmsOptIn: +true -false -
        Opted In: +Y -N
        OptIn: +yes -
        optin_sms: +x -
        Can Text: +yes -no
        Can Text?: +Y -
        OK to Text: +yes -no
        Ok2Text: +TRUE -FALSE
        Okay to Text: +yes -
        Text OK: +Yes -No
        Textable: +true -false
        SMS Consent: +yes -no
        sms_consent: +granted -denied
        TextConsent: +1 -0 -
        Consent: +Yes -No
        Consent Given: +true -false
        Marketing Consent: +yes -no -
        TCPA Consent: +yes -no
        GDPR Consent: +Yes -No
        Express Written Consent: +yes -
        SMS Permission: +yes -no
        Permission: +Y -N
        Permission to Text: +yes -no
        Allow SMS: +true -false
        Allow Texts: +yes -no
        Allowed: +yes -no
        SMS Allowed: +1 -0
        Accepts SMS Marketing: +yes -no
        accepts_marketing: +true -false
        Agreed to Receive Texts: +yes -no
        Agrees to SMS: +yes -
        Subscribed: +true -false
        SMS Subscribed: +yes -no
        Subscribed to SMS: +Yes -No -
        Receive Texts: +yes -no
        Receives SMS: +1 -0
        Wants Texts: +yes -no
        Send SMS: +yes -no
        May We Text You: +yes -no
        Text Reminders: +yes -no
        SMS Notifications: +on -off
        SMS Alerts: +yes -
        SMS Marketing: +Subscribed -Unsubscribed
        SMS Enabled: +true -false
        Double Opt-In: +yes -no
        SMS Opt In Date: +2024-01-05 -
        Consent Date: +2023-12-24 -
        Opted In At: +2024-01-05T08:00:00Z -
        SMS Status: -Opted_Out +Opted_In
        sms_status: -opted_out +opted_in
        Status: -Unsubscribed +Active
        Subscriber Status: -unsubscribed +subscribed
        Contact Status: -Do_Not_Contact +Active
        Member Status: -Opted_Out +Active
        Consent Status: +Granted -Revoked
        SMS Consent Status: +SUBSCRIBED -UNSUBSCRIBED -NEVER_SUBSCRIBED
        Subscription Status: +Subscribed -Unsubscribed
        Opt Status: -OUT +IN
        Text Status: -STOP +ACTIVE
        SMS Subscription: +Subscribed -Unsubscribed
        Marketing Status: +subscribed -unsubscribed -no_consent
        Communication Preference: -Do_not_text +Any
        Contact Preferences: -No_SMS +Email
        Lead Status: -Do_Not_Contact +New +Working
        WhatsApp Opt In: +yes -no
        WhatsApp opt-out: -yes +no
        SMS: +yes -no
    """,
    "de": """
        Abgemeldet: -ja +nein
        Abgemeldet am: -01.03.2024 +
        Abmeldung: -x +
        SMS-Abmeldung: -ja +nein
        Keine SMS: -ja +nein
        Keine Werbung: -ja +
        Werbesperre: -ja +nein
        Kontaktsperre: -1 +0
        Gesperrt: -ja +nein
        Nicht kontaktieren: -ja +nein
        Widerruf: -2024-02-01 +
        Widerrufen am: -12.04.2024 +
        Werbewiderspruch: -ja +nein
        SMS erlaubt: +ja -nein
        SMS Einwilligung: +ja -
        Einwilligung: +ja -nein
        Werbeeinwilligung: +Ja -Nein
        Zustimmung SMS: +erteilt -widerrufen
        Darf SMS erhalten: +ja -nein
        Einverständnis: +ja -nein -
        SMS-Status: -abgemeldet +angemeldet
        Einwilligungsdatum SMS: +01.02.2024 -
    """,
    "fr": """
        Désabonné: -oui +non
        Désabonné le: -01/03/2024 +
        Désinscrit: -oui +
        Date de désinscription: -2024-01-31 +
        Ne pas contacter: -oui +non
        Ne plus envoyer de SMS: -oui +non
        Pas de SMS: -x +
        STOP SMS: -oui +non
        Refus SMS: -1 +0
        Opposition: -oui +non
        Bloqué: -oui +non
        Accepte SMS: +oui -non
        Accepte les SMS: +oui -
        Consentement: +oui -non
        Consentement SMS: +oui -non -
        Consentement marketing: +donné -refusé
        SMS autorisé: +oui -non
        Autorisation SMS: +oui -non
        Souhaite recevoir des SMS: +oui -non
        Abonné SMS: +oui -non
        Statut SMS: -désabonné +abonné
        Date de consentement: +2024-02-02 -
    """,
    "es": """
        Baja: -sí +no
        Fecha de baja: -01/03/2024 +
        Dado de baja: -si +no
        Baja SMS: -x +
        No contactar: -sí +no
        No enviar SMS: -sí +
        No llamar ni SMS: -sí +no
        No desea SMS: -sí +no
        Desuscrito: -sí +no
        Lista negra: -1 +0
        Bloqueado: -sí +no
        SMS bloqueado: -sí +no
        Acepta SMS: +sí -no
        Acepta recibir mensajes: +sí -
        Consentimiento: +sí -no
        Consentimiento SMS: +sí -no -
        Autoriza SMS: +sí -no
        Permite SMS: +sí -no
        Suscrito: +sí -no
        Permiso SMS: +sí -no
        Estado SMS: -dado_de_baja +suscrito
        Fecha de consentimiento: +2024-03-03 -
    """,
    "pt": """
        Descadastrado: -sim +não
        Descadastrado em: -01/03/2024 +
        Não contatar: -sim +não
        Não contactar: -sim +
        Não enviar SMS: -sim +não
        Sem SMS: -x +
        Não perturbe: -sim +não
        Inscrição cancelada: -sim +não
        Bloqueado para SMS: -sim +não
        Recusa SMS: -sim +não
        Lista negra: -sim +não
        Aceita SMS: +sim -não
        Aceita receber SMS: +sim -
        Consentimento: +sim -não
        Consentimento SMS: +sim -não -
        Autoriza SMS: +sim -não
        Autorização SMS: +sim -não
        Permite SMS: +sim -não
        Deseja receber mensagens: +sim -não
        Status SMS: -descadastrado +inscrito
        Data do consentimento: +2024-03-03 -
    """,
    "it": """
        Disiscritto: -sì +no
        Disiscritto il: -01/03/2024 +
        Data disiscrizione: -2024-01-02 +
        Non contattare: -sì +no
        Non inviare SMS: -sì +
        Niente SMS: -x +
        Non desidera SMS: -sì +no
        Rifiuta SMS: -sì +no
        Consenso revocato: -sì +no
        Bloccato: -sì +no
        SMS bloccati: -sì +no
        Accetta SMS: +sì -no
        Accetta di ricevere SMS: +sì -
        Consenso: +sì -no
        Consenso SMS: +sì -no -
        Consenso marketing: +concesso -negato
        Autorizza SMS: +sì -no
        Autorizzazione SMS: +sì -no
        Iscritto SMS: +sì -no
        Stato SMS: -disiscritto +iscritto
        Data consenso: +2024-03-03 -
    """,
    "nl": """
        Uitgeschreven: -ja +nee
        Uitgeschreven op: -01-03-2024 +
        Afgemeld: -ja +nee
        Afgemeld voor SMS: -ja +
        Geen SMS: -ja +nee
        Niet contacteren: -ja +nee
        Niet benaderen: -x +
        Niet smsen: -ja +nee
        Geblokkeerd: -ja +nee
        Toestemming ingetrokken: -ja +nee
        Zwarte lijst: -1 +0
        SMS toegestaan: +ja -nee
        Toestemming: +ja -nee
        Toestemming SMS: +ja -
        SMS-toestemming: +ja -nee -
        Mag sms ontvangen: +ja -nee
        Akkoord SMS: +ja -nee
        Aangemeld voor SMS: +ja -nee
        Status SMS: -uitgeschreven +ingeschreven
        Datum toestemming: +2024-03-03 -
    """,
    "pl": """
        Wypisany: -tak +nie
        Wypisany dnia: -01.03.2024 +
        Rezygnacja: -tak +nie
        Data rezygnacji: -2024-01-02 +
        Nie kontaktować: -tak +nie
        Nie wysyłać SMS: -tak +
        Bez SMS: -x +
        Sprzeciw: -tak +nie
        Zgoda wycofana: -tak +nie
        Cofnięta zgoda: -tak +nie
        Zablokowany: -tak +nie
        Zgoda SMS: +tak -nie
        Zgoda na SMS: +tak -
        Zgoda marketingowa: +tak -nie
        Zgoda: +udzielona -odwołana
        Wyraził zgodę: +tak -nie -
        SMS dozwolony: +tak -nie
        Zapisany na SMS: +tak -nie
        Status SMS: -wypisany +zapisany
        Data zgody: +2024-03-03 -
    """,
    "sv": """
        Avregistrerad: -ja +nej
        Avregistrerad datum: -2024-03-01 +
        Avanmäld: -ja +nej
        Avanmäld SMS: -x +
        Inga SMS: -ja +nej
        Ej SMS: -ja +
        Kontakta ej: -ja +nej
        Ingen reklam: -ja +nej
        Spärrad: -ja +nej
        Reklamspärr: -ja +nej
        Återkallat samtycke: -2024-02-03 +
        Samtycke: +ja -nej
        Samtycke SMS: +ja -
        SMS-samtycke: +ja -nej -
        Tillåt SMS: +ja -nej
        SMS tillåtet: +ja -nej
        Får SMS: +ja -nej
        Vill ha SMS: +ja -nej
        Godkänner SMS: +ja -nej
        SMS-status: -avregistrerad +registrerad
        Samtyckesdatum: +2024-03-03 -
    """,
}


def said() -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return every column: its header, and its cells with whether that person may be texted."""
    lines = [line.strip() for text in _BY_LANGUAGE.values() for line in text.splitlines() if line.strip()]
    return [column(line) for line in lines]


def column(line: str) -> tuple[str, list[tuple[str, bool]]]:
    header, cells = line.rsplit(": ", 1)
    return header, [(_cell(cell[1:]), cell[0] == "+") for cell in cells.split()]


def _cell(text: str) -> str:
    return text.replace("_", " ")


HARMLESS = """
    Active: yes no
    Is Active: true false
    Inactive: yes no
    Lead Status: New Working Qualified
    Permission Level: Admin User
    Subscription Plan: Gold Silver
    Allow Discount: yes no
    Blocked Hours: 4 8
    Stop Name: Main_St Oak_Ave
    Bus Stop: Main_St Oak_Ave
    Text Color: red blue
    Contact Status: Active Inactive
    Status: Open Closed
    Customer Status: Active Churned
    Account Status: Active Suspended
    Order Status: Shipped Cancelled
    Payment Status: Paid Declined
    Application Status: Approved Rejected
    Approved: yes no
    Verified: yes no
    Phone Verified: yes no
    VIP: yes no
    Member: yes no
    Employee: yes no
    Taxable: yes no
    Returning Customer: yes no
    Newsletter Name: Weekly Monthly
    Company: Acme Optimum
    Job Title: Manager Optician
    Option: A B
    Options Selected: red blue
    Adoption Date: 2024-01-01 2024-02-02
    Opportunity Stage: Won Lost
    Laptop: yes no
    Industry: Retail Optics
    Department: Sales Support
    Source: Web Referral
    Lead Source: Web Phone
    Owner: Ann Bob
    Created Date: 2024-01-01 2024-02-02
    Last Modified Date: 2024-01-01 2024-02-02
    Birthday: 1980-01-01 1990-02-02
    Last Activity: 2024-01-01 2024-02-02
    Last Call Date: 2024-01-01 2024-02-02
    Last Contacted: 2024-01-01 2024-02-02
    Last Order: 2024-01-01 2024-02-02
    Text: hello world
    Notes: likes_tea prefers_mornings
    Comments: none_yet call_back
    Description: long_time_client new
    Plan: Gold Silver
    Price Level: A B
    Discount: 5 10
    Discount Allowed: 5 10
    Credit Limit: 100 200
    Credit Approved: yes no
    Terms Accepted: yes no
    Privacy Policy Accepted: yes no
    Accepted Offer: yes no
    Agreement Number: A1 B2
    Agreement Date: 2024-01-01 2024-02-02
    Contract End: 2024-01-01 2024-02-02
    Declined Amount: 10 20
    Refund Denied: yes no
    Rejected Items: 1 2
    Blocked Drains: 1 2
    Road Block: A B
    Stop Loss: 10 20
    Stop Number: 12 14
    Stopover: Paris Rome
    Mobile Plan: A B
    Mobile Carrier: Verizon AT&T
    Cell Type: A B
    Text Size: 10 12
    Message Count: 1 2
    Messages Sent: 1 2
    Last Message: hi hello
    SMS Status: Delivered Failed
    SMS Count: 1 2
    Call Count: 1 2
    Call Result: Answered Busy
    Mail Code: A B
    Mailing City: Rome Oslo
    Mailing State: CA NY
    State: CA NY
    Subscriber ID: 123 456
    Subscription ID: sub1 sub2
    Subscription Price: 10 20
    Subscription Renewal: 2024-01-01 2024-02-02
    List Name: A B
    Segment: A B
    Campaign: Spring Fall
    Campaign Name: Spring Fall
    Marketing Budget: 10 20
    Marketing Source: Web Ad
    Consent Form Version: 1.0 2.0
    Opt-in Source: web kiosk
    Consent IP: 10.0.0.1 10.0.0.2
    Preferred Language: en de
    Preferred Store: North South
    Gender: M F
    Pets Allowed: 1 2
    Smoker: yes no
    Delivery Allowed Hours: 9-12 14-18
    Land: Deutschland Schweiz
    Konto gesperrt bis: A B
    Sperrmüll: A B
    Kundenstatus: aktiv neu
    Statut juridique: SARL SA
    Estado: Jalisco Oaxaca
    Estado civil: casado soltero
    Stato: Lazio Puglia
    Cidade: Lisboa Porto
    Straat: Kerkstraat Dorpsweg
    Ulica: Polna Leśna
    Gata: Storgatan Ringvägen
    Kontakt: Anna Erik
    Data urodzenia: 1980-01-01 1990-02-02
    Prenumeration: Guld Silver
    Abonnement: Gold Silber
"""


def harmless() -> list[tuple[str, list[str]]]:
    """Return columns that say nothing about consent, with their cells."""
    lines = [line.strip().rsplit(": ", 1) for line in HARMLESS.splitlines() if line.strip()]
    return [(header, list(map(_cell, cells.split()))) for header, cells in lines]
