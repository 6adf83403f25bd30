"""The terminal UI in a browser of this machine: a server that starts the app for each page."""
