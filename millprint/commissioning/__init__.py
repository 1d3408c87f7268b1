"""Commissioning: what a technician does between the cable and the configuration.

Everything here reads, as the agent does, over `collector.bus.RegisterReader`.
"""
