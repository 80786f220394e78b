"""The same search written in other ways, each a script of its own as a person would write it."""
