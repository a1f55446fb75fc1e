"""Sends what is due to customers elsewhere, by e-mail or message: the row is the queue, a failed try is due again later."""

import logging
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.template.loader import render_to_string

from handoffs import addresses, clock, mail_addresses, plugins, tongue, transitions, waiting_room
from handoffs.mail.reading import Returned
from handoffs.mediums import Message, Rejected
from handoffs.models import Conversation, Customer, Handoff, InboundMail, Letter, Step, Turn
from handoffs.signals import Change, announce
from handoffs.snapshots import Author
from handoffs.states import OPEN
from handoffs.waiting_room.telling import HELD_FOR

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(hours=1)
MOST_TRIES = 80  # three days
WAITS_LONG, A_DAY, LATELY = timedelta(minutes=10), timedelta(days=1), timedelta(days=7)
LONGEST_SHORT = 1600  # characters, the most providers take
UNDELIVERABLE = "undeliverable"
FOR_GOOD, REFUSED = range(500, 600), "The mail server refuses it, and is asked again for three days"
MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
# Away notices and the like are not wanted, whoever wrote; what a machine wrote says so (RFC 3834).
QUIET = {"X-Auto-Response-Suppress": "OOF, AutoReply, RN, NRN"}
BY_MACHINE = {"Auto-Submitted": "auto-replied"}


def due() -> QuerySet[Letter]:
    """What is to be sent now, the longest due first. Where nothing arrives it is held."""
    rows = _unsent().filter(due_at__lte=clock.now(), tries__lt=MOST_TRIES)
    return rows.select_related("turn__agent", "turn__conversation__customer").order_by("due_at")


def pass_over() -> None:
    """Forget what was seen on the page or was held for long, and put off what may be seen yet, all at once: one by one they would hold up what is to
    be sent."""
    now = clock.now()
    waiting = Letter.objects.filter(sent_at__isnull=True, due_at__lte=now)
    seen = Q(tries=0, turn__number__lte=F("turn__conversation__customer_seen"))
    waiting.filter(seen | Q(turn__conversation__reply_failed_at__isnull=False, turn__at__lt=now - HELD_FOR)).delete()
    open_until = Turn.objects.filter(pk=OuterRef("turn")).values("conversation__page_open_until")
    waiting.filter(tries=0, turn__conversation__page_open_until__gt=now).update(due_at=Subquery(open_until))


def send(letter: Letter) -> bool:
    """Send one due letter, unless its words were seen on the page or may be yet. Whoever moves its due time sends it; a failure is tried again
    15 s, 30 s … at most an hour later, for three days; what is refused for good is held until the customer can be reached. The first try goes to
    the address of now."""
    again = clock.now() + pause(letter.tries)
    mine = Letter.objects.filter(pk=letter.pk, sent_at__isnull=True, due_at=letter.due_at)
    if not mine.update(due_at=again, tries=F("tries") + 1):
        return False
    row = Letter.objects.filter(pk=letter.pk)
    if _is_known(letter):
        row.delete()
        return False
    if open_until := _open_until(letter):
        row.update(due_at=open_until, tries=0)
        return False
    if not letter.tries and not _address_anew(letter):
        row.delete()
        return False
    try:
        with tongue.speaking(letter.turn.conversation):
            message = _message(letter)
        called = plugins.load("handoffs.mediums")[letter.medium].send(message)
    except Rejected as rejected:
        # As if never tried: it goes to the address that they have corrected it to, or will.
        row.update(error=str(rejected)[:500], tries=0, due_at=clock.now() + FIRST_PAUSE)
        come_back(letter.turn.conversation, str(rejected), letter.to)
        return False
    except Exception as error:
        logger.warning("letter %s was not sent: %s", letter.pk, error)
        row.update(error=f"{type(error).__name__}: {error}"[:500])
        if isinstance(error, SMTPRecipientsRefused):
            _refused(letter.turn.conversation, error)
        if letter.tries + 1 >= MOST_TRIES:
            _give_up(letter)
        return False
    row.update(sent_at=clock.now(), error="", message_id=called)
    return True


def pause(tries: int) -> timedelta:
    return min(FIRST_PAUSE * (1 << min(tries, 10)), LONGEST_PAUSE)


