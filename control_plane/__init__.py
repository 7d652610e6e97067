"""The xDS control plane: the access model as Envoy resources, and the ADS server that serves them."""
