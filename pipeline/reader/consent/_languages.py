"""How nine languages say yes and no to being texted: a table a language.

A line of a block is a phrase as `plain` words with one blank between them; it may be a regular expression, and `{any}`
stands for what a person is reached with or about (SMS, marketing, contact, ...). `negative` and `positive` are the words
of headers that need nothing else to mean it; the `weak` ones mean it only where no other noun stands beside them
(`Blocked` does, `Blocked Hours` does not). The rest are words of cells: `said` says no in whatever column it stands,
`out` only in one on consent, `given` says yes, and `open` says neither.
"""

from pipeline.values import Struct


class Language(Struct, frozen=True):
    """The words of one language."""

    negative: str
    positive: str
    said: str
    out: str
    given: str
    open: str
    yes: str
    no: str
    weak_negative: str = ""
    weak_positive: str = ""


ENGLISH = Language(
    negative=r"""
    (do not|dont|don t|never|cannot|can t|can not|must not|may not|should not|no longer|not (ok|okay|allowed|permitted) to) (to )?(be )?(bulk )?(send )?(text|texts|texting|texted|txt|sms|mms|whatsapp|message|messages|msg|messaged|contact|contacted|market|marketing|solicit|disturb|send|communicate|email|emails|e mail|mail|call|calls|phone|fax|post|postal|reach|allow)
    opt(s| ?ed|ing)? ?outs?
    unsub\w*
    dnc
    dnt
    dnd
    dnm
    no (more |further |additional )?(sms|mms|text|texts|texting|txt|whatsapp|message|messages|messaging|marketing|contact|communication|communications|email|emails|mail|mailings|call|calls|phone calls|solicitation|consent|permission)
    (not|non) (consent\w*|subscribed|opted in|opt in|textable|contactable|allowed|permitted|sms|texting)
    un ?(textable|contactable)
    (do not|dont|don t|does not|doesn t|did not|didn t|no longer|not) (wants?|wish(es)?|like|to) (to )?(get |receive |be )*(any |more |further )*({any}|texted|messaged|contacted)
    request(ed|s)? (a |the )?(removal|stop|unsubscribe)
    (removal|stop) request(ed|s)?
    left (the )?{any} list
    restricted from {any}
    {any} (restricted|restriction)
    (without|lacks?|lacking|missing|needs) (sms |text |marketing )?(consent|permission)
    (consent|permission) (missing|lacking|absent)
    litigators?
    (deny|denies|prohibit|prohibits|forbid|forbids) (sms|text|texts|texting|messages|messaging|marketing|contact)
    (sms|text|texts|texting|whatsapp|messages|messaging|marketing|contact) (is |are )?(prohibited|forbidden|unwanted|not (ok|okay|allowed|permitted|wanted))
    stop (sms|text|texts|texting|txt|message|messages|messaging|contact|contacting|marketing|sending|keyword|request|requested|requests|received|reply|replied)
    (sms|text|texts|texting|txt|mms|whatsapp|message|messages|marketing|replied|reply|texted|keyword|said) (is |was |has )?(stop|stops|stopped|blocked|suppressed|paused|disabled|off|banned|exclude|excluded|exclusion|refused|refusal|declined|revoked|withdrawn|rejected|denied|cancelled|canceled|ended|complaint|block|removed|removal)
    (sms|text|texting) subscription (cancelled|canceled|ended|removed)
    block (sms|text|texts|texting|messages|contact|marketing)
    blocked (sms|text|texts|texting|messages|marketing|from)
    suppress\w*
    (black|block|deny) ?list\w*
    (revoke[sd]?|revocation|withdrew|withdrawn|withdrawal|refused|refuses|refusal|declined|declines|rejected|rejects|denied|objected|objects|objection|cancelled|canceled) (of |to |for )?(consent|permission|sms|text|texts|texting|messages|messaging|marketing|contact|communications|processing)
    (consent|permission|contact|marketing|communications) (is |was )?(revoked|revocation|withdrawn|withdrawal|refused|declined|denied|rejected|removed|cancelled|canceled|expired|blocked|excluded)
    spam complain\w*
    (exclude|excluded|remove|removed|omit|omitted) (me )?(from |for )?(all )?(sms|text|texts|texting|marketing|campaign|campaigns|mailing list|mailing lists|messages|messaging|broadcasts)
    """,
    weak_negative=r"""
    blocked
    block
    banned
    stop
    stops
    stopped
    muted
    excluded
    withdrawn
    revoked
    refused
    refuses
    declined
    declines
    denied
    objected
    objection
    complained
    complaint
    disallow
    disallowed
    opposed
    """,
    positive=r"""
    opt(s|ed|ing)? ?in(s|to)?
    consent(s|ed|ing)?
    (re)?subscribed?
    subscribes
    (sms|text|texts|texting|txt|mms|whatsapp|mobile messaging) (is |are )?(permission|permissions|permitted|subscription|subscriptions|subscriber|allow|allowed|allows|approval|approved|authori[sz]ed|authori[sz]ation|agree|agreed|agreement|accept|accepted|accepts|ok|okay|enabled|active|sign ?up|program|club|updates|alerts|notifications|reminders|offers|promotions|promos|deals|marketing|messages|messaging|friendly|yes|welcome|on)
    (marketing|contact|communication|communications|message|messages|messaging|phone|mobile|call|calls|calling|e ?mail|mail|mailing|promotional|promotions) (is |are )?(permission|permissions|permitted|allow|allowed|allows|authori[sz]ed|agreed|accepted|accepts|ok|okay|approved)
    (allow|allows|allowed|allowing|permit|permits|permission|permissions|permitted|authori[sz]e|authori[sz]es|authori[sz]ed|authori[sz]ation|agree|agrees|agreed|accept|accepts|accepting|accepted|approve|approves|approved|ok|okay|wants?|willing|happy|receives?|gets?|send|sends|enable|enabled|can|may|could|free|good|safe|yes|eligible|able) (to |for |us to |2 |with |we |you |i |be |us )*(receive |get |send |sent |contact by |contacted by |contacted via |contact via |sending )*(a |the |promotional |marketing )?(sms|mms|text|texts|texting|texted|txt|whatsapp|message|messages|messaging|messaged|marketing|contact|contacted|communication|communications|newsletter|newsletters|e ?mail|e ?mails|mail|mailings|call|calls|called|phone|reminders|notifications|alerts|promotions)
    (receives?|gets?|wants?|send|sends) (promotional |special |marketing )?(offers|promos|promotions|updates|deals|news)
    (text|sms) ?able
    (sign|signed) up (for|to) (sms|text|texts|messages|marketing)
    join(ed)? (sms|text|texts)
    would like (sms|text|texts|messages)
    mobile marketing
    (send|contact|notif(y|ied|ications?)|remind(ers?)?|alerts?|updates?|reach|reached) (me |us )?(by |via |through |per )*(a )?(sms|texts?|whatsapp)
    textable
    smsable
    messageable
    contactable
    marketable
    (text|texting|sms|contact|message) me
    """,
    weak_positive=r"""
    allow
    allows
    allowed
    permission
    permissions
    permitted
    agree
    agrees
    agreed
    accepts
    authori[sz]ed
    subscription
    subscriber
    ok
    okay
    tcpa
    gdpr
    ccpa
    casl
    pecr
    popia
    """,
    said=r"""
    (has |have |is |was )?opt( ?ed|s)? ?out( of)?( all| sms| texts?| texting| messages| marketing| everything)*
    (sms |text )?opt ?outs?
    (has |is |was |globally )?unsub\w*( from| sms| texts?| all| marketing)*
    (please )?(do not|dont|don t|never) (be )?(text|txt|sms|contact|message|send|disturb|market|solicit|texted|contacted)( anymore| again| me| please| marketing| sms| texts| customer| client)*
    (on )?(dnc|dnt|dnd)( list)?
    (do not call|do not contact) list
    no (more )?(sms|texts?|texting|txt|text messages|marketing|contact|messages)( please)?
    (texted|replied|sent|said|keyword) stop
    stop (sms|texts?|texting|all|messages)
    stopall
    consent (revoked|withdrawn|refused|declined|denied)
    (revoked|withdrew|withdrawn|refused|declined) consent
    suppressed
    (black|block) ?list(ed)?
    sms (blocked|stopped|suppressed|declined|refused)
    """,
    out=r"""
    stop
    stops
    stopped
    end
    quit
    block
    blocked
    banned
    revoked?
    revoke
    withdrawn
    withdrew
    decline[ds]?
    refuse[ds]?
    refusal
    denied
    deny
    reject(ed|s)?
    object(ed|s|ion)?
    removed?
    complained
    complaint
    spam
    spam complaint
    not (allowed|permitted|ok|okay|authori[sz]ed|textable|contactable|consented)
    no permission
    (i |we )?(do|does|did) ?n[o ]?t (consent|agree|accept|allow|want|wish)( .*)?
    excluded?
    disallowed
    disabled
    (do not|dont|don t) (allow|call|email|mail|fax)
    out
    """,
    given=r"""
    (has |is |was )?(double |single )?opt(ed|s)? ?in(s)?( sms| texts?| to sms| to texts?| to marketing)*
    double opt ?in confirmed
    (is |re)?subscribed?
    subscriber
    actives?
    granted?
    given
    gave consent
    consents?
    consented
    consent (given|granted|obtained|received|on file)
    express( consent| written consent| written)?
    explicit( consent)?
    (written|verbal)( consent)?
    (i |we )?agree[ds]?
    (i |we )?accepts?
    accepted
    i consent
    allow(ed|s)?
    permitted
    permission( granted| given)?
    approved?
    authori[sz]ed
    confirmed
    verified
    ok
    okay
    ok to (text|contact|sms|send|message)
    textable
    contactable
    enabled
    send
    in
    start
    started
    unstop
    """,
    open=r"""
    pending( .*)?
    (never|not|not yet|yet to be) (asked|contacted|requested|set|specified|provided|given|recorded|answered)
    (never|not|non) ?(subscribed|subscribing|subscriber|opted ?in|confirmed|consented|verified|applicable|active|opt ?in)
    no (consent|response|answer|data|status|record|opt ?in|preference)( .*)?
    unknown
    unconfirmed
    unverified
    unspecified
    undecided
    undefined
    unset
    inactive
    cleaned
    bounced
    soft bounced?
    hard bounced?
    transactional( only)?
    invited
    requested
    expired
    lapsed
    paused
    implied( consent)?
    archived
    cancell?ed
    maybe
    tbd
    """,
    yes="yes y true t 1 x on checked ✓ ✔ ☑ ✅ ☒ yep yeah 👍",
    no="no n false f 0 off unchecked ✗ ✘ ❌ ☐ 👎 🚫 ⛔ never nope",
)

