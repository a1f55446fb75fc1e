"""The snapshot the estimates are made of says who may still be asked as dealing does."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from handoffs import offers, tasks
from handoffs.models import Agent, Handoff, Offer, Team
from handoffs.waiting_room.reading import Reading


@pytest.mark.parametrize(("ends", "place"), [("", 1), ("withdrawn", 1), ("declined", 3)], ids=["offered", "withdrawn", "declined"])
def test_who_had_no_chance_of_a_handoff_may_still_have_it(hand_off: Callable[..., Handoff], person: Callable[..., Agent], teams: dict[str, Team],
                                                          ends: str, place: int) -> None:
    Team.objects.filter(pk=teams["billing"].pk).update(push=True)
    ann = person("ann", "billing", capacity=1)
    first, *_ = hand_off(), hand_off(), hand_off()
    offers.deal(frozenset({"billing"}))
    if ends == "withdrawn":
        Agent.objects.filter(pk=ann.pk).update(lease_until=None)
        tasks.offer()
        Agent.objects.filter(pk=ann.pk).update(lease_until=ann.lease_until)
    elif ends == "declined":
        offers.decline(Offer.objects.get())
    assert (first.offers.get().outcome, Reading(timezone.now()).places[str(first.pk)]) == (ends, place)
