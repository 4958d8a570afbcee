"""Dagster's pages in a real browser: a newcomer sees the layers, the checks and their results.

SCREENSHOTS=folder keeps the pictures; docs/images/dagster-ui.png is one of them.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.project import Project

LAYERS = [
    "raw_pos",
    "raw_web_shop",
    "raw_zoho_crm",
    "raw_service_desk",
    "staging",
    "standardized",
    "linkage",
    "golden",
    "marts",
    "published",
]
PATIENCE = 60_000  # milliseconds; pages render slowly on a busy machine


@pytest.fixture(scope="module")
def server(demo: tuple[Project, str]) -> Iterator[str]:
    project, _ = demo
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("dagster-webserver")),
            "-w",
            "workspace.yaml",
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
        ],
        cwd=project.root,
        env=project.process_environment() | {"DAGSTER_HOME": str(project.root / "dagster_home")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                urllib.request.urlopen(f"{address}/server_info", timeout=5).read()
                break
            except OSError:
                assert process.poll() is None, "the web server ended by itself"
                assert time.monotonic() < deadline, "the web server did not answer"
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait()


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(tmp_path_factory.mktemp("profile")),
            executable_path=find_chromium(),
            args=ARGUMENTS,
            viewport={"width": 1600, "height": 1000},
        )
        try:
            yield browser.new_page()
        finally:
            browser.close()


def keep(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_graph_shows_every_layer(server: str, page: Page) -> None:
    page.goto(f"{server}/asset-groups")
    for layer in LAYERS:
        expect(page.get_by_text(layer, exact=True).first).to_be_visible(timeout=PATIENCE)
    page.wait_for_timeout(3000)  # the graph slides into place
    keep(page, "dagster-ui")


@pytest.mark.parametrize(
    "asset", ["standardized/std_customer_records", "linkage/clusters", "marts/customer_rfm", "raw/pos__members"]
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