GERMAN = Language(
    negative=r"""
    (sms|whatsapp) (aus|abgeschaltet|abbestellt)
    aus (fur )?(sms|whatsapp)
    \w*abgemeldet\w*
    \w*abmeld\w*
    (sms |werbe|newsletter)?ausgetragen
    \w*abbestell\w*
    \w*(einwilligung|zustimmung|einverstandnis)\w* (ist |wurde )?(widerruf|widersproch|zuruckgezog|verweiger|abgelehnt|entzog)\w*
    \w*widerruf\w*( der| einer)*( \w*(einwilligung|zustimmung)\w*)?
    \w*widerspruch\w*
    \w*widersprochen
    (werbe|kontakt|sms|versand|kommunikations|marketing|mailing|nachrichten|text) ?(sperre|sperren|gesperrt|verbot|stop|stopp|blockiert|abgelehnt|abgewahlt|untersagt|verweigert|verzicht)
    keine? {any}
    kein(e|en)? (einwilligung|zustimmung|einverstandnis|erlaubnis)
    nicht (mehr )?(per |uber |via )?(kontaktieren|anschreiben|anrufen|simsen|texten|sms|werben|erlaubt|einverstanden|zugestimmt|kontaktierbar|anschreibbar|bewerben|benachrichtigen|schreiben|senden|gestattet|erwunscht)
    {any} (nicht|unerwunscht|nicht erlaubt|nicht gewunscht|verweigert|abgelehnt|untersagt)
    robinson ?liste
    (kundigung|gekundigt) {any}
    {any} (kundigung|gekundigt)
    lehnt {any} ab
    """,
    weak_negative="gesperrt\nsperre\nblockiert\nabgelehnt\nverweigert\ngestoppt\nstopp\nuntersagt\nsperrvermerk",
    positive=r"""
    \w*einwilligung\w*
    (hat )?eingewilligt
    \w*einverstandnis\w*
    \w*einverstanden
    \w*zustimmung\w*
    zugestimmt
    {any} (ist |versand )*(erlaubt|erlaubnis|gestattet|ok|okay|freigabe|freigegeben|zulassig|genehmigt|genehmigung|gewunscht|erwunscht|abonniert|abo|empfang|empfangen|erhalten|aktiv|moglich|ja)
    (darf|durfen|erlaubt|erlaubnis|mochte|moechte|wunscht|wuenscht|erhalt|empfangt|will) (wir |fur |fuer |zu |zum |zur |per |man |der |die |das |via )*({any}|angeschrieben|benachrichtigt)
    (werbe|sms|kontakt|marketing) ?(erlaubnis|freigabe|genehmigung|zusage|erlaubt)
    kontaktierbar
    abonniert
    """,
    weak_positive="erlaubt\nerlaubnis\nangemeldet\nabonnent\nfreigegeben\ndsgvo",
    said=r"""
    abgemeldet
    (sms )?abmeldung
    ausgetragen
    (einwilligung |zustimmung )?(widerrufen|widersprochen|zuruckgezogen)
    (bitte )?nicht (mehr )?(kontaktieren|anschreiben)
    (bitte )?keine (sms|werbung|nachrichten|textnachrichten)( mehr| bitte| senden)*
    werbesperre
    kontaktsperre
    """,
    out=r"""
    gesperrt
    abgelehnt
    verweigert
    blockiert
    nicht (erlaubt|gestattet|einverstanden|zugestimmt|erwunscht|gewunscht)
    untersagt
    gekundigt
    gestoppt
    stopp
    abbestellt
    """,
    given="angemeldet\nabonniert\nerlaubt\nerteilt\nzugestimmt\neingewilligt\neinverstanden\naktiv\nbestatigt"
    "\ngenehmigt\nfreigegeben\ngestattet\nvorhanden\neinwilligung( liegt vor| erteilt)?\nzustimmung",
    open="offen\nausstehend\nunbekannt\n(nie|nicht|noch nicht|noch nie) (gefragt|angefragt|angemeldet|bestatigt|abonniert)"
    "\nunbestatigt\ninaktiv\nkeine (angabe|einwilligung|zustimmung|antwort)\nangefragt\nwartend\nin bearbeitung",
    yes="ja j wahr",
    no="nein falsch nie",
)

