"""The waiting room: the place in line, an honest estimate, a word from us before silence sets in, and ways out."""

from handoffs.waiting_room.checkins import NOBODY, OVERFLOWED, check_in, join, stand_in_line, tell_anew
from handoffs.waiting_room.leaving import SOLVED, go_back, leave_email, leave_line, open_handoff, withdraw
from handoffs.waiting_room.line import asked, opening, outlook, place, queue
from handoffs.waiting_room.noticing import notice
from handoffs.waiting_room.presence import is_away, is_here, page_is_open, pages_are_open, reads_elsewhere, see_who_left
from handoffs.waiting_room.telling import address, post, tell, words
from handoffs.waiting_room.told import knows_nobody_is_here

__all__ = [
    "NOBODY",
    "OVERFLOWED",
    "SOLVED",
    "address",
    "asked",
    "check_in",
    "go_back",
    "is_away",
    "is_here",
    "join",
    "knows_nobody_is_here",
    "leave_email",
    "leave_line",
    "notice",
    "open_handoff",
    "opening",
    "outlook",
    "page_is_open",
    "pages_are_open",
    "place",
    "post",
    "queue",
    "reads_elsewhere",
    "see_who_left",
    "stand_in_line",
    "tell",
    "tell_anew",
    "withdraw",
    "words",
]
