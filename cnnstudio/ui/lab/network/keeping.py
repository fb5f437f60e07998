"""Networks as files: kept under a name, opened, deleted, and exchanged with others."""

from collections.abc import Callable
from pathlib import Path

from PySide6 import QtCore, QtWidgets

from cnnstudio.core import Problem, isolated
from cnnstudio.jobs.specs import (
    KeepDraft,
    KeepNetwork,
    ListBuilt,
    OpenNetworkFile,
    ReadDraft,
    RemoveNetwork,
    WriteNetworkFile,
)
from cnnstudio.jobs.specs.building import BuiltNetworks
from cnnstudio.networks.blocks.groups import CLASSIC_PLANS, EMPTY
from cnnstudio.networks.blocks.network_file import SUFFIX, is_name, key_of
from cnnstudio.networks.blocks.saved import SavedNetwork
from cnnstudio.networks.blocks.values import Plan
from cnnstudio.ui.lab.network.editing import Editor
from cnnstudio.ui.state import JobMonitor, Step, Studio
from cnnstudio.ui.widgets import Question, plain
from cnnstudio.ui.widgets.file_dialogs import ask_file, ask_new_file

_FILES = f"Networks (*{SUFFIX});;All files (*)"


class Keeping(QtCore.QObject):
    """Every reading and writing is a job; problems are told by the room."""

    changed = QtCore.Signal()
    """Other networks are kept than before."""
    problem = QtCore.Signal(Problem)

    def __init__(self, studio: Studio, editor: Editor, room: QtWidgets.QWidget) -> None:
        super().__init__(room)
        self._studio, self._editor, self._room = studio, editor, room
        self.kept: tuple[SavedNetwork, ...] = ()
        self._wanted = ""
        """Key of a network to be opened as soon as it is known which there are."""
        self._read()
        self._drafted = editor.plan
        studio.submit(ReadDraft(), done=self._go_on)
        editor.changed.connect(self._keep_draft)

    @property
    def kept_name(self) -> str:
        """Under which what is shown was kept; empty where it was not, or is not any more."""
        opened = self._editor.opened
        return opened.name if opened is not None and self._find(opened.name) is not None else ""

    # Keeping --------------------------------------------------------------------------------------------------

    def save(self, then: Callable[[], object] = lambda: None) -> None:
        """Keep what is shown under its name; asks where another one has it, or where it was called otherwise."""
        plan, before = self._editor.plan, self.kept_name
        if not is_name(plan.name):
            self.problem.emit(
                Problem(
                    kind="name",
                    title="A network cannot be called like this.",
                    meaning="Its name becomes that of a file.",
                    remedy="Use 1 to 60 letters, digits, blanks and - _ . , ( ) +.",
                )
            )
            return
        other = self._find(plan.name)
        if other is not None and plan.name != before and other.plan != plan and not self._may_replace(plan.name):
            return
        goes = ""
        if before and before != plan.name:
            answer = self._renamed_or_copied(before, plan.name)
            if answer is None:
                return
            goes = before if answer else ""

        def kept(saved: SavedNetwork) -> None:
            self._editor.take_saved(saved.plan)
            if goes:
                self._studio.submit(RemoveNetwork(name=goes), failed=self.problem.emit)
            self._read()
            self._studio.refresh_catalogue().ended.connect(then)

        self._studio.submit(KeepNetwork(plan=plan), done=kept, failed=self.problem.emit)

    def delete(self) -> None:
        """Delete the file of the network that is shown; it stays in the list of blocks, and comes back with Undo."""
        name, plan = self.kept_name, self._editor.opened
        if not name or plan is None:
            return

        def remove() -> JobMonitor[bool]:
            return self._studio.submit(RemoveNetwork(name=name), done=self._again, failed=self.problem.emit)

        def restore() -> JobMonitor[SavedNetwork]:
            return self._studio.submit(KeepNetwork(plan=plan), done=self._again, failed=self.problem.emit)

        monitor = remove()
        said, text = f"Deleted the network {isolated(name)}.", f"deleting the network {isolated(name)}"
        step = Step(said=said, text=text, undo=restore, redo=remove)
        monitor.finished.connect(lambda _: self._studio.history.add(step))

    def train(self) -> None:
        """Keep it, and go to Train with it chosen."""

        def choose() -> None:
            self._studio.choose_network(key_of(self._editor.plan))
            self._studio.navigate.emit("train")

        if self._editor.is_saved and self.kept_name:
            choose()
        else:
            self.save(then=choose)

    # Opening --------------------------------------------------------------------------------------------------

    def fill_menu(self, menu: QtWidgets.QMenu) -> None:
        """Everything that can be opened."""
        menu.clear()
        menu.addAction("Empty network").triggered.connect(lambda: self._editor.open(self._fresh(), saved=False))
        own = menu.addMenu("Your networks")
        for saved in self.kept:
            act = own.addAction(plain(saved.plan.name).replace("&", "&&"))
            act.triggered.connect(lambda _=False, found=saved.plan: self._editor.open(found, saved=True))
        own.setEnabled(bool(self.kept))
        classics = menu.addMenu("Classics to start from")
        for classic in CLASSIC_PLANS.values():
            act = classics.addAction(classic.name)
            act.triggered.connect(lambda _=False, found=classic: self._editor.open(found, saved=False))
        menu.addSeparator()
        menu.addAction("Network file…").triggered.connect(self.choose_file)

    def open_named(self, name: str) -> None:
        """Open a classic, or a network that is kept, by what it is called among networks."""
        if name in CLASSIC_PLANS:
            self._editor.open(CLASSIC_PLANS[name], saved=False)
        else:
            self._wanted = name
            self._read()

    def choose_file(self) -> None:
        """Ask for a network file, and open it."""
        file = ask_file(self._room, "Open a network file", _FILES)
        if file is not None:
            self.open_file(file)

    def open_file(self, file: Path) -> None:
        """Open a network file that lies anywhere."""
        self._studio.submit(
            OpenNetworkFile(file=file),
            done=lambda plan: self._editor.open(plan, saved=self._is_kept(plan)),
            failed=self.problem.emit,
        )

    def export(self) -> None:
        """Ask where, and write a network file there."""
        plan = self._editor.plan
        file = ask_new_file(self._room, "Save as a file", f"{plan.name}{SUFFIX}", _FILES)
        if file is not None:
            file = file if file.name.endswith(SUFFIX) else Path(f"{file}{SUFFIX}")
            self._studio.submit(WriteNetworkFile(plan=plan, file=file), done=self._tell, failed=self.problem.emit)

    # Inside ---------------------------------------------------------------------------------------------------

    def _find(self, name: str) -> SavedNetwork | None:
        return next((saved for saved in self.kept if saved.plan.name.lower() == name.lower()), None)

    def _is_kept(self, plan: Plan) -> bool:
        found = self._find(plan.name)
        return found is not None and found.plan == plan

    def _fresh(self) -> Plan:
        """With a name that no other has."""
        taken, number, name = {saved.plan.name.lower() for saved in self.kept}, 2, EMPTY.name
        while name.lower() in taken:
            name, number = f"{EMPTY.name} {number}", number + 1
        return Plan(name=name, blocks=EMPTY.blocks, input_size=EMPTY.input_size, channels=EMPTY.channels)

    def _keep_draft(self) -> None:
        """What is not saved is there again after a restart."""
        if self._editor.plan != self._drafted:
            self._drafted = self._editor.plan
            self._studio.submit(KeepDraft(plan=self._drafted))

    def _go_on(self, plan: Plan | None) -> None:
        """With what was built last, unless a person was faster."""
        if plan is not None and self._editor.plan == EMPTY:
            saved = self._find(plan.name)
            self._drafted = plan
            self._editor.begin(plan, saved.plan if saved is not None else None)

    def _again(self, _result: object) -> None:
        """Other networks are kept than before: here, and on the page Network."""
        self._read()
        self._studio.refresh_catalogue()

    def _read(self) -> None:
        self._studio.submit(ListBuilt(), done=self._take, failed=self.problem.emit)

    def _take(self, found: BuiltNetworks) -> None:
        self.kept = found.networks
        wanted, self._wanted = self._wanted, ""
        for saved in self.kept:
            if wanted and saved.key == wanted:
                self._editor.open(saved.plan, saved=True)
        self.changed.emit()

    def _tell(self, file: Path) -> None:
        self._studio.said.emit(f"Saved as {file.name}.", "", None)

    def _may_replace(self, name: str) -> bool:
        text, details = (
            f"There is already a network called {name}.",
            "Runs that were trained with it keep it as it was.",
        )
        return Question(self._room, "Save the network", text, details, ("Replace it", "Cancel")).agrees()

    def _renamed_or_copied(self, before: str, now: str) -> bool | None:
        """Whether the file under the old name goes; None where a person does not want either."""
        text = f"This network was kept as {before}, and is called {now} now."
        box = Question(self._room, "Save the network", text, "", ("Rename it", "Cancel"))
        both = box.addButton("Keep both", QtWidgets.QMessageBox.ButtonRole.ActionRole)
        if box.agrees():
            return True
        return False if box.clickedButton() is both else None
