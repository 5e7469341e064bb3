"""One suite of laws for the store; a subject is a test class with a `store` fixture (SQLite, PostgreSQL)."""

from tests.contract.store_books_laws import BooksLaws


class StoreContract(BooksLaws):
    """All laws. `store` is open, migrated and empty."""
