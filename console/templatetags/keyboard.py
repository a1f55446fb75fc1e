"""Template tags for keys: the cap of an action, the list of actions, and what a page's scripts know of the agent's preferences."""

import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from console import keys, preferences
from handoffs.models import Agent

register = template.Library()


@register.simple_tag
def cap(name: str) -> SafeString:
    """The cap of an action's key as it comes; the page puts in the key its agent chose."""
    return format_html('<kbd class="kbd" data-cap="{}">{}</kbd>', name, keys.shown(keys.BY_NAME[name].key))


@register.filter
def preferred(agent: Agent, section: str) -> str:
    """The agent's preferences as a page of a section needs them, as JSON."""
    return json.dumps(preferences.of(agent).on_page(section))


register.simple_tag(keys.grouped, name="actions")


@register.filter
def likes(agent: Agent, name: str) -> bool:
    """Whether a switch of the agent's preferences is on."""
    return preferences.of(agent).switches[name]
