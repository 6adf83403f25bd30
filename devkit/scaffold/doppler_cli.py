"""The Doppler CLI that a production image carries where its secrets are fetched at start (`secrets.runtime`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DopplerCli:
    """A release: `amd64` and `arm64` are the SHA-256 of its archives for Linux, which stand below `releases`."""

    version: str
    amd64: str
    arm64: str
    releases: str = "https://github.com/DopplerHQ/cli/releases/download"


DOPPLER_CLI = DopplerCli(
    version="3.76.5",
    amd64="1b2f412d984920d665daf233ab6c15b364df9339b5c5b5224d5e8ee4e0a70154",
    arm64="567f051c4c334b79a37ee44c9373671c451dd8a4945ed49288a8f3fd0b73ec89",
)
"""Checksums as Doppler publishes them (https://github.com/DopplerHQ/homebrew-doppler)."""
