import os
from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDropEvent, QKeySequence
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QInputDialog, QLabel

from cnnstudio.core import ClassesUnclear, DatasetError, JobFinished, JobStopped
from cnnstudio.data import PreprocessSpec, SplitSpec
from cnnstudio.data.curation import load_curation
from cnnstudio.data.project import open_dataset
from cnnstudio.data.reading import read_for_training
from cnnstudio.jobs import run_inline, specs
from cnnstudio.ui.data.picture_grid import SHADED_ROLE
from cnnstudio.ui.data.preview import Preview
from cnnstudio.ui.data.split_dialog import SplitDialog
from cnnstudio.ui.widgets.class_chooser import ClassChooser
from tests.conftest import draw_folder

pytestmark = pytest.mark.pages("data")

WRAP = Qt.TextFlag.TextWordWrap
WITH_A_CLASS = ["Add pictures…", "Rename or merge…\tF2"]


def click(qtbot, widget):
    qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.fixture
def page(window, runner, studio, qtbot, own_folder):
    """The page with a folder that holds a copy in another class, and one in its own."""
    (own_folder / "red" / "copy.png").write_bytes((own_folder / "red" / "03.png").read_bytes())
    (own_folder / "blue" / "odd.png").write_bytes((own_folder / "green" / "05.png").read_bytes())
    runner.answers[specs.ScanFolder] = lambda spec: open_dataset(spec.folder, spec.split, redraw=spec.redraw)
    window.show_page("data")
    with qtbot.waitSignal(studio.dataset_changed):
        window.data_page.open_folder(own_folder)
    return window.data_page


def click_row(qtbot, page, name):
    view = page.classes
    row = [row.name for row in view.rows.rows].index(name)
    place = view.visualRect(view.rows.index(row)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press(qtbot, page, studio, keys):
    """A key that has the folder looked at again."""
    wanted = QKeySequence(keys)[0] if isinstance(keys, QKeySequence.StandardKey) else None
    with qtbot.waitSignal(studio.dataset_changed):
        if wanted is None:
            qtbot.keyClick(QApplication.focusWidget() or page, keys)
        else:
            qtbot.keyClick(page.window(), wanted.key(), wanted.keyboardModifiers())


def shown(view):
    return [sample.path.name for sample in view.grid.samples]


def select(view, *names):
    view.clearSelection()
    for row, sample in enumerate(view.grid.samples):
        if sample.path.name in names:
            view.selectionModel().select(view.grid.index(row), view.selectionModel().SelectionFlag.Select)
            flag = view.selectionModel().SelectionFlag.NoUpdate
            view.selectionModel().setCurrentIndex(view.grid.index(row), flag)


def test_pictures_are_narrowed_by_class_split_and_name(page, studio, qtbot):
    browser = page.browser
    assert len(shown(browser.view)) == 38
    click_row(qtbot, page, "red")
    assert len(shown(browser.view)) == 13
    assert browser.title.text() == "red"
    browser.of_split.setCurrentText("test")
    assert len(shown(browser.view)) == len([s for s in studio.dataset.split("test") if s.path.parent.name == "red"])
    browser.of_split.setCurrentIndex(0)
    click_row(qtbot, page, "All pictures")
    qtbot.keyClicks(browser.search, "COPY")
    assert shown(browser.view) == ["copy.png"]
    assert browser.count.text() == "1 of 38 pictures"
    qtbot.keyClicks(browser.search, "no such file")
    click(qtbot, browser.stack.currentWidget().action)
    assert len(shown(browser.view)) == 38


def test_a_key_acts_on_the_picture_that_the_keyboard_is_at(page, studio, qtbot):
    view = page.browser.view
    view.setFocus()
    select(view, "copy.png")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.selectedIndexes()
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert [sample.path.name for sample in studio.dataset.left_out] == ["copy.png"]


def test_pictures_are_left_out_by_key_and_come_back(page, studio, qtbot):
    view = page.browser.view
    select(view, "copy.png")
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert [sample.path.name for sample in studio.dataset.left_out] == ["copy.png"]
    assert "1 skipped by you" in page.summary.text()
    assert "copy.png" in shown(view), "it stays in sight, faint"
    assert studio.history.undo_text == "skipping 1 picture"
    press(qtbot, page, studio, QKeySequence.StandardKey.Undo)
    assert studio.dataset.left_out == ()
    press(qtbot, page, studio, QKeySequence.StandardKey.Redo)
    assert len(studio.dataset.left_out) == 1
    select(view, "copy.png")
    back = next(action for action in view.menu().actions() if action.text() == "Use again")
    with qtbot.waitSignal(studio.dataset_changed):
        back.trigger()
    assert studio.dataset.left_out == ()


def test_the_menu_moves_relabels_and_shows_the_file(page, studio, qtbot, own_folder, monkeypatch):
    view = page.browser.view

    def choose(menu, entry):
        sub = next(action.menu() for action in view.menu().actions() if action.text() == menu)
        with qtbot.waitSignal(studio.dataset_changed):
            next(action for action in sub.actions() if action.text().split("\t")[0] == entry).trigger()

    select(view, "copy.png")
    choose("Move to split", "test")
    assert {s.path.name: s.split for s in studio.dataset.samples}["copy.png"] == "test"
    select(view, "odd.png")
    choose("Change class", "green")
    label = {s.path.name: s.label for s in studio.dataset.samples}["odd.png"]
    assert studio.dataset.classes[label] == "green"
    assert load_curation(own_folder).classes == {"blue/odd.png": "green"}
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()) or True)
    select(view, "odd.png")
    next(action for action in view.menu().actions() if action.text().startswith("Show in")).trigger()
    assert opened == [str(own_folder / "blue")]
    assert (own_folder / "blue" / "odd.png").is_file(), "nothing on disk was changed"


