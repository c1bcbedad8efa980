"""The atlas, the games and the pictures: their data against the atlas, the reference replay and the definitions."""

from __future__ import annotations

import gzip
import hashlib
import json
import random
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adversaries.registry import ADVERSARIES
from bounds.exact.product import KINDS
from layered_paging.pages.atlas import KINDS as MARKS
from layered_paging.pages.atlas import atlas_page
from layered_paging.pages.games import against_a_policy, against_the_adversary
from layered_paging.pages.notes import address
from layered_paging.pages.pictures import pictures_page, shown_at
from layered_paging.pages.play import OPPONENTS, play_page
from layered_paging.pages.watched import worst_cycle
from paging.course import Course
from paging.exact import readable
from paging.model import Instance
from paging.offline.offset import OffsetFunction
from paging.policies.registry import POLICIES
from paging.replay import replay
from proofs.atlas_cells import instances
from proofs.atlas_table import value
from proofs.known import known
from tests.layered_paging.pages.reading import Read, needs_nothing_else

ROOT = Path(__file__).parents[3]
ROWS = json.loads((ROOT / "proofs" / "atlas.json").read_text())["rows"]
Sets = tuple[frozenset[int], ...]
SMALL = [*instances(5), Instance(2, 3, 3), Instance(2, 3, 4), Instance(3, 2, 4)]


@pytest.fixture(scope="module")
def atlas() -> Read:
    return Read(atlas_page(8))


def test_the_atlas_page_has_the_atlas(atlas: Read) -> None:
    cells = atlas.data["cells"]
    there = {address(instance) for instance in instances(8)}
    assert set(cells) == there
    for row in ROWS:
        key = f"{row['layers']}-{row['experts']}-{row['cache']}"
        if key not in there:
            continue
        policies = {one["name"]: one for one in cells[key]["policies"]}
        assert set(policies) == set(row["cells"])
        for name, cell in row["cells"].items():
            assert policies[name]["upper"] == (cell["upper"] and readable(value(cell["upper"])))
            assert policies[name]["lower"] == (cell["lower"] and readable(value(cell["lower"])))
            assert {one["side"]: one["sha256"] for one in policies[name]["certificates"]} == cell[
                "certificates"
            ]


def test_certificates_are_what_their_checksums_say(atlas: Read) -> None:
    found = [
        one
        for cell in atlas.data["cells"].values()
        for policy in cell["policies"]
        for one in policy["certificates"]
    ]
    kept = [one for one in found if one["href"] is not None]
    assert len(kept) == len(list((ROOT / "proofs" / "atlas").iterdir())) > 300
    for one in kept:
        file = ROOT / "proofs" / "atlas" / one["href"].removeprefix("certificates/")
        assert hashlib.sha256(gzip.decompress(file.read_bytes())).hexdigest() == one["sha256"]


def test_how_well_a_cell_is_known(atlas: Read) -> None:
    """From the text of `known --json`, not from the page's own question."""
    kinds = set()
    for instance in instances(8):
        for name, one in zip(
            ("deterministic", "randomized"), atlas.data["cells"][address(instance)]["best"], strict=True
        ):
            said = known(instance).to_dict()[name]
            by = {said["by"]["lower"], said["by"]["upper"]}
            expected = (
                "interval"
                if said["lower"] != said["upper"]
                else "computation"
                if "atlas" in by
                else "theorem"
            )
            assert one["kind"] == expected
            assert [side["by"] for side in one["sides"]] == [said["by"]["lower"], said["by"]["upper"]]
            kinds.add(expected)
    assert kinds == set(MARKS)


