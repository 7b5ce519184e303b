"""The routes under /api/v1, and those that ask for the product's health."""