FRENCH = Language(
    negative=r"""
    desabo\w*
    desabonn\w*
    desinscri\w*
    ne (\w+ )?(plus|pas)
    (pas|plus|aucun) (de |d )?({any}|consentement|pub|publicite|sollicitation)
    sans (consentement|{any})
    stop pub
    n (accepte|autorise|consent|est|a|aime|envoyer)\w* (pas|plus)
    (interdi\w*|bloqu\w*|exclu\w*|arret\w*) (de |des |les |du |d )*{any}
    {any} (bloque\w*|refuse\w*|refus|interdit\w*|arrete\w*|stoppe\w*|non autorise\w*|non)
    refus\w* (de |des |les |du |le |d |par )*({any}|consentement|pub|sollicitation)
    (opposition|oppose\w*)( .*)?
    liste (noire|rouge|d opposition)
    (retrait|revocation|refus) (du |de |des )*consentement
    consentement (retire|refuse|revoque|non)\w*
    non (consent\w*|abonne\w*)
    """,
    weak_negative=r"""
    bloque\w*
    refus\w*
    retire
    revoque\w*
    resilie\w*
    """,
    positive=r"""
    (accepte|accepter|acceptes|accept|souhaite|autoris\w*|accord|peut|recoit|recevoir|ok|oui|d accord|permission|desire|veut) (de |des |les |l |d |au |aux |pour |par |a |etre |recevoir |du |le |la |via |envoi )*({any}|pub|offres|texto\w*)
    ({any}|pub|demarchage) (autoris\w*|accepte\w*|accord|ok|permis\w*|active\w*|oui)
    abonne\w* (aux |a |au |par )*{any}
    inscri\w* (aux |a |au |par )*{any}
    consentement\w*
    """,
    weak_positive="autoris\\w*\naccord\nabonne\\w*\ninscrite?\nrgpd",
    said=r"""
    des?abonne\w*
    des?inscri\w*
    ne (plus|pas) (contacter|envoyer|deranger|solliciter|demarcher)( .*)?
    (pas|plus) de (sms|textos?|messages?|pub|publicite)
    stop sms
    (consentement )(retire|refuse|revoque)
    """,
    out="refus\\w*\nretire\\w*\nrevoque\\w*\nbloque\\w*\nresilie\\w*\noppos\\w*\n(non|pas) (autorise|consenti|accepte|d accord)\\w*"
    "\narrete\\w*\nannule\\w*\ninterdit\\w*\nsupprime\\w*",
    given="abonne\\w*\ninscri\\w*\nacti(f|ve|ves|fs)\naccepte\\w*\naccorde\\w*\nautorise\\w*\nconsenti\\w*\nconfirme\\w*"
    "\ndonne\\w*\nd accord\naccord\nvalide\\w*\nobtenu\\w*",
    open="en attente\\w*\ninconnue?s?\n(jamais|non|pas) (demande|inscrit|abonne|confirme|renseigne|sollicite)\\w*\ninacti(f|ve)"
    "\na (confirmer|demander)\nsans reponse\nnon renseigne\nen cours",
    yes="oui o vrai",
    no="non faux jamais",
)

