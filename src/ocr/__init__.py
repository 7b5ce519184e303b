"""Pictures to words, in a killable child."""
