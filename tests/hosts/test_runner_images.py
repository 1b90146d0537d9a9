"""The image of a runner judges its language's examples in a container that got no right it could do without."""

import pytest

from tests.hosts.compose import stand_in
from tests.hosts.runner_images import build, otherwise_than_expected, queue

pytestmark = pytest.mark.timeout(1800)


# Of all the Dockerfiles it has the most: a stage for npm, a virtual machine, an archive of its compiler's classes.
@pytest.mark.parametrize("language", ["kotlin"])
def test_an_image_judges_the_examples_of_its_language_in_a_stock_container(docker: str, bare_image: str, language: str):
    api, runner = build("api", bare_image), build(language, bare_image)

    with queue(stand_in("redis", bare_image), api.name) as shared, shared.worker(runner.name):
        count, wrong = otherwise_than_expected(shared, [language])

    assert count > 5
    assert wrong == []
