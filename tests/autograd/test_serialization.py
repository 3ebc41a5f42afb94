"""Files of tensors: whole or not at all, in both directions with the safetensors package."""

import io
import json
import os
import random
import struct
import zipfile
from contextlib import nullcontext as none

import numpy as np
import pytest

import autograd

SUFFIXES = [".safetensors", ".npz"]
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


def arrays():
    rng = np.random.default_rng(0)
    state = {f"layer.{name}": (rng.standard_normal((2, 3)) * 9).astype(name) for name in DTYPES}
    return state | {
        "scalar": np.float32(3.5),
        "count": np.array(7, np.int64),
        "empty": np.zeros((0, 4), np.float32),
        "transposed": np.arange(6.0).reshape(2, 3).T,
    }


def same(a, b):
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_dtype_and_shape_comes_back(tmp_path, suffix):
    path = tmp_path / f"state{suffix}"
    state = arrays()
    autograd.save({name: autograd.tensor(a) for name, a in state.items()}, path)
    loaded = autograd.load(path)
    assert set(loaded) == set(state)
    for name, value in state.items():
        same(np.asarray(loaded[name].payload), np.asarray(value))
    loaded["layer.float32"].add_(1)  # not a view of a read-only buffer


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nested_state_comes_back(tmp_path, suffix):
    path = tmp_path / f"checkpoint{suffix}"
    w = autograd.ones(2, requires_grad=True)
    state = {
        "model": {"fc.weight": w},
        "optimizer": {
            "state": {0: {"step": 3, "exp_avg": autograd.zeros(2)}},
            "param_groups": [{"lr": 0.1, "betas": (0.9, 0.999), "amsgrad": False, "params": [0]}],
        },
        "note": None,
        "loss": float("nan"),
        "name": "run <1>",
    }
    autograd.save(state, str(path))
    loaded = autograd.load(str(path))
    assert loaded["model"]["fc.weight"].tolist() == [1, 1]
    assert not loaded["model"]["fc.weight"].requires_grad
    assert loaded["optimizer"]["state"][0]["step"] == 3
    assert loaded["optimizer"]["param_groups"] == state["optimizer"]["param_groups"]
    assert loaded["note"] is None and np.isnan(loaded["loss"]) and loaded["name"] == "run <1>"


def test_the_safetensors_package_reads_ours_and_we_read_its(tmp_path):
    library = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    state = {name: np.ascontiguousarray(value) for name, value in arrays().items()}
    autograd.save(state, tmp_path / "ours.safetensors")
    theirs = library.load_file(tmp_path / "ours.safetensors")
    library.save_file(state, tmp_path / "theirs.safetensors", metadata={"format": "np"})
    ours = autograd.load(tmp_path / "theirs.safetensors")
    for name, value in state.items():
        same(theirs[name], value)
        same(np.asarray(ours[name].payload), value)


