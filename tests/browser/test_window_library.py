"""The Library view before a real library on disk: adding, watching, finding, removing, mending."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fake import FERRY, HARBOUR
from playwright.sync_api import Page, expect
from tabs import WIDE
from windows import Window, ask, axe_faults, axe_faults_wide_and_narrow, held, serving

from qa.ask.assistant import Assistant
from qa.settings import Settings
from qa.ui.passwords import Accounts, hashed

PORT = b"Title: Port strike ends\n\nDockers in Varna went back to work on Friday after a strike of nine days."


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """The window of all tests here."""
    index = tmp_path_factory.mktemp("shelf") / "library"
    with Assistant.open(Settings(index=index)) as assistant, contextmanager(serving)(assistant) as window:
        yield window


@pytest.fixture
def assistant(shelf: Window, tmp_path: Path) -> Assistant:
    """A library of two articles, which are files in a folder; nothing else was done with it yet."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for article in (HARBOUR, FERRY):
        front = f"---\ntitle: {article.title}\noutlet: {article.outlet}\ndate: {article.date or ''}\n---\n\n"
        (folder / f"{article.id}.md").write_text(front + article.text, encoding="utf-8")
    library = shelf.app.library
    shutil.rmtree(library.settings.index / "uploads", ignore_errors=True)
    for job in shelf.app.jobs.all():
        job.is_dismissed = True
    library.remove([row.id for row in library.articles()])
    library.ingest([folder])
    return shelf.app.assistant


@pytest.fixture
def library(assistant: Assistant, shelf: Window, new_page) -> Page:
    """The view, over that library."""
    page = new_page(f"{shelf.address}/#/library")
    expect(page.locator(".articles tbody tr")).to_have_count(2)
    return page


def rows(page: Page):
    return page.locator(".articles tbody tr")


def send(page: Page, *files: tuple[str, bytes]) -> None:
    page.locator("#library-file-input").set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": data} for name, data in files]
    )


def drop(page: Page, *files: tuple[str, str], onto: str = "#drop") -> None:
    """As a hand drops files onto the view."""
    page.evaluate(
        """([files, onto]) => {
            const data = new DataTransfer();
            for (const [name, text] of files) data.items.add(new File([text], name));
            const options = { dataTransfer: data, bubbles: true, cancelable: true };
            const place = document.querySelector(onto);
            for (const kind of ["dragenter", "dragover", "drop"]) place.dispatchEvent(new DragEvent(kind, options));
        }""",
        [[list(file) for file in files], onto],
    )


def test_the_table_tells_title_outlet_and_date_is_searched_opened_and_handed_on(library: Page) -> None:
    harbour = rows(library).filter(has_text="Harbour bridge")
    expect(harbour).to_contain_text("Coast Courier")
    expect(harbour).to_contain_text("12 Mar 2024")
    expect(harbour).not_to_contain_text("given with")
    expect(rows(library).filter(has_text="Ferry company")).to_contain_text("undated")
    expect(library.get_by_role("status").filter(has_text="1 to 2 of 2 articles")).to_be_visible()
    on_a_phone_a_row_is_low_and_whole(library)
    it_is_searched_sorted_and_narrowed(library)
    an_article_is_opened(library)
    only_chosen_articles_are_handed_on(library)


def on_a_phone_a_row_is_low_and_whole(library: Page) -> None:
    library.set_viewport_size({"width": 360, "height": 800})
    for row in rows(library).all():
        box = row.bounding_box()
        assert box and box["height"] < 100  # two lines of a title, and one with the outlet and the day
        row.scroll_into_view_if_needed()
        for cell in (row.get_by_role("checkbox"), row.get_by_role("button"), row.locator("td:nth-child(3)")):
            expect(cell).to_be_in_viewport(ratio=1)
        expect(row.locator("td:nth-child(4)")).to_be_in_viewport(ratio=1)
    for width in (640, 768):  # 1280 at 200%
        library.set_viewport_size({"width": width, "height": 800})
        table = library.get_by_role("region", name="Articles", exact=True)
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    library.set_viewport_size(WIDE)


