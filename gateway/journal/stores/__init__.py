"""Where a journal can stand, one file each, named as the scheme of its URL."""
