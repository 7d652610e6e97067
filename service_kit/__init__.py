"""Process plumbing that knows nothing of access: logging, servers, signals, files, supervised children."""
