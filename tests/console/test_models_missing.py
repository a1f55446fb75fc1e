"""Trained models that cannot be used, and words they cannot read, are said where people look."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from django.test import Client

from console.streams.desk import Desk
from console.streams.wall import Wall
from handoffs import publishing, turns
from handoffs.learned import health, weights
from handoffs.learned.vectors import Vectors
from handoffs.models import Agent, Handoff, Heartbeat, PolicyVersion


def test_all_models_that_come_with_the_product_can_be_used() -> None:
    assert health.problems() == ()


@pytest.mark.django_db
def test_a_broken_model_is_a_warning_and_the_product_stays_ready(broken_models: None) -> None:
    Heartbeat.beat("sweep")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (200, list(health.problems()))
    assert len(health.problems()) == 4


def test_a_file_of_another_shape_is_broken_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    monkeypatch.setattr(weights, "_broken", {})
    np.savez(tmp_path / "vectors.npz", words=np.frombuffer(b"a", np.uint8), rows=np.array(3), weigh=np.ones(1))
    assert weights.load("vectors", Vectors.from_bytes) is None
    assert len(weights.problems()) == 1


@pytest.mark.django_db
def test_the_wall_names_a_broken_model(broken_models: None) -> None:
    assert all(problem in Wall("all").parts()["wall-failures"] for problem in health.problems())


def test_a_policy_that_cannot_be_read_is_said_and_the_one_before_judges(handoff: Handoff, policy: Callable[..., PolicyVersion]) -> None:
    policy(silent_after=20)
    broken = policy(silent_after="soon")
    assert turns.take(handoff.conversation, "Hello?", client_id="9").turn
    assert PolicyVersion.in_force().silent_after == 20
    Heartbeat.beat("sweep")
    said = f"Version {broken.pk} of the policy cannot be read; an earlier one is used."
    assert Client().get("/readyz").json()["warnings"] == [said]
    assert said in Wall("all").parts()["wall-failures"]


def test_the_policy_page_opens_over_a_version_that_cannot_be_read(
    policy: Callable[..., PolicyVersion], cara: Agent, signed_in: Callable[[Agent], Client]
) -> None:
    policy(silent_after=20)
    broken = policy(silent_after="soon")
    assert signed_in(cara).get("/policy/").status_code == 200
    assert publishing.go_back(broken, cara).body["silent_after"] == 20
    assert signed_in(cara).get("/policy/").status_code == 200


def test_a_customer_is_taken_and_judged_without_the_models(broken_models: None, handoff: Handoff) -> None:
    turns.take(handoff.conversation, "This is ridiculous!! I am furious, worst service ever", client_id="9")
    handoff.refresh_from_db()
    assert handoff.mood == "angry"


def test_the_desk_says_when_the_language_is_not_known(claimed: Handoff) -> None:
    turns.take(claimed.conversation, "Tilaukseni ei ole vieläkään saapunut perille", client_id="9")
    assert "Frustrated, newest words not read" in Desk(str(claimed.pk)).parts()[f"mood-{claimed.pk}"]
