"""devkit: the local environment for Laravel on FrankenPHP, in the terminal."""

__version__ = "0.1.0"
