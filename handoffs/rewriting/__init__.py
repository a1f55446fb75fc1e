"""Wording a brief better with a language model, when one is configured: after the commit, once for each handoff, and only if what it says is true.

A row is the queue: made with the handoff, taken over by a guarded update, and taken again when its worker was killed. The call never happens within a
transaction, and one that fails changes nothing: the brief stays as the facts tell it.
"""

import logging
import time
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count

from handoffs import briefs, clock, history
from handoffs.briefing import redaction
from handoffs.models import Handoff, Rewrite
from handoffs.rewriting import endpoint, wording
from handoffs.rewriting.endpoint import Endpoint, Failed
from handoffs.rewriting.wording import Unfaithful, Wording
from handoffs.snapshots import Author, Brief, Line
from handoffs.states import HELD, State

logger = logging.getLogger(__name__)

# Longer than a call and all around it may take, or twice its budget: after it the worker is thought to be dead.
LEASE = timedelta(seconds=45)
MOST_TRIES = 3
# Those that wait for people's records must find a thread too.
MOST_AT_ONCE = 4
LONGEST_WHY = 500
SILENT_AFTER = 3  # failures in a row
LOOK_BACK = timedelta(hours=1)


class _Lost(Exception):
    """Another worker has the row."""


class _Late(Exception):
    """The words came too late to be of use."""


def want(handoff: Handoff) -> None:
    """Let the handoff's brief be worded by the model, if there is one. One insert, within the handoff's transaction."""
    if found := endpoint.configured():
        Rewrite.objects.create(handoff=handoff, model=found.model[:100])


def work() -> Rewrite | None:
    """Word the brief that has been due longest; None when none is, or enough are being worded now."""
    now, model = clock.now(), endpoint.configured()
    if model is None or Rewrite.objects.filter(due_at__gt=now, tries__gt=0).count() >= MOST_AT_ONCE:
        return None
    row = Rewrite.objects.filter(due_at__lte=now).order_by("due_at", "pk").first()
    if row is None or not _take(row, now):
        return None
    began = time.monotonic()
    try:
        result, why = _word(row, model)
    except _Lost:
        return None
    except _Late as late:
        result, why = Rewrite.Result.LATE, str(late)
    except (Failed, ValueError) as failed:
        result, why = Rewrite.Result.FAILED, str(failed)
    except Unfaithful as unfaithful:
        result, why = Rewrite.Result.UNFAITHFUL, str(unfaithful)
    except Exception as error:
        logger.exception("the brief of %s could not be worded", row.handoff_id)
        result, why = Rewrite.Result.FAILED, type(error).__name__
    _end(row, result, why, took=time.monotonic() - began)
    return row


def counts(since: datetime) -> dict[str, int]:
    """How many briefs were worded by the model since then, by what came of it."""
    rows = Rewrite.objects.filter(ended_at__gte=since).order_by().values_list("result").annotate(Count("pk"))
    return {result.value: 0 for result in Rewrite.Result} | {str(result): count for result, count in rows}


def problems() -> tuple[str, ...]:
    """A sentence when the language model has failed each of the last times."""
    model = endpoint.configured()
    if model is None:
        return ()
    newest = Rewrite.objects.filter(ended_at__gte=clock.now() - LOOK_BACK).order_by("-ended_at").values_list("result", flat=True)[:SILENT_AFTER]
    if list(newest) != [Rewrite.Result.FAILED] * SILENT_AFTER:
        return ()
    return (f"The language model at {urlsplit(model.url).hostname} failed the last {SILENT_AFTER} times; briefs stay as the facts tell them.",)


def _take(row: Rewrite, now: datetime) -> bool:
    as_seen = Rewrite.objects.filter(pk=row.pk, due_at=row.due_at, tries=row.tries)
    until = now + max(LEASE, 2 * timedelta(seconds=settings.LLM_BUDGET))
    if not as_seen.update(due_at=until, tries=row.tries + 1):
        return False
    row.due_at, row.tries = until, row.tries + 1
    return True


def _word(row: Rewrite, model: Endpoint) -> tuple[Rewrite.Result, str]:
    """Ask for words and put them in the brief. Raises what says that they are not used."""
    handoff = Handoff.objects.select_related("conversation__customer").get(pk=row.handoff_id)
    brief, customer = handoff.what_to_know, handoff.conversation.customer
    if row.tries > MOST_TRIES:
        raise Failed(f"its worker was stopped {MOST_TRIES} times")
    if brief.written_by == "model":
        return Rewrite.Result.USED, ""
    _check_time(handoff)
    lines, names = _lines(handoff), [name for name in (customer.name, customer.external_id) if name]
    redacted = redaction.redact(wording.data(lines, brief), wording.personal(brief, names, [customer.email, handoff.conversation.reply_by_email]))
    if not Rewrite.objects.filter(pk=row.pk, due_at=row.due_at).update(tokens=redacted.tokens):
        raise _Lost
    found = wording.read(endpoint.ask(model, wording.messages(redacted.value), wording.Wording.model_json_schema()), redacted.tokens)
    wording.check(found, lines, brief, wording.known_of(brief, [customer.name]))
    with transaction.atomic():
        _use(row, handoff, brief, found)
    return Rewrite.Result.USED, ""


def _use(row: Rewrite, handoff: Handoff, asked_about: Brief, found: Wording) -> None:
    def change(newest: Brief) -> Brief | None:
        same = all(getattr(newest, name) == getattr(asked_about, name) for name in ("facts", "attempts", "goal", "sentences"))
        return wording.reworded(newest, found) if same else None

    if not Rewrite.objects.filter(pk=row.pk, due_at=row.due_at).update(tries=row.tries):
        raise _Lost
    handoff.refresh_from_db()
    _check_time(handoff)
    if briefs.revise(handoff.pk, change) is None:
        raise _Late("people had put the brief right meanwhile")


def _check_time(handoff: Handoff) -> None:
    if handoff.state not in (State.WAITING, *HELD):
        raise _Late("the handoff had ended")
    if handoff.first_reply_at:
        raise _Late("an agent had answered")


def _end(row: Rewrite, result: Rewrite.Result, why: str, *, took: float) -> None:
    ended = {"result": result, "why": why[:LONGEST_WHY], "took": round(took, 3), "ended_at": clock.now(), "due_at": None}
    Rewrite.objects.filter(pk=row.pk, due_at=row.due_at).update(**ended)


def _lines(handoff: Handoff) -> tuple[Line, ...]:
    """What the customer, the assistant and agents said: the first turns and the last ones."""
    turns = handoff.conversation.turns.exclude(author=Author.WAITING_ROOM)
    newest = list(turns.order_by("-number")[: wording.LAST_TURNS])
    oldest = turns.filter(number__lt=newest[-1].number).order_by("number")[: wording.FIRST_TURNS] if newest else []
    return tuple(history.line(turn) for turn in (*oldest, *reversed(newest)))
