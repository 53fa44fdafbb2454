"""An administrator's day: somebody new comes, somebody leaves, and the log tells of both."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.asking import assignee_of, calls_in
from tests.browser.conftest import Lobby
from tests.browser.serving import Place

pytestmark = pytest.mark.browser


def test_a_newcomer_is_let_in_and_chooses_his_own_password(lobby: Lobby) -> None:
    admin = lobby.visitor("anna").go("/admin")
    admin.page.get_by_role("link", name="Добавить человека").click()
    admin.page.fill("[name=person_id]", "yana")
    admin.page.fill("[name=name]", "Яна Котова")
    admin.page.select_option("[name=role]", "controller")
    admin.page.check("[name=department][value=sales]")
    admin.page.locator("button.main").click()
    password = admin.page.locator(".secret").inner_text()

    newcomer = lobby.visitor().go("/login")
    newcomer.page.fill("[name=login]", "yana")
    newcomer.page.fill("[name=password]", password)
    newcomer.page.keyboard.press("Enter")
    newcomer.page.wait_for_url("**/login/password**")
    newcomer.page.fill("[name=old]", password)
    newcomer.page.fill("[name=new]", "синяя-лодка-у-причала-7")
    newcomer.page.keyboard.press("Enter")
    newcomer.page.wait_for_url("**/work")

    expect(newcomer.page.locator(".bar")).to_contain_text("Яна Котова")
    assert admin.faults + newcomer.faults == []


def test_who_leaves_is_let_in_no_more_and_his_calls_go_to_others(lobby: Lobby, place: Place) -> None:
    call_id = calls_in(place, "listening_counted", assignee_id="pavel")[0]
    pavel = lobby.visitor("pavel")
    admin = lobby.visitor("anna").go("/admin/people/pavel")
    admin.page.locator("summary.danger").click()
    admin.page.fill("[name=why]", "уволен")
    admin.page.locator("details button.danger").click()
    expect(admin.page.locator("#flash")).to_contain_text("Передано задач")

    pavel.page.goto(f"{lobby.address}/work")
    pavel.page.wait_for_url("**/login**")
    assert assignee_of(place, call_id) is None
    admin.go("/admin/audit?verify=1")
    expect(admin.page.locator(".tag.good").first).to_contain_text("Цепочка журнала цела")
    expect(admin.page.locator("tbody")).to_contain_text("отключил человека")


def test_secrets_are_masked_and_only_admins_come_here(lobby: Lobby) -> None:
    admin = lobby.visitor("anna").go("/admin/settings")
    row = admin.page.locator("tr", has_text="OTZVUK_CLIENT_KEY_SECRET")
    expect(row).to_contain_text("*")
    assert "a secret of the tests" not in admin.page.content()
    seller = lobby.visitor("marina")
    answer = seller.page.goto(f"{lobby.address}/admin")
    assert answer is not None
    assert answer.status == 403
