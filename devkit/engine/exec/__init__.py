"""One command in a container with this process's streams, terminal and signals: what the scripted path is made of.

`devkit exec app true` takes about as long as the engine needs (45 ms) and Python to start (7 ms), so what is
imported before the command runs is what devkit costs: here that is `posix` rather than `os` (1.2 ms), `_socket`
rather than `socket` (8 ms), `_signal` rather than `signal` (4.5 ms), and no json (7 ms). `wire`, `command`,
`endpoint` and `remembered` send it off; `attached` and what it needs are imported while the engine works. Finding a
module costs more than its code: the launcher takes them all out of one file (devkit.bundle).
"""
