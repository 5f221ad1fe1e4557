"""Changes that are sown one at a time into real documents, with the answer known: what a diff finds of them."""
