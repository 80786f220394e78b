"""What a tree of names means as a data set."""

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.data.layout import arrange
from hpo.data.names import SPLITS
from hpo.data.tree import Listing
from hpo.errors import DataUnavailable


def listing(*files: str, folders: tuple[str, ...] = ()) -> Listing:
    """A listing of these names."""
    return Listing(files, folders)


@pytest.mark.parametrize("above", ["", "flowers/", "data/flowers/"])
def test_splits_and_classes_are_read_off_the_folders(above: str) -> None:
    """Folders above them do not matter; the pictures come by split, class and name."""
    layout = arrange(listing(*(f"{above}{name}" for name in ("test/b/2.png", "test/a/1.png", "train/b/4.JPG", "train/a/3.png"))))
    assert layout.classes == ("a", "b")
    assert [(picture.split, picture.label, picture.file.removeprefix(above)) for picture in layout.pictures] == [
        ("train", 0, "train/a/3.png"),
        ("train", 1, "train/b/4.JPG"),
        ("test", 0, "test/a/1.png"),
        ("test", 1, "test/b/2.png"),
    ]


@pytest.mark.parametrize("above", ["", "flowers/"])
def test_without_split_folders_all_images_are_training_images(above: str) -> None:
    """The split is made later, from the labels."""
    layout = arrange(listing(f"{above}rose/1.png", f"{above}tulip/1.png"))
    assert [(picture.split, picture.label) for picture in layout.pictures] == [("train", 0), ("train", 1)]


@given(names=st.permutations([f"{split}/{label}/{number}.png" for split in SPLITS for label in "abc" for number in range(3)]))
def test_the_order_of_the_names_does_not_matter(names: list[str]) -> None:
    """Any order of files gives the same layout."""
    assert arrange(listing(*names)) == arrange(listing(*sorted(names)))


@pytest.mark.parametrize("name", ["val", "Val", "VALID", "validation", "Validation", "dev"])
@pytest.mark.parametrize("train", ["train", "Train", "training"])
def test_usual_names_of_the_splits_are_known(name: str, train: str) -> None:
    """In capitals or not; what the files are called stays."""
    layout = arrange(listing(*(f"x/{split}/{label}/1.png" for split in (train, name, "Test") for label in "ab")))
    assert [picture.split for picture in layout.pictures] == ["train"] * 2 + ["validation"] * 2 + ["test"] * 2
    assert layout.pictures[2].file == f"x/{name}/a/1.png"


def test_one_name_in_two_unicode_forms_is_one_class() -> None:
    """As macOS writes it, and as others do; in one split as in two. It is said."""
    apart, together = normalize("NFD", "bébé"), normalize("NFC", "bébé")
    assert apart != together
    layout = arrange(
        listing(f"train/{apart}/1.png", f"train/{together}/2.png", "train/x/3.png", f"test/{together}/4.png", "test/x/5.png")
    )
    assert layout.classes == (together, "x")
    assert [picture.label for picture in layout.pictures] == [0, 0, 1, 0, 1]
    assert layout.notes == (f"class '{together}' is written in two Unicode forms: its folders are taken as one",)
    assert arrange(listing(f"{apart}/1.png", "x/1.png")).notes == ()


def test_classes_that_differ_in_case_are_two_and_that_is_said() -> None:
    """Both may be meant."""
    layout = arrange(listing("Cat/1.png", "cat/1.png", "dog/1.png"))
    assert layout.classes == ("Cat", "cat", "dog")
    assert layout.notes == ("classes 'Cat' and 'cat' differ in case or spaces alone: they are taken as two",)


HIDDEN = [".ipynb_checkpoints", "__MACOSX", "__macosx", "@eaDir", ".git", "$RECYCLE.BIN"]


@pytest.mark.parametrize("folder", HIDDEN)
@pytest.mark.parametrize("place", ["", "train/", "train/a/"])
def test_folders_that_programs_leave_behind_are_no_classes(place: str, folder: str) -> None:
    """With images in them or without, at any depth."""
    names = [f"{split}/{label}/1.png" for split in ("train", "test") for label in "ab"]
    found = arrange(listing(*names, f"{place}{folder}/0.png", "train/a/thumbs.db", folders=(f"{place}{folder}",)))
    assert found == arrange(listing(*names))