def come_back(conversation: Conversation, why: str, to: str) -> None:
    """What is sent to the customer at `to` does not arrive: while that is their address nothing more is sent, and people are told, once."""
    with transaction.atomic():
        current = Q(reply_by_email__iexact=to) | Q(customer__in=Customer.objects.filter(phone=to))
        unknown = Conversation.objects.filter(current, pk=conversation.pk, reply_failed_at__isnull=True)
        if not to or not unknown.update(reply_failed_at=clock.now(), reply_failed_why=why[:200]):
            return
        _note(conversation, why[:200])
        announce(Change(conversation.pk))


def bounce(conversation: Conversation, why: str, named: Collection[str], returned: Returned) -> None:
    """A mail server reports that a letter did not arrive. It may have been read all the same, so it is not sent again.

    The report is of an address it names or, when we wrote to none of these as it was passed on from ours, of the one the letter it returns was to.
    When it says neither, it is of the only one we know, if there is but one.
    """
    letters = Letter.objects.filter(turn__conversation=conversation, medium="email").values_list("message_id", "to")
    written = [(called, to.lower()) for called, to in letters]
    known = {conversation.reply_by_email.lower(), *(to for _, to in written)}
    came_back = returned.to or tuple(to for called, to in written if called and called == returned.id)
    for to in known.intersection(named) or came_back or (known if len(known) == 1 else ()):
        come_back(conversation, why, to)


def _note(conversation: Conversation, words: str) -> None:
    """For whoever has the conversation, or had it last."""
    handoff = waiting_room.open_handoff(conversation) or conversation.handoffs.select_related("team").order_by("-created_at").first()
    if handoff:
        transitions.note(handoff, UNDELIVERABLE, by="baton", note=words)


def _refused(conversation: Conversation, error: SMTPRecipientsRefused) -> None:
    """It may be the address or our own set-up, so that it is tried again; but whoever has the conversation can ask for another address."""
    code, words = next(iter(error.recipients.values()), (0, b""))
    told = Step.objects.filter(handoff__conversation=conversation, verb=UNDELIVERABLE, note__startswith=REFUSED, at__gt=clock.now() - A_DAY)
    if code in FOR_GOOD and not told.exists():
        _note(conversation, f"{REFUSED}: {code} {words.decode('utf-8', 'replace')}"[:200])


def _give_up(letter: Letter) -> None:
    """The address may be good, so more may be sent there; but whoever has the conversation knows that these words did not arrive."""
    words = f"Our words of {letter.turn.at:%d %b, %H:%M} UTC did not arrive: nobody took them for three days."
    _note(letter.turn.conversation, words)


def problems() -> tuple[str, ...]:
    """What supervisors and readyz should know."""
    now = clock.now()
    failing = _unsent().filter(tries__gt=0, tries__lt=MOST_TRIES, turn__at__lt=now - WAITS_LONG)
    lost = _unsent().filter(tries__gte=MOST_TRIES, due_at__gt=now - LATELY)
    waits = "Words to customers by {} wait for more than 10 minutes, since they are not taken: {}. They are tried again."
    gone = "Words to customers by {} that were given up in the last week, after three days: {}."
    return (*(waits.format(*each) for each in _counts(failing)), *(gone.format(*each) for each in _counts(lost)), *_unreached(now))


def _unreached(now: datetime) -> tuple[str, ...]:
    """Whoever has a conversation is told at once; when it turns out after the end of the last handoff, supervisors are."""
    rows = Step.objects.filter(verb=UNDELIVERABLE, at__gt=now - A_DAY, at__gte=F("handoff__ended_at"), handoff__conversation__reply_failed_at__isnull=False)
    count = rows.exclude(handoff__conversation__handoffs__state__in=sorted(OPEN)).values("handoff__conversation").distinct().count()
    said = "Conversations in which it turned out in the last day, after the handoff had ended, that what we send does not arrive: {}. The handoff says why."
    return (said.format(count),) if count else ()


def _unsent() -> QuerySet[Letter]:
    """What is not sent yet to customers who can be reached, as far as we know."""
    return Letter.objects.filter(sent_at__isnull=True, turn__conversation__reply_failed_at__isnull=True)


