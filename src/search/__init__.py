"""From words to pages with their places."""
