"""What a login adds to its requests."""

from __future__ import annotations

from broker.authenticate.login import Login


def test_a_resource_is_named_where_there_is_one() -> None:
    """And nothing is sent that was not configured."""
    assert Login("https://id.example", "c").extra() == {}
    assert Login("https://id.example", "c", resource="https://b.example").extra() == {"resource": "https://b.example"}
