import numpy as np

from optimizer.day.luck import uniform, word

WORDS = np.array([word(1, f"flight {number}") for number in range(2000)], np.uint64)


def test_each_flight_has_luck_of_its_own_whatever_else_is_drawn() -> None:
    alone = uniform(np.array([word(1, "flight 7")], np.uint64), 3)
    assert (uniform(WORDS, 10)[7, :3] == alone[0]).all()
    assert (uniform(np.array([word(2, "flight 7")], np.uint64), 3) != alone).all()


def test_luck_is_even_and_has_no_memory() -> None:
    drawn = uniform(WORDS, 50)
    assert 0 <= drawn.min() < drawn.max() < 1
    # 100,000 numbers: ten bins of 10,000, each within five deviations of 95.
    assert np.abs(np.histogram(drawn, bins=10, range=(0, 1))[0] - 10_000).max() < 5 * 95
    assert abs(np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]) < 0.1
    assert abs(np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]) < 0.02
