"""Transforms: what each does to pixels; shapes, dtypes, seeds; which keep labels."""

import colorsys
from collections import namedtuple

import numpy as np
import pytest

import autograd
from optim.data import Augmented, DataLoader, Dataset, TensorDataset
from optim.data.transforms import (
    ColorJitter,
    Compose,
    GaussianNoise,
    Grayscale,
    RandomCrop,
    RandomErasing,
    RandomGrayscale,
    RandomHorizontalFlip,
    RandomIntensity,
    RandomQuarterTurn,
    RandomResolution,
    RandomRotation,
    RandomVerticalFlip,
    Rotate,
    Transform,
    label_changes,
)

RANDOM = {
    "horizontal flip": RandomHorizontalFlip,
    "vertical flip": RandomVerticalFlip,
    "crop": lambda **own: RandomCrop(8, padding=3, **own),
    "rotation": lambda **own: RandomRotation(30, **own),
    "quarter turn": RandomQuarterTurn,
    "grey": lambda **own: RandomGrayscale(p=0.5, **own),
    "jitter": lambda **own: ColorJitter(0.5, 0.5, 0.5, 0.3, **own),
    "noise": GaussianNoise,
    "resolution": lambda **own: RandomResolution((0.2, 0.9), **own),
    "intensity": RandomIntensity,
    "erasing": RandomErasing,
}


