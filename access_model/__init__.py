"""What the operator wrote, as frozen validated values, and the policy that follows from it. Pure: no I/O, no clock."""
