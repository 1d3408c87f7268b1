"""The contract: what leaves an agent, and how it is written. Pure: no I/O, no clock.

Everything downstream of an agent may import this room, and no other room of the agent.
"""