def it_is_searched_sorted_and_narrowed(library: Page) -> None:
    library.get_by_role("searchbox", name="Search articles").fill("north ferry")
    expect(rows(library)).to_have_count(1)
    expect(rows(library)).to_contain_text("Ferry company")
    library.get_by_role("searchbox", name="Search articles").fill("zeppelin")
    expect(library.locator(".library-empty")).to_have_text("No article matches “zeppelin”.")
    library.get_by_role("searchbox", name="Search articles").fill("")
    title = library.get_by_role("columnheader", name="Title")
    title.get_by_role("button").click()
    expect(title).to_have_attribute("aria-sort", "ascending")
    expect(rows(library).first).to_contain_text("Ferry company")
    title.get_by_role("button").press("Enter")
    expect(title).to_have_attribute("aria-sort", "descending")
    expect(rows(library).first).to_contain_text("Harbour bridge")
    library.get_by_label("Outlet", exact=True).select_option("North Wire")
    expect(rows(library)).to_have_count(1)
    library.get_by_label("Outlet", exact=True).select_option("")
    expect(rows(library)).to_have_count(2)


def an_article_is_opened(library: Page) -> None:
    library.get_by_role("button", name="Harbour bridge to close for repairs").click()
    dialog = library.get_by_role("dialog", name="Article")
    expect(dialog.get_by_role("heading", name="Harbour bridge to close for repairs")).to_be_visible()
    library.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def only_chosen_articles_are_handed_on(library: Page) -> None:
    library.evaluate(
        "document.addEventListener('citewire:only', event => window.only = event.detail.articles.map(a => a.title))"
    )
    rows(library).filter(has_text="Ferry").get_by_role("checkbox").check()
    library.get_by_role("button", name="Ask only these").click()
    assert library.evaluate("window.only") == ["Ferry company hires sixty for the bridge closure"]
    expect(library.get_by_role("textbox", name="Your question")).to_be_focused()


def test_what_is_known_of_an_article_is_corrected_over_it(library: Page, assistant: Assistant, tmp_path: Path) -> None:
    library.get_by_role("button", name="Harbour bridge to close for repairs").click()
    article, form = library.get_by_role("dialog", name="Article"), library.get_by_role("dialog", name="Correct this")
    expect(article.get_by_role("button", name="Correct")).to_be_visible()
    library.keyboard.press("e")
    title, day, outlet = (form.get_by_label(name, exact=True) for name in ("Title", "Day", "Outlet"))
    expect(title).to_be_focused()
    expect(title).to_have_value("Harbour bridge to close for repairs")
    expect(day).to_have_value("2024-03-12")
    day.fill("in spring")
    day.press("Enter")
    expect(form.get_by_role("alert")).to_contain_text("'in spring' is not a day. Write it as 2024-05-03")
    day.fill("2024-03")
    title.fill("")
    title.press("Enter")
    expect(form.get_by_role("alert")).to_have_text("The title of an article cannot be empty.")
    assert assistant.library.corrections("harbour") == ()
    title.fill("<b>The bridge</b>")
    outlet.fill("")
    outlet.press("Enter")
    expect(form).to_be_hidden()
    expect(article.locator(".reading-title")).to_have_text("<b>The bridge</b>")
    expect(article.locator(".kicker")).to_have_text("Unknown outlet \u00b7 Mar 2024 (set by hand)")
    expect(article.locator(".reading-set")).to_have_text(
        "Set by hand: title (the file says \u201cHarbour bridge to close for repairs\u201d), "
        "date (the file says \u201c2024-03-12\u201d), outlet (the file says \u201cCoast Courier\u201d)"
    )
    file = tmp_path / "articles" / "harbour.md"
    file.write_text(file.read_text("utf-8") + "\n\nThe ferries ran late.", "utf-8")
    assistant.library.ingest([file])
    library.keyboard.press("e")
    expect(form.get_by_text("Set by hand; the file says")).to_have_count(3)
    assert axe_faults(library) == []
    form.get_by_role("button", name="Title as in the file").press("Enter")
    expect(title).to_be_focused()
    library.keyboard.press("Enter")
    expect(article.locator(".reading-title")).to_have_text("Harbour bridge to close for repairs")
    library.keyboard.press("Escape")
    expect(rows(library).filter(has_text="Harbour bridge")).to_contain_text("unknown")
    assert [one.field for one in assistant.library.corrections("harbour")] == ["date", "outlet"]


