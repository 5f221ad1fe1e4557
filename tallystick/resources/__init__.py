"""The resources that a contract describes: collections and their items, ids, lists and what asks for a part of them."""
