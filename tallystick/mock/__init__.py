"""The mock server: a connexion application that judges each request and answers with what the contract documents."""

import warnings

# connexion imports starlette's test client, which asks for another HTTP client library; neither is used here.
warnings.filterwarnings("ignore", message="Using `httpx` with", module="connexion")
