"""The data sets that are known by name, and the names that are not."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from hpo.data import load, prepare
from hpo.data.cifar import ARCHIVE, CIFAR10, FOLDER, unpickle
from hpo.data.idx import FASHION_MNIST, MNIST
from hpo.data.original import Unusable
from hpo.data.places import DEBIAN_FASHION_MNIST
from hpo.errors import DataUnavailable
from hpo.spec import DataSpec

from .pictures import Make, zip_of

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every request is refused at once: the proxy is a port where nobody listens."""
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    # urllib keeps the proxies of its first request for all others of the process.
    monkeypatch.setattr("urllib.request._opener", None)


def test_digits_are_scikit_learns_spread_over_a_byte() -> None:
    """All 1,797, their values 0..16 times 255/16, rounded; 359 of them to test."""
    from sklearn.datasets import load_digits

    prepared = prepare(DataSpec(name="digits"))
    images, labels = load(prepared)
    original = load_digits()
    assert (prepared.shape, len(images)) == ((1, 8, 8), 1797)
    assert (len(prepared.train), len(prepared.validation), len(prepared.test)) == (719, 719, 359)
    restored = np.rint(images[:, 0] / (255 / 16))
    assert np.abs(restored * (255 / 16) - images[:, 0]).max() <= 0.5
    assert sorted(zip(map(bytes, restored.astype(np.uint8)), labels.tolist(), strict=True)) == sorted(
        zip(map(bytes, original.images.astype(np.uint8)), original.target.tolist(), strict=True)
    )


def test_digits_stand_in_for_a_study_on_cifar10() -> None:
    """`--data digits` on a study of 3x32x32: resized, made colour, and both said."""
    prepared = prepare(DataSpec(name="cifar10", scale="centre").using("digits"))
    assert load(prepared).images.shape == (1797, 3, 32, 32)
    assert "1,797 images resized from 8x8 to 32x32 pixels (bilinear)" in prepared.notes
    assert "1,797 images converted from grey to colour" in prepared.notes
    assert prepared.notes == prepare(DataSpec(name="cifar10", scale="centre").using("digits")).notes


def test_mnist_is_read_from_torchvisions_layout(real_data: Path) -> None:
    """Bit by bit the original files, training images first; ordered as in Freiburg's exercise: 50,000 and the last 10,000."""
    prepared = prepare(DataSpec(name="mnist", train=50_000, split="ordered"))
    images, labels = load(prepared)
    assert images.tobytes() == b"".join(
        (real_data / "MNIST" / "raw" / f"{part}-images-idx3-ubyte").read_bytes()[16:] for part in ("train", "t10k")
    )
    assert np.bincount(labels).tolist() == [6903, 7877, 6990, 7141, 6824, 6313, 6876, 7293, 6825, 6958]
    assert prepared.train.tolist() == list(range(50_000))
    assert prepared.validation.tolist() == list(range(50_000, 60_000))
    assert prepared.test.tolist() == list(range(60_000, 70_000))
    assert f"from {real_data / 'MNIST' / 'raw'}" in prepared.notes[0]


def test_fashion_mnist_is_found_where_debian_puts_it() -> None:
    """The package dataset-fashion-mnist compresses the files anew; their contents are checked."""
    if not DEBIAN_FASHION_MNIST.is_dir():
        pytest.skip("Debian's package dataset-fashion-mnist is not installed")
    prepared = prepare(DataSpec(name="fashion-mnist"))
    assert prepared.shape == (1, 28, 28)
    assert np.bincount(load(prepared).labels).tolist() == [7000] * 10
    assert prepared.classes[9] == "Ankle boot"


def test_a_wrong_checksum_is_noticed(tmp_path: Path) -> None:
    """A plain and a compressed file of the right names, and neither the data."""
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"):
        (tmp_path / name).write_bytes(struct.pack(">IIII", 2051, 1, 28, 28) + bytes(784))
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"x"))
    for original in (MNIST, FASHION_MNIST):
        assert original.holds(tmp_path)
        with pytest.raises(Unusable, match=r"train-images-idx3-ubyte has the wrong checksum; .*gz has the wrong checksum"):
            original.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no gzip", gzip.compress(bytes(1000))[:-9]], ids=["empty", "other", "cut short"])
def test_a_broken_compressed_file_is_noticed(tmp_path: Path, content: bytes) -> None:
    """Cut off, or something else."""
    (tmp_path / "train-images-idx3-ubyte.gz").write_bytes(content)
    with pytest.raises(Unusable, match=r"train-images-idx3-ubyte.gz (cannot be read|has the wrong checksum)"):
        MNIST.read(tmp_path)