SPANISH = Language(
    negative=r"""
    (dado|dada|dados|dar|darse|solicita|solicito|pidio|fecha|causo) (de |la )*baja
    (de )?baja (de |en |por |del |la |los )*({any}|fecha|solicitada|voluntaria)
    ({any}|fecha) (de )?baja
    no (contact\w*|enviar|envien|llamar|molestar|escribir|desea|quiere|acepta|autoriza\w*|recibir|recibe|permit\w*|suscrit\w*|consiente|mandar|{any})
    (cancel\w*|bloque\w*|revocad\w*|excluid\w*) (de |para |en |los )*{any}
    desuscri\w*
    desinscri\w*
    cancel\w* (de |la |su )*suscripcion
    suscripcion cancelada
    lista (negra|robinson|de exclusion)
    exclu\w* (de |del |la )*{any}
    rechaz\w* (de |los |el |recibir )*{any}
    {any} (bloquead\w*|rechazad\w*|cancelad\w*|detenid\w*|revocad\w*|prohibid\w*|excluid\w*)
    (revoc\w*|retir\w*|denieg\w*|rechaz\w*) (de |el |su |del )*(consentimiento|permiso|autorizacion)
    (consentimiento|permiso|autorizacion) (retirad|revocad|denegad|rechazad)\w*
    sin (consentimiento|permiso|autorizacion|{any})
    (se )?opon\w*( .*)?
    """,
    weak_negative="bajas?\nbloquead\\w*\nrechaz\\w*\nexcluid\\w*\nrevocad\\w*",
    positive=r"""
    consentimiento\w*
    consiente\w*
    suscrit\w*
    (acepta|acepto|aceptan|aceptar|autoriza\w*|autorizo|permite|permitir|permiso|desea|quiere|recibe|recibir|puede|puedo|podemos|se puede|de acuerdo) (de |para |a |el |los |las |en |con |por |que |se |le )*(recibir |enviar |envio |contactar |mandar |enviarle )*(de |por )*({any}|ofertas)
    ({any}|ofertas) (permitid\w*|aceptad\w*|autorizad\w*|ok|activ\w*|consentid\w*|si)
    """,
    weak_positive="autoriza\\w*\nacepta\npermiso\npermite\nsuscripcion\nlopd",
    said=r"""
    (dad[oa] de |de )baja( voluntaria| solicitada| sms)?
    baja (voluntaria|solicitada|sms)
    desuscrit\w*
    no (contactar|enviar|molestar|llamar ni escribir)( .*)?
    (no|sin) (sms|mensajes|publicidad)
    (consentimiento )(retirado|revocado|denegado)
    """,
    out="baja\ncancelad\\w*\nrevocad\\w*\nrechazad?\\w*\nbloquead\\w*\nretirad\\w*\nanulad\\w*\ndenegad\\w*\nexcluid\\w*"
    "\nno (autoriza|acepta|permit|consiente|desea|quiere)\\w*\neliminad\\w*",
    given="suscrit\\w*\nactiv[oa]s?\nacepta(d[oa])?\nconcedid\\w*\nautorizad?\\w*\notorgad\\w*\nconfirmad\\w*\n(de )?alta"
    "\npermitid\\w*\nconsentid\\w*\nconsiente\ndado\nde acuerdo\naprobad\\w*",
    open="pendiente\\w*\ndesconocid\\w*\n(nunca|no) (preguntad|suscrit|confirmad|consultad|solicitad)\\w*"
    "\nsin (respuesta|confirmar|datos|preguntar|definir)\ninactiv\\w*\nen espera",
    yes="si verdadero",
    no="no falso nunca",
)

