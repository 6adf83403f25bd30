"""Builds and what is known of them: records and their history, why layers were rebuilt, figures and advice."""
