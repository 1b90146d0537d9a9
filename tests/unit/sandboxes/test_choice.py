"""The strongest tier is chosen, and none weaker than was asked for."""

import pytest

from sandbox_service import sandboxes
from sandbox_service.errors import SandboxUnavailable
from sandbox_service.models import Isolation, Tier


class NamedBox:
    def __init__(self, tier: Tier) -> None:
        self.isolation = Isolation(tier=tier, layers={})


def allow(monkeypatch: pytest.MonkeyPatch, *tiers: Tier) -> None:
    """A machine that allows these tiers only."""

    def open_native(tier: Tier, *given: object) -> NamedBox:
        if tier not in tiers:
            raise SandboxUnavailable(f"{tier}: refused here")
        return NamedBox(tier)

    monkeypatch.setattr(sandboxes, "_open_native", open_native)


def test_the_strongest_tier_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, Tier.LANDLOCK, Tier.NAMESPACES)

    assert sandboxes.open_box().isolation.tier == Tier.NAMESPACES


def test_the_next_tier_serves_where_it_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, Tier.LANDLOCK)

    assert sandboxes.open_box(minimum=Tier.LANDLOCK).isolation.tier == Tier.LANDLOCK


def test_nothing_below_the_minimum_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch, Tier.LANDLOCK)

    with pytest.raises(SandboxUnavailable, match="namespaces: refused here"):
        sandboxes.open_box(minimum=Tier.NAMESPACES)
    with pytest.raises(SandboxUnavailable, match="below the configured minimum"):
        sandboxes.open_box(Tier.LANDLOCK, minimum=Tier.NAMESPACES)


def test_no_box_is_a_refusal_and_never_an_unsafe_box(monkeypatch: pytest.MonkeyPatch) -> None:
    allow(monkeypatch)

    with pytest.raises(SandboxUnavailable, match="landlock: refused here"):
        sandboxes.open_box(minimum=Tier.UNSAFE)


def test_unsafe_is_had_by_asking_for_it_twice() -> None:
    with pytest.raises(SandboxUnavailable, match="unsafe is below the configured minimum, landlock"):
        sandboxes.open_box(Tier.UNSAFE)
    box = sandboxes.open_box(Tier.UNSAFE, minimum=Tier.UNSAFE)

    assert box.isolation.tier == Tier.UNSAFE
    box.close()
