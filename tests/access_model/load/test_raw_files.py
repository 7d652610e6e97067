"""Files of `xds_resources`: found, read, not understood here."""

from access_model.load import Loaded, load
from access_model.model import RawFile
from tests.access_model.reading import ROUTE, SIGN_IN, problems_of

FOLDERS = {"envoy.d": ["b.yaml", "a.json", "notes.txt"], "empty": []}


def loaded(text: str) -> Loaded:
    return load(
        SIGN_IN + text + ROUTE,
        source="ostiary.yaml",
        environment={},
        read_file=lambda name: f"text of {name}".encode(),
        list_folder=FOLDERS.get,
    )


def test_files_and_folders_are_read_in_order_of_their_names() -> None:
    done = loaded("xds_resources: [envoy.d, {path: edge.yaml, group: edge}]\n")
    found = [(file.name, file.text.reveal_text(), file.group) for file in done.model.raw_files]
    assert found == [
        ("edge.yaml", "text of edge.yaml", "edge"),
        ("envoy.d/a.json", "text of envoy.d/a.json", ""),
        ("envoy.d/b.yaml", "text of envoy.d/b.yaml", ""),
    ]
    assert {"edge.yaml", "envoy.d/a.json", "envoy.d/*"} <= set(done.files)


def test_one_path_may_stand_alone_and_an_empty_folder_is_watched() -> None:
    assert loaded("xds_resources: own.yaml\n").model.raw_files[0].name == "own.yaml"
    done = loaded("xds_resources: empty\n")
    assert (done.model.raw_files, done.files) == ((), ("empty/*",))


def test_what_a_file_says_is_never_shown() -> None:
    assert "text of" not in repr(loaded("xds_resources: own.yaml\n").model.raw_files)
    assert isinstance(loaded("xds_resources: own.yaml\n").model.raw_files[0], RawFile)


def test_they_change_no_decision() -> None:
    assert loaded("xds_resources: own.yaml\n").model.revision == loaded("").model.revision


def test_mistakes_are_refused() -> None:
    cases = {
        "xds_resources: [{pth: x}]": ("xds_resources[0].pth", "unknown-key"),
        "xds_resources: [{group: x}]": ("xds_resources[0]", "missing"),
        "xds_resources: [gone.yaml]": ("xds_resources[0]", "unreadable-file"),
        "xds_resources: {path: x}": ("xds_resources", "bad-list"),
        "xds_resources: [a.yaml, a.yaml]": ("xds_resources[1]", "given-twice"),
    }
    for text, (path, code) in cases.items():
        told = problems_of(SIGN_IN + text + "\n" + ROUTE, files={"a.yaml": b"clusters: []"})
        assert (path, code) in [(problem.path, problem.code) for problem in told], told
