"""Procedures and what is done by them: SOPs as data, their times, cases and their steps."""
