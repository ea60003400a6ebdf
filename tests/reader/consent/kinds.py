"""More columns on consent, by kind: written down from how programs and people name them, without a look at the words
that are known. A cell is read as in `said.py`.
"""

KINDS = {
    "negative": """
        Texting Opt-Out: -Yes +No
        opt_out_of_texts: -TRUE +FALSE
        TextOptOut__c: -1 +0
        Opted-Out (SMS): -Y +N
        Customer opted out of SMS: -yes +no
        SMS Unsubscribe: -1 +0
        Unsubscribed from SMS: -true +false
        SMS_UNSUBSCRIBED: -Yes +
        Global Unsubscribe: -yes +no
        Is_Opt_Out: -1 +0
        Text DNC: -x +
        DNC (Text): -Yes +No
        Do-Not-Text: -TRUE +FALSE
        Please do not text: -x +
        Do Not SMS: -1 +0
        Do not message: -yes +no
        Doesn't want texts: -yes +no
        Does not want SMS: -Y +N
        No text: -✔ +
        SMS not allowed: -yes +no
        Not textable: -true +false
        SMS Suppressed: -Y +N
        Text Blocked?: -Yes +No
        Blocked from texting: -true +false
        SMS Blacklist: -1 +0
        SMS consent revoked: -yes +no
        Marketing Opt Out: -TRUE +FALSE
        Abmeldung: -ja +nein
        SMS abbestellt: -ja +nein
        Keine Werbung: -ja +nein
        Keine SMS erwünscht: -x +
        Nicht anschreiben: -Ja +Nein
        Kontaktsperre: -ja +nein
        SMS-Sperre: -1 +0
        Werbewiderspruch: -ja +nein
        Werbesperre: -x +
        Hat widersprochen: -ja +nein
        Einwilligung widerrufen: -ja +nein
        SMS_abgemeldet: -WAHR +FALSCH
        Désabo SMS: -oui +non
        Désabonné SMS: -1 +0
        Pas de SMS: -oui +non
        Ne pas envoyer de SMS: -OUI +NON
        Ne pas contacter: -oui +non
        Désinscription SMS: -oui +non
        Stop SMS reçu: -oui +non
        Refus SMS: -oui +non
        Opposition SMS: -x +
        Consentement retiré: -oui +non
        Liste noire: -vrai +faux
        Baja SMS: -sí +no
        No enviar SMS: -sí +no
        No desea SMS: -Si +No
        Cancelado suscripción SMS: -sí +no
        Darse de baja: -sí +no
        No molestar: -sí +no
        Lista negra SMS: -1 +0
        Rechaza SMS: -sí +no
        Excluido de SMS: -sí +no
        Não enviar SMS: -sim +não
        Descadastrado SMS: -sim +não
        Não quer receber mensagens: -sim +não
        Não perturbar: -Sim +Não
        Cancelou inscrição SMS: -sim +não
        Recusou SMS: -sim +não
        Bloqueado SMS: -1 +0
        Non inviare SMS: -sì +no
        Disiscritto SMS: -sì +no
        Non contattare: -Si +No
        Niente SMS: -sì +no
        Rifiuta SMS: -sì +no
        Revoca consenso: -sì +no
        Cancellato dagli SMS: -sì +no
        Geen SMS: -ja +nee
        Niet sms'en: -ja +nee
        Afgemeld voor sms: -ja +nee
        Uitgeschreven SMS: -1 +0
        Uit SMS: -ja +nee
        Wil geen berichten: -ja +nee
        Niet benaderen: -Ja +Nee
        Toestemming ingetrokken: -ja +nee
        Wypisany z SMS: -tak +nie
        Nie wysyłać SMS: -tak +nie
        Brak zgody na SMS: -tak +nie
        Rezygnacja z SMS: -TAK +NIE
        Nie kontaktować: -tak +nie
        Zgoda wycofana: -tak +nie
        Zablokowany SMS: -1 +0
        Avregistrerad från SMS: -ja +nej
        Inga SMS: -ja +nej
        Skicka inte SMS: -ja +nej
        Vill inte ha SMS: -Ja +Nej
        Avprenumererad: -ja +nej
        Spärrad för SMS: -1 +0
        Återkallat samtycke: -ja +nej
        SMS_NO: -1 +0
        NO_TEXT_FLAG: -Y +N
    """,
    "dated negative": """
        SMS Opt-Out Date: -2024-03-01 +
        Date opted out: -3/1/2024 +
        Opted Out At: -2024-03-01T10:22:05Z +
        opt_out_timestamp: -1709287200 +
        DNC Date: -03/01/2024 +
        Unsubscribe Timestamp: -2024-03-01_10:22:05 +
        STOP received at: -Mar_1,_2024 +
        Texting stopped on: -2024-05-01 +
        Abgemeldet am: -01.03.2024 +
        Abmeldedatum SMS: -1.3.2024 +
        Widerruf am: -01.03.2024 +
        Date de désabonnement: -01/03/2024 +
        Désinscrit le: -01/03/2024 +
        Fecha de baja: -01/03/2024 +
        Fecha de baja SMS: -01/03/2024 +
        Data de descadastro: -01/03/2024 +
        Descadastrado em: -01/03/2024 +
        Data disiscrizione: -01/03/2024 +
        Disiscritto il: -01/03/2024 +
        Afmelddatum: -01-03-2024 +
        Uitgeschreven op: -01-03-2024 +
        Data wypisania: -01.03.2024 +
        Data rezygnacji: -2024-03-01 +
        Avregistrerad datum: -2024-03-01 +
        Avanmäld den: -2024-03-01 +
    """,
    "status": """
        SMS Status: -Opted_Out +Opted_In
        Text Status: -Unsubscribed +Subscribed
        SMS Subscription Status: -unsubscribed +subscribed
        Texting Status: -STOP +Active
        SMS Preference: -Do_not_text +OK_to_text
        Text Preference: -Opt-Out +Opt-In
        Contact Preference SMS: -No_SMS +SMS_OK
        SMS Consent Status: -Revoked +Granted
        SMS Permission Status: -Denied +Granted
        Consent Status: -Withdrawn +Given
        Opt Status: -Out +In
        Opt In/Out: -Out +In
        SMS Opt In/Out: -OUT +IN
        Opt-In Status: -Opted_Out +Opted_In
        SMS Subscriber Status: -Opted-out +Confirmed
        Marketing Status SMS: -Unsubscribed +Subscribed
        smsStatus: -OPTED_OUT +OPTED_IN
        SMS-Status: -abgemeldet +angemeldet
        Einwilligung SMS: -widerrufen +erteilt
        Statut SMS: -désabonné +abonné
        Consentement SMS: -retiré +donné
        Estado SMS: -dado_de_baja +suscrito
        Consentimiento SMS: -revocado +otorgado
        Status SMS: -descadastrado +inscrito
        Stato SMS: -disiscritto +iscritto
        Consenso SMS: -revocato +concesso
        SMS toestemming: -ingetrokken +gegeven
        Status sms: -uitgeschreven +ingeschreven
        Zgoda SMS: -wycofana +udzielona
        Samtycke SMS: -återkallat +lämnat
        SMS Status: -Inactive -Inactive -Inactive +Active
    """,
    "positive": """
        Text OK: +Yes -No
        OK to Text?: +Y -N
        Okay to text: +true -false
        Can we text you?: +Yes -No
        May we text: +yes -no
        Texting Allowed: +TRUE -FALSE
        SMS Allowed: +1 -0
        Allow SMS: +yes -no
        Allow Texting: +Y -N
        Receive SMS: +true -false
        Receives Texts: +yes -no
        Wants texts: +Yes -No
        SMS Enabled: +1 -0
        Textable: +true -false
        SMS Opted In: +TRUE -FALSE
        Opted into SMS: +yes -no
        optInSms: +true -false
        sms_opt_in: +1 -0
        TCPA Consent: +Yes -No
        Consent to Text: +Yes -No
        Text Consent: +Y -N
        Permission to text: +yes -no
        SMS Permission: +1 -0
        Agreed to SMS: +yes -no
        SMS Subscriber: +true -false
        Subscribed to SMS: +Yes -No
        Accepts Texts: +yes -no
        Accepts Marketing: +yes -no
        SMS Marketing Consent: +TRUE -FALSE
        sms_marketing: +true -false
        Express Written Consent: +Yes -No
        SMS-Einwilligung: +ja -nein
        SMS erlaubt: +ja -nein
        Darf angeschrieben werden: +ja -nein
        Werbung: +ja -nein
        Werbung erlaubt: +Ja -Nein
        Zustimmung SMS: +1 -0
        Accepte les SMS: +oui -non
        Consentement SMS: +oui -non
        Autorise SMS: +oui -non
        Abonné SMS: +oui -non
        Acepta SMS: +sí -no
        Autoriza SMS: +sí -no
        Permite SMS: +Si -No
        Suscrito a SMS: +sí -no
        Aceita SMS: +sim -não
        Autoriza mensagens: +sim -não
        Inscrito SMS: +sim -não
        Accetta SMS: +sì -no
        Consenso SMS: +sì -no
        Iscritto SMS: +sì -no
        Sms toegestaan: +ja -nee
        Toestemming SMS: +ja -nee
        Aangemeld voor sms: +ja -nee
        Zgoda na SMS: +tak -nie
        Zgoda marketingowa: +tak -nie
        Można wysyłać SMS: +tak -nie
        Samtycke SMS: +ja -nej
        Får skicka SMS: +ja -nej
        Tillåter SMS: +Ja -Nej
        SMS godkänt: +ja -nej
    """,
    "positive, blanks": """
        SMS Opt-In: +Yes -
        Text Opt In: +1 -
        Textable?: +x -
        Consented to SMS: +TRUE -
        Einwilligung: +ja -
        Consentement: +oui -
        Consentimiento: +sí -
        Consentimento: +sim -
        Consenso: +sì -
        Toestemming: +ja -
        Zgoda: +tak -
        Samtycke: +ja -
    """,
    "positive, dated": """
        SMS Opt-In Date: +2024-03-01 -
        Opt In Timestamp: +2024-03-01_10:00:00 -
        Date of consent: +03/01/2024 -
        Consented At: +2024-03-01T10:00:00Z -
        Einwilligungsdatum: +01.03.2024 -
        Date du consentement: +01/03/2024 -
        Fecha de consentimiento: +01/03/2024 -
        Data do consentimento: +01/03/2024 -
        Data consenso: +01/03/2024 -
        Datum toestemming: +01-03-2024 -
        Data zgody: +2024-03-01 -
        Samtyckesdatum: +2024-03-01 -
    """,
    "denied": """
        Has Not Opted Out: +yes -no
        Never Opted Out: +TRUE -FALSE
        No DNC: +Y -N
        Not on DNC list: +yes -no
        Not Blocked: +1 -0
        DNC cleared: +yes -no
        Opt-out removed: +Yes -No
        Opt Out Reversed: +yes -no
        Not Unsubscribed: +true -false
        isNotOptedOut: +true -false
        Not Suppressed: +yes -no
        Unblocked: +yes -no
        Didn't opt out: +yes -no
        No opt-out on file: +yes -no
        Free of opt-out: +yes -no
        Nicht abgemeldet: +ja -nein
        Nie abgemeldet: +ja -nein
        Kein Widerspruch: +ja -nein
        Nicht gesperrt: +ja -nein
        Non désabonné: +oui -non
        Pas désinscrit: +oui -non
        Jamais désabonné: +oui -non
        No dado de baja: +sí -no
        Nunca dado de baja: +sí -no
        No bloqueado: +sí -no
        Não descadastrado: +sim -não
        Nunca descadastrado: +sim -não
        Non disiscritto: +sì -no
        Mai disiscritto: +sì -no
        Niet afgemeld: +ja -nee
        Nooit afgemeld: +ja -nee
        Niet geblokkeerd: +ja -nee
        Nie wypisany: +tak -nie
        Nigdy nie wypisany: +tak -nie
        Inte avregistrerad: +ja -nej
        Aldrig avanmäld: +ja -nej
        Ej spärrad: +ja -nej
    """,
    "an opt-in denied": """
        Not opted in: -yes +no
        No consent: -yes +no
        Without consent: -yes +no
        SMS not permitted: -Y +N
        Opt-in declined: -yes +no
        Opt-in withdrawn: -yes +no
        Permission denied: -yes +no
        Keine Einwilligung: -ja +nein
        Nicht erlaubt SMS: -ja +nein
        Sans consentement: -oui +non
        SMS non autorisé: -oui +non
        Sin consentimiento: -sí +no
        No acepta SMS: -sí +no
        Sem consentimento: -sim +não
        Não aceita SMS: -sim +não
        Senza consenso: -sì +no
        Non accetta SMS: -sì +no
        Zonder toestemming: -ja +nee
        Geen toestemming: -ja +nee
        Bez zgody: -tak +nie
        Utan samtycke: -ja +nej
        Inget samtycke: -ja +nej
        Ej samtycke: -ja +nej
    """,
    "cells beside the point of their header": """
        Status: +Customer +Lead -SMS_Unsubscribed
        Status: +Customer +Lead -Opted_Out_(STOP)
        Status: +Customer +Lead -DoNotText
        Segment: +A +B -D.N.C.
        Statut: +Client +Prospect -Désabonné_SMS
        Tags: +vip +new -vip_SMS_Opt_Out
        Tags: +vip +new -vip;no-text
        Labels: +vip +new -do_not_text,vip
        Notes: +nice +tall -Please_do_not_text_him
        Notes: +nice +tall -asked_us_to_stop_texting
        Notes: +nice +tall -wants_to_unsubscribe
        Notes: +nice +tall -Do_NOT_send_any_more_texts!
        Group: +A +B -OPT-OUT_LIST
        List: +Main +Second -Unsubscribes
        Call Preference: +Any +Morning -Do_not_text
        Email Status: +Valid +Bounced -Do_not_text
        Customer Type: +Retail +Trade -D\u200bNC
        Flag: +ok +fine -ＤＮＣ
        Bemerkung: +nett +groß -möchte_keine_SMS
        Notiz: +nett +groß -bitte_nicht_mehr_anschreiben
        Remarque: +gentil +grand -ne_veut_plus_de_SMS
        Notas: +amable +alto -no_quiere_SMS
        Observações: +legal +alto -não_quer_SMS
        Nota: +gentile +alto -non_vuole_SMS
        Opmerking: +aardig +lang -wil_geen_sms
        Uwagi: +miły +wysoki -nie_chce_SMS
        Anteckning: +snäll +lång -vill_inte_ha_SMS
        Etiqueta: +vip +nuevo -baja_SMS
        Gruppe: +A +B -SMS-Abmeldung
    """,
    "signs": """
        SMS Opt Out: -❌ +
        Opt Out: -✗ +
        DNC: -✘ +
        No SMS: -X +
        Unsubscribed: -● +
        Text OK: +✅ -❌
        SMS Opt In: +👍 -👎
        Opt Out: -ＹＥＳ +ＮＯ
        SMS: +✓ -✗
    """,
}

