"""Resources that the operator brings himself."""