PORTUGUESE = Language(
    negative=r"""
    descadastr\w*
    cancel\w* (de |a |da )*(inscricao|assinatura|subscricao|cadastro)
    (inscricao|assinatura|subscricao) cancelada
    nao (contact\w*|contat\w*|enviar|envie|ligar|perturb\w*|incomod\w*|deseja|quer|aceita\w*|autoriz\w*|receber|recebe|permit\w*|consent\w*|inscrit\w*|mandar|{any})
    {any} (bloquead\w*|recusad\w*|cancelad\w*|revogad\w*|suspens\w*|negad\w*)
    recus\w* (de |o |a |receber )*({any}|consentimento)
    revog\w* (de |do |o )*(consentimento|permissao|autorizacao)
    (consentimento|permissao|autorizacao) (revogad|retirad|negad|recusad|cancelad)\w*
    (revogacao|retirada) (de |do )*(consentimento|permissao)
    sem (consentimento|permissao|autorizacao|{any})
    (saiu|remov\w*|retirad\w*|excluid\w*) (da |de |do )*(lista|{any})
    pediu (para )?(sair|remocao|cancelamento|descadastro)( .*)?
    (cancel\w*|bloque\w*) (de |o |a |para |os )*{any}
    lista negra
    """,
    weak_negative="bloquead\\w*\nrecus\\w*\nrevogad\\w*",
    positive=r"""
    consentimento\w*
    consente
    (aceita|aceito|aceitam|autoriza\w*|autorizo|permite|permissao|deseja|quer|recebe|receber|pode|podemos|concorda|concorda em) (de |para |a |o |os |as |em |com |por |que |se |ser )*(receber |enviar |envio |contatar |mandar |contactar )*(de |por )*({any}|ofertas|contatado|contactado)
    ({any}|ofertas) (permitid\w*|aceit\w*|autorizad\w*|ok|ativ\w*|consentid\w*|liberad\w*|sim)
    inscrit\w* (em |no |na |para )*{any}
    """,
    weak_positive="autoriz\\w*\naceita\npermissao\npermite\ninscrit\\w*\nassinante\nsubscrito\nlgpd",
    said=r"""
    descadastrad\w*
    nao (contatar|contactar|enviar|perturbar|incomodar)( .*)?
    (nao|sem) (sms|mensagens)
    inscricao cancelada
    desinscrit\w*
    (consentimento )(revogado|retirado|negado)
    """,
    out="cancelad\\w*\nrevogad\\w*\nrecus\\w*\nbloquead\\w*\nremovid\\w*\nnegad\\w*\nretirad\\w*\nexcluid\\w*"
    "\nnao (autoriz|aceit|permit|consent|quer|deseja)\\w*\ndesativad\\w*\nsaiu",
    given="inscrit\\w*\nativ[oa]s?\naceit\\w*\nconcedid\\w*\nautoriz\\w*\nconfirmad\\w*\nassinante\npermitid\\w*"
    "\nconsentid\\w*\nconsentiu\noptante\nsubscrit\\w*\ndado\naprovad\\w*",
    open="pendente\\w*\ndesconhecid\\w*\n(nunca|nao) (perguntad|inscrit|confirmad|solicitad|informad)\\w*\ninativ\\w*"
    "\naguardando\\w*\nsem resposta\nem espera",
    yes="sim s verdadeiro",
    no="nao falso nunca",
)

