"""How long an answer is worth waiting for."""

from collector.latency import Latency


def heard(*times_s: float) -> Latency:
    one = Latency(1.0)
    for took_s in times_s:
        one.answered(took_s)
    return one


def test_a_pause_of_the_machine_takes_no_answer_of_a_unit_that_is_well_for_lost():
    assert heard(0.002, 0.003).patience_s(0.003, 0.0) == 1.0


def test_a_unit_that_was_silent_gets_what_it_needed_and_now_and_then_all_the_time():
    one = heard(0.02)

    found = []
    for _ in range(6):
        one.missed()
        found.append(round(one.patience_s(0.02, 0.01), 3))

    assert found == [0.12, 0.12, 1.0, 0.12, 0.12, 1.0]


def test_a_unit_that_answers_again_is_well_again():
    one = heard(0.02)
    one.missed()
    one.answered(0.02)

    assert one.patience_s(0.02, 0.0) == 1.0


def test_a_unit_that_was_never_heard_gets_all_the_time_twice_then_what_the_others_need():
    one = Latency(1.0)

    found = []
    for _ in range(4):
        found.append(round(one.patience_s(0.02, 0.0), 3))
        one.missed()

    assert found == [1.0, 1.0, 0.11, 1.0]