def test_files_come_in_each_with_its_fate_and_can_be_asked_at_once(library: Page) -> None:
    send(library, ("strike.txt", PORT), ("empty.txt", b""), ("tool.exe", b"MZ"), ("nul.txt", b"A\x00word " * 40))
    expect(library.locator(".job-summary")).to_have_text("1 added, 2 failed")
    expect(library.locator(".fates .failed").filter(has_text="empty.txt")).to_have_text("empty.txt holds no text")
    expect(library.locator("#library-fault")).to_contain_text("'tool.exe' is of a kind that is not read.")
    expect(rows(library).filter(has_text="strike")).to_have_count(1)
    expect(library.locator("#library")).to_have_text("3 articles in the library")
    library.get_by_role("link", name="Ask").click()
    ask(library, "How long was the strike of the dockers in Varna?")
    expect(library.locator("#last .answer")).to_contain_text("nine days")


def test_the_same_file_twice_is_one_article(library: Page) -> None:
    drop(library, ("strike.txt", PORT.decode()))
    expect(library.locator(".job-summary")).to_have_text("1 added")
    library.get_by_role("button", name="Dismiss").click()
    expect(library.locator(".job")).to_have_count(0)
    drop(library, ("strike.txt", PORT.decode()))
    expect(library.locator(".job-summary")).to_have_text("1 unchanged")
    expect(rows(library)).to_have_count(3)
    send(library, ("empty.txt", b""))
    expect(library.get_by_role("group", name="1 file")).to_have_count(2)
    assert axe_faults(library) == []


def test_what_comes_in_elsewhere_shows_here_within_seconds(library: Page, assistant: Assistant, tmp_path: Path) -> None:
    rows(library).filter(has_text="Harbour").get_by_role("checkbox").check()
    (tmp_path / "port.txt").write_bytes(PORT)
    with library.expect_response("**/changes"):  # the page knows what it shows once it has asked
        pass
    assistant.library.ingest([tmp_path / "port.txt"])  # as the command line does
    expect(rows(library)).to_have_count(3)
    expect(library.locator("#library")).to_have_text("3 articles in the library")
    expect(rows(library).filter(has_text="Harbour").get_by_role("checkbox")).to_be_checked()
    expect(rows(library).filter(has_text="Harbour").get_by_role("checkbox")).to_be_focused()


def test_names_are_text_and_lead_nowhere_else(library: Page, assistant: Assistant) -> None:
    name = "../../<img src=x onerror='window.canary=1'>\u202etxt.md"
    library.evaluate(
        "([name, text]) => fetch('library/upload?name=' + encodeURIComponent(name),"
        " {method: 'POST', body: text, headers: {'X-Citewire': '1'}})",
        [name, "A canary sang in the mine of Testville for an hour."],
    )
    drop(library, (name.rpartition("/")[2], "A canary sang in the mine of Testville for an hour."))
    expect(library.locator(".fates")).to_contain_text("img src=x onerror")
    assert library.evaluate("window.canary") is None
    sent = [file for file in assistant.settings.index.rglob("*.md")]
    assert sent
    assert all(file.parent == assistant.settings.index / "uploads" / "all" for file in sent)


def test_what_another_site_sends_and_addresses_that_cannot_be_read_are_refused(library: Page) -> None:
    status = library.evaluate("fetch('library/upload?name=a.txt', {method: 'POST', body: 'x'}).then(a => a.status)")
    assert status == 403
    box = library.get_by_label("Or a page or feed")
    box.fill("javascript:alert(1)")
    box.press("Enter")
    expect(library.locator("#library-fault")).to_contain_text("'javascript:alert(1)' is not the address of a page.")
    box.fill("http://127.0.0.1:9/feed.xml")
    box.press("Enter")
    expect(library.locator(".fates .failed")).to_contain_text("http://127.0.0.1:9/feed.xml")


