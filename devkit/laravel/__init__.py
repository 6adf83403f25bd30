"""Laravel and FrankenPHP: workers, what they watch, and what the application answers."""
