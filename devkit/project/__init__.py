"""What a project is: its settings, its files, its name and its ports. Imports nothing else of devkit."""
