"""Replay: a recorded load behind a meter's registers, read by the real collector."""
