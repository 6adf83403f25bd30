"""Doppler: how it is reached, what it holds, and what it says when it cannot give it."""
