"""More columns on consent, by kind: written down from how programs and people name them, without a look at the words
that are known. They are read as those of `said.py`.
"""

from tests.reader.consent.said import column

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
        Flag: +ok +fine -\uff24\uff2e\uff23
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
        Status: +Active +Prospect -Unsubscribed_(replied_STOP)
        Status: +Active +Prospect -OPT_OUT
        Status: +Active +Prospect -optout
        Status: +Active +Prospect -Opt-ed_Out
        Status: +Active +Prospect -Removed_-_do_not_contact
        Status: +Active +Prospect -Stop_texting
        Status: +Active +Prospect -SMS_STOP
        Status: +Active +Prospect -Blacklist
        Status: +Active +Prospect -BLACKLISTED_SMS
        Stage: +Lead +Won -DNC_-_Texted_STOP
        Stage: +Lead +Won -Lost_/_Do_Not_Contact
        Stage: +Lead +Won -Do_Not_Market
        Tags: +a,b +b -a,DNC,b
        Tags: +a|b +b -a|sms-optout
        Tags: +a;b +b -a;sms_unsubscribed
        Tags: +a +b -#nosms
        Tags: +a +b -No_SMS_please
        Tags: +a +b -sms:off
        Notes: +hi +yo -Customer_replied_STOP_on_3/1
        Notes: +hi +yo -does_not_want_text_messages
        Notes: +hi +yo -Don't_text!!
        Notes: +hi +yo -DON\u2019T_TEXT
        Notes: +hi +yo -requested_no_further_texts
        Notes: +hi +yo -please_remove_from_text_list
        Notes: +hi +yo -not_interested,_stop_texting_me
        Notes: +hi +yo -prefers_not_to_be_texted
        Notes: +hi +yo -hates_texts_-_no_txt
        Notes: +hi +yo -Opted_out_3/4/24_via_keyword
        Notes: +hi +yo -opt_out_of_all_comms
        Kundenstatus: +aktiv +neu -Werbesperre
        Notiz: +a +b -keine_SMS_senden
        Notiz: +a +b -will_keine_Nachrichten_mehr
        Notiz: +a +b -SMS_unerwünscht
        Statut: +actif +client -Désinscrit
        Commentaire: +a +b -STOP_SMS
        Commentaire: +a +b -ne_pas_envoyer_de_textos
        Estado: +activo +cliente -Dado_de_baja
        Comentarios: +a +b -pidió_no_recibir_mensajes
        Situação: +ativo +cliente -Descadastrado
        Stato: +attivo +cliente -Disiscritto
        Status: +actief +klant -Uitgeschreven
        Status: +aktywny +klient -Wypisany
        Status: +aktiv +kund -Avregistrerad
    """,
    "names of programs": """
        Marketing Texts: +Subscribed -Unsubscribed
        Subscribed to Marketing Texts: +Yes -No
        Send Me Texts: +1 -0
        Promotional SMS: +TRUE -FALSE
        Transactional SMS: +TRUE -FALSE
        smsOptInStatus: +OPTED_IN -OPTED_OUT
        sms_subscribe: +subscribed -unsubscribed
        push_subscribe_sms: +opted_in -unsubscribed
        mktosmsOptOut: -true +false
        Opted Out of Texting: -Yes +No
        SMS blacklisted: -true +false
        smsBlacklisted: -1 +0
        sms_blacklisted: -Yes +No
        SMS Blocklisted: -1 +0
        emailBlacklisted / smsBlacklisted: -1 +0
        SMS Subscription: +Subscribed -Unsubscribed
        smsSubscriptionStatus: +subscribed -unsubscribed
        SMS status: +active -unsubscribed
        Subscriber Status (SMS): +Subscribed -Opted_out
        SMS Opt-Out Status: -Opted_out +Not_opted_out
        Opt-Out List Member: -Yes +No
        On Opt Out List: -Y +N
        In DNC: -Y +N
        DNC Status: -DNC +OK
        DNC: -DNC +
        Do Not Contact?: -X +
        Do not disturb SMS: -true +false
        DND SMS: -active +inactive
        dnd_sms: -1 +0
        Text Messaging: +Yes -No
        Text messaging consent: +Yes -No
        Text Message Opt In: +Y -N
        Text Msg OK: +Y -N
        TxtMsg Opt Out: -Y +N
        Texts?: +Yes -No
        Can receive texts: +yes -no
        Can be texted: +yes -no
        Cell OK to text: +yes -no
        Mobile opt in: +1 -0
        Mobile Opt-Out: -1 +0
        Cell phone opt out: -1 +0
        Promotional consent SMS: +yes -no
        Contact by SMS: +Yes -No
        Contact via Text: +Yes -No
        Contact by text message?: +Y -N
        Appointment reminders by text: +Yes -No
        Text Reminders: +On -Off
        Notify by SMS: +yes -no
        SMS notifications: +On -Off
        SMS Reminders Enabled: +TRUE -FALSE
        Consent to receive text messages: +I_agree -I_do_not_agree
        TCPA Opt In: +Yes -No
        TCPA Compliant: +Yes -No
        GDPR SMS consent: +granted -denied
        SMS Preference: +Opt_in -Opt_out
        Unsubscribed (SMS): -Yes +
        Unsubscribed SMS date: -2024-01-02 +
        Date Unsubscribed: -1/2/2024 +
        Stopped on: -2024-01-02 +
        Opt_Out_Dt: -2024-01-02 +
        OptOutDate: -2024-01-02 +
        Opt-Out Timestamp (UTC): -2024-01-02T03:04:05Z +
        SMS Stop Date: -2024-01-02 +
        Last STOP: -2024-01-02 +
        Complained: -1 +0
        Spam Complaint: -Yes +No
        Hard opt out: -yes +no
        Wants no texts: -yes +no
        Text messages refused: -yes +no
        Requested removal: -yes +no
        Removed from SMS list: -yes +no
        Left SMS list: -yes +no
        No longer wants texts: -yes +no
        Asked not to be texted: -yes +no
        Excluded from SMS: -yes +no
        Texting prohibited: -yes +no
        Litigator: -yes +no
        Restricted from texting: -yes +no
        SMS Permitted: +Permitted -Not_Permitted
        SMS Authorization: +Authorized -Not_authorized
        Marketing Permissions SMS: +TRUE -FALSE
        Opt In SMS (Y/N): +Y -N
        Opt Out SMS (Y/N): -Y +N
        Opt-in/Opt-out: +Opt-in -Opt-out
        Subscribed/Unsubscribed: +Subscribed -Unsubscribed
        Darf per SMS kontaktiert werden: +ja -nein
        SMS-Versand erlaubt: +ja -nein
        SMS-Marketing: +ja -nein
        Werbeeinwilligung: +ja -nein
        DSGVO Einwilligung: +ja -nein
        Kein SMS-Versand: -ja +nein
        SMS unerwünscht: -ja +nein
        Will keine SMS: -ja +nein
        Abgemeldet: -ja +
        SMS-Opt-out-Datum: -02.01.2024 +
        Optin SMS: +oui -non
        OPTIN_SMS: +1 -0
        Optout SMS: -1 +0
        Ne souhaite pas recevoir de SMS: -oui +non
        Souhaite recevoir des SMS: +oui -non
        SMS autorisés: +oui -non
        Désinscrit: -oui +
        Date désinscription: -02/01/2024 +
        N'accepte pas les SMS: -oui +non
        Recibir SMS: +sí -no
        Quiere recibir mensajes: +sí -no
        No recibir SMS: -sí +no
        Baja: -sí +no
        Baja de SMS: -sí +no
        Consiente SMS: +sí -no
        No consiente: -sí +no
        Receber SMS: +sim -não
        Não receber SMS: -sim +não
        Cancelado SMS: -sim +não
        Permite contato: +sim -não
        Riceve SMS: +sì -no
        Non desidera SMS: -sì +no
        Consenso marketing: +sì -no
        Consenso al marketing: +sì -no
        SMS ontvangen: +ja -nee
        Mag ge-sms't worden: +ja -nee
        Ontvangt geen SMS: -ja +nee
        Sms afmelding: -ja +nee
        Otrzymuje SMS: +tak -nie
        Nie chce SMS: -tak +nie
        Zgoda na kontakt: +tak -nie
        Wycofanie zgody: -2024-01-02 +
        Ta emot SMS: +ja -nej
        Vill ha SMS: +ja -nej
        Ej SMS: -ja +nej
        Tackat nej till SMS: -ja +nej
    """,
    "signs": """
        SMS Opt Out: -❌ +
        Opt Out: -✗ +
        DNC: -✘ +
        No SMS: -X +
        Unsubscribed: -● +
        Text OK: +✅ -❌
        SMS Opt In: +👍 -👎
        Opt Out: -\uff39\uff25\uff33 +\uff2e\uff2f
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
    Message Status: Delivered Failed
    Delivery Status: Delivered Undelivered
    Text Reply: yes no
    Last SMS Received: 2024-01-02 2024-02-03
    SMS Sent: 1 2
    Texted: yes no
    Contacted: yes no
    Do Not Delete: yes no
    Do Not Use: yes no
    Do Not Invoice: yes no
    Do Not Substitute: yes no
    Not Interested: yes no
    No Answer: yes no
    No Insurance: yes no
    No Email Address: yes no
    Unsubscribed Plan Seats: 1 2
    Opt-Out Fee: 10 20
    Option Out: A B
    Optional Insurance: yes no
    Adopted: yes no
    Co-opted: yes no
    Coptic: yes no
    Stop Date Medication: 2024-01-01 2024-02-01
    Stop Payment: yes no
    Stop Bang Score: 1 2
    Blocked Account Reason: fraud late
    Block Party: yes no
    Writer's Block: yes no
    Roadblock: yes no
    Blockchain: yes no
    Allow Pets: yes no
    Allow Partial Shipment: yes no
    Allowance: 10 20
    Permitted Use: A B
    Permit Number: A1 B2
    Permission Slip: yes no
    Building Permit: yes no
    Subscription: Gold Silver
    Subscriber Count: 1 2
    Magazine Subscriber: yes no
    Agreement Signed: yes no
    Agreed Amount: 10 20
    Consent Order: A B
    Consent Decree: yes no
    Age of Consent: 16 18
    Denied Coverage: yes no
    Declined Reason: price time
    Withdrawn Amount: 10 20
    Rejected: yes no
    Refused Treatment: yes no
    Banned Books: yes no
    Muted Colors: yes no
    Excluded From Tax: yes no
    Removed From Stock: yes no
    Quit Smoking: yes no
    Quit Date: 2024-01-01 2024-02-02
    End: 2024-01-01 2024-02-02
    Out: 1 2
    In: 1 2
    Text 1: a b
    Custom Text Field: a b
    Plain Text: a b
    Alt Text: a b
    SMS Gateway: A B
    SMS Credits: 1 2
    Cell: A1 B2
    Cellar: yes no
    Mobile Home: yes no
    Mobile Device: iPhone Android
    Marketing Source: web ad
    Market Segment: A B
    Marketing Area: A B
    Supermarket: yes no
    Communication Skills: 1 2
    Communications Director: Ann Bob
    Preferred Language: en de
    Preferred Time: am pm
    Preference: A B
    Newsletter: yes no
    Sperrzeit: A B
    Sperrfrist: 2024-01-01 2024-02-02
    Werbemittel: A B
    Abholung: ja nein
    Abteilung: A B
    Arrêté: oui non
    Date d'arrêt: 2024-01-01 2024-02-02
    Bloc: A B
    Prix public: 10 20
    Cancelación pedido: sí no
    Planta: baja alta
    Prioridad: baja alta
    Presión: baja alta
    Autorización médica: sí no
    Autorizado por: Ana Luis
    Saldo bloqueado: 10 20
    Pedido cancelado: sim não
    Autorizado: sim não
    Ordine bloccato: sì no
    Autorizzazione: A B
    Uitverkocht: ja nee
    Geblokkeerd bedrag: 10 20
    Zgłoszenie: A B
    Blokada konta: tak nie
    Spärrat kort: ja nej
    Godkänd kredit: ja nej
    Suppressed Price: Yes No
    Opt Out of Recess: Yes No
    Opted for Insurance: Yes No
    Do Not Resuscitate: Yes No
    Consent to Treatment: Yes No
    Field Trip Permission: Yes No
    Bus Stop: Main_St Oak_Ave
    Credit Blocked: Yes No
    Fotoerlaubnis: ja nein
    Liefersperre: ja nein
    Autorisation de sortie: oui non
    Livraison bloquée: oui non
    Permiso de excursión: sí no
    Permite desconto: sim não
    Autorizzazione gita: sì no
    Levering geblokkeerd: ja nee
    Zgoda na wycieczkę: tak nie
    Leveransspärr: ja nej
"""


def columns(kind: str) -> list[tuple[str, list[tuple[str, bool]]]]:
    """Return the columns of a kind: each header, and its cells with whether that person may be texted."""
    return [column(line.strip()) for line in KINDS[kind].splitlines() if line.strip()]


def harmless() -> list[tuple[str, list[str]]]:
    """Return columns that say nothing about consent, with their cells."""
    lines = [line.strip().rsplit(": ", 1) for line in HARMLESS.splitlines() if line.strip()]
    return [(header, [cell.replace("_", " ") for cell in cells.split()]) for header, cells in lines]
