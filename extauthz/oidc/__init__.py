"""The OpenID Connect login, pure: exchanges are generators that yield HTTP requests and receive the responses.

    response = yield HttpRequest("GET", url)

Whoever drives one sends each request and hands the response back; a provider that does not answer is raised as
`ProviderUnavailable` by the driver and ends the exchange.
"""
