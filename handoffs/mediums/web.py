"""The customer's page in a browser."""

from handoffs.mediums import Message


class Web:
    """The page reads turns live from its stream, so there is nothing to send."""

    code = "web"
    live = True
    needs = ""

    def is_on(self) -> bool:
        return True

    def send(self, message: Message) -> str:
        return ""
