"""How one asks for a person in other languages than English, as data."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Tongue:
    """The rules of one language: wishes, refusals of a person, and refusals of a machine (which are wishes)."""

    language: str
    requests: tuple[re.Pattern[str], ...]
    refused: re.Pattern[str]
    rather: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Words:
    """Alternatives of a regular expression: verbs of reaching, the word before a person, a person, a wish, "not", a machine, "please"."""

    language: str
    reach: str
    to: str
    person: str
    want: str
    no: str
    machine: str
    please: str


SPANISH = Words(
    "es",
    reach=r"habl(?:ar|o|e)|chatear|conversar|comun[ií](?:car(?:me|nos)?|queme|came)|p[aá]s[ae](?:r?me)|transfi[eé]r[ae](?:me)|transferir(?:me)?|con[eé]ct[ae](?:me)|conectar(?:me)?"
    r"|p[oó]ng[ae]me|ponme|contactar",
    to=r"(?:con|a|al)\s+(?:un[ao]?\s+|el\s+|la\s+|alg[uú]n[ao]?\s+|su\s+|tu\s+)?",
    person=r"persona|humano|humana|agente|asesor|asesora|operador|operadora|representante|encargado|encargada|supervisor|supervisora|gerente|alguien"
    r"|servicio\s+al\s+cliente|atenci[oó]n\s+al\s+cliente",
    want=r"(?:quiero|necesito|quisiera|deseo|dame|deme|prefiero|exijo|p[aá]same|me\s+gustar[ií]a)\s+(?:un[ao]?\s+|a\s+un[ao]?\s+|que\s+me\s+\w+\s+un[ao]?\s+)?",
    no=r"no\s+(?:quiero|necesito|hace\s+falta|deseo|me\s+\w+)", machine=r"robot|bot|maquina|máquina|ordenador|computadora", please=r"por\s+favor",
)
FRENCH = Words(
    "fr",
    reach=r"parler|discuter|chatter|joindre|contacter|transf[eé]re(?:r|z)(?:-moi)?|passe(?:r|z)(?:-moi)?|mett(?:re|ez|ez-moi)|avoir",
    to=r"(?:[aà]|avec|au|en\s+relation\s+avec|[aà]\s+la)?\s*(?:une?\s+|le\s+|la\s+|l'|votre\s+|quelques?\s+)?(?:vraie?\s+)?",
    person=r"personne|humain|agent|conseiller|conseillère|conseillere|opérateur|operateur|représentant|representant|responsable|superviseur|quelqu'un|service\s+client",
    want=r"(?:je\s+(?:veux|voudrais|souhaite|d[eé]sire)|j'ai\s+besoin\s+d'?(?:e\s+)?|donnez-moi|il\s+me\s+faut|j'aimerais)\s*(?:une?\s+|avoir\s+une?\s+)?(?:vraie?\s+)?",
    no=r"(?:ne\s+(?:veux|souhaite|d[eé]sire)\s+pas|n'ai\s+pas\s+besoin|pas\s+besoin|veux\s+pas)", machine=r"robot|bot|machine|ordinateur",
    please=r"s'il\s+(?:vous|te)\s+pla[iî]t|svp|stp",
)
GERMAN = Words(
    "de",
    reach=r"sprech\w*|red(?:en|e)|chatten|verbind\w*|weiterleit\w*|durchstell\w*|telefonier\w*|kontakt\w*|erreichen",
    to=r"(?:mit|zu|an)\s+(?:einem?r?n?\s+|der\s+|dem\s+|den\s+|ihrem?r?n?\s+)?(?:echten?\s+|richtigen?\s+|menschlichen?\s+|realen?\s+)?",
    person=r"mensch|menschen|person|mitarbeiter|mitarbeiterin|berater|beraterin|kundenberater|kundenberaterin|agent|agenten|jemandem|jemanden|jemand"
    r"|kundendienst|kundenservice|support|vorgesetzte|vorgesetzten|manager|chef",
    want=r"(?:(?:ich|wir)\s+(?:will|m[oö]chte|brauche|h[aä]tte\s+gerne?|wollen|m[oö]chten|verlange)|(?:kann|darf)\s+ich|gib\s+mir|geben\s+sie\s+mir)"
    r"\s+(?:bitte\s+)?(?:einen?\s+)?(?:echten?\s+|richtigen?\s+)?",
    no=r"(?:kein(?:en|e|em|er)?|nicht|nie)", machine=r"bot|bots|robot|roboter|chatbot|chatbots|maschine|maschinen|computer|ki", please=r"bitte",
)
DUTCH = Words(
    "nl",
    reach=r"spreken|praten|chatten|verbind\w*|doorverbind\w*|doorschakel\w*|bellen|contact",
    to=r"(?:met|naar|aan)\s+(?:een\s+|de\s+|uw\s+|jullie\s+)?(?:echte?\s+|menselijke?\s+)?",
    person=r"mens|persoon|medewerker|agent|iemand|klantenservice|helpdesk|manager|leidinggevende|collega",
    want=r"(?:ik\s+(?:wil|zoek|heb)|geef\s+me|mag\s+ik|kan\s+ik)\s+(?:graag\s+)?(?:een\s+)?(?:echte?\s+)?",
    no=r"(?:geen|niet|nooit)", machine=r"bot|robot|chatbot|machine|computer", please=r"alstublieft|aub|alsjeblieft",
)
ITALIAN = Words(
    "it",
    reach=r"parl(?:are|o)|chattare|contattare|passami|mi\s+passi|trasferi(?:re|scimi|sca)|mett(?:imi|ermi|ere)|collega(?:mi|re)",
    to=r"(?:con|a|in\s+contatto\s+con|al)?\s*(?:una?\s+|un'|uno\s+|il\s+|la\s+|qualche\s+)?(?:ver[oa]\s+)?",
    person=r"persona|umano|agente|operatore|operatrice|rappresentante|responsabile|supervisore|consulente|qualcuno|servizio\s+clienti|assistenza\s+clienti",
    want=r"(?:voglio|vorrei|ho\s+bisogno\s+di|dammi|mi\s+dia|mi\s+serve|preferisco|desidero)\s+(?:una?\s+|un')?(?:ver[oa]\s+)?",
    no=r"non\s+(?:voglio|vorrei|ho\s+bisogno|serve|mi\s+serve|desidero)", machine=r"bot|robot|macchina|computer", please=r"per\s+favore|per\s+piacere",
)
PORTUGUESE = Words(
    "pt",
    reach=r"falar|conversar|contactar|contatar|transfira(?:-me)?|transferir|me\s+transfere|passe(?:-me)?|me\s+passa|ligar",
    to=r"(?:com|a|para|ao|pra)\s+(?:uma?\s+|o\s+|a\s+|algum(?:a)?\s+)?",
    person=r"pessoa|humano|agente|atendente|operador|operadora|representante|responsável|responsavel|supervisor|supervisora|gerente|alguém|alguem|servi[cç]o\s+ao\s+cliente|atendimento",
    want=r"(?:quero|preciso\s+de|queria|gostaria\s+de|desejo|me\s+d[eê]|prefiro)\s+(?:uma?\s+)?",
    no=r"n[aã]o\s+(?:quero|preciso|desejo|gostaria)", machine=r"robô|robo|robot|bot|máquina|maquina|computador", please=r"por\s+favor",
)


def _tongue(words: Words) -> Tongue:
    person = rf"(?:{words.person})\b"
    near = r"[^.?!,;_]{0,25}?"
    return Tongue(
        words.language,
        requests=(
            re.compile(rf"\b(?:{words.reach})\b\s+{near}\b{words.to}{person}", re.I),
            re.compile(rf"\b{words.to}{person}{near}\b(?:{words.reach})\b", re.I),
            re.compile(rf"\b{words.want}{person}", re.I),
            re.compile(rf"^\W*(?:un[ao]?e?\s+|eine?n?\s+|een\s+|uma?\s+)?(?:{words.person})\W*(?:{words.please})\W*$", re.I),
        ),
        refused=re.compile(rf"\b{words.no}\b[^.?!,;_]*\b{person}[^.?!,;_]*", re.I),
        rather=(re.compile(rf"\b{words.no}\b[^.?!,;_]{{0,30}}\b(?:{words.machine})\b", re.I),),
    )


TONGUES = (SPANISH, FRENCH, GERMAN, DUTCH, ITALIAN, PORTUGUESE)
ABROAD = tuple(_tongue(words) for words in TONGUES)
# One of these stands in whatever a rule above finds.
PEOPLE_ABROAD = frozenset(re.split(r"\\s\+|'", one)[-1] for words in TONGUES for one in f"{words.person}|{words.machine}".split("|"))
