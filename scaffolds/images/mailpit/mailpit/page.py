"""The pages: a list of mails, and one mail. Whatever a mail holds is escaped or kept in a sandboxed frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

CONTENT_TYPE = "text/html; charset=utf-8"

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data: https: http:; frame-src 'self'; base-uri 'none'"
"""No script runs on these pages, whoever wrote it."""

_FRAME = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem }}
table {{ border-collapse: collapse; width: 100% }}
td {{ border-top: 1px solid #ddd; padding: .4rem .6rem; vertical-align: top }}
.unread {{ font-weight: 600 }}
pre {{ white-space: pre-wrap }}
iframe {{ border: 1px solid #ddd; height: 60vh; width: 100% }}
small {{ color: #666 }}
</style>
{content}
<p><small>A stand-in for Mailpit: its image registry was not in reach.</small></p>
</html>
"""


def index(mails: Sequence[Mapping[str, Any]]) -> bytes:
    """The list of mails."""
    rows = "\n".join(
        f'<tr class="{"read" if mail["Read"] else "unread"}"><td>{_people([mail["From"]])}</td><td>{_people(mail["To"])}</td>'
        f'<td><a href="view/{escape(mail["ID"])}.html">{escape(mail["Subject"] or "(no subject)")}</a></td>'
        f"<td>{escape(mail['Created'])}</td></tr>"
        for mail in mails
    )
    return _page("Mail", f"<h1>Mail</h1>\n<table>{rows}</table>" if mails else "<h1>Mail</h1>\n<p>No mail yet.</p>")


def message(mail: Mapping[str, Any]) -> bytes:
    """One mail: the HTML body in a frame that may run nothing, else the text."""
    title = mail["Subject"] or "(no subject)"
    if mail["HTML"]:
        body = f'<iframe sandbox title="Message" srcdoc="{escape(mail["HTML"])}"></iframe>'
    else:
        body = f"<pre>{escape(mail['Text'])}</pre>"
    files = "".join(
        f'<li><a href="../api/v1/message/{escape(mail["ID"])}/part/{escape(part["PartID"])}">'
        f"{escape(part['FileName'] or part['ContentType'])}</a> ({part['Size']} bytes)</li>"
        for part in (*mail["Attachments"], *mail["Inline"])
    )
    return _page(
        title,
        f'<p><a href="../">All mail</a></p>\n<h1>{escape(title)}</h1>\n'
        f"<p>From {_people([mail['From']])} to {_people(mail['To'])}, {escape(mail['Date'])}</p>\n{body}\n<ul>{files}</ul>",
    )


def _people(people: Sequence[Mapping[str, str]]) -> str:
    return escape(", ".join(f"{one['Name']} <{one['Address']}>" if one["Name"] else one["Address"] for one in people))


def _page(title: str, content: str) -> bytes:
    return _FRAME.format(title=escape(title), content=content).encode("utf-8", "replace")
