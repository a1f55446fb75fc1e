"""Reading turns, and waiting for the next without holding a database connection."""

import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated

from asgiref.sync import async_to_sync
from django.db import close_old_connections
from django.http import FileResponse, HttpRequest
from ninja import Query, Router

from console import draining, permissions
from console.api import conversations, keys, outputs
from console.attached import saved
from console.hub import hub
from console.streams.base import conversation_group
from console.threads import in_thread
from handoffs.models import ApiKey, Conversation, File

MOST_TURNS = 500
LONGEST_WAIT = 25
# News of a turn comes at once; this is for the hint that was lost.
LOOK_AGAIN = 5.0

router = Router(tags=["Conversations"])
# Both calls have one name, the first's: the one by which the web server's handler knows what waits.
router.post("/{conversation_id}/turns", response={201: outputs.Decided}, url_name="turns", summary="Say something", operation_id="say")(conversations.say)


@router.get("/{conversation_id}/turns", response=outputs.Turns, url_name="turns", summary="Read turns, or wait for the next")
def read_turns(request: HttpRequest, conversation_id: str, after: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
               wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT)] = 0) -> outputs.Turns:
    """Turns with a number above `after`, at most 500, oldest first. With `wait`, an empty answer is held back for up to so many seconds:
    it comes as soon as something is said or the owner changes."""
    conversation = permissions.conversation(keys.caller(request), conversation_id)
    found = _read(conversation, after, keys.caller(request))
    if found.turns or not wait:
        return found
    # A connection to the database is not kept while waiting.
    close_old_connections()
    return async_to_sync(_read_next)(conversation, after, wait, keys.caller(request))


@router.get("/{conversation_id}/files/{file_id}", response={200: bytes}, url_name="file", summary="Read a file the customer sent")
def read_file(request: HttpRequest, conversation_id: str, file_id: str) -> FileResponse:
    """Its bytes, as an attachment."""
    return saved(permissions.conversation(keys.caller(request), conversation_id), file_id)


async def _read_next(conversation: Conversation, after: int, wait: float, who: ApiKey) -> outputs.Turns:
    await _news(conversation, after, wait)
    return await in_thread(_read, conversation, after, who)


async def _news(conversation: Conversation, after: int, wait: float) -> None:
    """Return when there is a turn after that number, the owner has changed, the time is over, or this process ends."""
    until = time.monotonic() + wait
    async with hub().listen(conversation_group(conversation.pk.hex)) as news:
        while not await in_thread(_is_news, conversation, after) and (left := until - time.monotonic()) > 0 and not draining.begun():
            await news.wait(min(left, LOOK_AGAIN))


def _is_news(conversation: Conversation, after: int) -> bool:
    last, epoch = Conversation.objects.values_list("last_number", "epoch").get(pk=conversation.pk)
    return last > after or epoch != conversation.epoch


def _read(conversation: Conversation, after: int, who: ApiKey) -> outputs.Turns:
    rows = list(conversation.turns.select_related("agent").filter(number__gt=after)[:MOST_TURNS])
    files = _files([row.pk for row in rows])
    now = Conversation.objects.select_related("answered_by", "team", "agent").get(pk=conversation.pk)
    told = [outputs.turn(row, files[row.pk]) for row in rows]
    return outputs.Turns(turns=told, epoch=now.epoch, owner=outputs.owner_of(now, who.agent), last_number=now.last_number)


def _files(turns: list[int]) -> Mapping[int, list[File]]:
    """What was sent along with these turns, by their ids."""
    found: defaultdict[int, list[File]] = defaultdict(list)
    for row in File.objects.filter(turn__in=turns):
        found[row.turn_id].append(row)
    return found