def pictures(n=16, channels=3, dtype=np.float32):
    drawn = np.random.default_rng(0).random((n, channels, 8, 8))
    return (drawn * 255).astype(np.uint8) if dtype == np.uint8 else drawn.astype(dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
@pytest.mark.parametrize("name", RANDOM)
class TestEveryTransform:
    def test_DA_06_shape_dtype_range_and_input_are_kept(self, name, dtype):
        images = pictures(dtype=dtype)
        before = images.copy()
        changed = RANDOM[name]()(images)
        assert changed.shape == images.shape and changed.dtype == dtype
        assert changed.min() >= 0 and changed.max() <= (255 if dtype == np.uint8 else 1 + 1e-6)
        assert not np.array_equal(changed, images) and not np.shares_memory(changed, images)
        np.testing.assert_array_equal(images, before)
        assert changed.flags.c_contiguous and changed.flags.writeable

    def test_DA_06_seeded(self, name, dtype):
        images = pictures(dtype=dtype)

        def twice(transform):
            return transform(images), transform(images)

        one, other = (twice(RANDOM[name](generator=3)) for _ in range(2))
        np.testing.assert_array_equal(one, other)
        assert not np.array_equal(*one)
        autograd.manual_seed(8)
        by_program = twice(RANDOM[name]())
        autograd.manual_seed(8)
        np.testing.assert_array_equal(twice(RANDOM[name]()), by_program)

    def test_a_single_image_and_a_tensor_are_taken(self, name, dtype):
        image = pictures(1, dtype=dtype)
        alone = RANDOM[name](generator=3)(image[0])
        np.testing.assert_array_equal(RANDOM[name](generator=3)(image)[0], alone)
        tensor = RANDOM[name](generator=3)(autograd.tensor(image[0]))
        assert isinstance(tensor, autograd.Tensor) and tensor.dtype == dtype
        np.testing.assert_array_equal(tensor.numpy(), alone)


@pytest.mark.parametrize("name", RANDOM)
def test_each_image_of_a_batch_draws_its_own_numbers(name):
    same = np.repeat(pictures(1), 64, axis=0)
    assert len({image.tobytes() for image in RANDOM[name]()(same)}) > 1


@pytest.mark.parametrize("flip", [RandomHorizontalFlip, RandomVerticalFlip])
def test_DA_06_flipped_twice_is_the_image(flip):
    images = pictures()
    always = flip(p=1)
    axis = -1 if flip is RandomHorizontalFlip else -2
    np.testing.assert_array_equal(always(images), np.flip(images, axis))
    np.testing.assert_array_equal(always(always(images)), images)
    np.testing.assert_array_equal(flip(p=0)(images), images)
    some = flip(p=0.25)(np.tile(pictures(1), (4000, 1, 1, 1)))
    changed = (some != images[0]).any((1, 2, 3)).mean()
    assert changed == pytest.approx(0.25, abs=0.03)  # 4.4 standard deviations


def test_DA_06_E31_a_crop_is_a_window_of_the_padded_image():
    images = pictures()
    for crop in RandomCrop(5)(images), RandomCrop((4, 6))(images):
        windows = np.lib.stride_tricks.sliding_window_view(images, crop.shape[2:], axis=(2, 3))
        for image, candidates in zip(crop, windows, strict=True):
            assert (candidates == image[:, None, None]).all((0, 3, 4)).any()
    padded = RandomCrop(8, padding=4, fill=0.5)(np.zeros((200, 1, 8, 8)))
    assert (padded == 0.5).any((0, 1))[0, 0] and set(np.unique(padded)) == {0, 0.5}
    middle = np.eye(9).reshape(9, 1, 3, 3)[[4] * 99]
    corners = {tuple(np.argwhere(crop[0])[0]) for crop in RandomCrop(2)(middle)}
    assert corners == {(0, 0), (0, 1), (1, 0), (1, 1)}  # every place of the middle pixel is drawn


def test_quarter_turns_move_pixels():
    images = pictures()
    for k in range(-1, 6):
        np.testing.assert_array_equal(Rotate(90 * k)(images), np.rot90(images, k, (2, 3)))
    turns = {image.tobytes() for image in RandomQuarterTurn()(np.repeat(images[:1], 99, 0))}
    assert turns == {np.rot90(images[0], k, (1, 2)).tobytes() for k in range(4)}
    assert Rotate(90)(images[..., :5]).shape == (16, 3, 5, 8)


@pytest.mark.parametrize("turn", [90, 180, -90, 360])
def test_turning_by_interpolation_meets_the_quarter_turns(turn):
    images = pictures(dtype=np.float64)
    expected = np.rot90(images, turn // 90, (2, 3))
    turned = RandomRotation((turn, turn))(images)
    np.testing.assert_allclose(turned, expected, atol=1e-12)


@pytest.mark.torch
@pytest.mark.parametrize("degrees", [-130, -45, 10, 33, 300])
def test_turning_is_pytorchs_grid_sample(torch, degrees):
    images = np.random.default_rng(0).random((2, 3, 7, 7))
    angle = np.deg2rad(degrees)
    theta = torch.tensor(
        [[[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0]]] * 2
    )
    grid = torch.nn.functional.affine_grid(theta, (2, 3, 7, 7), align_corners=False)
    theirs = torch.nn.functional.grid_sample(torch.tensor(images), grid, align_corners=False)
    np.testing.assert_allclose(Rotate(degrees)(images), theirs.numpy(), atol=1e-12)


def test_what_comes_in_at_the_edges_is_the_fill():
    turned = Rotate(45, fill=1)(np.ones((1, 9, 9)))
    np.testing.assert_allclose(turned, 1, atol=1e-12)
    assert Rotate(45)(np.ones((1, 9, 9)))[0, 0, 0] == 0


def test_grey_weighs_red_green_and_blue():
    image = np.array([0.2, 0.4, 0.6]).reshape(3, 1, 1)
    grey = 0.299 * 0.2 + 0.587 * 0.4 + 0.114 * 0.6
    np.testing.assert_allclose(Grayscale()(image), np.full((1, 1, 1), grey))
    np.testing.assert_allclose(Grayscale(3)(image), np.full((3, 1, 1), grey))
    assert Grayscale(3)(image[:1]).shape == (3, 1, 1)
    np.testing.assert_array_equal(RandomGrayscale(p=0)(image), image)
    white = np.full((3, 1, 1), 255, np.uint8)
    assert Grayscale()(white).item() == 255


def test_jitter_is_what_its_formulas_say():
    image = np.array([0.2, 0.4, 0.6, 0.1, 0.1, 0.1]).reshape(2, 3).T.reshape(3, 1, 2)
    grey = Grayscale()(image)
    np.testing.assert_allclose(ColorJitter(brightness=(0.5, 0.5))(image), image / 2)
    np.testing.assert_allclose(ColorJitter(contrast=(0.5, 0.5))(image), image / 2 + grey.mean() / 2)
    np.testing.assert_allclose(ColorJitter(saturation=(0.5, 0.5))(image), image / 2 + grey / 2)
    np.testing.assert_allclose(
        ColorJitter(saturation=(0, 0))(image), np.broadcast_to(grey, image.shape)
    )
    np.testing.assert_array_equal(ColorJitter()(image), image)
    assert ColorJitter(brightness=(9, 9))(image).max() == 1
    factors = ColorJitter(brightness=0.3)(np.full((2000, 1, 1, 1), 0.5)).ravel() / 0.5
    assert 0.7 <= factors.min() < 0.71 and 1.29 < factors.max() <= 1.3


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
@pytest.mark.parametrize("turn", [-0.5, -0.31, -0.1, 0.0, 0.2, 1 / 3, 0.5])
def test_hue_is_turned_by_the_formulas_of_hsv(turn, dtype):
    """Pixel by pixel against the standard library's; value and saturation stay."""
    images = pictures(4, dtype=dtype)
    images[0, :, 0, 0] = 0  # black, grey, and colours of which two channels are equal
    images[0, :, 0, 1] = images[0, 0, 0, 1]
    images[0, 1, 0, 2] = images[0, 0, 0, 2]
    images[0, 2, 0, 3] = images[0, 1, 0, 3]
    images[0, 0, 0, 4] = images[0, 2, 0, 4]
    scale = 255 if dtype == np.uint8 else 1
    expected = np.empty(images.shape)
    for n, i, j in np.ndindex(4, 8, 8):
        hue, saturation, value = colorsys.rgb_to_hsv(*(images[n, :, i, j].astype(float) / scale))
        expected[n, :, i, j] = colorsys.hsv_to_rgb((hue + turn) % 1, saturation, value)
    changed = ColorJitter(hue=(turn, turn))(images)
    assert changed.dtype == dtype
    tolerance = {np.float64: 1e-12, np.float32: 1e-6, np.uint8: 0.51 / 255}[dtype]
    np.testing.assert_allclose(changed / scale, expected, atol=tolerance)


def test_hue_of_each_image_is_its_own_and_grey_has_none():
    red = np.zeros((3000, 3, 1, 1))
    red[:, 0] = 1
    turned = ColorJitter(hue=0.1)(red).reshape(3000, 3)
    hues = np.array([colorsys.rgb_to_hsv(*colour)[0] for colour in turned])
    hues[hues > 0.5] -= 1
    assert -0.1 <= hues.min() < -0.0995 and 0.0995 < hues.max() <= 0.1
    grey = np.full((2, 1, 3, 5), 0.3)
    np.testing.assert_array_equal(ColorJitter(hue=0.5)(grey), grey)
    np.testing.assert_allclose(ColorJitter(hue=0.5)(grey.repeat(3, 1)), grey.repeat(3, 1))


def test_intensity_changes_each_channel_by_itself():
    changed = RandomIntensity(gain=(0.5, 0.9), offset=(0.05, 0.1))(np.full((400, 3, 2, 2), 0.5))
    assert 0.3 <= changed.min() and changed.max() <= 0.55
    assert (changed == changed[..., :1, :1]).all() and len(np.unique(changed)) > 1000
    same = RandomIntensity(gain=0, offset=0)(np.full((1, 2, 2), 0.5))
    assert (same == 0.5).all()


def test_noise_has_its_mean_and_deviation():
    noise = GaussianNoise(mean=0.1, sigma=0.2, clip=False)(np.zeros((100, 1, 20, 20)))
    assert noise.mean() == pytest.approx(0.1, abs=0.005) and noise.std() == pytest.approx(0.2, 0.02)
    standardised = np.random.default_rng(0).standard_normal((4, 1, 8, 8))
    assert GaussianNoise(clip=False)(standardised).shape == (4, 1, 8, 8)


def test_resolution_shows_tiles_of_the_mean():
    image = pictures(1, dtype=np.float64)
    halved = RandomResolution((0.5, 0.5))(image)
    means = image.reshape(1, 3, 4, 2, 4, 2).mean((3, 5))
    np.testing.assert_allclose(halved, means.repeat(2, 2).repeat(2, 3))
    np.testing.assert_allclose(RandomResolution((1, 1))(image), image)
    one_tile = np.broadcast_to(image.mean((2, 3), keepdims=True), image.shape)
    np.testing.assert_allclose(RandomResolution((0.01, 0.01))(image), one_tile)


def test_erasing_takes_a_rectangle():
    erased = RandomErasing(p=1, scale=(0.1, 0.3), value=0.5)(np.ones((300, 2, 20, 20)))
    for image in erased:
        rows, columns = np.nonzero(image[0] == 0.5)
        box = image[:, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert (box == 0.5).all() and (image == 0.5).sum() == box.size
        assert 0.05 < box[0].size / 400 < 0.35
    some = RandomErasing(p=0.3)(np.ones((2000, 1, 8, 8)))
    assert (some == 0).any((1, 2, 3)).mean() == pytest.approx(0.3, abs=0.05)


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: RandomHorizontalFlip(1.5), ValueError, "RandomHorizontalFlip: p must be a prob"),
        (lambda: RandomCrop(0), ValueError, "size must be at least 1 and padding at least 0"),
        (lambda: RandomCrop(9)(pictures()), ValueError, r"\(9, 9\) does not fit in the padded"),
        (lambda: RandomRotation(-3), ValueError, "degrees must not be negative, got -3"),
        (lambda: RandomRotation((9, 3)), ValueError, "from a low to a high"),
        (lambda: ColorJitter(contrast=(-1, 1)), ValueError, "contrast must be from a low to a"),
        (
            lambda: ColorJitter(hue=0.6),
            ValueError,
            "hue must lie within -0.5 and 0.5, got 0.6",
        ),
        (lambda: ColorJitter(hue=(0, 0.7)), ValueError, r"hue must lie .*0.5, got \(0, 0.7\)"),
        (lambda: ColorJitter(hue=-0.1), ValueError, "hue must not be negative, got -0.1"),
        (lambda: GaussianNoise(sigma=-1), ValueError, "sigma must not be negative, got -1"),
        (lambda: RandomResolution((0, 1)), ValueError, r"scale must lie in \(0, 1\], got \(0, 1\)"),
        (lambda: Grayscale(2), ValueError, "num_output_channels must be 1 or 3, got 2"),
        (lambda: Grayscale()(pictures(channels=2)), ValueError, "expected 1 or 3 channels"),
        (lambda: RandomQuarterTurn()(np.ones((1, 2, 3))), ValueError, "must be square"),
        (lambda: ColorJitter()(np.ones((1, 2, 3), int)), TypeError, "uint8 or floats, got int64"),
        (
            lambda: ColorJitter()(np.full((1, 2, 2), -0.4)),
            ValueError,
            r"values in \[0, 1\], got -0.4 to -0.4; augment before standardising",
        ),
        (lambda: RandomCrop(1)(np.ones((2, 2))), ValueError, r"a batch \(N, C, H, W\), got shape"),
        (lambda: RandomCrop(1)([[[1]]]), TypeError, "an array or a Tensor, got list"),
        (lambda: Transform()(np.ones((1, 1, 1))), NotImplementedError, "must define apply"),
        (lambda: Compose([3]), TypeError, "Compose: expected callables, got int"),
        (lambda: Compose(3), TypeError, "Compose: expected a list of callables, got 3"),
        (lambda: Augmented([1], None), TypeError, "transform must be a function of an image, got"),
        (lambda: RandomCrop(2.5), TypeError, "size must be an int .* got 2.5, 0"),
        (lambda: RandomCrop((1, 2, 3)), TypeError, r"a height and a width.* got \(1, 2, 3\)"),
        (lambda: RandomCrop("a"), TypeError, "size must be an int .* got 'a', 0"),
        (lambda: RandomHorizontalFlip("x"), TypeError, "Flip: p must be a number, got 'x'"),
        (lambda: ColorJitter("a"), TypeError, "brightness must be a number, got 'a'"),
        (lambda: ColorJitter((1, 2, 3)), ValueError, "brightness must be a number or a low and a"),
        (lambda: Rotate(float("nan")), ValueError, "Rotate: degrees must be finite, got nan"),
        (lambda: RandomRotation(np.inf), ValueError, "degrees must be finite, got inf"),
        (lambda: GaussianNoise(sigma=np.nan), ValueError, "sigma must be finite, got nan"),
        (lambda: RandomErasing(scale=(0.5, 2)), ValueError, r"in \[0, 1\], got \(0.5, 2\)"),
    ],
)
def test_wrong_arguments_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


