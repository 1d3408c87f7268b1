"""A follower that is let run until there is nothing new."""

from gateway.projecting.follower import Follower


def catch_up(follower: Follower) -> int:
    """How many numbers that were."""
    total = 0
    while (sent := follower.step()) is not None:
        total += sent
    return total
