"""The project's database: exported, imported, kept in snapshots and opened, the same way for each engine.

Whatever replaces the data is loaded beside it, checked, and put in its place in one step that the database server
itself makes whole or not at all. A failure or a kill at any moment leaves the former data, or the new.
"""
