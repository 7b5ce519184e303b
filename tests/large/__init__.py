"""Search over archives of ten thousand to a million letters: filling them, asking over HTTP, and the plot of growth."""
