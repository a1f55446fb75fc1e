"""Handoffs held for one agent at a time, in teams that give work out: made, ended, and what follows when nobody takes them."""

from handoffs.offers.alarm import alarm, forsaken
from handoffs.offers.dealing import connect, deal
from handoffs.offers.ending import decline, is_held, keep_to_room, lapse, lapsed, missed_by, open_to

__all__ = ["alarm", "connect", "deal", "decline", "forsaken", "is_held", "keep_to_room", "lapse", "lapsed", "missed_by", "open_to"]
