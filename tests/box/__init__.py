"""The box: from a bare Debian to the first reading, in namespaces with a systemd of their own."""
