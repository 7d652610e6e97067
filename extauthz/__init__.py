"""The ext_authz service: who is asking, may they, the OpenID Connect login, the signed assertion."""
