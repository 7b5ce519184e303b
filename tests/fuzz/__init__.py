"""Hostile input by the thousand: mutations of real files through the real sandbox, of real words through every parser.

The suite runs a handful of each; `python -m tests.fuzz` runs as long as it is told to and writes down what it finds.
"""
