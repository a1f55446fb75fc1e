"""Words that a firm's own page should show its customer and that no endpoint takes: they look as if they had been said."""

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from handoffs import letters, outbox, transitions
from handoffs.models import Delivery, Endpoint, Handoff, Step
from handoffs.snapshots import Author
from handoffs.states import OPEN

# Who never opened the page of ours, where all of it stands.
READS_ELSEWHERE = {"conversation__medium": "webhook", "conversation__page_open_until": None}


def note(lost: Q, why: str) -> None:
    """Let whoever has a conversation know which words of it none of these deliveries brings, unless another endpoint takes the same."""
    first = dict(_unheard(lost).values_list("conversation__handoffs").annotate(Min("made_at")).order_by())
    for handoff in Handoff.objects.filter(pk__in=list(first)).select_related("team", "agent", "conversation__answered_by"):
        words = f"Our words of {first[handoff.pk]:%d %b, %H:%M} UTC were not taken by webhook: {why}."
        transitions.note(handoff, letters.UNDELIVERABLE, by="baton", note=words)


def note_paused() -> None:
    """What is said while an endpoint is paused waits: named once in each pause."""
    known = Step.objects.filter(handoff=OuterRef("conversation__handoffs"), verb=letters.UNDELIVERABLE, at__gte=OuterRef("endpoint__paused_at"))
    why = "its endpoint is paused, and they are kept and sent when it goes on"
    note(Q(~Exists(known), state=Delivery.State.DUE, endpoint__paused_at__isnull=False), why)


def count() -> int:
    """Of how many open handoffs no endpoint would be sent what is said. Who has none asks for the turns."""
    open_ones = Handoff.objects.filter(state__in=sorted(OPEN), **READS_ELSEWHERE)
    counts = list(open_ones.values_list("conversation__assistant", "team").annotate(Count("pk")).order_by())
    rows = list(Endpoint.objects.all()) if counts else []
    firms = {assistant: [each for each in rows if each.assistant_id in (None, assistant)] for assistant, _, _ in counts}
    return sum(number for assistant, team, number in counts if firms[assistant] and not any(_is_told(each, team) for each in firms[assistant]))


def _is_told(endpoint: Endpoint, team: int) -> bool:
    return endpoint.paused_at is None and (not endpoint.events or outbox.SAID in endpoint.events) and endpoint.team_id in (None, team)


def _unheard(lost: Q) -> QuerySet[Delivery]:
    taken = Q(state=Delivery.State.SENT) | (~Q(state=Delivery.State.DEAD) & Q(endpoint__paused_at__isnull=True))
    same = Delivery.objects.filter(taken, conversation=OuterRef("conversation"), event=outbox.SAID, body=OuterRef("body")).exclude(pk=OuterRef("pk"))
    of_people = ~Q(body__contains=f'"author":"{Author.WAITING_ROOM}"')
    return Delivery.objects.filter(lost, of_people, ~Exists(same), event=outbox.SAID, conversation__handoffs__state__in=sorted(OPEN), **READS_ELSEWHERE)