ITALIAN = Language(
    negative=r"""
    disiscri\w*
    cancell\w* (dalla |dall |della |dell |l )*(iscrizione|newsletter|lista|{any})
    iscrizione cancellata
    non (contatt\w*|inviare|chiamare|disturbare|vuole|desidera|accetta|autorizza\w*|ricevere|riceve|scrivere|consent\w*|iscritt\w*|mandare|{any})
    (niente|nessun) {any}
    {any} (bloccat\w*|rifiutat\w*|revocat\w*|cancellat\w*|negat\w*|sospes\w*|vietat\w*)
    rifiut\w* (di |i |gli |il |al |del )*({any}|consenso)
    (revoca|revocato|ritiro|rifiuto|diniego) (del |di |il |al )*consenso
    consenso (negat|revocat|rifiutat|ritirat)\w*
    (senza|nessun) (consenso|{any})
    (opposizione|si oppone)( .*)?
    lista nera
    (esclus\w*|rimoss\w*|bloccat\w*|cancellat\w*) (da |dai |dagli |dalla |per |di )*({any}|lista)
    """,
    weak_negative="bloccat\\w*\nrifiut\\w*\nrevocat\\w*",
    positive=r"""
    consenso\w*
    acconsent\w*
    (accetta|accetto|autorizza\w*|permette|permesso|desidera|vuole|riceve|ricevere|puo|si puo|possiamo|favorevole) (di |per |a |al |il |gli |i |le |con |ad |essere |l |la )*(ricevere |inviare |invio |contattare |mandare )*(di |via |tramite )*({any}|offerte|contattat\w*)
    ({any}|offerte) (permess\w*|accettat\w*|autorizzat\w*|ok|attiv\w*|consentit\w*|si)
    iscritt\w* (a |ai |al |alla |agli |per |via )*({any}|newsletter)
    """,
    weak_positive="autorizz\\w*\naccetta\npermesso\niscritt\\w*\nabbonat\\w*",
    said=r"""
    disiscritt\w*
    non (contattare|inviare|disturbare)( .*)?
    (niente|no) (sms|messaggi)
    consenso (negato|revocato|rifiutato|ritirato)
    """,
    out="revocat\\w*\nrifiutat?\\w*\nbloccat\\w*\nannullat\\w*\ncancellat\\w*\nnegat\\w*\nritirat\\w*\nrimoss\\w*\nesclus\\w*"
    "\nnon (autorizzat|accett|consent|vuole|desidera|permess)\\w*",
    given="iscritt\\w*\nattiv[oaie]\naccetta(t\\w*)?\nconcess\\w*\nautorizzat\\w*\nconfermat\\w*\ndat[oa]\nprestat\\w*"
    "\nacconsent\\w*\nabbonat\\w*\npermess\\w*\nconsentit\\w*\nrilasciat\\w*",
    open="in (attesa|sospeso)\nsconosciut\\w*\n(mai|non) (chiest|richiest|iscritt|confermat)\\w*\ninattiv\\w*\nda (confermare|chiedere)"
    "\nnessuna risposta\nignoto",
    yes="si vero",
    no="no falso mai",
)