HARMLESS = """
    Active: yes no
    Is Active: TRUE FALSE
    Account Active: 1 0
    Lead Status: New Working Closed
    Permission Level: Admin User
    Permission Set: Basic Full
    Subscription Plan: Gold Silver
    Subscription Type: Monthly Yearly
    Subscription Status: Active Past_due
    Subscription Start: 2024-01-01 2024-02-01
    Allow Discount: yes no
    Allow Backorder: yes no
    Allowed Credit: 100 200
    Opportunity: A B
    Opportunity Stage: Won Lost
    Optics: Left Right
    Optician: Smith Jones
    Optional Extras: yes no
    Option: 1 2
    Options Chosen: A B
    Adopted Out: yes no
    Co-op: yes no
    Stop Name: Main_St 2nd_Ave
    Bus Stop: Main_St 2nd_Ave
    Stop Number: 1 2
    Next Stop: A B
    Non-Stop Flight: yes no
    Shop Stop: yes no
    Blocked Drains Service: yes no
    Block: A B
    Block Number: 12 13
    City Block: 1 2
    Blocked Time: 10 20
    Black Friday: yes no
    Black List Price: 100 200
    Text: hello bye
    Text Color: red blue
    Context: home work
    Textile: cotton wool
    Textbook: yes no
    Message: hi hello
    Message Type: A B
    Last Text Date: 2024-01-01 2024-02-02
    Texts Sent: 10 12
    Number of SMS: 1 2
    SMS Provider: A B
    SMS Template: A B
    SMS Cost: 0.1 0.2
    Consentino: A B
    Consent Form Signed: yes no
    Photo Consent: yes no
    Medical Consent: yes no
    Treatment Consent: yes no
    Parental Consent: yes no
    Surgery Consent Date: 2024-01-01 2024-02-02
    Cookie Consent: yes no
    Terms Agreed: yes no
    Agreed Price: 10 12
    Accepted Quote: yes no
    Accepts Insurance: yes no
    Accepts Cash: yes no
    Accepting Patients: yes no
    Do Not Resuscitate: yes no
    Do Not Bend: yes no
    Do Not Ship: yes no
    Do Not Renew: yes no
    No Show: yes no
    No Shows: 1 2
    No of Kids: 1 2
    No Parking: yes no
    No Smoking: yes no
    Not Taxable: yes no
    Never Married: yes no
    Cancelled: yes no
    Cancelled Orders: 1 2
    Cancellation Date: 2024-01-01 2024-02-02
    Cancelled Appointment: yes no
    Removed Items: 1 2
    Refused Delivery: yes no
    Declined Card: yes no
    Denied Claim: yes no
    Rejected Offers: 1 2
    Suppressed Weapon: yes no
    Out of Office: yes no
    Out of Stock: yes no
    Checked Out: yes no
    Opted Plan: A B
    Contact Method: Phone Email
    Preferred Contact Method: Phone Email
    Contact Owner: Ann Bob
    Contact Type: A B
    Do Not Merge: yes no
    Unsub Rate Tier: A B
    DND Character: Elf Orc
    DNC Delegate: yes no
    Market: North South
    Marketing Channel: A B
    Promotion: A B
    Reklamation: ja nein
    Abo: Gold Silber
    Abonnement Typ: A B
    Sperrgut: ja nein
    Werbekampagne: Frühling Herbst
    Kündigung: ja nein
    Kontaktart: A B
    Erlaubte Zahlart: A B
    Zustimmung Foto: ja nein
    Arrêt de bus: A B
    Envoi: A B
    Publicité vue: A B
    Refus de paiement: oui non
    Abonnement magazine: oui non
    Baja médica: sí no
    Bajas laborales: 1 2
    Planta Baja: sí no
    Mensaje: hola adiós
    Permiso de conducir: sí no
    Cancelado: sí no
    Permissão de uso: A B
    Mensalidade: 10 20
    Bloco: A B
    Messaggio: ciao salve
    Permesso di soggiorno: sì no
    Blocco: A B
    Bericht: hallo dag
    Uitvoering: A B
    Uitgever: A B
    Zgoda na zabieg: tak nie
    Wiadomość: cześć hej
    Blok: A B
    Blockering: A B
    Avgift: 10 20
    Meddelande: hej hallå
    Tillåten vikt: 10 20
"""
