"""Clerks made of Chromium, who try a running product: `python -m tests.trial`."""
