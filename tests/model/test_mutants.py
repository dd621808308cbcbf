"""What goes wrong in an expression is told before anybody runs it, at the word that is wrong."""

from __future__ import annotations

from tests.model.mutants import mutants, places, problems


def test_wrong_edits_of_the_modules_and_examples_are_told_at_their_place() -> None:
    every = [(place, mutant) for place in places() for mutant in mutants(place)]

    told = {(mutant.kind, mutant.text): problems(place, mutant.text) for place, mutant in every}
    elsewhere = [
        (mutant.kind, mutant.text)
        for _, mutant in every
        if not any(start < mutant.end and mutant.start < end for start, end, _ in told[mutant.kind, mutant.text])
    ]

    assert len(every) > 800
    assert elsewhere == []