@pytest.mark.slow
def test_all_of_cifar10_is_found_as_a_zip_of_jpegs(real_data: Path) -> None:
    """In HPO_DATA_DIR under a name that starts with the data set's; that it is a copy is said."""
    prepared = prepare(DataSpec(name="cifar10"))
    images, labels = load(prepared)
    assert prepared.classes == CIFAR10.classes
    assert images.shape == (60_000, 3, 32, 32)
    for part, each in ((prepared.train, 1000), (prepared.validation, 1000), (prepared.test, 1000)):
        assert np.bincount(labels[part]).tolist() == [each] * 10
    assert 100 < images.mean() < 140
    assert any("is taken in their place; where its images are JPEGs, their pixels differ" in note for note in prepared.notes)
    assert str(real_data / "cifar10-jpeg.zip") in prepared.notes[0]


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HPO_DATA_DIR."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("HPO_DATA_DIR", str(folder))
    return folder


@pytest.mark.parametrize("name", ["cifar10", "cifar10-png", "cifar10.small", "cifar10_jpeg.zip", "cifar10.zip"])
def test_a_copy_of_cifar10_may_be_a_folder_or_a_zip(make_folder: Make, own_folder: Path, name: str) -> None:
    """As long as it has CIFAR-10's classes."""
    folder = make_folder({f"{split}/{label}": 2 for split in ("train", "test") for label in CIFAR10.classes}, shape=(3, 32, 32))
    zip_of(folder, own_folder / name) if name.endswith(".zip") else folder.rename(own_folder / name)
    prepared = prepare(DataSpec(name="cifar10"))
    assert (prepared.classes, len(load(prepared).images)) == (CIFAR10.classes, 40)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["cifar100.zip", "mycifar10.zip", "cifar10.tar"])
def test_other_files_are_no_copies_of_cifar10(make_folder: Make, own_folder: Path, name: str) -> None:
    """CIFAR-100's name starts alike."""
    zip_of(make_folder(dict.fromkeys(CIFAR10.classes, 2)), own_folder / name)
    with pytest.raises(DataUnavailable, match="the images of cifar10 must be on this machine or on the network"):
        prepare(DataSpec(name="cifar10"))


def test_a_copy_of_cifar10_with_other_classes_is_refused(make_folder: Make, own_folder: Path) -> None:
    """It would be trained on under a wrong name."""
    zip_of(make_folder({"cat": 5, "dog": 5}), own_folder / "cifar10.zip")
    with pytest.raises(DataUnavailable, match=r"called after cifar10 and must have its classes, got cat, dog; rename it"):
        prepare(DataSpec(name="cifar10"))


def python_2_batch(labels: list[int]) -> bytes:
    """A batch as Python 2 pickled CIFAR-10's: byte strings, an array from numpy.core, a list of labels."""
    data = bytes(range(256)) * 12 * len(labels)
    array = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85U\x01btR"
        b"(K\x01K" + bytes([len(labels)]) + b"M\x00\x0c\x86cnumpy\ndtype\n(U\x02u1K\x00K\x01tR"
        b"(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89T" + struct.pack("<i", len(data)) + data + b"tb"
    )
    return b"\x80\x02}(U\x04data" + array + b"U\x06labels](" + b"".join(b"K%c" % label for label in labels) + b"eu."


def test_a_batch_as_python_2_wrote_it_can_be_read() -> None:
    """An array of bytes and a list of numbers."""
    batch = unpickle(python_2_batch([3, 9]))
    assert batch["labels"] == [3, 9]
    assert (batch["data"].dtype, batch["data"].shape) == (np.uint8, (2, 3072))
    assert batch["data"][1, :300].tolist() == [*range(256), *range(44)]


