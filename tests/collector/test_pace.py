"""How much of a backlog goes at once follows what the journal takes."""

from collector.pace import LEAST_BYTES, MOST_BYTES, Bundling, Pace


def test_a_journal_that_takes_everything_is_given_more_every_second():
    pace, seen = Pace(), []

    for second in range(1, 30):
        pace.answered(pace.bytes, float(second))
        seen.append(pace.bytes)

    assert seen == sorted(seen)
    assert seen[-1] == MOST_BYTES


def test_a_slow_journal_is_given_about_what_it_takes_in_a_second():
    pace = Pace()
    pace.answered(LEAST_BYTES, 1.0)

    pace.answered(3_000_000, 6.0)

    assert pace.bytes == 750_000


def test_a_journal_that_takes_nothing_is_still_tried():
    pace = Pace()

    pace.answered(0, 1.0)

    assert pace.bytes == LEAST_BYTES


def taken() -> Bundling:
    bundling = Bundling()
    bundling.taken = True
    return bundling


def test_nothing_goes_in_bundles_before_the_journal_says_that_it_takes_them():
    assert not Bundling()
    assert taken()


def test_a_broker_that_swallows_bundles_without_a_word_gets_no_more_of_them():
    bundling = taken()

    bundling.unanswered()

    assert not bundling


def test_a_bundle_that_is_lost_after_others_arrived_is_no_reason_to_send_no_more():
    bundling = taken()

    bundling.arrived()
    bundling.unanswered()

    assert bundling


def test_another_connection_may_pass_on_what_this_one_swallows():
    bundling = taken()
    bundling.unanswered()

    bundling.connected()

    assert bundling


def test_a_broker_that_forbids_bundles_is_not_asked_again_on_every_connection():
    bundling = taken()
    bundling.refused()

    bundling.connected()

    assert not bundling