def test_only_what_is_ticked_and_in_sight_is_removed_and_can_be_put_back(library: Page, assistant: Assistant) -> None:
    rows(library).filter(has_text="Harbour").get_by_role("checkbox").check()
    library.get_by_role("searchbox", name="Search articles").fill("ferry")
    expect(rows(library)).to_have_count(1)
    library.get_by_label("Select all that are shown").check()
    expect(library.locator("#library-chosen-count")).to_have_text("2 selected, 1 of them not shown")
    library.get_by_role("button", name="Remove").first.click()
    dialog = library.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_text(["Ferry company hires sixty for the bridge closure"])
    expect(dialog).to_contain_text("1 article that you selected and that is not shown will stay.")
    dialog.get_by_role("button", name="Cancel").click()
    expect(rows(library)).to_have_count(1)
    library.get_by_role("button", name="Remove").first.click()
    dialog.get_by_role("button", name="Remove").click()
    expect(library.locator("#library-undo")).to_contain_text("1 article removed.")
    assert [row.title for row in assistant.library.articles()] == ["Harbour bridge to close for repairs"]
    expect(library.get_by_role("button", name="Undo")).to_be_focused()
    library.keyboard.press("Enter")
    expect(library.locator("#library-undo")).to_contain_text("1 article put back.")
    expect(rows(library)).to_contain_text("Ferry company")
    assert assistant.library.count() == 2


def test_what_is_agreed_to_is_followed_whatever_is_typed_meanwhile(
    library: Page, assistant: Assistant, tmp_path: Path
) -> None:
    folder, other = tmp_path / "articles", tmp_path / "other"
    (folder / "ferry.md").unlink()
    other.mkdir()
    box = library.get_by_label("Or follow a folder of this machine")
    with held(library, "follow_folder") as calls:
        box.fill(str(folder))
        box.press("Enter")
        calls.wait_for(1)
        box.fill(str(other))
        calls.answer()
    dialog = library.get_by_role("dialog")
    expect(dialog).to_contain_text(f"1 file has gone from {folder}")
    dialog.get_by_role("button", name="Follow").click()
    expect(library.locator(".followed > li")).to_contain_text(str(folder))
    expect(box).to_have_value(str(other))
    library.locator(".followed > li").get_by_role("button", name="Stop following").click()
    expect(library.locator(".followed > li")).to_have_count(0)