def test_every_link_of_the_atlas_leads_somewhere(atlas: Read) -> None:
    ids = {attributes["id"] for _, attributes in atlas.elements if "id" in attributes}
    for link in atlas.links():
        if link.startswith("#"):
            assert link[1:] in ids
        elif link.startswith("../proofs/notes/"):
            assert (ROOT / link.removeprefix("../").replace(".html", ".md")).is_file()
        elif link.startswith("certificates/"):
            assert (ROOT / "proofs" / "atlas" / link.removeprefix("certificates/")).is_file()
        else:
            assert link in ("../index.html", "play.html", "pictures.html")


def test_the_pages_of_the_site_need_nothing_else(atlas: Read) -> None:
    for page in (atlas, Read(play_page(4)), Read(pictures_page())):
        needs_nothing_else(page)


class Table:
    """What play.js does with a graph: states in real pages, moves by pages."""

    def __init__(self, instance: Instance, graph: dict[str, Any]) -> None:
        self.instance, self.graph = instance, graph
        self.state, self.order = 0, list(range(instance.pages))

    @property
    def labels(self) -> list[Any]:
        return list(self.graph["states"][self.state][0])

    def cached(self) -> set[int]:
        return {page for page, (_, token) in zip(self.order, self.labels, strict=True) if token % 2}

    def sets(self) -> tuple[frozenset[int], ...]:
        k = self.instance.cache
        return tuple(
            frozenset(
                page for page, (level, _) in zip(self.order, self.labels, strict=True) if level == i + 1
            )
            for i in range(k)
        )

    def swap(self, one: int, other: int) -> None:
        self.order[one], self.order[other] = self.order[other], self.order[one]

    def requests(self) -> Iterator[tuple[int, Any]]:
        """Each page of the turn's layer, with the request that it means."""
        for place in range(self.instance.experts):
            label = self.labels[place]
            requests = self.graph["states"][self.state][2]
            yield place, next(r for r in requests if self.labels[r[0]] == label)

    def go(self, option: Any) -> None:
        _, self.state, places, _ = option
        self.order = [self.order[place] for place in places]


@pytest.mark.parametrize("policy", OPPONENTS)
@pytest.mark.parametrize("instance", SMALL, ids=str)
def test_a_game_against_a_policy_is_its_replay(instance: Instance, policy: str) -> None:
    """Random requests: hits, growth, what leaves, cache and sets are those of the policy on real pages. Then perfect ones only:
    they keep the ratio up to a constant."""
    graph = against_a_policy(instance, POLICIES[policy])
    rng = random.Random(instance.pages)
    for perfect in (False, True):
        table, course = Table(instance, graph), Course(policy, instance)
        for _ in range(120):
            places = [(place, r) for place, r in table.requests() if r[3] or not perfect]
            place, request = rng.choice(places)
            page = table.order[place]
            table.swap(request[0], place)
            (option,) = request[4]
            left = {table.order[i] for i in option[0]}
            missed, grows = course.request(page)
            assert (request[1], request[2], left) == (missed, grows, set(course.player.last_victims))
            table.go(option)
            assert table.cached() == set(course.player.cache)
            assert table.sets() == course.offset.sets()
            if perfect:
                ratio = Fraction(graph["ratio"].split()[0])
                assert course.misses >= ratio * (course.optimum - instance.cache)


def after(sets: Sets, page: int) -> tuple[Sets, bool]:
    """The sets after a request and whether OPT grows, by the rule as the literature writes it."""
    new, k = frozenset((page,)), len(sets)
    inside = next((i for i, one in enumerate(sets) if page in one), None)
    if inside is None:
        return ((new, sets[0] | sets[1], *sets[2:]) if k > 1 else (new,)), True
    if inside == k - 1:
        return (new, *sets[: k - 1]), False
    return (new, *sets[:inside], (sets[inside] - new) | sets[inside + 1], *sets[inside + 2 :]), False


