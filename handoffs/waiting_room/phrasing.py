"""Check-ins in a language model's words, when the policy wants that: never asked for while somebody waits for them, and used only if they say the same.

The model is given what a template says, which names no customer. Its words are kept and used for everybody who is told that; until there are any,
and whenever they say anything else than the template, the template's own are.
"""

import hashlib
import json
import logging
import re
from datetime import timedelta
from importlib.resources import files

from django.db import transaction
from pydantic import BaseModel

from handoffs import clock, grounding
from handoffs.models import Handoff, Phrasing, PolicyVersion
from handoffs.rewriting import endpoint
from handoffs.rewriting.endpoint import Failed

logger = logging.getLogger(__name__)

LEASE, MOST_TRIES, LONGEST_SHARE = timedelta(seconds=45), 3, 1.6
# So many of the newest are kept.
KEPT = 5000
# What says when, how long or which place: the same words must stand in both.
WHEN = re.compile(
    r"\b(?:next|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty|half|quarter"
    r"|seconds?|minutes?|mins?|hours?|days?|weeks?|today|tonight|tomorrow|morning|afternoon|evening|noon|midnight|soon|shortly|now|moments?|immediately"
    r"|quickly|almost|nearly|about|closed|open|back|person|human|sorry)\b",
    re.I,
)


class Said(BaseModel):
    text: str


def phrased(plain: str, handoff: Handoff) -> str:
    """The model's words for it in the tone of the handoff's team, else `plain`; the first time it is asked for them, for the next customer."""
    if not PolicyVersion.in_force().phrases_check_ins or endpoint.configured() is None:
        return plain
    tone = handoff.team.tone
    row = Phrasing.objects.get_or_create(digest=_digest(plain, tone), defaults={"plain": plain, "tone": tone})[0]
    return row.said if row.said and says_the_same(plain, row.said) else plain


def says_the_same(plain: str, said: str) -> bool:
    """Whether the words hold every figure, place and time of the template and none besides, and claim nothing it does not."""
    new, lost = grounding.missing(said, [plain]), grounding.missing(plain, [said])
    if new.details or new.claims or lost.details or len(said) > LONGEST_SHARE * len(plain) + 20 or "\n" in said:
        return False
    return sorted(word.lower() for word in WHEN.findall(plain)) == sorted(word.lower() for word in WHEN.findall(said))


def work() -> bool:
    """Ask for the words that have been due longest; False when none are. The call is outside of any transaction."""
    now, model = clock.now(), endpoint.configured()
    row = Phrasing.objects.filter(due_at__lte=now).order_by("due_at").first() if model else None
    if model is None or row is None:
        return False
    mine = Phrasing.objects.filter(pk=row.pk, due_at=row.due_at, tries=row.tries)
    if not mine.update(due_at=now + LEASE, tries=row.tries + 1):
        return True
    try:
        said = Said.model_validate_json(endpoint.ask(model, _messages(row), Said.model_json_schema())).text.strip()
        error = "" if says_the_same(row.plain, said) else "it does not say the same"
    except (Failed, ValueError) as failed:
        said, error = "", str(failed)[:200]
    _keep(row, said, error)
    return True


def tidy() -> None:
    """Forget the oldest: what they say of places and times hardly comes again."""
    if eldest := Phrasing.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:KEPT + 1].first():
        Phrasing.objects.filter(pk__lte=eldest).delete()


def _keep(row: Phrasing, said: str, error: str) -> None:
    again = clock.now() + LEASE * 2**row.tries if error and row.tries + 1 < MOST_TRIES else None
    with transaction.atomic():
        Phrasing.objects.filter(pk=row.pk, said="").update(said="" if error else said, error=error, due_at=again)


def _messages(row: Phrasing) -> list[dict[str, str]]:
    instructions = files("handoffs.waiting_room").joinpath("instructions.txt").read_text(encoding="utf-8")
    return [{"role": "system", "content": instructions}, {"role": "user", "content": json.dumps({"tone": row.tone, "text": row.plain}, ensure_ascii=False)}]


def _digest(plain: str, tone: str) -> str:
    return hashlib.sha256(f"{tone}\n{plain}".encode()).hexdigest()
