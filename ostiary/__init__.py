"""The `ostiary` command and the composition roots that wire the rooms together."""