def test_a_folder_is_followed_until_that_is_ended(library: Page, assistant: Assistant, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    (folder / "strike.txt").write_bytes(PORT)
    (folder / "ferry.md").unlink()
    box = library.get_by_label("Or follow a folder of this machine")
    box.fill("/no/such/folder")
    box.press("Enter")
    expect(library.locator("#library-fault")).to_contain_text("There is no folder '/no/such/folder'")
    box.fill(str(folder))
    box.press("Enter")
    dialog = library.get_by_role("dialog")
    expect(dialog).to_contain_text("1 file has gone from")
    dialog.get_by_role("button", name="Follow").click()
    expect(library.locator(".job-summary")).to_have_text("1 added, 1 unchanged, 1 removed")
    expect(rows(library)).to_have_count(2)
    followed = library.locator(".followed > li")
    expect(followed).to_contain_text(str(folder))
    expect(followed).to_contain_text("nothing new")  # it is watched from now on
    (folder / "empty.txt").touch()
    (folder / "late.txt").write_text("The late ferry to Vik sank on Sunday, and nobody was hurt.")
    expect(rows(library)).to_have_count(3)
    expect(followed.locator(".failed")).to_contain_text("empty.txt")
    library.reload()
    expect(followed).to_contain_text(str(folder))
    followed.get_by_role("button", name="Stop following").click()
    expect(followed).to_have_count(0)
    assert assistant.library.store.followed.all() == []
    assert assistant.library.count() == 3


def test_it_can_be_cancelled_and_is_whole_afterwards(library: Page, assistant: Assistant) -> None:
    other = assistant.library.store.writing()
    with other:  # another program is writing: the ingest waits
        drop(library, ("strike.txt", PORT.decode()))
        expect(library.locator(".job-note")).to_have_text("waiting for another program that is writing to the library")
        library.get_by_role("button", name="Cancel").first.click()
    expect(library.locator(".job-note")).to_contain_text("Cancelled")
    library.get_by_text("Check the library").click()
    library.get_by_role("button", name="Check now").click()
    expect(library.locator("#library-findings")).to_contain_text("Everything is in order.")


def test_files_dropped_on_the_start_page_of_an_empty_library_go_in(new_page, tmp_path: Path) -> None:
    with Assistant.open(Settings(index=tmp_path / "empty")) as assistant, contextmanager(serving)(assistant) as window:
        page = new_page(f"{window.address}/#/library")
        expect(page.locator("#library-find[hidden]")).to_be_attached()  # it knows what there is, and what to do
        page.get_by_role("link", name="Ask", exact=True).click()
        expect(page.get_by_role("heading", name="There are no articles yet")).to_be_visible()
        drop(page, ("strike.txt", PORT.decode()), onto=".start-drop")
        expect(page.locator(".job-summary")).to_have_text("1 added")
        expect(rows(page)).to_have_count(1)
        page.get_by_role("link", name="Ask", exact=True).click()
        expect(page.get_by_role("region", name="What the library holds")).to_contain_text("1 article")


def test_an_empty_library_says_how_to_begin(new_page, empty_window: Window) -> None:
    page = new_page(f"{empty_window.address}/#/library")
    expect(page.get_by_text("Drop files or folders here").filter(visible=True)).to_be_visible()
    expect(page.locator(".articles")).to_have_count(0)


def test_axe_finds_no_fault(library: Page) -> None:
    send(library, ("port.txt", PORT), ("broken.pdf", b"%PDF-1.7 nothing"))
    expect(rows(library)).to_have_count(3)
    assert axe_faults_wide_and_narrow(library) == []
    rows(library).first.get_by_role("checkbox").check()
    library.get_by_role("button", name="Remove").first.click()
    expect(library.get_by_role("dialog")).to_contain_text("Remove this article from the library?")
    assert axe_faults_wide_and_narrow(library) == []


def test_a_reader_sees_what_only_an_administrator_may_do(assistant: Assistant, new_page) -> None:
    accounts = Accounts({"ada": hashed("one"), "ben": hashed("two")}, ["ben"])
    with contextmanager(serving)(assistant, auth=accounts) as window:
        page = new_page(f"{window.address}/#/library")

        def log_in(user: str, password: str) -> None:
            page.get_by_label("Name").fill(user)
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")

        why = page.get_by_text("Only an administrator adds and removes articles.")
        log_in("ben", "two")
        expect(why).to_be_visible()
        page.get_by_label("Select Harbour bridge to close for repairs").check()
        expect(page.get_by_role("button", name="Ask only these")).to_be_visible()
        for closed in ("Remove", "choose files", "Add", "Check now"):
            expect(page.get_by_role("button", name=closed, exact=True)).to_be_hidden()
        page.get_by_role("button", name="Harbour bridge to close for repairs").click()
        expect(page.get_by_role("button", name="Copy link")).to_be_visible()
        expect(page.get_by_role("button", name="Correct", exact=True)).to_be_hidden()
        page.keyboard.press("e")
        expect(page.get_by_role("dialog", name="Correct this")).to_be_hidden()
        page.keyboard.press("Escape")
        page.get_by_role("link", name="Evals", exact=True).click()
        expect(page.get_by_text("Only an administrator runs and deletes evals.")).to_be_visible()
        expect(page.get_by_text("No run is kept yet.")).to_be_visible()
        expect(page.get_by_role("button", name="Run", exact=True)).to_be_hidden()
        page.get_by_role("link", name="Settings", exact=True).click()
        expect(page.get_by_text("Only an administrator chooses who writes the answers.")).to_be_visible()
        expect(page.get_by_role("radio", name="Quoted from the articles")).to_be_disabled()
        page.get_by_role("radio", name="short").check()
        expect(page.locator("#settings-said")).to_have_text("Kept.")
        assert not axe_faults(page)
        page.get_by_role("button", name="Log out").click()
        log_in("ada", "one")
        page.get_by_role("link", name="Library", exact=True).click()
        expect(page.get_by_role("button", name="choose files")).to_be_visible()
        expect(why).to_be_hidden()
