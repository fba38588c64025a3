"""One node for all tests of the interface."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.site import Site, make_site


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A served node with one operator a role."""
    site = make_site(tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    site.stop()
    site.database.close()
    site.environment.workers.close()
