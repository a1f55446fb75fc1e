"""A firm's own page or app: it is told of each turn by a webhook, and posts its customer's words over the API."""

from handoffs.mediums import Message


class Webhook:
    """What is said is an event of its own (turn.said), so there is nothing to send."""

    code = "webhook"
    live = False
    needs = ""

    def is_on(self) -> bool:
        return True

    def send(self, message: Message) -> str:
        return ""