@pytest.mark.parametrize("instance", SMALL, ids=str)
def test_the_game_against_the_adversary(instance: Instance) -> None:
    """Evictions at random, and perfect ones only: costs are those of real pages; the adversary never forces less than the
    ratio, a perfect player never pays more, up to a constant."""
    graph = against_the_adversary(instance)
    ratio = Fraction(graph["ratio"].split()[0])
    rng = random.Random(instance.pages)
    for perfect in (False, True):
        table = Table(instance, graph)
        sets = table.sets()
        assert all(len(one) == 1 for one in sets)  # OPT's cache is known, and is the player's
        misses, paid, cache = 0, 0, table.cached()
        assert cache == set().union(*sets)
        for _ in range(200):
            request = graph["states"][table.state][2][graph["adversary"][table.state]]
            page = table.order[request[0]]
            assert page // instance.experts == table.order[0] // instance.experts
            assert request[1] == (page not in cache)
            sets, grows = after(sets, page)
            assert request[2] == grows
            options = [option for option in request[4] if option[3] or not perfect]
            option = rng.choice(options)
            cache = (cache - {table.order[i] for i in option[0]}) | {page}
            table.go(option)
            misses += request[1]
            paid += grows
            assert table.cached() == cache
            assert len(cache) == instance.cache
            assert table.sets() == sets
        assert misses >= ratio * (paid - instance.cache)
        if perfect:
            assert paid > 0
            assert misses <= ratio * (paid + instance.cache)


def test_imperfect_moves_lose_for_good() -> None:
    """At (2,3,4): who always takes an eviction that is not perfect, where there is one, pays more than the ratio."""
    instance = Instance(2, 3, 4)
    graph = against_the_adversary(instance)
    table = Table(instance, graph)
    misses = paid = 0
    for _ in range(400):
        request = graph["states"][table.state][2][graph["adversary"][table.state]]
        table.go(min(request[4], key=lambda option: option[3]))
        misses, paid = misses + request[1], paid + request[2]
    assert misses > Fraction(graph["ratio"]) * (paid + 10)


@pytest.mark.parametrize("instance", [Instance(2, 2, 3), Instance(3, 2, 4), Instance(1, 4, 3)], ids=str)
def test_a_worst_cycle_is_the_replay_and_has_its_ratio(instance: Instance) -> None:
    for policy in KINDS:
        found = worst_cycle(instance, policy)
        steps = found["steps"]
        run = replay(policy, instance, np.array([step[0] for step in steps], np.int32))
        assert [step[1] for step in steps] == (~run.hits).astype(int).tolist()
        assert [page for step in steps for page in step[3]] == run.evicted.tolist()
        assert steps[-1][6] == run.misses
        offset, cache, paid = OffsetFunction(instance), set[int](), 0
        for page, miss, growth, left, cached, sets, misses, opt in steps:
            assert growth == offset.request(page)
            cache = (cache - set(left)) | {page}
            assert (set(cached), tuple(map(frozenset, sets))) == (cache, offset.sets())
            paid += miss
            assert (misses, opt) == (paid, offset.optimum)
        begin, length = found["cycle"]
        first, last = steps[begin + length - 1], steps[begin + 2 * length - 1]
        misses, opt = last[6] - first[6], last[7] - first[7]
        assert (str(Fraction(misses, opt)) if opt else "inf") == found["ratio"].split()[0]


def test_every_adversary_is_drawn() -> None:
    page = Read(pictures_page())
    assert {attributes["id"] for tag, attributes in page.elements if tag == "h2"} == set(ADVERSARIES)
    for make in ADVERSARIES.values():
        assert make.precondition.holds(shown_at(make))
    rows = iter(page.rows)
    for make in ADVERSARIES.values():
        instance = shown_at(make)
        times = next(rows)[1:]
        pages = [next(rows)[1:] for _ in range(instance.pages)]
        next(rows)
        for time in range(len(times)):
            column = [cells[time] for cells in pages]
            asked = [number for number, cell in enumerate(column) if cell in "●○" and cell]
            assert [number // instance.experts for number in asked] == [time % instance.layers]
            assert sum(bool(cell) for cell in column) <= instance.cache