DUTCH = Language(
    negative=r"""
    uit (voor )?(sms|whatsapp|marketing)
    (sms|whatsapp) uit
    \w*uitgeschreven
    \w*uitschrijv\w*
    \w*uitschrijf\w*
    \w*afgemeld\w*
    \w*afmeld\w*
    uitgesloten van {any}
    niet (meer )?(via |per |op )?(smsen|sms en|bellen|mailen|contacteren|contact\w*|benaderen|berichten|appen|storen|versturen|sturen|toegestaan|akkoord|aanschrijven|{any})
    (geen) ({any}|toestemming|appjes|reclame)
    bel ?me ?niet\w*
    zwarte lijst
    {any} (geblokkeerd|geweigerd|gestopt|stop|afgemeld|uit|niet toegestaan|verboden|niet gewenst)
    toestemming (ingetrokken|geweigerd|intrekken)
    (ingetrokken|geweigerde|intrekking) (van )?toestemming
    (\w*bezwaar\w*)( .*)?
    weigert {any}
    """,
    weak_negative="opgezegd\nopzegging\ngeblokkeerd\ngeweigerd\ningetrokken\ngestopt",
    positive=r"""
    \w*toestemming\w*
    (mag|mogen|wil|wenst|ontvangt|ontvangen|akkoord|accepteert|toegestaan|ok) (met |voor |we |wij |per |via |het |op |om |worden )*({any}|appen|gebeld|gecontacteerd|gesmst|ge sms t|benaderd|bericht\w*)( .*)?
    {any} (toegestaan|akkoord|ok|goedgekeurd|ontvangen|gewenst|aan|mag|ja|toestaan)
    (aangemeld|ingeschreven|geabonneerd) (voor |op )*{any}
    """,
    weak_positive="akkoord\ntoegestaan\ningeschreven\naangemeld\ngeabonneerd",
    said=r"""
    uitgeschreven
    afgemeld
    niet (meer )?(contacteren|benaderen|smsen|sms en|berichten)
    geen (sms|berichten|reclame|sms jes)
    toestemming ingetrokken
    """,
    out="geblokkeerd\ngeweigerd\ningetrokken\ngestopt\nniet (toegestaan|akkoord|gewenst)\nopgezegd\nbezwaar\\w*\nafgewezen\nverwijderd",
    given="ingeschreven\naangemeld\nactief\ntoegestaan\nverleend\ngegeven\nakkoord\nbevestigd\ngeabonneerd\ngoedgekeurd\ntoestemming",
    open="in (afwachting|behandeling)\nonbekend\n(nooit|niet|nog niet) (gevraagd|ingeschreven|aangemeld|bevestigd)\ninactief\nopenstaand"
    "\ngeen (antwoord|toestemming)\nwachtend",
    yes="ja j waar",
    no="nee onwaar nooit",
)

