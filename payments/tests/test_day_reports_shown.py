"""The report of a day, as the command and the backoffice show it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.tests.factories import StaffFactory
from payments.models import SimulatedOperation
from payments.tests.factories import OrderFactory, paid
from payments.tests.test_admin import SUBMIT, signed_in
from payments.tests.test_day_reports import MORNING_AFTER, NOON, compare, there

pytestmark = pytest.mark.django_db

PAGE = "/admin/payments/dayreport/"


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with time_machine.travel(NOON):
        yield


def test_the_command_prints_a_table_and_fails_when_something_differs(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    paid(OrderFactory.create())
    there(reference="=cmd|' /C calc'!A0")
    file = tmp_path / "report.csv"

    with time_machine.travel(MORNING_AFTER), pytest.raises(CommandError) as failure:
        call_command("compare_day", csv=file)

    assert failure.value.returncode == 1
    printed = capsys.readouterr().out
    assert "There, not here" in printed
    assert "1 agree, 1 differ." in printed
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert rows[0]["Reference"] == "'=cmd|' /C calc'!A0"
    assert [row["Finding"] for row in rows] == ["There, not here", "Agrees"]


def test_the_command_is_quiet_about_a_day_that_agrees(capsys: pytest.CaptureFixture[str]) -> None:
    paid(OrderFactory.create())

    with time_machine.travel(MORNING_AFTER):
        call_command("compare_day", "--day", "2026-03-10", "--provider", "test")

    assert "1 agree, 0 differ." in capsys.readouterr().out


def test_the_command_says_what_it_cannot_do() -> None:
    with pytest.raises(CommandError, match="Only a day that is over"):
        call_command("compare_day", "--day", "2026-03-10")


@pytest.fixture
def clerk() -> Client:
    return signed_in("Order manager")


def test_staff_compare_a_day_and_see_differences_first(clerk: Client) -> None:
    payment = paid(OrderFactory.create())
    there()
    assert 'name="day"' in clerk.get(f"{PAGE}compare/").content.decode()

    with time_machine.travel(MORNING_AFTER):
        clerk.force_login(StaffFactory.create(role="Order manager"))
        answer = clerk.post(
            f"{PAGE}compare/", SUBMIT | {"provider": "test", "day": "2026-03-10"}, follow=True
        )

    page = answer.content.decode()
    assert "1 differ" in page
    assert page.index("cap_of_nobody") < page.index(payment.reference)
    assert payment.order.number in page


def test_staff_find_days_that_differ_and_compare_again(clerk: Client) -> None:
    there()
    report = compare()
    SimulatedOperation.objects.all().delete()
    assert "1 differ" in clerk.get(PAGE, {"state": "differs"}).content.decode()

    with time_machine.travel(MORNING_AFTER):
        clerk.force_login(StaffFactory.create(role="Order manager"))
        clerk.post(f"{PAGE}{report.pk}/compare_again/", SUBMIT)

    report.refresh_from_db()
    assert (report.agreeing, report.differing) == (0, 0)
    assert "Nothing moved" in clerk.get(f"{PAGE}{report.pk}/change/").content.decode()


def test_staff_download_the_report(clerk: Client) -> None:
    payment = paid(OrderFactory.create())
    there(reference="+cap")
    report = compare()

    answer = clerk.get(f"{PAGE}{report.pk}/download/")

    assert answer["Content-Disposition"].endswith('"reconciliation-test-2026-03-10.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [row["Reference"] for row in rows] == ["'+cap", payment.reference]
    assert rows[1]["Our amount"] == rows[1]["Their amount"] == "100.00"
    assert (rows[1]["Order"], rows[1]["Fee"]) == (payment.order.number, "3.20")


def test_support_may_look_and_download_but_not_compare() -> None:
    there()
    report, support = compare(), signed_in("Support")

    assert support.get(f"{PAGE}{report.pk}/change/").status_code == 200
    assert support.get(f"{PAGE}{report.pk}/download/").status_code == 200
    assert support.post(f"{PAGE}{report.pk}/compare_again/", SUBMIT).status_code == 403
    assert support.post(f"{PAGE}compare/", SUBMIT).status_code == 403
