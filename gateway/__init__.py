"""From the broker to the journal, and from readings to intervals."""
