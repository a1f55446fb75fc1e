"""Template filters for the figures of the policy's pages."""

from django import template

from handoffs import differences

register = template.Library()
register.filter("sure", differences.sure)


@register.filter
def separated(count: int) -> str:
    """1,204"""
    return f"{count:,}"


@register.filter
def points(share: float) -> str:
    """A share in points with one digit: 0.041 is 4.1."""
    return f"{100 * share:.1f}"
