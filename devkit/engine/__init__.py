"""The container engine: found, installed, asked, and its images provided."""
