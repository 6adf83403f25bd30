"""A program in place of `devkit exec app …`: it answers as the files in `stand-in/` of the project say.

`database` is the answer to the question about databases, `stream` what the run writes, `status` how it ends. While
there is a file `wait` the run goes on, until it is asked to end. `asked` gets the words of each run, a list a line.
`refused` is what devkit itself says where nothing can run.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from pathlib import Path


def main() -> int:
    root, _exec, _app, *words = sys.argv[1:]
    files = Path(root) / "stand-in"
    if (files / "refused").exists():
        sys.stderr.write((files / "refused").read_text())
        return 3
    if words[0] == "sh":
        print((files / "database").read_text())
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with (files / "asked").open("a") as asked:
        asked.write(json.dumps(words) + "\n")
    print((files / "stream").read_text(), flush=True)
    while (files / "wait").exists():
        time.sleep(0.01)
    return int((files / "status").read_text())


sys.exit(main())
