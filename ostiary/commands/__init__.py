"""One module per verb of the command line: reads arguments, calls a composition root, prints."""
