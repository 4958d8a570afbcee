"""Dagster's pages in a real browser: a newcomer sees the layers, every source system and how fresh it is, and the checks.

SCREENSHOTS=folder keeps the pictures; those in docs/images are among them, by the same names.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from dagster_project.ingest.declaration import read_source_objects
from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.project import ROOT, Project

SYSTEMS = [
    "zoho_crm",
    "fxiaoke",
    "erp",
    "pos",
    "web_shop",
    "web_analytics",
    "email_marketing",
    "call_centre",
    "service_desk",
    "surveys",
    "social",
    "campaigns",
    "third_party",
    "self_service",
]
LAYERS = ["raw", "reference", "staging", "standardized", "linkage", "golden", "marts", "published"]
OBJECTS = read_source_objects(ROOT / "dagster_project" / "defs" / "sources")
PATIENCE = 60_000  # milliseconds; pages render slowly on a busy machine


@pytest.fixture(scope="module")
def server(demo: tuple[Project, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The web server and the daemon, which judges freshness, as `make ui` starts them: on a copy of the run's history."""
    project, _ = demo
    home = tmp_path_factory.mktemp("ui") / "dagster_home"
    shutil.copytree(project.root / "dagster_home", home)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    commands = [
        ["dagster-webserver", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)],
        ["dagster-daemon", "run", "-w", "workspace.yaml"],
    ]
    processes = [
        subprocess.Popen(
            [str(Path(sys.executable).with_name(command)), *arguments],
            cwd=project.root,
            env=project.process_environment() | {"DAGSTER_HOME": str(home)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command, *arguments in commands
    ]
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{address}/server_info", timeout=5).read()
                break
            except OSError:
                assert all(process.poll() is None for process in processes), "a server ended by itself"
                assert time.monotonic() < deadline, "the web server did not answer"
                time.sleep(0.5)
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=find_chromium(),
            args=ARGUMENTS,
            viewport={"width": 1080, "height": 940},
            device_scale_factor=2,
        )
        try:
            yield browser.new_page()
        finally:
            browser.close()


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_graph_shows_every_layer_and_every_source_system(server: str, page: Page) -> None:
    page.goto(f"{server}/asset-groups")
    page.get_by_text("Hide navigation").click()
    page.reload()  # so that the graph takes the room
    for group in [*LAYERS, *(f"raw_{system}" for system in SYSTEMS)]:
        in_list, in_graph = page.get_by_title(group, exact=True), page.locator(f'svg [data-tooltip="{group}"]')
        expect(in_list).to_be_visible(timeout=PATIENCE)
        expect(in_graph).to_be_in_viewport(timeout=PATIENCE)
    page.wait_for_timeout(3000)  # the graph slides into place
    keep(page, "dagster-ui")


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_source_shows_its_group_and_its_freshness(server: str, page: Page, system: str) -> None:
    item = next(item for item in OBJECTS if item.system == system)
    page.goto(f"{server}/assets/raw/{item.table}?view=overview")
    expect(page.get_by_role("link", name=f"raw_{system}", exact=True).first).to_be_visible(timeout=PATIENCE)
    limit = re.compile(r"^Fails if more than \d+ (hours|days|months) since last materialization$")
    expect(page.get_by_text(limit)).to_be_visible(timeout=PATIENCE)
    state = page.get_by_text(re.compile("^(Passing|Failing)$")).first
    for _ in range(30):  # the daemon judges twice a minute, and a page asks only once
        if state.is_visible():
            break
        page.wait_for_timeout(2000)
        page.reload()
        expect(page.get_by_text("Freshness policy").first).to_be_visible(timeout=PATIENCE)
    expect(state).to_have_text("Passing", timeout=PATIENCE)
    keep(page, f"source-{system}")


@pytest.mark.parametrize(
    "asset", ["standardized/std_customer_records", "linkage/clusters", "marts/customer_rfm", "raw/zoho_crm__contacts"]
)
def test_checks_show_readable_results(server: str, page: Page, asset: str) -> None:
    page.goto(f"{server}/assets/{asset}?view=checks")
    check = page.get_by_text("expectations", exact=True).first
    expect(check).to_be_visible(timeout=PATIENCE)
    check.click()
    expect(page.get_by_text("Passed").first).to_be_visible(timeout=PATIENCE)
    keep(page, "checks-" + asset.replace("/", "-"))


def test_schedule_and_sensor_are_offered(server: str, page: Page) -> None:
    page.goto(f"{server}/automation")
    for name in ("daily_refresh", "landing_folder"):
        expect(page.get_by_text(name, exact=True).first).to_be_visible(timeout=PATIENCE)
