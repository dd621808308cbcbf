"""Petri nets of processes: places that hold one token at most, transitions, and joins that look at the whole marking.

Reduced by rules that keep liveness, boundedness and safeness (T. Murata, Petri Nets: Properties, Analysis and Applications, Proc.
IEEE 77(4), 1989, section V), then explored breadth first, so that the first way found to a fault is a shortest one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

Marking = frozenset[str]
FAILED = "failed"  # the place of a process that an error has ended: nothing is left but this


@dataclass(frozen=True, slots=True)
class Transition:
    """`names` are the nodes that are left by it, in order; `also` those that a reduction found to be like them. One that `clears`
    takes all tokens of the net away, before anything else can happen.
    """

    takes: frozenset[str]
    gives: frozenset[str]
    names: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()
    clears: bool = False
    twice: str = ""  # a place to which it would give two tokens


@dataclass(frozen=True, slots=True)
class Join:
    """An inclusive or complex join. `holds(arrived, total)` is a complex one's condition: how many ways must have come; None where
    that cannot be said. What comes later is swallowed. `splits` are the sets of places that it may give to.
    """

    name: str
    places: tuple[str, ...]
    splits: tuple[frozenset[str], ...]
    holds: Callable[[int, int], bool | None] | None = None


@dataclass(slots=True)
class Net:
    start: str
    transitions: dict[int, Transition] = field(default_factory=dict)
    joins: dict[str, Join] = field(default_factory=dict)
    seen: dict[str, set[str]] = field(default_factory=dict)  # nodes that are alive when a place is ever marked
    before: tuple[str, ...] = ()  # what a reduction took from the way to the start
    ids: Iterator[int] = field(default_factory=count)

    def add(self, transition: Transition) -> None:
        self.transitions[next(self.ids)] = transition


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind`: stuck (tokens wait in `places` and nothing can happen), twice (two tokens in one place), endless (no way to an end)."""

    kind: str
    places: tuple[str, ...]
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explored:
    fault: Fault | None
    alive: frozenset[str] = frozenset()
    completes: bool = False  # by its own end, not only by an error
    whole: bool = True  # False: there are more markings than the bound


# ---- reduction ----


def reduce(net: Net) -> None:
    """Apply the rules until none applies."""
    changed = True
    while changed:
        changed = _same_transitions(net) | _series_places(net) | _series_transitions(net) | _parallel_places(net) | _whole_joins(net)