def test_trouble_is_explained_and_solved_with_one_click(page, studio, qtbot):
    assert page.strip.text.text() == "2 pictures in two classes, 1 copy, 3 classes with few pictures"
    click(qtbot, page.strip.open)
    panel = page.findings
    kinds = [finding.kind for finding in studio.dataset.findings]
    assert kinds[0] == "two-classes"
    assert not panel.solve.isVisible(), "only a person can tell which label is right"
    panel.list.setCurrentRow(kinds.index("duplicate"))
    assert "stay on one side" in panel.meaning.text()
    assert panel.solve.text() == "Keep one of each, skip 1"
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, panel.solve)
    assert [sample.path.name for sample in studio.dataset.left_out] == ["copy.png"]
    left = next(finding for finding in studio.dataset.findings if finding.kind == "duplicate")
    assert {path.parent.name for path in left.groups[0]} == {"blue", "green"}, "which is right, only a person knows"


def test_a_clean_folder_says_so(opened, dataset, runner, studio, qtbot):
    runner.answers[specs.ScanFolder] = replace(dataset, findings=())
    with qtbot.waitSignal(studio.dataset_changed):
        opened.data_page.open_folder(dataset.root)
    assert not opened.data_page.strip.isVisible()


def test_a_picture_can_be_looked_at_closely(page, studio, qtbot, monkeypatch):
    seen = []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: seen.append(dialog.sample.path.name))
    view = page.browser.view
    select(view, "copy.png")
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert seen == ["copy.png"]


def test_the_preview_steps_and_shows_what_the_network_sees(qtbot, dataset):
    dialog = Preview(dataset.samples, 0, dataset, 0.875, None)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.canvas.shown):
        dialog.show()
    whole, crop = dialog.canvas.crop()
    assert crop.width() == crop.height() == pytest.approx(0.875 * min(whole.width(), whole.height()), abs=1)
    assert crop.center() == whole.center()
    dialog.findChild(QAbstractButton, "preview_previous").setFocus()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)  # the button would take it to move the focus
    assert dialog.sample is dataset.samples[1]
    assert "2 of 36" in dialog.caption.text()
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Up)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Left)
    assert dialog.sample is dataset.samples[0]
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_End)
    assert "36 of 36" in dialog.caption.text()
    dialog.close()


