"""Files as answers: a browser only ever saves them."""

from uuid import UUID

from django.http import FileResponse, Http404

from handoffs import files
from handoffs.models import Conversation, File

# Of an answer to a file that is refused, by why (handoffs/files.py).
STATUS = {"too_large": 413, "too_many": 413, "closed": 409, "off": 403, "kind": 415, "empty": 422}
# The same in words, for agents and for whoever calls over the API; customers read theirs in templates.
REASONS = {
    "too_large": "A file is larger than may be sent.", "too_many": f"At most {files.MOST_AT_ONCE} files at once, {files.MOST_IN_ALL} in a conversation.",
    "closed": "This conversation is closed.", "off": "Files are switched off here.", "kind": "Not a kind of file that is kept, by its first bytes.",
    "empty": "Send one `file` at least, and none that is empty.",
}
# Whatever the bytes are, they are saved, not shown; a browser that shows them all the same lets them do nothing.
SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer"}


def saved(conversation: Conversation, key: object) -> FileResponse:
    """A file of the conversation. Raises Http404."""
    try:
        file = File.objects.get(pk=UUID(str(key)), conversation=conversation)
        return FileResponse(file.stored.open(), as_attachment=True, filename=file.name, content_type=file.kind, headers=SAFE)
    except (ValueError, File.DoesNotExist, FileNotFoundError):
        raise Http404 from None
