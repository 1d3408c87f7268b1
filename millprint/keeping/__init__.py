"""Keeping a site: one file that holds all of it, and its way back."""
