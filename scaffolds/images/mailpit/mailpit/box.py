"""The mails that came in: raw messages in SQLite, and what Mailpit's API says of them."""

from __future__ import annotations

import email
import email.policy
import sqlite3
import tempfile
import threading
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from email.message import EmailMessage
from email.utils import getaddresses, parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

SNIPPET_LENGTH = 250


@dataclass(frozen=True)
class Mail:
    """One mail as it came in, with the envelope's addresses."""

    id: str
    created: str
    sender: str
    recipients: tuple[str, ...]
    read: bool
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The parsed message; a broken one parses too, with what can be read of it."""
        return email.message_from_bytes(self.raw, policy=email.policy.default)  # type: ignore[return-value]


class Box:
    """A mailbox of at most `limit` mails (0: without a limit), newest first; safe to use from several threads."""

    def __init__(self, database: str, limit: int) -> None:
        self._directory = None if database else tempfile.TemporaryDirectory(prefix="mailpit-")
        self._limit = limit
        self._lock = threading.Lock()
        path = Path(database) if database else Path(self._directory.name) / "mailpit.db"
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS mail (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, created TEXT,"
            " sender TEXT, recipients TEXT, read INTEGER DEFAULT 0, raw BLOB)"
        )

    def close(self) -> None:
        """Close the database, and delete it if it was a temporary one."""
        with self._lock:
            self._connection.close()
        if self._directory:
            self._directory.cleanup()

    def add(self, sender: str, recipients: Sequence[str], raw: bytes) -> str:
        """Keep a mail and give its ID; the oldest go where there are too many."""
        identifier = uuid.uuid4().hex[:22]
        created = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        with self._lock:
            self._connection.execute(
                "INSERT INTO mail (id, created, sender, recipients, raw) VALUES (?, ?, ?, ?, ?)",
                (identifier, created, sender, "\n".join(recipients), raw),
            )
            if self._limit > 0:
                self._connection.execute(
                    "DELETE FROM mail WHERE number NOT IN (SELECT number FROM mail ORDER BY number DESC LIMIT ?)",
                    (self._limit,),
                )
        return identifier

    def all(self) -> list[Mail]:
        """Every mail, newest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, created, sender, recipients, read, raw FROM mail ORDER BY number DESC"
            ).fetchall()
        return [Mail(row[0], row[1], row[2], tuple(row[3].split("\n")), bool(row[4]), row[5]) for row in rows]

    def find(self, identifier: str) -> Mail | None:
        """The mail of this ID, or the newest for `latest`."""
        mails = self.all()
        if identifier == "latest":
            return mails[0] if mails else None
        return next((mail for mail in mails if mail.id == identifier), None)

    def mark(self, identifiers: Iterable[str] | None, *, read: bool) -> None:
        """Mark these mails (None: all) as read or unread."""
        wanted = [mail.id for mail in self.all()] if identifiers is None else list(identifiers)
        with self._lock:
            self._connection.executemany("UPDATE mail SET read = ? WHERE id = ?", [(read, one) for one in wanted])

    def delete(self, identifiers: Iterable[str] | None) -> None:
        """Delete these mails (None: all)."""
        with self._lock:
            if identifiers is None:
                self._connection.execute("DELETE FROM mail")
            else:
                self._connection.executemany("DELETE FROM mail WHERE id = ?", [(one,) for one in identifiers])


def summary(mail: Mail) -> dict[str, Any]:
    """A mail as Mailpit's list and search show it."""
    message = mail.message
    return {
        "ID": mail.id,
        "MessageID": str(message["message-id"] or "").strip("<> "),
        "Read": mail.read,
        "From": sender(mail),
        "To": addresses(message, "to"),
        "Cc": addresses(message, "cc"),
        "Bcc": hidden_recipients(mail),
        "ReplyTo": addresses(message, "reply-to"),
        "Subject": str(message["subject"] or ""),
        "Created": mail.created,
        "Username": "",
        "Tags": [],
        "Size": len(mail.raw),
        "Attachments": sum(1 for _ in message.iter_attachments()),
        "Snippet": " ".join((body(message, "plain") or plain(body(message, "html"))).split())[:SNIPPET_LENGTH],
    }


def details(mail: Mail) -> dict[str, Any]:
    """A mail as Mailpit's message view shows it."""
    message = mail.message
    parts = [part_summary(number, part) for number, part in attachments(message)]
    return {
        "ID": mail.id,
        "MessageID": str(message["message-id"] or "").strip("<> "),
        "From": sender(mail),
        "To": addresses(message, "to"),
        "Cc": addresses(message, "cc"),
        "Bcc": hidden_recipients(mail),
        "ReplyTo": addresses(message, "reply-to"),
        "ReturnPath": mail.sender,
        "Subject": str(message["subject"] or ""),
        "ListUnsubscribe": {"Header": "", "Links": [], "Errors": "", "HeaderPost": ""},
        "Date": sent(mail),
        "Tags": [],
        "Username": "",
        "Text": body(message, "plain"),
        "HTML": body(message, "html"),
        "Size": len(mail.raw),
        "Inline": [part for part in parts if part["ContentID"]],
        "Attachments": [part for part in parts if not part["ContentID"]],
    }


def sent(mail: Mail) -> str:
    """The Date header in ISO form; the time of arrival where it says nothing that can be read."""
    try:
        return parsedate_to_datetime(str(mail.message["date"])).isoformat()
    except (TypeError, ValueError):
        return mail.created


def addresses(message: EmailMessage, header: str) -> list[dict[str, str]]:
    """The addresses of a header, as Mailpit writes them."""
    values = [str(value) for value in message.get_all(header, [])]
    return [{"Name": name, "Address": address} for name, address in getaddresses(values) if address]


def sender(mail: Mail) -> dict[str, str]:
    """Who the message says it is from; else the envelope's sender."""
    return next(iter(addresses(mail.message, "from")), {"Name": "", "Address": mail.sender})


def hidden_recipients(mail: Mail) -> list[dict[str, str]]:
    """Recipients of the envelope that no header names."""
    named = {one["Address"].lower() for header in ("to", "cc") for one in addresses(mail.message, header)}
    return [{"Name": "", "Address": one} for one in mail.recipients if one and one.lower() not in named]


def body(message: EmailMessage, kind: str) -> str:
    """The text of the plain or html body; empty where there is none or its charset is unknown."""
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, KeyError):
        content = part.get_payload(decode=True)
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def attachments(message: EmailMessage) -> list[tuple[str, EmailMessage]]:
    """Every part that has a name or an ID to be found by, numbered as the API addresses it."""
    parts = [part for part in message.walk() if not part.is_multipart()]
    return [
        (str(number), part)
        for number, part in enumerate(parts, start=1)
        if part.get_filename() or part["content-id"] or part.get_content_disposition() == "attachment"
    ]


def part_summary(number: str, part: EmailMessage) -> dict[str, Any]:
    """An attachment as the API lists it."""
    return {
        "PartID": number,
        "FileName": part.get_filename() or "",
        "ContentType": part.get_content_type(),
        "ContentID": str(part["content-id"] or "").strip("<> "),
        "Size": len(content_of(part)),
    }


def content_of(part: EmailMessage) -> bytes:
    """The decoded content of a part."""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._silent += tag in ("style", "script", "title")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script", "title") and self._silent > 0

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def plain(html: str) -> str:
    """What a person reads of an HTML body."""
    parser = _Text()
    parser.feed(html)
    return " ".join(parser.words)
