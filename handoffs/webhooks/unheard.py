"""Words that a firm's own page should show its customer and that no endpoint takes: they look as if they had been said."""

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from handoffs import letters, outbox, transitions
from handoffs.models import Delivery, Endpoint, Handoff, Step
from handoffs.states import OPEN

# Who never opened the page of ours, where all of it stands.
READS_ELSEWHERE = {"conversation__medium": "webhook", "conversation__page_open_until": None}


def note(lost: Q, why: str) -> None:
    """Let whoever has a conversation know which words of it none of these deliveries brings, unless another endpoint takes the same."""
    first = dict(_unheard(lost).values_list("conversation").annotate(Min("made_at")).order_by())
    for handoff in Handoff.objects.filter(state__in=sorted(OPEN), conversation__in=list(first)).select_related("team", "agent", "conversation__answered_by"):
        words = f"Our words of {first[handoff.conversation_id]:%d %b, %H:%M} UTC were not taken by webhook: {why}."
        transitions.note(handoff, letters.UNDELIVERABLE, by="baton", note=words)


def note_paused() -> None:
    """What was said while an endpoint is paused waits: known once, until something else is said."""
    known = Step.objects.filter(handoff__conversation=OuterRef("conversation"), verb=letters.UNDELIVERABLE, at__gte=OuterRef("made_at"))
    note(Q(~Exists(known), state=Delivery.State.DUE, endpoint__paused_at__isnull=False), "its endpoint is paused")


def count() -> int:
    """Of how many open handoffs no endpoint would be sent what is said."""
    open_ones = Handoff.objects.filter(state__in=sorted(OPEN), **READS_ELSEWHERE)
    counts = list(open_ones.values_list("conversation__assistant", "team").annotate(Count("pk")).order_by())
    told = list(Endpoint.objects.filter(paused_at__isnull=True)) if counts else []
    return sum(number for assistant, team, number in counts if not any(_is_told(each, assistant, team) for each in told))


def _is_told(endpoint: Endpoint, assistant: int, team: int) -> bool:
    return (not endpoint.events or outbox.SAID in endpoint.events) and endpoint.assistant_id in (None, assistant) and endpoint.team_id in (None, team)


def _unheard(lost: Q) -> QuerySet[Delivery]:
    taken = Q(state=Delivery.State.SENT) | (~Q(state=Delivery.State.DEAD) & Q(endpoint__paused_at__isnull=True))
    same = Delivery.objects.filter(taken, conversation=OuterRef("conversation"), event=outbox.SAID, body=OuterRef("body")).exclude(pk=OuterRef("pk"))
    return Delivery.objects.filter(lost, ~Exists(same), event=outbox.SAID, **READS_ELSEWHERE)
