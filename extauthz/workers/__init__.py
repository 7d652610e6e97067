"""What goes on beside the requests: following the change feed, renewing sessions ahead of time."""
