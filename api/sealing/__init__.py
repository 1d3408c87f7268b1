"""Sealing: a seal for each day of the site, kept, and handed to whom the plant names."""
