"""What happens when the way to the server is bad, broken, or not to be trusted."""

from __future__ import annotations

import socket
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy.engine import make_url

from db.engine import connect_options
from db.errors import StoreError
from db.store import Store
from domain.changes import Change, ChangeSet
from domain.items import Item
from tests.builders import make_item
from tests.db.conftest import LoginUrl, insert
from tests.db.relay import Cut, relay_to

REMOTE = "postgresql://me:secret@db.example.com/gantry"


@pytest.mark.parametrize("cut", Cut)
def test_a_commit_cut_off_can_be_cleared_up(store: Store, url_of: LoginUrl, cut: Cut) -> None:
    item, token = make_item(), uuid4()
    changes = ChangeSet("test", (Change.insert(item),))
    with relay_to(url_of()) as relay:
        far = Store(relay.url)
        far.read_all(Item)
        relay.cut = cut
        with pytest.raises(StoreError) as caught:
            far.write(changes, token)
        assert caught.value.code == "outcome_unknown"
        assert caught.value.params["token"] == token
        # The same store goes on, on a new connection; the answer agrees with what everybody sees.
        assert far.arrived(token) is (cut is Cut.AFTER)
        assert bool(store.read(Item, [item.id])) is (cut is Cut.AFTER)
        far.write(changes, token)
        assert store.read(Item, [item.id]) == [replace(item, row_version=1)]
        assert len(store.history(item.id)) == 1
        far.close()


def test_a_pulled_cable_is_a_lost_connection_and_heals(store: Store, url_of: LoginUrl) -> None:
    with relay_to(url_of()) as relay:
        far = Store(relay.url)
        far.load()
        relay.pull()
        insert(far, make_item())
        assert len(store.read_all(Item)) == 1
        far.close()


def test_nobody_there(url_of: LoginUrl) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(StoreError) as caught:
        Store(make_url(url_of()).set(port=port))
    assert caught.value.code == "server_unreachable"
    with pytest.raises(StoreError) as caught:
        Store(make_url(url_of()).set(database="nowhere"))
    assert caught.value.code == "database_missing"


def test_another_computer_must_prove_itself_over_tls() -> None:
    options = connect_options(REMOTE)
    assert options["sslmode"] == "require"
    assert options["channel_binding"] == "require"
    assert options["require_auth"] == "scram-sha-256"
    assert connect_options(f"{REMOTE}?sslmode=verify-full")["sslmode"] == "verify-full"
    loose = f"{REMOTE}?sslmode=verify-full&channel_binding=prefer"
    assert connect_options(loose)["channel_binding"] == "prefer"


@pytest.mark.parametrize(
    "weaker",
    [
        "sslmode=disable",
        "sslmode=allow",
        "sslmode=prefer",
        "channel_binding=disable",
        "channel_binding=prefer",
        "require_auth=password",
        "require_auth=none",
        "require_auth=md5,scram-sha-256",
    ],
)
def test_nothing_weaker_is_accepted(weaker: str) -> None:
    with pytest.raises(StoreError) as caught:
        connect_options(f"{REMOTE}?{weaker}")
    assert caught.value.code == "tls_required"


@pytest.mark.parametrize(
    "host",
    ["10.0.0.5", "localhost.example.com", "127.0.0.1.example.com", "[::]", "fe80"],
)
def test_what_only_looks_like_this_computer_is_another(host: str) -> None:
    assert connect_options(f"postgresql://me@{host}/gantry")["sslmode"] == "require"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", ""])
def test_this_computer_needs_no_tls(host: str) -> None:
    assert "sslmode" not in connect_options(f"postgresql://me@{host}/gantry")


def test_a_second_host_in_the_address_counts() -> None:
    for query in ("host=db.example.com", "hostaddr=10.0.0.5", "host=localhost,db.example.com"):
        options = connect_options(f"postgresql://me@localhost/gantry?{query}")
        assert options["sslmode"] == "require", query


@pytest.mark.parametrize(
    "address",
    [
        "",
        "nonsense",
        "mysql://me@localhost/x",
        "postgresql://me@localhost:port/x",
        "postgresql://h/x?service=prod",
    ],
)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        connect_options(address)
    assert caught.value.code == "address_invalid"