POLISH = Language(
    negative=r"""
    wypis\w*
    rezygn\w*
    zrezygn\w*
    (wycofa\w*|cofni\w*|odwola\w*|brak\w*|odmow\w*) (na |od )*(zgod\w*|{any}|subskrypcj\w*)
    zgod\w* (cofniet|wycofan|odwolan|odrzucon)\w*
    odmow\w*
    sprzeciw\w*( .*)?
    nie (kontakt\w*|wysyl\w*|dzwon\w*|pisac|przeszkadz\w*|wyraz\w*|zgadza\w*|zgod\w*|chce|zyczy|{any})
    (bez|zakaz) (zgody|{any}\w*|kontaktu|marketingu)
    czarna lista
    (blokad\w*|zablok\w*) {any}
    {any} (zablokowan\w*|odrzucon\w*|wstrzyman\w*|zabronion\w*|wypisan\w*|wylaczon\w*|nie)
    """,
    weak_negative="zablokowan\\w*\nodrzucon\\w*\nwstrzyman\\w*\nwycofan\\w*",
    positive=r"""
    zgod(a|y|e|ami)
    wyrazil\w*
    (mozna|moze|chce|akceptuje|pozwala|otrzymuje|zezwala|pozwolenie|zezwolenie) (na |wysylac |otrzymywac |do |pisac |kontaktowac |sie )*({any}|sms\w*)
    {any} (dozwolon\w*|zaakceptowan\w*|ok|aktywn\w*|tak|wlaczon\w*)
    (zapisan\w*|subskryb\w*) (na |do )*{any}
    """,
    weak_positive="zapisan\\w*\nsubskryb\\w*\nzezwolenie\npozwolenie\nrodo",
    said=r"""
    wypisan\w*
    rezygn\w*
    zrezygn\w*
    nie (kontaktowac|wysylac|pisac)( .*)?
    (bez|nie) sms\w*
    zgod\w* (cofnieta|wycofana|odwolana)
    sprzeciw
    """,
    out="wycofan\\w*\nodwolan\\w*\nodmow\\w*\nzablokowan\\w*\nodrzucon\\w*\ncofniet\\w*\nanulowan\\w*\nnie (wyraz|zgadza)\\w*( .*)?\nusuniet\\w*",
    given="zapisan\\w*\naktywn\\w*\nudzielon\\w*\nwyrazon\\w*\nwyrazil\\w*\nzgod(a|y)\npotwierdzon\\w*\nzaakceptowan\\w*\ndozwolon\\w*"
    "\nsubskrybuje\nsubskrybent",
    open="oczekuj\\w*( .*)?\nnieznan\\w*\n(nigdy nie|nie) pytan\\w*\nnieaktywn\\w*\nniezapisan\\w*\nniepotwierdzon\\w*\nw toku\nbrak (danych|zgody|odpowiedzi)",
    yes="tak t prawda",
    no="nie falsz nigdy",
)

SWEDISH = Language(
    negative=r"""
    \w*avregistrer\w*
    \w*avanmal\w*
    avprenumer\w*
    avbest\w*
    avslut\w* (prenumeration|{any})
    (inga|inget|ej|ingen|inte) ({any}|samtycke|samtal|kontaktas|tillat\w*)
    (kontakta|skicka|ring|smsa|messa) (ej|inte)( .*)?
    nix ?(register|registret)?
    {any} ?(sparr|sparrad|sparrat|blockerad|blockerat|nekad|nekat|stopp|stoppad|avbojd|avbojt|avslaget|av|ej|undanbedes)
    (sms|reklam|kontakt|utskicks)(sparr|sparrad|stopp)
    svartlist\w*
    reklamsparr\w*
    (nej|tackat nej|sagt nej) till {any}
    vill (inte|ej)( .*)?
    aterkall\w*( .*)?
    samtycke\w* (aterkallat|nekat|avslaget|saknas)
    (utan|saknar|nekat|nekar) (samtycke|{any})
    undanber\w*( .*)?
    """,
    weak_negative="sparrad\nsparrat\nblockerad\nnekad\nnekat\nstoppad\navbojt",
    positive=r"""
    \w*samtyck\w*
    medgivande\w*
    (tillat\w*|tillat|godkann\w*|far|vill|accepterar|onskar|tar emot|ta emot|ok|okej) (ta emot |fa |ha |erhalla |vi |skicka |skickas |via |med |for |att |bli |till )*({any}|kontaktad|kontaktas)
    {any} (tillat\w*|godkan\w*|ok|okej|accepterad|accepterat|aktiv\w*|ja|pa)
    prenumererar( .*)?
    """,
    weak_positive="tillat\\w*\ngodkan\\w*\nprenumer\\w*\nanmald",
    said=r"""
    avregistrerad
    avanmald
    avprenumererad
    (kontakta|skicka) (ej|inte)( .*)?
    (inga|ej|inte) (sms|utskick|reklam|meddelanden)
    samtycke (aterkallat|nekat)
    aterkallat samtycke
    """,
    out="avslutad\naterkalla\\w*\nneka\\w*\nsparra\\w*\nblockera\\w*\navboj\\w*\nstoppad\\w*\nej (tillat|godkan)\\w*\navbokad\nborttagen\navslagen",
    given="registrerad\nanmald\naktiv\ngodkan\\w*\nsamtyck\\w*\ntillat\\w*\nprenumer\\w*\nbekraftad\\w*\nlamnat\nja tack\ngett",
    open="vanta\\w*( .*)?\nokan\\w*\n(aldrig|ej|inte) (tillfragad|registrerad|anmald|fragad|bekraftad)\\w*\ninaktiv\nobekraftad\\w*\nsaknas",
    yes="ja j sant",
    no="nej falskt aldrig",
)

LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH, PORTUGUESE, ITALIAN, DUTCH, POLISH, SWEDISH)
