"""Things the tests read: invented letters, and how they were made (SAMPLES.md)."""
