"""The working directory that bad input is tried in: study files, images and other files, most of them with a fault."""

import shutil
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile
from zlib import crc32

import optuna
from PIL import Image

STUDY = """\
title = "A small study"
[data]
name = "digits"
train = 700
validation = 700
[model]
name = "mlp"
[training]
epochs = 2
[space]
eta = { option = "learning_rate", low = 0.01, high = 0.7, log = true }
[[stage]]
name = "only"
trials = 4
"""

CNN = STUDY.replace('"mlp"', '"cnn"')

#: Study files with a fault: name, what is replaced in STUDY, and by what.
FAULTS = {
    "broken": ("[data]", "[data"),
    "unknown-key": ("epochs = 2", "epoch = 2"),
    "unknown-section": ("[training]", "[trainning]"),
    "missing-key": ('title = "A small study"', ""),
    "wrong-type": ("epochs = 2", 'epochs = "two"'),
    "low-above-high": ("low = 0.01", "low = 0.9"),
    "log-with-zero": ("low = 0.01", "low = 0"),
    "large-batch": ("epochs = 2", "epochs = 2\nbatch_size = 1000"),
    "unknown-sampler": ("[[stage]]", '[search]\nsampler = "tp"\n[[stage]]'),
    "unknown-model": ('"mlp"', '"mpl"'),
    "no-option": ('"learning_rate"', '"learning_rat"'),
    "many": ("epochs = 2", 'epoch = 2\nbatch_size = "all"\nmomentum = 2'),
    "twice": ("[data]", "[data]\nname = 1\n[data]"),
    "not-a-number": ("epochs = 2", "epochs = nan"),
    "infinite": ("high = 0.7", "high = inf"),
    "date": ("epochs = 2", "epochs = 1979-05-27"),
    "truth": ("epochs = 2", "epochs = true"),
    "no-trials": ("trials = 4", "trials = 0"),
    "share-of-trials": ("trials = 4", "trials = 1e12"),
    "no-images": ("train = 700", "train = 0"),
    "no-space": ("eta = { option", "# eta = { option"),
    "no-choices": ("low = 0.01, high = 0.7, log = true", "choices = []"),
    "doubled-values": ("low = 0.01, high = 0.7, log = true", "values = [0.1, 0.1]"),
    "both": ("log = true", "choices = [1]"),
    "unknown-pruner": ("[[stage]]", '[search]\npruner = "hyperbad"\n[[stage]]'),
    "unknown-metric": ("[[stage]]", '[search]\nmetric = "acuracy"\n[[stage]]'),
    "unknown-schedule": ("epochs = 2", 'epochs = 2\nschedule = { name = "expo" }'),
    "grid-of-a-range": ("[[stage]]", '[search]\nsampler = "grid"\n[[stage]]'),
    "too-much-evidence": ("[[stage]]", "[search]\nevidence = 50\n[[stage]]"),
    "tolerance-below-0": ("[[stage]]", "[search]\ntolerance = -1\n[[stage]]"),
    "tolerance-no-number": ("[[stage]]", '[search]\ntolerance = "small"\n[[stage]]'),
    "no-replicates": ("[[stage]]", "[search]\nreplicates = 0\n[[stage]]"),
    "no-neurons": ('"mlp"', '"mlp"\nhidden = [50, 0]'),
    "no-factory": ('name = "mlp"', 'factory = "nocolon"'),
    "large-seed": ("[data]", "seed = 1000000000000000000000000000000\n[data]"),
    "code": ("[data]", "[derived]\nx = \"__import__('os')\"\n[data]"),
    "box-outside": ("trials = 4", "trials = 4\nbox = { eta = [0.001, 0.1] }"),
    "box-of-another": ("trials = 4", "trials = 4\nbox = { etta = [0.1, 0.2] }"),
    "narrow-at-first": ("trials = 4", "trials = 4\nnarrow = { keep = 3 }"),
    "stage-as-path": ('"only"', '"../only"'),
    "twin-stages": ("[[stage]]", '[[stage]]\nname = "only"\ntrials = 3\n[[stage]]'),
    "control": ('title = "A small study"', 'title = "x"\n"\\u001b[31mred" = 1'),
}


def prepare(folder: Path) -> None:
    """Fill the working directory: study files, images, and files that are no storage."""
    Path("good.toml").write_text(STUDY)
    for name, (before, after) in FAULTS.items():
        Path(f"{name}.toml").write_text(STUDY.replace(before, after))
    Path("large-filter.toml").write_text(CNN.replace('"cnn"', '"cnn"\nfilter_size = 9\npadding = "valid"'))
    Path("latin.toml").write_bytes(b'title = "caf\xe9"\n')
    Path("notes.txt").write_text("No database at all, but a text of some length.\n" * 9)
    Path("nested.toml").write_text("a = " + "[" * 3000 + "]" * 3000)
    Path("digits.toml").write_text("a = " + "9" * 5000)
    Path("bytes.toml").write_bytes(bytes(range(256)))
    Path("loop.toml").symlink_to("loop.toml")
    for place in ("cat/1.png", "cat/2.png", "dog/1.png"):
        Path("images", place).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8)).save(Path("images", place))
    Path("images/dog/2.png").write_bytes(b"\x89PNG\r\n\x1a\n and then nothing")
    for name, item in {"outside": "../cat/1.png", "absolute": "/cat/1.png", "one-class": "cat/1.png"}.items():
        with ZipFile(f"{name}.zip", "w") as archive:
            archive.writestr(item, b"")
    with ZipFile("swollen.zip", "w", ZIP_DEFLATED) as archive:
        archive.writestr("cat/1.png", bytes(65 * 2**20))
    Path("circle/cat").mkdir(parents=True)
    Path("circle/cat/again").symlink_to("../../circle")
    Path("empty-class/dog").mkdir(parents=True)
    shutil.copytree("images/cat", "empty-class/cat")
    for name in ("cut", "bomb"):
        shutil.copytree("images/cat", f"{name}/cat")
        shutil.copytree("images/cat", f"{name}/dog")
        file = Path(f"{name}/dog/1.png")
        Image.effect_noise((40, 40), 50).save(file)
        picture = bytearray(file.read_bytes())
        if name == "bomb":
            picture[16:24] = (65_000).to_bytes(4, "big") * 2  # Width and height, as the file's header claims them.
            picture[29:33] = crc32(picture[12:29]).to_bytes(4, "big")
        file.write_bytes(picture[: len(picture) // 2] if name == "cut" else picture)
    optuna.create_study(storage="sqlite:///hpo.db", study_name="theirs")
