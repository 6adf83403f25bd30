"""Mailpit's search: words, "phrases", from: to: cc: bcc: subject: message-id: is: has: and - or ! before a term to exclude."""

from __future__ import annotations

import re
from collections.abc import Iterable

from box import Mail, body, details, plain

_TERM = re.compile(r'([-!]?)((?:[a-z-]+:)?)(?:"([^"]*)"|(\S+))', re.IGNORECASE)


def search(mails: Iterable[Mail], query: str) -> list[Mail]:
    """The mails that every term of the query holds for."""
    terms = [
        (bool(exclude), field.rstrip(":").lower(), (phrase or word).lower())
        for exclude, field, phrase, word in _TERM.findall(query)
    ]
    return [mail for mail in mails if all(_holds(mail, field, text) != exclude for exclude, field, text in terms)]


def _holds(mail: Mail, field: str, text: str) -> bool:
    known = details(mail)
    if field in ("from", "to", "cc", "bcc"):
        people = [known["From"]] if field == "from" else known[field.capitalize()]
        return any(text in f"{one['Name']} {one['Address']}".lower() for one in people)
    if field == "subject":
        return text in known["Subject"].lower()
    if field == "message-id":
        return text in known["MessageID"].lower()
    if field == "is":
        return {"read": mail.read, "unread": not mail.read}.get(text, False)
    if field == "has":
        return text.startswith("attachment") and bool(known["Attachments"])
    wanted = f"{field}:{text}" if field else text
    message = mail.message
    everything = [known["Subject"], body(message, "plain"), plain(body(message, "html")), str(message["from"]), str(message["to"])]
    return any(wanted in part.lower() for part in everything)