def test_the_preview_of_a_file_that_is_gone_says_so(qtbot, dataset, tmp_path):
    dialog = Preview([replace(dataset.samples[0], path=tmp_path / "gone.jpg")], 0, dataset, 0.875, None)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: dialog.caption.text() == "gone.jpg can no longer be read.")
    dialog.close()


def scan_or_ask(spec):
    try:
        return open_dataset(spec.folder, spec.split, classes_from=spec.classes_from)
    except ClassesUnclear as error:
        return error


def test_labels_in_names_are_offered_with_one_click(window, runner, studio, qtbot, own_folder, tmp_path):
    heap = tmp_path / "heap"
    heap.mkdir()
    for path in own_folder.rglob("*.png"):
        path.rename(heap / f"{path.parent.name}_{path.name}")

    runner.answers[specs.ScanFolder] = scan_or_ask
    page = window.data_page
    window.show_page("data")
    page.open_folder(heap)
    qtbot.waitUntil(page.notice.isVisible)
    assert "blue (12)" in page.notice.text.text()
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, page.notice.action)
    assert studio.dataset.classes == ("blue", "green", "red")


@pytest.mark.parametrize("choice", [0, 1])
def test_which_folders_are_the_classes_is_asked_with_a_button_each(window, runner, studio, qtbot, tmp_path, choice):
    for year in ("2023", "2024"):
        draw_folder(tmp_path / "years" / year, 3)
    classes = (("blue", "green", "red"), ("2023", "2024"))[choice]
    runner.answers[specs.ScanFolder] = scan_or_ask
    page = window.data_page
    window.show_page("data")
    page.open_folder(tmp_path / "years")
    qtbot.waitUntil(lambda: len(page.notice.choices) == 2)
    assert "blue (6), green (6), red (6): 3 classes, inside 2023 and 2024" in page.notice.choices[0].accessibleName()
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, page.notice.choices[choice])
    assert studio.dataset.classes == classes
    assert not page.notice.isVisible()
    assert open_dataset(tmp_path / "years").classes == classes, "remembered"
    click(qtbot, page.reread)
    qtbot.waitUntil(lambda: len(page.notice.choices) == 2)
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, page.notice.choices[1 - choice])
    assert studio.dataset.classes != classes, "a wrong click can be mended"


def test_while_it_is_asked_nobody_says_that_there_are_no_pictures(window, runner, qtbot, tmp_path):
    def headings():
        return {each.text() for each in page.findChildren(QLabel) if each.isVisible()}

    for year in ("2023", "2024"):
        draw_folder(tmp_path / "years" / year, 3)
    runner.answers[specs.ScanFolder] = scan_or_ask
    page = window.data_page
    window.show_page("data")
    assert "No pictures yet" in headings()
    page.open_folder(tmp_path / "years")
    qtbot.waitUntil(lambda: len(page.notice.choices) == 2 and "One question first" in headings())
    click(qtbot, page.notice.dismiss)
    assert "No pictures yet" in headings()


def test_a_question_is_answered_with_the_keyboard_alone(window, runner, studio, qtbot, tmp_path):
    for year in ("2023", "2024"):
        draw_folder(tmp_path / "years" / year, 3)
    runner.answers[specs.ScanFolder] = scan_or_ask
    page = window.data_page
    window.show_page("data")
    page.open_folder(tmp_path / "years")
    qtbot.waitUntil(lambda: [answer.isVisible() for answer in page.notice.choices] == [True, True])
    page.notice.dismiss.setFocus()
    for answer in reversed(page.notice.choices):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Backtab)
        assert QApplication.focusWidget() is answer
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(answer, Qt.Key.Key_Space)
    assert studio.dataset.classes == ("blue", "green", "red")


