"""The games as a page: watch the worst cycle of a policy, be the policy, or be the adversary."""

from __future__ import annotations

from bounds.exact.product import KINDS
from layered_paging.pages.document import document
from layered_paging.pages.games import against_a_policy, against_the_adversary
from layered_paging.pages.notes import MOST_PLAYED, address, navigation
from layered_paging.pages.watched import worst_cycle
from paging.policies.registry import POLICIES
from proofs.atlas_cells import instances

OPPONENTS = ("lru", "guided-far", "guided-keep")
"""Policies that one can play against."""

BODY = f"""<main>
<header>{navigation("play.html")}
<h1>Play layered paging</h1>
<p>Pages are named layer.expert; requests visit the layers in turn. Watch a policy on the sequence that is worst for it, or
play yourself, against an opponent that makes no mistake or whose mistakes are known.</p></header>
<section aria-labelledby="choose"><h2 id="choose">Game</h2>
<div class="controls"><label>instance <select id="instance"></select></label>
<label>game <select id="game"></select></label></div>
<p id="about"></p></section>
<section aria-labelledby="board-title"><h2 id="board-title">Board</h2>
<div class="controls"><button type="button" id="back">← back</button><button type="button" id="forward">forward →</button>
<button type="button" id="start">begin anew</button><span id="step"></span></div>
<output id="said"></output><output id="perfect"></output>
<div class="scrolls" role="region" aria-label="pages by layer" tabindex="0"><table id="board"><tbody></tbody></table></div>
<p class="hint">■ cached, □ not cached, ▶ asked for, ✗ evicted; L1, L2, …: the set of the offset function that has it.</p>
<div class="scrolls" role="region" aria-label="sets of the offset function" tabindex="0">
<table id="sets"><thead></thead><tbody></tbody></table></div>
<p class="hint">The sets (L_1, …, L_k): OPT's cache may be any that has at least i pages of the first i sets, for every i; · is
a slot that OPT has never used. Arrows and the space bar step forwards and backwards; pages that can be chosen are
underlined.</p></section>
<section aria-labelledby="score-title"><h2 id="score-title">Score</h2><dl id="score"></dl></section>
<section aria-labelledby="log-title"><h2 id="log-title">Moves</h2><ol id="log"></ol></section>
</main>"""


def play_page(most_pages: int = MOST_PLAYED) -> str:
    """One HTML file with all instances of so many pages."""
    games = {
        address(instance): {
            "layers": instance.layers,
            "experts": instance.experts,
            "slots": instance.cache,
            "name": str(instance),
            "watch": {policy.id: worst_cycle(instance, policy) for policy in KINDS},
            "adversary": against_the_adversary(instance),
            "policies": {name: against_a_policy(instance, POLICIES[name]) for name in OPPONENTS},
        }
        for instance in instances(most_pages)
    }
    return document("Play layered paging", BODY, {"games": games}, ("play.js",))
