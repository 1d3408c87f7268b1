"""The commands, a module a noun; `millprint.command` puts them together."""
