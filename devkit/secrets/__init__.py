"""Names with values that are never shown: .env read and written."""
