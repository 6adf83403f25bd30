"""The terminal UI: what runs, its logs, what can be done with it. It shows and asks; what it does lives in the core."""
