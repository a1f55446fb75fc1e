"""The customer's page in a browser."""


class Web:
    """The page reads turns live from its stream, so there is nothing to send."""

    code = "web"
    live = True

    def send(self, to: str, subject: str, text: str) -> None:
        return None