def written(path, header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_bfloat16_is_read_as_float32(tmp_path):
    header = {"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    path = written(tmp_path / "b.safetensors", header, struct.pack("<HH", 0x3F80, 0xC040))
    loaded = autograd.load(path)["w"]
    assert loaded.dtype == np.float32 and loaded.tolist() == [1, -3]


def entry(**changes):
    return {"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}}


@pytest.mark.parametrize(
    ("header", "data", "words"),
    [
        (b"not json", b"", "Expecting value"),
        (b"[1]", b"", "its header is not a JSON object"),
        (entry(), b"\0" * 7, "it ends before w"),
        (entry(), b"\0" * 9, "1 bytes follow its last array"),
        (entry(dtype="F8"), b"\0" * 8, "unknown dtype 'F8'"),
        (entry(shape=[3]), b"\0" * 8, "w does not fill its place"),
        (entry(shape=[-2]), b"\0" * 8, "not numbers"),
        (entry(data_offsets=[4, 12]), b"\0" * 12, "w does not fill its place"),
        (entry(data_offsets=[0.0, 8]), b"\0" * 8, "not numbers"),
        ({"w": {"dtype": "F32"}}, b"", "data_offsets"),
        ({"w": 3}, b"", "int"),
        (b'{"w": 1, "w": 2}', b"", "names an array twice"),
    ],
)
def test_a_damaged_header_is_refused(tmp_path, header, data, words):
    path = written(tmp_path / "x.safetensors", header, data)
    with pytest.raises(
        ValueError, match="x.safetensors is not a whole safetensors file: .*" + words
    ):
        autograd.load(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_truncated_or_foreign_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"state{suffix}"
    autograd.save(arrays(), path)
    whole = path.read_bytes()
    for cut in (0, 5, 60, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        with pytest.raises(ValueError, match=f"is not a whole {suffix[1:]} file"):
            autograd.load(path)
    for foreign in (b"\x89PNG\r\n\x1a\n" * 20, b"<html></html>" * 20, b"\x80\x04\x95pickle" * 20):
        path.write_bytes(foreign)
        with pytest.raises(ValueError, match=f"is not a whole {suffix[1:]} file"):
            autograd.load(path)


def test_a_pickle_inside_an_npz_is_not_run(tmp_path):
    path = tmp_path / "objects.npz"
    np.savez(path, w=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="objects.npz is not a whole npz file"):
        autograd.load(path)
    np.savez(path, w=np.array(["text"]))
    with pytest.raises(ValueError, match="w is an array of <U4"):
        autograd.load(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, suffix, monkeypatch):
    path = tmp_path / f"state{suffix}"
    autograd.save({"w": np.ones(3)}, path)
    before = path.read_bytes()

    def full_disk(descriptor):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        autograd.save({"w": np.zeros(30)}, path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.skipif(os.name == "nt", reason="Windows has neither")
def test_a_link_stays_a_link_and_a_private_file_private(tmp_path):
    path, link = tmp_path / "private.npz", tmp_path / "latest.npz"
    autograd.save({"w": np.ones(1)}, path)
    path.chmod(0o600)
    link.symlink_to(path)
    autograd.save({"w": np.zeros(1)}, link)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600
    assert autograd.load(path)["w"] == 0


@pytest.mark.parametrize(
    ("state", "name", "error", "words"),
    [
        ({"w": 1j}, "w.npz", TypeError, "save: w is a complex"),
        ({"w": b"1"}, "w.npz", TypeError, "save: w is a bytes"),
        ({"w": np.ones(1, complex)}, "w.npz", TypeError, "save: w is an array of complex128"),
        ({"a\0b": np.ones(1)}, "w.npz", ValueError, "a tensor cannot have the name 'a.x00b'"),
        ({"\ud800": np.ones(1)}, "w.safetensors", ValueError, "a tensor cannot have the name"),
        ({"__metadata__": np.ones(1)}, "w.safetensors", ValueError, "cannot have the name '__m"),
        ({"w": np.ones(1)}, "w.pt", ValueError, "ends in .safetensors or .npz, got w.pt"),
        ([1], "w.npz", TypeError, "save: expected a dict of tensors, got list"),
        ({"w": {1, 2}}, "w.npz", TypeError, "save: w is a set; expected tensors"),
        ({"w": np.array(["a"])}, "w.npz", TypeError, "save: w is an array of <U1"),
        ({"a": {"b": np.ones(1)}, "a.b": np.ones(1)}, "w.npz", ValueError, "have the name a.b"),
        ({"a": {1.5: 1}}, "w.npz", TypeError, "keys must be str or int, got 1.5 in a"),
    ],
)
def test_what_cannot_be_saved_is_refused(tmp_path, state, name, error, words):
    with pytest.raises(error, match=words):
        autograd.save(state, tmp_path / name)
    assert not list(tmp_path.iterdir())


def equal(a, b):
    if isinstance(a, autograd.Tensor) and isinstance(b, autograd.Tensor):
        x, y = np.asarray(a.payload), np.asarray(b.payload)
        return (x.dtype, x.shape, x.tobytes()) == (y.dtype, y.shape, y.tobytes())
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return list(a) == list(b) and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(equal, a, b))
    return a == b


NESTED = {
    "model": {"w": np.ones(2), "b": np.zeros((), np.int8)},
    "optimizer": [{"lr": 0.1, "betas": (0.9, 0.999), 3: None}],
    "name": "run",
}


@pytest.mark.parametrize("state", [arrays(), NESTED], ids=["flat", "nested"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_flipped_bit_is_found_or_without_consequence(suffix, state, tmp_path):
    path = tmp_path / f"state{suffix}"
    autograd.save(state, path)
    whole, right = path.read_bytes(), autograd.load(path)
    draw = random.Random(0)
    refused = 0
    for bit in draw.sample(range(8 * len(whole)), 1000):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            assert equal(autograd.load(io.BytesIO(damaged)), right), bit
        except ValueError as error:
            assert "load: the file is not a whole" in str(error)
            refused += 1
    assert refused > 500


@pytest.mark.parametrize("state", [arrays(), NESTED], ids=["flat", "nested"])
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_cut_anywhere_is_refused(suffix, state, tmp_path):
    path = tmp_path / f"state{suffix}"
    autograd.save(state, path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        with pytest.raises(ValueError, match="load: the file is not a whole"):
            autograd.load(io.BytesIO(whole[:length]))


def test_open_files_are_written_and_read():
    file = io.BytesIO()
    autograd.save(NESTED, file)
    file.seek(0)
    assert autograd.load(file)["optimizer"] == NESTED["optimizer"]
    npz = io.BytesIO()
    np.savez(npz, w=np.arange(3))
    npz.seek(0)
    assert autograd.load(npz)["w"].tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match="load: expected a path or an open file, got int"):
        autograd.load(3)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_names_are_only_names(suffix, tmp_path):
    names = [
        "../up",
        "/root",
        "a/b",
        "a\\b",
        "C:x",
        "",
        " ",
        ".npy",
        "x.npy",
        "Größe",
        "重み",
        "a b",
    ]
    state = {name: np.full(2, i) for i, name in enumerate(names)}
    autograd.save(state, tmp_path / f"names{suffix}")
    loaded = autograd.load(tmp_path / f"names{suffix}")
    assert {name: value[0].item() for name, value in loaded.items()} == {
        name: i for i, name in enumerate(names)
    }
    assert [p.name for p in tmp_path.iterdir()] == [f"names{suffix}"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_keys_that_are_numbers_and_orders_of_bytes(suffix, tmp_path):
    path = tmp_path / f"state{suffix}"
    big = np.arange(3, dtype=">i4")
    autograd.save({0: big, 1: big[::-1], 2: np.asfortranarray(np.eye(2, dtype=">f8"))}, path)
    loaded = autograd.load(path)
    assert list(loaded) == [0, 1, 2] and loaded[0].dtype == np.int32 and loaded[0].dtype.isnative
    assert loaded[0].tolist() == [0, 1, 2] and loaded[1].tolist() == [2, 1, 0]
    assert loaded[2].tolist() == [[1, 0], [0, 1]]
    np.savez(tmp_path / "big.npz", w=big)
    assert autograd.load(tmp_path / "big.npz")["w"].dtype.isnative


def test_a_state_that_holds_itself_is_refused(tmp_path):
    state = {"w": np.ones(1)}
    state["self"] = state
    with pytest.raises(ValueError, match="save: the state is nested too deep, or holds itself"):
        autograd.save(state, tmp_path / "w.npz")


def test_an_archive_with_a_member_twice_or_a_foreign_one_is_refused(tmp_path):
    path = tmp_path / "twice.npz"
    data = io.BytesIO()
    np.save(data, np.ones(2))
    for names, words in ((["w.npy", "w.npy"], "it holds w twice"), (["w.txt"], "is not an array")):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                with pytest.warns(UserWarning) if name in archive.namelist() else none():
                    archive.writestr(name, data.getvalue())
        with pytest.raises(ValueError, match=words):
            autograd.load(path)


def test_other_readers_ignore_the_checksum(tmp_path, torch):
    library = pytest.importorskip("safetensors.torch", reason="safetensors is not installed")
    autograd.save(NESTED, tmp_path / "x.safetensors")
    theirs = library.load_file(tmp_path / "x.safetensors")
    assert theirs["model.w"].tolist() == [1, 1] and theirs["model.b"].shape == ()
    library.save_file({"h": theirs["model.w"].bfloat16()}, tmp_path / "y.safetensors")
    assert autograd.load(tmp_path / "y.safetensors")["h"].tolist() == [1, 1]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="^save: there is no folder .*nowhere"):
        autograd.save({"w": autograd.ones(1)}, tmp_path / "nowhere" / "w.npz")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="load: there is no file .*w.npz"):
        autograd.load(tmp_path / "w.npz")
    with pytest.raises(ValueError, match="load: expected a file name"):
        autograd.load(tmp_path / "w.pth")


def test_a_training_run_goes_on_from_a_file(tmp_path):
    import nn
    import optim

    def steps(model, optimizer, first, last):
        for i in range(first, last):
            x = autograd.tensor(np.random.default_rng(i).standard_normal((4, 3)))
            optimizer.zero_grad()
            (model(x) * model(x)).mean().backward()
            optimizer.step()

    def fresh():
        model = nn.Linear(3, 2).double()
        return model, optim.Adam(model.parameters(), lr=0.1)

    whole, optimizer = fresh()
    start = {name: t.numpy().copy() for name, t in whole.state_dict().items()}
    steps(whole, optimizer, 0, 6)

    part, optimizer = fresh()
    part.load_state_dict(start)
    steps(part, optimizer, 0, 3)
    path = tmp_path / "run.safetensors"
    autograd.save({"model": part.state_dict(), "optimizer": optimizer.state_dict()}, path)
    resumed, optimizer = fresh()
    checkpoint = autograd.load(path)
    resumed.load_state_dict(checkpoint["model"])
    optimizer.load_state_dict(checkpoint["optimizer"])
    steps(resumed, optimizer, 3, 6)
    for a, b in zip(whole.parameters(), resumed.parameters(), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
