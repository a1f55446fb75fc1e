"""API: what is offered to an agent who works over it, and their answer."""

from datetime import datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from console import permissions
from console.api import inputs, keys, outputs
from handoffs import offers, receiving
from handoffs.models import Handoff, Offer

router = Router(tags=["Offers"])


class OfferShown(BaseModel):
    id: int
    handoff: UUID
    team: str
    mood: str
    goal: str
    reason: str
    priority: int
    waiting_since: datetime
    offered_at: datetime
    expires_at: datetime = Field(description="Without an answer until then it goes to somebody else.")
    outcome: str = Field(description="Empty while it is open; then accepted, declined, missed or withdrawn.")


class OfferList(BaseModel):
    items: list[OfferShown]


@router.get("", response=OfferList, summary="List what is offered to you")
def read_list(request: HttpRequest) -> OfferList:
    """Your open offers, the one that ends first before the others. Being asked for often is fine: a team that gives out work holds each for seconds."""
    return OfferList(items=[_shown(offer) for offer in offers.open_to(keys.agent(request))])


@router.post("/{int:offer_id}/accept", response=outputs.HandoffShown, summary="Accept an offer")
def accept(request: HttpRequest, offer_id: int, wanted: inputs.Act) -> outputs.HandoffShown:
    """The same as claiming its handoff: 409 with the owner when somebody else has it by now."""
    agent = keys.agent(request)
    offer = permissions.offer(agent, offer_id)
    receiving.accept(offer, agent, seen=wanted.epoch)
    return outputs.handoff(Handoff.objects.select_related("team", "agent", "conversation").get(pk=offer.handoff_id), agent)


@router.post("/{int:offer_id}/decline", response=OfferShown, summary="Decline an offer")
def decline(request: HttpRequest, offer_id: int) -> OfferShown:
    """It goes to the next agent at once, and never to you again. 409 when the offer is over."""
    agent = keys.agent(request)
    offers.decline(permissions.offer(agent, offer_id))
    return _shown(permissions.offer(agent, offer_id))


def _shown(offer: Offer) -> OfferShown:
    handoff = offer.handoff
    same = {name: getattr(handoff, name) for name in ("mood", "goal", "reason", "priority", "waiting_since")}
    return OfferShown(id=offer.pk, handoff=handoff.pk, team=handoff.team.code, offered_at=offer.offered_at, expires_at=offer.expires_at,
                      outcome=offer.outcome, **same)
