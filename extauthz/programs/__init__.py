"""Programs instead of people: how they get a credential."""
