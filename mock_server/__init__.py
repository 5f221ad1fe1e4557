"""The mock server: a connexion application that judges each request and answers with what the contract documents."""
