"""The door for scripts: one module per command, imported when called."""