def test_no_question_needs_no_other_answer(page):
    assert not page.reread.isVisible()


def test_reasons_for_skipped_files_are_read_whole(page, qtbot, own_folder, studio):
    (own_folder / "red" / "scan.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400))
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(own_folder)
    click(qtbot, page.strip.open)
    page.findings.list.setCurrentRow(page.findings.list.count() - 1)
    tree = page.left_out
    row = tree.topLevelItem(0).child(0)
    needed = tree.fontMetrics().boundingRect(0, 0, tree.visualItemRect(row).width(), 0, WRAP, row.text(0))
    assert needed.width() > 0
    assert tree.visualItemRect(row).height() >= needed.height() > tree.fontMetrics().height()
    assert tree.horizontalScrollBar().maximum() == 0


def test_what_cannot_be_a_class_is_opened_where_it_is_dropped(page, window, runner, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: pytest.fail("no name is asked for"))
    mime, view = QMimeData(), page.classes
    runner.answers[specs.ScanFolder] = ...
    (tmp_path / "other").mkdir()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path / "other"))])
    keys, buttons = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    place = QPointF(5, view.height() + 500)
    view.dropEvent(QDropEvent(place, Qt.DropAction.CopyAction, mime, buttons, keys))
    qtbot.waitUntil(lambda: runner.of(specs.ScanFolder)[-1].folder == tmp_path / "other")


@pytest.mark.pages("data", "train")
def test_changes_are_drawn_as_the_training_draws_them_and_taken_over(page, window, runner, studio, qtbot):
    runner.answers[specs.DrawChanges] = run_inline
    click(qtbot, page.augment)
    panel = page.changes
    qtbot.waitUntil(lambda: not panel.tiles[15].pixmap().isNull())
    drawn = runner.of(specs.DrawChanges)[-1]
    assert drawn.picture == studio.dataset.split("train")[0].path
    assert drawn.side == studio.network.input_size
    spec = PreprocessSpec(resize=drawn.side, crop=drawn.side)
    theirs = read_for_training(studio.dataset.split("train")[0], spec, drawn.changes, (0, 3, 0))
    assert (run_inline(drawn)[3] == theirs).all()
    panel.preset.setCurrentText("Strong")
    panel.preset.activated.emit(3)
    form = window.train_page.form
    recipe = form.apply_to("folder", "gamma", "auto")
    assert recipe.augment == panel.changes
    assert recipe.augment.rotate_degrees == 20
    seed = drawn.seed
    click(qtbot, panel.findChild(object, "augment_again"))
    assert runner.of(specs.DrawChanges)[-1].seed == seed + 1
    click(qtbot, panel.findChild(object, "augment_another"))
    assert runner.of(specs.DrawChanges)[-1].picture != drawn.picture


@pytest.mark.pages("data", "train")
def test_the_split_is_drawn_anew_only_when_asked(page, window, runner, studio, qtbot, monkeypatch):
    def choose(dialog):
        dialog.test.setValue(30)
        dialog.pattern.setText("(")
        assert not dialog.ok.isEnabled()
        assert "no regular expression" in dialog.found.text()
        dialog.pattern.setText(r"/(\d)")
        qtbot.waitUntil(lambda: dialog.found.text() == "2 groups, such as 0, 1; in none: 2 pictures.")
        runner.answers[specs.MatchNames] = DatasetError("The pattern for groups takes too long.")
        dialog.pattern.setText(r"(\w+\s?)*!")
        qtbot.waitUntil(lambda: "too long" in dialog.found.text())
        assert not dialog.ok.isEnabled()
        dialog.pattern.clear()
        dialog.folds.setValue(4)
        dialog.fold.setValue(2)
        return SplitDialog.DialogCode.Accepted

    monkeypatch.setattr(SplitDialog, "exec", choose)
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, page.split.change)
    spec = studio.dataset.spec
    assert (spec.test, spec.folds, spec.fold) == (0.3, 4, 1)
    assert "fold 2 of 4" in page.split.sentence
    assert "fold 2 of 4" in page.split.text.text()
    assert all(row["test"] == 4 for row in studio.dataset.counts().values())
    assert open_dataset(studio.dataset.root).samples == studio.dataset.samples, "kept from now on"
    runner.answers[specs.FineTune] = ...
    window.train_page.start()
    assert runner.of(specs.FineTune)[-1].recipe.split == spec, "a run records how it was divided"
    runner.end(runner.handles[-1], [JobStopped()])
    qtbot.waitUntil(lambda: not studio.training_active)