def _counts(letters: QuerySet[Letter]) -> QuerySet[Letter, tuple[str, int]]:
    """How many there are of each medium."""
    return letters.values_list("medium").annotate(count=Count("pk")).order_by("medium")


def _is_known(letter: Letter) -> bool:
    """Whether nobody needs it any more: its words were seen on the page, or a newer word says how it stands. What was tried goes out."""
    turn = letter.turn
    if letter.tries or turn.number <= turn.conversation.customer_seen:
        return not letter.tries
    newer = Turn.objects.filter(conversation=turn.conversation_id, number__gt=turn.number, author=Author.WAITING_ROOM)
    return turn.kind == Turn.Kind.CHECK_IN and newer.exists()


def _open_until(letter: Letter) -> datetime | None:
    """Until when the page it may be read on is open; None when it is not, or it was tried."""
    conversation = letter.turn.conversation
    return conversation.page_open_until if not letter.tries and waiting_room.is_here(conversation) else None


def _address_anew(letter: Letter) -> bool:
    """Take the address of now, which may have changed since the words were said; whether there is one."""
    to = waiting_room.address(letter.turn.conversation)
    if to and to != letter.to:
        letter.to = to
        letter.save(update_fields=["to"])
    return bool(to)


def _message(letter: Letter) -> Message:
    if letter.medium != "email":
        return Message(letter.to, _short(letter))
    conversation, now = letter.turn.conversation_id, clock.now()
    earlier = Letter.objects.filter(turn__conversation=conversation, medium="email", sent_at__isnull=False).order_by("pk")
    first, last = earlier.first(), earlier.last()
    answers_to = mail_addresses.address(conversation, now)
    return Message(
        letter.to, _text(letter, "letter", answers=bool(answers_to)), subject=f"Re: {_subject(first)}" if first else _subject(letter),
        id=mail_addresses.letter_id(letter.pk), answers_to=answers_to, sender=mail_addresses.address(conversation, now, mail_addresses.BOUNCES),
        headers={**QUIET, **({} if letter.turn.author == Author.AGENT else BY_MACHINE), **_thread(letter, last)},
    )


def _thread(letter: Letter, last: Letter | None) -> dict[str, str]:
    """What shows all letters and answers of a conversation as one thread: the newest of either is what is answered."""
    conversation = letter.turn.conversation_id
    heard = InboundMail.objects.filter(conversation=conversation, medium="email", turn__isnull=False).order_by("-at").first()
    newest = sorted([(row_at, name) for row_at, name in ((heard and heard.at, heard and heard.message_id), (last and last.sent_at, last and last.message_id))
                     if row_at and name and MESSAGE_ID.fullmatch(name)])
    known = [mail_addresses.thread_id(conversation), *(name for _, name in newest)]
    return {"References": " ".join(known), "In-Reply-To": known[-1]}


def _subject(letter: Letter) -> str:
    """That of the first letter stays: mail programs part threads by it."""
    return render_to_string("messages/letter_subject.txt", {"brand": settings.BRAND, "turn": letter.turn}, using="text").strip()


def _text(letter: Letter, template: str, *, answers: bool = False) -> str:
    turn = letter.turn
    who = turn.agent.public_name if turn.author == Author.AGENT and turn.agent else ""
    link = addresses.url(turn.conversation_id)
    view = {"turn": turn, "who": who, "link": link, "brand": settings.BRAND, "done": _done(turn), "answers": answers}
    return render_to_string(f"messages/{template}.txt", view, using="text")


def _short(letter: Letter) -> str:
    """The words; what is too long for a message goes on behind the link."""
    text = _text(letter, "short")
    link = addresses.url(letter.turn.conversation_id)
    return text if len(text) <= LONGEST_SHORT else f"{text[: LONGEST_SHORT - len(link) - 2].rstrip()}… {link}"


def _done(turn: Turn) -> tuple[str, ...]:
    """What the agent did, when the turn gives the conversation back: the letter is all some customers read."""
    if turn.kind not in (Turn.Kind.HANDED_BACK, Turn.Kind.CLOSED):
        return ()
    handoff = Handoff.objects.filter(conversation=turn.conversation_id, created_at__lte=turn.at).order_by("-created_at").first()
    return handoff.done if handoff else ()