def _users(net: Net) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The transitions that give to each place, and those that take from it."""
    givers: dict[str, list[int]] = {}
    takers: dict[str, list[int]] = {}
    for key, each in net.transitions.items():
        for place in each.gives:
            givers.setdefault(place, []).append(key)
        for place in each.takes:
            takers.setdefault(place, []).append(key)
    return givers, takers


def _joined(net: Net) -> frozenset[str]:
    return frozenset(place for join in net.joins.values() for place in join.places)


def _given(net: Net) -> frozenset[str]:
    return frozenset(place for join in net.joins.values() for split in join.splits for place in split)


def _same_transitions(net: Net) -> bool:
    """Transitions that do the same are one; one that gives back what it took, where others can take it, does nothing."""
    kept: dict[object, int] = {}
    drop: list[int] = []
    for key, each in net.transitions.items():
        same = kept.setdefault((each.takes, each.gives, each.clears, each.twice), key)
        if same != key:
            first = net.transitions[same]
            net.transitions[same] = replace(first, also=first.also | each.also | {*each.names})
            drop.append(key)
    _, takers = _users(net)
    for key, each in net.transitions.items():
        if key not in drop and each.takes == each.gives and len(each.takes) == 1 and not each.clears and not each.twice:
            (place,) = each.takes
            if len([other for other in takers[place] if other not in drop]) > 1:
                net.seen.setdefault(place, set()).update(each.names, each.also)
                drop.append(key)
    for key in drop:
        del net.transitions[key]
    return bool(drop)


def _series_places(net: Net) -> bool:
    """A transition from one place, which only it empties, to one other: both places are one."""
    changed = False
    joined, given = _joined(net), _given(net)
    givers, takers = _users(net)
    for key in list(net.transitions):
        each = net.transitions[key]
        if each.clears or each.twice or len(each.takes) != 1 or len(each.gives) != 1 or each.takes == each.gives:
            continue
        (old,), (new,) = each.takes, each.gives
        if takers[old] != [key] or old in joined or old in given:
            continue
        feeding = givers.get(old, [])
        if any(new in net.transitions[giver].gives for giver in feeding) or new == FAILED:
            continue
        if any(net.transitions[taker].clears for taker in takers.get(new, ()) if taker in net.transitions):
            continue
        del net.transitions[key]
        for giver in feeding:
            first = net.transitions[giver]
            net.transitions[giver] = replace(
                first, gives=first.gives - {old} | {new}, names=(*first.names, *each.names), also=first.also | each.also
            )
            givers.setdefault(new, []).append(giver)
        givers[new] = [giver for giver in givers[new] if giver != key]
        net.seen.setdefault(new, set()).update(net.seen.pop(old, ()), each.also)
        if old == net.start:
            net.start, net.before = new, (*net.before, *each.names)
        changed = True
    return changed


def _series_transitions(net: Net) -> bool:
    """A place that one transition fills and one other empties, which takes nothing else: both transitions are one."""
    changed = False
    joined, given = _joined(net), _given(net)
    givers, takers = _users(net)
    for place in list(givers):
        if len(givers[place]) != 1 or len(takers.get(place, ())) != 1 or place in joined or place in given or place == net.start:
            continue
        (giver,), (taker,) = givers[place], takers[place]
        first, then = net.transitions.get(giver), net.transitions.get(taker)
        if first is None or then is None or giver == taker or len(then.takes) != 1 or then.clears or first.clears or then.twice:
            continue
        if any(net.transitions[key].clears for after in then.gives for key in takers.get(after, ()) if key in net.transitions):
            continue  # what happens at once may not come sooner
        if not then.gives and len(first.gives) > 1:
            continue  # in a loop, tokens may pile up on their way to an end
        if place not in first.gives or then.takes != {place} or (first.gives - {place}) & then.gives or FAILED in then.gives:
            continue
        del net.transitions[taker]
        net.transitions[giver] = replace(
            first,
            gives=first.gives - {place} | then.gives,
            names=(*first.names, *then.names),
            also=first.also | then.also | net.seen.pop(place, set()),
        )
        for after in then.gives:
            givers[after] = [giver if key == taker else key for key in givers[after]]
        changed = True
    return changed


def _parallel_places(net: Net) -> bool:
    """Places that the same transitions fill and the same empty are one."""
    changed = False
    given = _given(net)
    of_join = {place: join for join in net.joins.values() for place in join.places}
    givers, takers = _users(net)
    kept: dict[object, str] = {}
    for place in sorted({*givers, *takers} - {net.start, FAILED} - given):
        join = of_join.get(place)
        if join is not None and join.holds is not None:
            continue
        alike = (frozenset(givers.get(place, ())), frozenset(takers.get(place, ())), join.name if join else "")
        same = kept.setdefault(alike, place)
        if same == place or not (takers.get(place) or join):
            continue
        for key in {*givers.get(place, ()), *takers.get(place, ())}:
            each = net.transitions[key]
            net.transitions[key] = replace(each, takes=each.takes - {place}, gives=each.gives - {place})
        if join is not None:
            held = net.joins[join.name]
            net.joins[join.name] = replace(held, places=tuple(p for p in held.places if p != place))
        net.seen.setdefault(same, set()).update(net.seen.pop(place, ()))
        changed = True
    return changed


def _whole_joins(net: Net) -> bool:
    """An inclusive join whose ways all come from one split passes one token for each that was split."""
    givers, takers = _users(net)
    given = _given(net)
    for join in list(net.joins.values()):
        places = frozenset(join.places)
        feeding = {key for place in places for key in givers.get(place, ())}
        sources = {net.transitions[key].takes for key in feeding}
        if (
            join.holds is not None or len(sources) != 1 or places & given or net.start in places
            or any(net.transitions[key].gives - places or net.transitions[key].twice for key in feeding)
            or any(place in takers for place in places)
        ):  # fmt: skip
            continue
        (source,) = sources
        if source & places:
            continue
        names: set[str] = {join.name}.union(*({*net.transitions[key].names} | net.transitions[key].also for key in feeding))
        names = names.union(*(net.seen.pop(place, set()) for place in places))
        first = net.transitions[min(feeding)]
        for key in feeding:
            del net.transitions[key]
        for split in join.splits:
            net.add(Transition(source, split, (*first.names, join.name), frozenset(names)))
        del net.joins[join.name]
        return True
    return False


# ---- exploration ----


def explore(net: Net, bound: int) -> Explored:
    """All markings that can be reached, up to `bound`; the first fault, if there is one."""
    by_place: dict[str, list[Transition]] = {}
    for each in net.transitions.values():
        by_place.setdefault(min(each.takes), []).append(each)
    reach = {name: _reach(net, join) for name, join in net.joins.items()}
    start: Marking = frozenset({net.start})
    came: dict[Marking, tuple[Marking | None, tuple[str, ...]]] = {start: (None, net.before)}
    back: dict[Marking, list[Marking]] = {}
    alive: set[str] = {*net.before}
    todo = deque([start])
    whole = True
    while todo:
        marking = todo.popleft()
        for place in marking:
            alive |= net.seen.get(place, frozenset())
        if not marking or FAILED in marking:
            continue
        moves = list(_moves(net, by_place, reach, marking))
        if not moves:
            return Explored(Fault("stuck", tuple(sorted(marking)), _path(came, marking)))
        for names, also, after, twice in moves:
            if twice:
                return Explored(Fault("twice", (twice,), (*_path(came, marking), *names)))
            alive.update(names, also)
            back.setdefault(after, []).append(marking)
            if after not in came:
                if len(came) >= bound:
                    whole = False
                    continue
                came[after] = (marking, names)
                todo.append(after)
    fault = _endless(came, back) if whole else None
    return Explored(fault, frozenset(alive), frozenset() in came, whole)


Move = tuple[tuple[str, ...], frozenset[str], Marking, str]


def _moves(
    net: Net, by_place: Mapping[str, list[Transition]], reach: Mapping[str, Mapping[str, frozenset[str]]], marking: Marking
) -> Iterable[Move]:
    """What may happen next: the nodes that are left, those that are so too, the marking after it, and a place filled twice."""
    found: list[Move] = []
    for place in marking:
        for each in by_place.get(place, ()):
            if each.takes <= marking:
                if each.clears:
                    return [(each.names, each.also, each.gives, "")]
                found.append(_fired(net, reach, marking, each.takes, each.gives, each.names, each.also, each.twice))
    waiting: list[Move] = []
    for join in net.joins.values():
        here = marking & {*join.places}
        if not here:
            continue
        missing = {*join.places} - here
        comes = any(ways & missing and not ways & here for place in marking - here if (ways := reach[join.name].get(place)))
        if join.holds is None:
            moves = [_fired(net, reach, marking, here, split, (join.name,), frozenset(), "") for split in join.splits]
            (waiting if comes else found).extend(moves)
            continue
        holds = join.holds(len(here), len(join.places))
        if holds is not False:
            late = frozenset(f"{place}~" for place in missing)
            for split in join.splits:
                found.append(_fired(net, reach, marking, here, split | late, (join.name,), frozenset(), ""))
    if not found:  # joins that wait only for one another: the first lets its tokens pass
        return waiting
    return found


def _fired(
    net: Net,
    reach: Mapping[str, Mapping[str, frozenset[str]]],
    marking: Marking,
    takes: frozenset[str],
    gives: frozenset[str],
    names: tuple[str, ...],
    also: frozenset[str],
    twice: str,
) -> Move:
    left = marking - takes
    both = twice or next((place for place in sorted(gives) if place in left and not place.endswith("~")), "")
    after = left | gives
    for join in net.joins.values():
        if join.holds is not None:
            after = _swallowed(join, reach[join.name], after)
    return names, also, after, both


def _swallowed(join: Join, reach: Mapping[str, frozenset[str]], marking: Marking) -> Marking:
    """A complex join swallows what it no longer waits for, and forgets to where nothing else can come (BPMN 2.0, 13.4.5)."""
    late = {place for place in join.places if f"{place}~" in marking}
    gone = {place for place in late if place in marking}
    marking = marking - gone - {f"{place}~" for place in gone}
    for place in late - gone:
        if not any(place in reach.get(other, frozenset()) for other in marking):
            marking -= {f"{place}~"}
    return marking


def _reach(net: Net, join: Join) -> dict[str, frozenset[str]]:
    """For every place, the places of the join to which a token from there can come without passing the join."""
    before: dict[str, set[str]] = {}
    for each in net.transitions.values():
        for place in each.gives:
            before.setdefault(place, set()).update(each.takes)
    for other in net.joins.values():
        if other.name != join.name:
            for split in other.splits:
                for place in split:
                    before.setdefault(place, set()).update(other.places)
    found: dict[str, set[str]] = {}
    own = {*join.places}
    for end in join.places:
        todo, seen = [end], {end}
        while todo:
            for place in before.get(todo.pop(), set()) - seen - own:
                seen.add(place)
                found.setdefault(place, set()).add(end)
                todo.append(place)
    return {place: frozenset(ends) for place, ends in found.items()}


def _endless(came: Mapping[Marking, tuple[Marking | None, tuple[str, ...]]], back: Mapping[Marking, list[Marking]]) -> Fault | None:
    """A marking from which none can be reached in which all has ended; the nearest."""
    ended = [marking for marking in came if not marking or FAILED in marking]
    good, todo = {*ended}, ended
    while todo:
        for marking in back.get(todo.pop(), ()):
            if marking not in good:
                good.add(marking)
                todo.append(marking)
    bad = next((marking for marking in came if marking not in good), None)
    return None if bad is None else Fault("endless", tuple(sorted(bad)), _path(came, bad))


def _path(came: Mapping[Marking, tuple[Marking | None, tuple[str, ...]]], marking: Marking) -> tuple[str, ...]:
    steps: list[tuple[str, ...]] = []
    at: Marking | None = marking
    while at is not None:
        at, names = came[at]
        steps.append(names)
    return tuple(name for names in reversed(steps) for name in names)
