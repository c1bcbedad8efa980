"""A policy in a process of its own: it is told one request at a time, can be killed, and nothing of it runs in this process."""
