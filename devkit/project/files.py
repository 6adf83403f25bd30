"""Files written so that a crash, a full disk or a second reader never sees half of one."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_atomically(path: Path, content: str | bytes, *, mode: int | None = None) -> None:
    """Replace `path` in one step; its mode is kept, else `mode`, else 0644. The directory must exist.

    A symbolic link stays one: the file that it points to is replaced. OSError passes through, with the old
    file untouched and no temporary file left.
    """
    target = path.resolve() if path.is_symlink() else path
    data = content.encode("utf-8") if isinstance(content, str) else content
    if mode is None:
        mode = target.stat().st_mode & 0o7777 if target.exists() else 0o644
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name[:80]}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(mode)
        if target.exists() and os.geteuid() == 0:
            owner = target.stat()
            os.chown(temporary, owner.st_uid, owner.st_gid)
        elif os.geteuid() == 0:
            owner = target.parent.stat()
            os.chown(temporary, owner.st_uid, owner.st_gid)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