@pytest.mark.parametrize("column", ["", "lesion_id"])
def test_what_a_table_puts_together_may_be_torn_by_choice(studio, page, qtbot, column):
    dialog = SplitDialog(replace(studio.dataset, group_column=column), studio)
    qtbot.addWidget(dialog)
    assert dialog.groups.isVisibleTo(dialog) == bool(column)
    assert column in dialog.groups.accessibleDescription()
    assert dialog.spec().groups_together
    dialog.groups.setChecked(False)
    assert not dialog.spec().groups_together


def test_classes_are_renamed_and_merged_without_touching_the_folders(page, studio, qtbot, own_folder, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("crimson", True))
    click_row(qtbot, page, "red")
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(page.classes, Qt.Key.Key_F2)
    assert page.browser.title.text() == "crimson", "it stays chosen"
    assert studio.dataset.classes == ("blue", "crimson", "green")
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.rename("crimson", "blue")
    assert studio.dataset.classes == ("blue", "green")
    assert (own_folder / "red" / "00.png").is_file()
    press(qtbot, page, studio, QKeySequence.StandardKey.Undo)
    assert studio.dataset.classes == ("blue", "crimson", "green")


@pytest.mark.parametrize("onto", ["green", "a new one"])
def test_pictures_dropped_onto_a_class_are_copied_into_it(page, runner, qtbot, tmp_path, onto):
    studio = page.window().studio
    own_folder = studio.dataset.root
    runner.answers[specs.AddPictures] = lambda job: [JobFinished(result=run_inline(job))]
    source = tmp_path / "00.png"
    source.write_bytes((own_folder / "red" / "07.png").read_bytes())
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(source))])
    view = page.classes
    place = (
        QPointF(view.visualRect(view.rows.index(2)).center()) if onto == "green" else QPointF(5, view.height() + 500)
    )
    with qtbot.waitSignal(studio.dataset_changed):
        view.dropEvent(
            QDropEvent(place, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        )
        if onto != "green":
            qtbot.waitUntil(lambda: view.findChild(ClassChooser) is not None)
            chooser = view.findChild(ClassChooser)
            qtbot.keyClicks(chooser.field, "purple")
            qtbot.keyClick(chooser.field, Qt.Key.Key_Return)
    if onto == "green":
        assert (own_folder / "green" / "00-2.png").is_file(), "nothing is written over"
    else:
        assert "purple" in studio.dataset.classes
        assert page.browser.title.text() == "purple"
    assert source.is_file()
    view = page.browser.view
    assert [path.parent.name for path in view.chosen()] == ["green" if onto == "green" else "purple"], "it is shown"
    assert page.window().toast.text.text() == f"Copied 1 picture to {page.browser.title.text()}."


def test_several_pictures_are_left_out_by_keyboard_alone(page, studio, qtbot):
    view = page.browser.view
    view.setFocus()
    view.setCurrentIndex(view.grid.index(3))
    names = [view.grid.samples[row].path.name for row in (3, 4)]
    for _ in range(2):
        with qtbot.waitSignal(studio.dataset_changed):
            qtbot.keyClick(view, Qt.Key.Key_Delete)
        assert view.currentIndex().row() == 3
    assert [sample.path.name for sample in studio.dataset.left_out] == names


def test_copies_of_one_picture_are_seen_to_belong_together(page, qtbot, studio, own_folder):
    (own_folder / "green" / "copy.png").write_bytes((own_folder / "green" / "07.png").read_bytes())
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(own_folder)
    click(qtbot, page.strip.open)
    kinds = [page.findings.list.item(row).text() for row in range(page.findings.list.count())]
    page.findings.list.setCurrentRow(next(row for row, kind in enumerate(kinds) if kind.startswith("The same file")))
    grid = page.findings.view.grid
    shaded = [grid.index(row).data(SHADED_ROLE) for row in range(grid.rowCount())]
    assert shaded == [False, False, True, True, False, False]


def test_while_a_first_folder_is_looked_at_the_page_says_so(window, runner, qtbot, own_folder):
    page = window.data_page
    window.show_page("data")
    page.open_folder(own_folder)
    shown = page.places.part.findChildren(QLabel)
    assert "Checking every picture" in [entry.text() for entry in shown]
    runner.handles[-1].events.put(JobStopped())
    qtbot.waitUntil(lambda: page.places.part.title.text() == "No pictures yet")
    for text in page.places.part.findChildren(QLabel):
        assert text.height() >= text.heightForWidth(text.width()), "no line is cut off"


@pytest.mark.pages("data", "train")
def test_uneven_classes_can_count_more_with_one_click(page, window, studio, qtbot, own_folder):
    for number in range(140):
        (own_folder / "red" / f"more{number}.png").write_bytes((own_folder / "red" / "00.png").read_bytes())
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(own_folder)
    click(qtbot, page.strip.open)
    rows = [page.findings.list.item(row).text() for row in range(page.findings.list.count())]
    page.findings.list.setCurrentRow(next(row for row, text in enumerate(rows) if text.startswith("Very uneven")))
    click(qtbot, page.findings.weigh)
    assert "balance the classes" in page.findings.weigh.text()
    assert window.train_page.form.options.values()["balance"] == "weights"


def test_the_place_in_the_grid_stays_after_a_decision(page, studio, qtbot):
    view = page.browser.view
    view.setCurrentIndex(view.grid.index(0))
    bar = view.verticalScrollBar()
    assert bar.maximum() > 100
    bar.setValue(100)
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.leave_out([view.grid.samples[20].path])
    qtbot.waitUntil(lambda: bar.value() == 100)


def test_narrowing_does_not_leave_a_place_behind_that_is_never_reached(page, qtbot):
    view, bar = page.browser.view, page.browser.view.verticalScrollBar()
    bar.setValue(bar.maximum())
    page.classes.choose("red")
    qtbot.waitUntil(lambda: bar.maximum() < 400 and not view.is_returning)
    bar.setValue(0)
    click_row(qtbot, page, "All pictures")
    qtbot.waitUntil(lambda: bar.maximum() > 100)
    assert bar.value() == 0


def test_a_decision_while_all_is_divided_anew_loses_neither(page, runner, studio, qtbot):
    scan = runner.answers[specs.ScanFolder]
    runner.answers[specs.ScanFolder] = ...  # it takes a while
    page.split.redraw.emit(SplitSpec(seed=77))
    qtbot.waitUntil(lambda: isinstance(runner.handles[-1].job, specs.ScanFolder))
    first = runner.handles[-1]
    runner.answers[specs.ScanFolder] = scan
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.leave_out([studio.dataset.samples[0].path])
        qtbot.waitUntil(lambda: first.control.stop_requested)
        runner.end(first, [JobStopped()])
    assert studio.dataset.spec.seed == 77
    assert len(studio.dataset.left_out) == 1


def test_a_scan_that_was_overtaken_hides_nothing(window, runner, qtbot, own_folder, tmp_path):
    page = window.data_page
    window.show_page("data")
    overtaken = page.open_folder(tmp_path)
    page.open_folder(own_folder)
    with qtbot.waitSignal(overtaken.ended):
        runner.end(overtaken.handle, [JobStopped()])
    assert page.progress.isVisible()
    assert page.places.part.title.text() == "Checking every picture"
    runner.end(runner.handles[-1], [JobStopped()])
    qtbot.waitUntil(lambda: not page.progress.isVisible())


def test_pictures_dropped_on_a_renamed_class_are_of_it(page, runner, studio, qtbot, own_folder, tmp_path):
    runner.answers[specs.AddPictures] = lambda job: [JobFinished(result=run_inline(job))]
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.rename("red", "big & red")
    (tmp_path / "new.png").write_bytes((own_folder / "green" / "01.png").read_bytes())
    with qtbot.waitSignal(studio.dataset_changed):
        page.curator.add([tmp_path / "new.png"], "big & red")
    assert studio.dataset.classes == ("big & red", "blue", "green")
    labels = {sample.path.name: studio.dataset.classes[sample.label] for sample in studio.dataset.samples}
    assert labels["new.png"] == "big & red"


def test_classes_spelt_almost_alike_are_merged_with_one_click_and_undone(page, studio, qtbot, own_folder):
    (own_folder / "Red").mkdir()
    for number in range(4):
        (own_folder / "red" / f"{number:02}.png").rename(own_folder / "Red" / f"{number:02}.png")
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(own_folder)
    assert "Red" in studio.dataset.classes
    click(qtbot, page.strip.open)
    panel = page.findings
    kinds = [finding.kind for finding in studio.dataset.findings]
    panel.list.setCurrentRow(kinds.index("alike-classes"))
    assert panel.title.text().endswith("red = Red")
    assert panel.solve.text() == "Merge 2 classes into 1"
    assert panel.meaning.y() < panel.height() / 3, "words stay together where there are no pictures below"
    with qtbot.waitSignal(studio.dataset_changed):
        click(qtbot, panel.solve)
    assert studio.dataset.classes == ("blue", "green", "red")
    assert studio.history.undo_text == "merging 1 class"
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "Red" in studio.dataset.classes
    redo = QKeySequence(QKeySequence.StandardKey.Redo)[0]
    with qtbot.waitSignal(studio.dataset_changed):
        qtbot.keyClick(page, redo.key(), redo.keyboardModifiers())
    assert "Red" not in studio.dataset.classes
    studio.history.forget()  # as on another day
    assert [action.text() for action in page.classes.menu("blue").actions()] == WITH_A_CLASS
    menu = page.classes.menu("red")
    with qtbot.waitSignal(studio.dataset_changed):
        menu.actions()[len(WITH_A_CLASS)].trigger()
    assert "Red" in studio.dataset.classes


@pytest.mark.skipif(os.name == "nt", reason="names are no bytes there")
def test_names_that_are_no_utf8_are_shown_as_text(page, studio, qtbot, own_folder):
    odd = own_folder / os.fsdecode(b"caf\xe9\x1b")
    try:
        (own_folder / "red").rename(odd)
        (odd / "00.png").rename(odd / os.fsdecode(b"gr\xfcn\n.png"))
    except OSError:
        pytest.skip("a disk that takes Unicode only")
    with qtbot.waitSignal(studio.dataset_changed):
        page.open_folder(own_folder)
    assert [row.name for row in page.classes.rows.rows if row.is_class] == ["blue", "café\\x1b", "green"]
    page.classes.choose("café\\x1b")
    grid = page.browser.view.grid
    names = [sample.path.name for sample in grid.samples]
    assert os.fsdecode(b"gr\xfcn\n.png") in names
    for row in range(grid.rowCount()):
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            str(grid.index(row).data(role) or "").encode()