class Pictures(Dataset):
    """Samples one by one, as files would be read."""

    def __len__(self):
        return 16

    def __getitem__(self, index):
        return pictures()[index], index


@pytest.mark.parametrize("own", [None, 3])
@pytest.mark.parametrize("whole", [True, False], ids=["batches", "one by one"])
def test_augmented_batches_do_not_depend_on_the_number_of_workers(whole, own):
    data = TensorDataset(pictures(), np.arange(16)) if whole else Pictures()
    steps = [RandomCrop(8, padding=2, generator=own), GaussianNoise(generator=own)]
    augmented = Augmented(data, Compose(steps if whole else [*steps, lambda x: 1 - x]))

    def epochs(workers, seed):
        autograd.manual_seed(seed)
        loader = DataLoader(augmented, 5, shuffle=True, num_workers=workers)
        return [[(x.tolist(), y.tolist()) for x, y in loader] for _ in range(2)]

    assert epochs(2, 1) == epochs(0, 1) == epochs(3, 1) != epochs(0, 2)
    first, second = epochs(0, 1)
    assert sorted(i for _, y in first for i in y) == list(range(16)) and first != second


@pytest.mark.parametrize("own", [None, 3])
def test_two_views_of_a_sample_differ(own):
    noise = GaussianNoise(generator=own)
    data = Augmented(TensorDataset(np.full((4, 1, 8, 8), 0.5)), lambda x: (noise(x), noise(x)))
    for ((one, other),) in DataLoader(data, batch_size=2):
        assert not np.array_equal(one.numpy(), other.numpy())
        assert not np.array_equal(one[0].numpy(), one[1].numpy())


