"""Template tags of the brief: words that say which turns they were made from, and the button that puts a value right."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console.templatetags.ui import icon

register = template.Library()


@register.simple_tag
def trace(text: str, turns: Sequence[int], name: object) -> SafeString:
    """A text that marks its turns while it is hovered or focused and jumps to the first when pressed; plain when it has none."""
    if not turns:
        return format_html("<span>{}</span>", text)
    return format_html(
        '<a class="trace" id="trace-{}" href="#turn-{}" data-turns="{}" title="{}">{}</a>', name, turns[0], " ".join(map(str, turns)), from_turns(turns), text,
    )


def from_turns(turns: Sequence[int]) -> str:
    """What the mouse and screen readers are told: from turns 3 and 5."""
    *others, last = map(str, turns)
    return f"from turns {', '.join(others)} and {last}" if others else f"from turn {last}"


@register.simple_tag
def fix(field: str, name: str, value: str, what: str, number: object = "") -> SafeString:
    """The pencil that opens the form for one value; the form itself stands outside of what pushes replace."""
    return format_html(
        '<button class="fix" type="button" id="fixing-{}{}" popovertarget="fix-{}" data-fix data-name="{}" data-value="{}" data-for="waiting mine" '
        'aria-label="Put right: {}">{}</button>',
        field, number, field, name, value, what, icon("pencil"),
    )


@register.filter
def words(text: str) -> list[str]:
    return text.split()
