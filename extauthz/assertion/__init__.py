"""The signed assertion: keys, minting, JWKS, header templates. Pure."""
