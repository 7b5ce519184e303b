"""Kearsipan: the agenda books, their numbers, registration, and what is printed from them."""