def test_hidden_files_are_passed_over_and_others_are_said() -> None:
    """Files that systems leave behind are no data; a table beside the images is left out, and told."""
    layout = arrange(listing("a/1.png", "b/1.png", "a/._1.png", "__MACOSX/a/1.png", ".DS_Store", "b/Thumbs.db", "labels.csv"))
    assert [picture.file for picture in layout.pictures] == ["a/1.png", "b/1.png"]
    assert layout.left_out == ("labels.csv",)


@pytest.mark.parametrize(
    ("files", "folders", "message"),
    [
        (
            ("train/a/1.png", "train/b/1.png", "val/a/1.png", "val/b/1.png", "validation/a/1.png", "validation/b/1.png"),
            (),
            "'val' and 'validation' both mean the validation split",
        ),
        (
            ("train/a/1.png", "train/b/1.png", "Train/a/1.png", "Train/b/1.png"),
            (),
            "'Train' and 'train' both mean the train split",
        ),
        (
            ("train/a/1.png", "train/B/1.png", "test/a/1.png", "test/b/1.png"),
            (),
            "none in 'test/B', but in 'b', which differs in",
        ),
        (
            ("a/1.png", "b/1.png", "c/1.heic", "c/2.heic"),
            ("a", "b", "c"),
            "none in 'c', but 2 files of other kinds, '1.heic' first",
        ),
        (("readme.txt",), (), "there is no image"),
        ((), (), "there is no image"),
        (("1.png", "2.png"), (), "'1.png' lies elsewhere"),
        (("train/a/1.png", "train/b/x/1.png"), (), "'train/b/x/1.png' lies elsewhere"),
        (("train/a/1.png", "a/1.png"), (), "'a/1.png' lies elsewhere"),
        (("train/1.png", "test/2.png"), (), "the images lie in 'test' itself"),
        (("a/1.png",), (), "2 classes or more are needed, got those of 'a' only"),
        (("a/1.png", "b/1.png"), ("a", "b", "empty"), "there are none in 'empty'"),
        (("train/a/1.png", "train/b/1.png", "test/a/1.png"), (), "there are none in 'test/b'"),
        (("train/a/1.png", "test/a/1.png", "test/b/1.png"), (), "there are none in 'train/b'"),
        (("train/a/1.png", "train/b/1.png", "validatoin/a/1.png", "validatoin/b/1.png"), (), "did you mean 'validation'?"),
        (("test/a/1.png", "test/b/1.png"), (), "a split folder must be called 'train'"),
    ],
)
def test_a_tree_that_is_no_data_set_is_refused_with_the_reason(
    files: tuple[str, ...], folders: tuple[str, ...], message: str
) -> None:
    """The rule comes first, then what breaks it."""
    with pytest.raises(DataUnavailable) as caught:
        arrange(Listing(files, folders))
    assert str(caught.value).startswith("images lie in <split>/<class>/<image> or <class>/<image>")
    assert message in str(caught.value)


def test_all_faults_are_told_at_once_but_no_more_than_twenty() -> None:
    """A tree with forty empty classes gives twenty lines and the number of the others."""
    with pytest.raises(DataUnavailable) as caught:
        arrange(Listing(("a/1.png", "b/1.png"), tuple(f"empty{number:02}" for number in range(40))))
    assert len(str(caught.value).splitlines()) == 22
    assert str(caught.value).endswith("and 20 more")


def test_control_characters_in_names_never_reach_a_message_or_a_class() -> None:
    """A name can hold an escape sequence that clears the terminal."""
    assert arrange(listing("a\x1b[2J/1.png", "b/1.png")).classes == (r"a\x1b[2J", "b")
    with pytest.raises(DataUnavailable) as caught:
        arrange(listing("a\x1b[2J\n/1.png"))
    assert "\x1b" not in str(caught.value)
    assert r"\x1b[2J\n" in str(caught.value)


@given(names=st.lists(st.text(alphabet="ab./\n\x00", max_size=8).map(lambda name: name + ".png"), max_size=8, unique=True))
def test_any_names_give_a_layout_or_a_message(names: list[str]) -> None:
    """Never another exception."""
    try:
        layout = arrange(listing(*names))
    except DataUnavailable:
        return
    assert len(layout.classes) >= 2
    assert {picture.file for picture in layout.pictures} <= set(names)
