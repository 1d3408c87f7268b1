"""The doctor: looks over an installation, and says of each finding what to do.

Each file in `examinations` is one examination. They look at files, at what the machine says of
itself, and at the broker and the server as anybody meets them; none changes anything.
"""