class Bomb:
    """Calls a function as it is unpickled."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def test_a_pickle_that_calls_anything_is_refused(tmp_path: Path) -> None:
    """Nothing but arrays is made, whatever the checksum says."""
    bombs = [pickle.dumps(Bomb(Path.touch, tmp_path / "exploded")), pickle.dumps(Bomb(eval, "1")), b"cos\nsystem\n(S'true'\ntR."]
    for bomb in bombs:
        with pytest.raises(Unusable, match=r"a batch of CIFAR-10 is not what it should be \(it asks for"):
            unpickle(bomb)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("content", [b"", b"\x80", b"\x80\x02}(U", b"K\x01."])
def test_a_broken_batch_is_noticed(content: bytes) -> None:
    """Whatever the unpickler raises."""
    with pytest.raises(Unusable, match="a batch of CIFAR-10 is not what it should be"):
        unpickle(content)


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "archive"])
def test_cifar10s_batches_are_read_after_their_checksum(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    """From the unpacked folder or straight from the archive."""
    # The sums of the real files are replaced by those of small ones: 170 MB cannot be part of a test.
    from hpo.data.torchvision import datasets

    known = datasets().CIFAR10
    batches = {name: python_2_batch([place, place + 1]) for place, (name, _) in enumerate([*known.train_list, *known.test_list])}
    sums = [[name, hashlib.md5(content).hexdigest()] for name, content in batches.items()]
    monkeypatch.setattr(known, "train_list", sums[:5])
    monkeypatch.setattr(known, "test_list", sums[5:])
    if packed:
        with tarfile.open(tmp_path / ARCHIVE, "w:gz") as archive:
            for name, content in batches.items():
                member = tarfile.TarInfo(f"{FOLDER}/{name}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    else:
        (tmp_path / FOLDER).mkdir()
        for name, content in batches.items():
            (tmp_path / FOLDER / name).write_bytes(content)
    assert CIFAR10.holds(tmp_path)
    contents = CIFAR10.read(tmp_path)
    assert contents.labels.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6]
    assert (contents.pixels.shape, contents.train) == ((12, 3, 32, 32), 10)
    monkeypatch.setattr(known, "test_list", [[sums[5][0], "0" * 32]])
    with pytest.raises(Unusable, match="test_batch has the wrong checksum"):
        CIFAR10.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(bytes(2000))], ids=["empty", "other", "no tar"])
def test_a_broken_archive_of_cifar10_is_noticed(tmp_path: Path, content: bytes) -> None:
    """Empty, something else, or an archive of nothing."""
    (tmp_path / ARCHIVE).write_bytes(content)
    with pytest.raises(Unusable, match="CIFAR-10's batches cannot be read"):
        CIFAR10.read(tmp_path)


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("name", ["mnist", "cifar10"])
def test_without_images_or_network_the_message_tells_what_was_tried_and_three_ways_on(
    cache: Path, own_folder: Path, name: str
) -> None:
    """Every place and host, then what the user can do."""
    with pytest.raises(DataUnavailable) as caught:
        prepare(DataSpec(name=name))
    message = str(caught.value)
    for part in (
        str(own_folder),
        str(cache / "downloads"),
        "https://",
        "--data digits",
        "hpo data import",
        "HPO_DATA_DIR=FOLDER",
    ):
        assert part in message
    assert not (cache / "data").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("cifer10", "unknown data set 'cifer10': did you mean 'cifar10'? it must be cifar10, digits, fashion-mnist or mnist, or"),
        ("MNIST", "unknown data set 'MNIST'"),
        ("../nowhere", "a data set's path must lead to a folder or zip, got '../nowhere': No such file or directory"),
        ("nowhere.zip", "a data set's path must lead to a folder or zip, got 'nowhere.zip': No such file"),
        ("a\0b", r"unknown data set 'a\x00b'"),
        ("\x1b[2Jx", r"unknown data set '\x1b[2Jx'"),
        ("x" * 10_000, "unknown data set 'xxx"),
        ("/" + "x" * 10_000, "File name too long"),
        ("\ud800", r"unknown data set '\ud800'"),
        ("digits; DROP TABLE", "unknown data set 'digits; DROP TABLE'"),
        ("*", "unknown data set '*'"),
        ("digits@1x8x8", "unknown data set 'digits@1x8x8'"),
    ],
)
def test_an_unknown_name_gets_an_answer(name: str, message: str) -> None:
    """Names that are near, or the reason why a path does not do; never a raw control character."""
    with pytest.raises(DataUnavailable) as caught:
        prepare(DataSpec.model_construct(name=name, shape=None))
    assert message in str(caught.value)
    assert str(caught.value).replace("\n", "").isprintable()
    assert len(str(caught.value)) < 500


def test_a_loop_of_links_as_a_path_gets_an_answer(tmp_path: Path) -> None:
    """The system itself refuses it."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(DataUnavailable, match="Too many levels of symbolic links"):
        prepare(DataSpec(name=str(tmp_path / "a")))
