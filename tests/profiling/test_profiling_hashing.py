"""The mixing of 64-bit numbers."""

import numpy as np

from sharprecl.profiling.hashing import mix


def test_numbers_of_the_published_generator():
    # The first outputs of SplitMix64 from the state 0: the mixed multiples of its increment.
    increment = np.uint64(0x9E3779B97F4A7C15)
    states = np.arange(3, dtype=np.uint64) * increment
    assert mix(states).tolist() == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_every_bit_changes_half_of_the_bits():
    numbers = np.random.default_rng(0).integers(2**64, size=2000, dtype=np.uint64)
    for bit in range(64):
        changed = np.bitwise_count(mix(numbers) ^ mix(numbers ^ np.uint64(1 << bit)))
        assert abs(changed.mean() - 32) < 0.6
