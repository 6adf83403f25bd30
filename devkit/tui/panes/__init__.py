"""What the tabs show: one module each, imported when its tab is first opened."""
