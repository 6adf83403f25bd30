"""The first run as a list of steps, and the stack that it ends with."""
