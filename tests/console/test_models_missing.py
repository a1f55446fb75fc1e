"""Trained models that cannot be used, and words they cannot read, are said where people look."""

import pytest
from django.test import Client

from console.streams.desk import Desk
from console.streams.wall import Wall
from handoffs import turns
from handoffs.learned import health
from handoffs.models import Handoff, Heartbeat


def test_all_models_that_come_with_the_product_can_be_used() -> None:
    assert health.problems() == ()


@pytest.mark.django_db
def test_a_broken_model_is_a_warning_and_the_product_stays_ready(broken_models: None) -> None:
    Heartbeat.beat("sweep")
    answer = Client().get("/readyz")
    assert (answer.status_code, answer.json()["warnings"]) == (200, list(health.problems()))
    assert len(health.problems()) == 3


@pytest.mark.django_db
def test_the_wall_names_a_broken_model(broken_models: None) -> None:
    assert all(problem in Wall("all").parts()["wall-failures"] for problem in health.problems())


def test_a_customer_is_taken_and_judged_without_the_models(broken_models: None, handoff: Handoff) -> None:
    turns.take(handoff.conversation, "This is ridiculous!! I am furious, worst service ever", client_id="9")
    handoff.refresh_from_db()
    assert handoff.mood == "angry"


def test_the_desk_says_when_the_language_is_not_known(claimed: Handoff) -> None:
    turns.take(claimed.conversation, "Tilaukseni ei ole vieläkään saapunut perille", client_id="9")
    assert "Frustrated, newest words not read" in Desk(str(claimed.pk)).parts()[f"mood-{claimed.pk}"]
