"""The files of a project: rendered from settings, merged with what a person edited."""
