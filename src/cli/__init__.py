"""The arsip command and the embedded engines."""