def test_a_named_tuple_of_an_augmented_dataset_stays_one():
    Sample = namedtuple("Sample", "image label")
    (batch,) = DataLoader(
        Augmented([Sample(image, 1) for image in pictures(4)], RandomCrop(8)), batch_size=4
    )
    assert type(batch) is Sample and batch.image.shape == (4, 3, 8, 8)
    (images,) = DataLoader(Augmented(list(pictures(4)), RandomCrop(8)), batch_size=4)
    np.testing.assert_array_equal(images.numpy(), pictures(4))


def test_DA_07_each_transform_says_whether_it_is_label_safe():
    safe = {name for name, make in RANDOM.items() if make().label_safe}
    assert set(RANDOM) - safe == {"horizontal flip", "vertical flip", "quarter turn"}
    assert RandomRotation(45).label_safe and not RandomRotation((0, 180)).label_safe
    assert all(Rotate(degrees).label_safe for degrees in (20, 350, -45, 360))
    assert not any(Rotate(degrees).label_safe for degrees in (90, 180, -120))
    assert Compose([GaussianNoise(), Rotate(5)]).label_safe
    assert not Compose([GaussianNoise(), Compose([Rotate(180)])]).label_safe


def test_DA_07_the_labels_of_a_data_set_are_said_to_stay_true_or_warned_of():
    data = TensorDataset(pictures(), np.arange(16))
    turn = Compose([GaussianNoise(), RandomHorizontalFlip(), Rotate(180)])
    with pytest.warns(UserWarning, match="RandomHorizontalFlip, Rotate may make labels wrong"):
        assert not Augmented(data, turn).label_safe
    assert Augmented(data, turn, label_safe=True).label_safe
    assert Augmented(data, GaussianNoise()).label_safe


def test_label_changes_refuses_what_cannot_be_compared():
    with pytest.raises(ValueError, match="16 images, but 3 labels"):
        label_changes(GaussianNoise(), pictures(), np.arange(3))
    with pytest.raises(ValueError, match="must keep the shape"):
        label_changes(RandomCrop(5), pictures(), np.arange(16))
    assert label_changes(GaussianNoise(), autograd.tensor(pictures()), autograd.arange(16)) == {}


def test_transforms_show_their_settings():
    chain = Compose([RandomCrop(8, padding=2, generator=1), RandomHorizontalFlip()])
    assert repr(chain) == (
        "Compose([RandomCrop(size=(8, 8), padding=2, fill=0), RandomHorizontalFlip(p=0.5)])"
    )
