"""A callback as an iCalendar file (RFC 5545), to be put into the customer's own calendar."""

from datetime import timedelta

from icalendar import Alarm, Calendar, Event

from handoffs import addresses, clock
from handoffs.models import Callback
from handoffs.waiting_room.callbacks import view
from handoffs.waiting_room.telling import words

REMIND = timedelta(minutes=15)


def ics(callback: Callback, brand: str) -> bytes:
    """Moved or cancelled, it takes the place of what the calendar had: the same id with a higher number."""
    page, about = addresses.url(callback.conversation_id), {**view(callback), "brand": brand}
    event, alarm, calendar = Event(), Alarm(), Calendar()
    event.add("uid", f"callback-{callback.pk}-{callback.conversation_id.hex[:12]}@baton")
    event.add("sequence", callback.moved + (callback.state == Callback.State.CANCELLED))
    event.add("dtstamp", clock.now())
    event.add("dtstart", callback.at)
    event.add("dtend", callback.at + timedelta(minutes=callback.team.callback_every or 30))
    event.add("summary", words("calendar_title", callback.conversation, **about))
    event.add("description", words("calendar_text", callback.conversation, page=page, **about))
    event.add("url", page)
    event.add("status", "CANCELLED" if callback.state == Callback.State.CANCELLED else "CONFIRMED")
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", -REMIND)
    alarm.add("description", words("calendar_title", callback.conversation, **about))
    event.add_component(alarm)
    calendar.add("prodid", "-//Baton//Callbacks//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())
