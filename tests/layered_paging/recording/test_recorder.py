"""Tiny random models of each family, built from their configurations: the trace is what their routers say.

Run by ``make test-record``, in an environment that has torch and transformers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="make test-record installs torch")
transformers = pytest.importorskip("transformers", reason="make test-record installs transformers")

from layered_paging import record  # noqa: E402
from layered_paging.__main__ import main  # noqa: E402
from layered_paging.recording.families import FAMILIES, routers  # noqa: E402
from layered_paging.recording.recorder import CACHES  # noqa: E402
from paging.errors import InvalidArgument, InvalidTrace  # noqa: E402
from paging.traces.formats import read_trace  # noqa: E402
from paging.traces.passes import interleaved, joined, passes_of  # noqa: E402

pytestmark = pytest.mark.filterwarnings("default")
torch.set_num_threads(1)  # the models are tiny

SMALL = {
    "vocab_size": 97, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 3, "num_attention_heads": 4,
    "num_key_value_heads": 2, "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": None,
}  # fmt: skip
LATENT = {
    "kv_lora_rank": 8,
    "q_lora_rank": 8,
    "qk_rope_head_dim": 4,
    "qk_nope_head_dim": 4,
    "v_head_dim": 8,
    "num_key_value_heads": 4,
    "n_shared_experts": 1,
}
MODELS: dict[str, tuple[dict[str, Any], int, int]] = {
    "mixtral": ({"num_local_experts": 6, "num_experts_per_tok": 2}, 6, 0),
    "qwen2_moe": ({"num_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "mlp_only_layers": [1], "shared_expert_intermediate_size": 16}, 6, 0),
    "qwen3_moe": ({"num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 16, "head_dim": 8}, 6, 0),
    "olmoe": ({"num_experts": 6, "num_experts_per_tok": 2}, 6, 0),
    "deepseek_v2": (LATENT | {"n_routed_experts": 6, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "first_k_dense_replace": 1, "n_group": 1, "topk_group": 1, "topk_method": "greedy"}, 6, 1),
    "deepseek_v3": (LATENT | {"n_routed_experts": 8, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "first_k_dense_replace": 1, "n_group": 2, "topk_group": 1}, 8, 1),
    "gpt_oss": ({"num_local_experts": 6, "num_experts_per_tok": 2, "head_dim": 8, "layer_types": ["full_attention"] * 3}, 6, 0),
    "granitemoe": ({"num_local_experts": 6, "num_experts_per_tok": 2}, 6, 0),
    "granitemoeshared": ({"num_local_experts": 6, "num_experts_per_tok": 2, "shared_intermediate_size": 16}, 6, 0),
}  # fmt: skip
"""Of each family: what its configuration has of its own, experts, dense layers at the beginning."""

PROMPT = torch.tensor([[5, 7, 11, 13, 17]])
BATCH = torch.tensor([[0, 0, 19, 23, 29], [5, 7, 11, 13, 17]])
PADDED = (BATCH != 0).long()


def model_of(family: str, seed: int = 0) -> Any:
    config = transformers.AutoConfig.for_model(family, **SMALL | MODELS[family][0])
    torch.manual_seed(seed)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        for router in routers(model):  # some begin as zeros, which choose by ties
            router.module.weight.normal_()
    return model


def generate(model: Any, ids: Any, tokens: int = 6, **more: Any) -> None:
    model.generate(ids, max_new_tokens=tokens, do_sample=False, **more)


def test_every_family_is_tried() -> None:
    assert MODELS.keys() == FAMILIES.keys()


@pytest.mark.parametrize("family", MODELS)
def test_the_trace_is_what_the_routers_chose(tmp_path: Path, family: str) -> None:
    """Against the modules' own outputs of one pass over the whole sequence, and the logits that the model returns."""
    model = model_of(family)
    ids = model.generate(PROMPT, max_new_tokens=6, do_sample=False)
    with record(model, tmp_path / "t.npz"):
        generate(model, PROMPT)
    trace = read_trace(tmp_path / "t.npz")
    _, experts, dense = MODELS[family]
    found = routers(model)
    layers = [layer for layer in range(dense, 3) if layer not in MODELS[family][0].get("mlp_only_layers", [])]
    assert [router.layer for router in found] == layers
    assert (list(range(trace.layers)) if trace.layer_ids is None else trace.layer_ids.tolist()) == layers
    assert trace.experts == experts
    own: list[Any] = []
    handles = [one.module.register_forward_hook(lambda _, __, output: own.append(output)) for one in found]
    with torch.no_grad():
        output = model(ids[:, :-1], output_router_logits=True)  # the last token is never computed
    for handle in handles:
        handle.remove()
    due = torch.stack([one[2] for one in own], dim=1).numpy()
    assert np.sort(trace.routing, axis=2).tolist() == np.sort(due, axis=2).tolist()
    if family not in ("deepseek_v2", "deepseek_v3"):  # theirs are chosen by other scores, in no order
        assert trace.routing.tolist() == due.tolist()
        logits = torch.stack([one.reshape(-1, experts) for one in output.router_logits], dim=1)
        best = logits.float().topk(trace.width, dim=-1).indices.numpy()
        assert trace.routing.tolist() == best.tolist()
    assert trace.decode.tolist() == [False] * 5 + [True] * 5
    assert trace.step is not None
    assert trace.step.tolist() == [0] * 5 + [1, 2, 3, 4, 5]
    assert trace.request is not None
    assert trace.request.tolist() == [0] * 10


@pytest.mark.parametrize("family", MODELS)
def test_bytes_of_an_expert(tmp_path: Path, family: str) -> None:
    """The three matrices of a gated network, and the biases that gpt-oss has."""
    model = model_of(family)
    with record(model, tmp_path / "t.npz"):
        generate(model, PROMPT, 2)
    width = {"mixtral": 48, "olmoe": 48, "gpt_oss": 48, "granitemoe": 48, "granitemoeshared": 48}.get(
        family, 16
    )
    numbers = 3 * 32 * width + (2 * width + 32 if family == "gpt_oss" else 0)
    sizes = read_trace(tmp_path / "t.npz").expert_bytes
    assert sizes is not None
    assert set(sizes.tolist()) == {4 * numbers}


@pytest.mark.parametrize("family", MODELS)
@pytest.mark.parametrize("rows", ["one", "several"])
def test_with_and_without_a_cache(tmp_path: Path, family: str, rows: str) -> None:
    model = model_of(family)
    ids, mask = (PROMPT, torch.ones_like(PROMPT)) if rows == "one" else (BATCH, PADDED)
    for name, cache in (("a.npz", True), ("b.npz", False)):
        with record(model, tmp_path / name):
            generate(model, ids, attention_mask=mask, use_cache=cache)
    one, two = (read_trace(tmp_path / name) for name in ("a.npz", "b.npz"))
    assert np.array_equal(one.routing, two.routing)
    for name in ("decode", "request", "step"):
        assert getattr(one, name).tolist() == getattr(two, name).tolist()


@pytest.mark.parametrize("family", MODELS)
def test_a_batch_holds_its_requests(tmp_path: Path, family: str) -> None:
    """Each row as if it were alone; padding is no token."""
    model = model_of(family)
    with record(model, tmp_path / "t.npz"):
        generate(model, BATCH, attention_mask=PADDED)
    both = read_trace(tmp_path / "t.npz")
    assert both.request is not None
    assert both.request.tolist() == [0] * 3 + [1] * 5 + [0, 1] * 5
    for row, ids in enumerate((BATCH[:1, 2:], BATCH[1:])):
        with record(model, tmp_path / "one.npz"):
            generate(model, ids)
        alone = read_trace(tmp_path / "one.npz")
        mine = both.request == row
        assert np.array_equal(np.sort(both.routing[mine], axis=2), np.sort(alone.routing, axis=2))
        assert both.decode[mine].tolist() == alone.decode.tolist()
    assert joined(both, passes_of(both)).tokens == 6
    assert interleaved(both).decode.tolist() == [False] * 2 + [True] * 5


def test_several_runs_are_several_requests(tmp_path: Path) -> None:
    model = model_of("mixtral")
    with record(model, tmp_path / "t.npz"):
        for _ in range(2):
            generate(model, PROMPT, 3)
        generate(model, BATCH, 2, attention_mask=PADDED)
    trace = read_trace(tmp_path / "t.npz")
    assert trace.request is not None
    assert trace.request.tolist() == [0] * 7 + [1] * 7 + [2] * 3 + [3] * 5 + [2, 3]


def test_scores_stand_beside_the_routing(tmp_path: Path) -> None:
    model = model_of("mixtral")
    with record(model, tmp_path / "t.npz", scores=True):
        generate(model, PROMPT, 3)
    with np.load(tmp_path / "t.npz") as arrays:
        scores, routing = arrays["scores"], arrays["routing"]
    assert scores.shape == routing.shape
    assert np.allclose(scores.sum(axis=2), 1, atol=1e-5)
    assert (np.diff(scores, axis=2) <= 0).all()
    assert read_trace(tmp_path / "t.npz").warnings() == ["arrays 'scores' are not read"]
    with (
        pytest.raises(InvalidArgument, match=r"scores are kept in \.npz alone"),
        record(model, tmp_path / "t.trace", scores=True),
    ):
        pass


def test_other_models_are_told(tmp_path: Path) -> None:
    """``module`` and ``field``: as for a family that is listed."""
    model = model_of("olmoe")
    with record(model, tmp_path / "a.npz"):
        generate(model, PROMPT, 3)
    model.config.model_type = "mine"
    with (
        pytest.raises(
            InvalidArgument,
            match=r"the routers of mine are not known, only those of mixtral, .* say module=.* and field=",
        ),
        record(model, tmp_path / "b.npz"),
    ):
        pass
    with record(model, tmp_path / "b.npz", module="mlp.gate", field=2):
        generate(model, PROMPT, 3)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    with (
        pytest.raises(InvalidArgument, match=r"no module layers\.N…\.mlp\.door"),
        record(model, tmp_path / "b", module="mlp.door", field=2),
    ):
        pass
    with (
        pytest.raises(InvalidArgument, match="both module and field"),
        record(model, tmp_path / "b", field=2),
    ):
        pass


def test_dense_models_have_no_routers(tmp_path: Path) -> None:
    config = transformers.AutoConfig.for_model("llama", **SMALL)
    model = transformers.AutoModelForCausalLM.from_config(config)
    with (
        pytest.raises(InvalidArgument, match="the routers of llama are not known"),
        record(model, tmp_path / "t.npz"),
    ):
        pass


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    model = model_of("mixtral")
    with (
        pytest.raises(InvalidTrace, match="no pass of the model was recorded"),
        record(model, tmp_path / "t.npz"),
    ):
        pass

    def fails() -> None:
        generate(model, PROMPT, 2)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), record(model, tmp_path / "t.npz"):
        fails()
    assert list(tmp_path.iterdir()) == []
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_a_recording_that_begins_too_late(tmp_path: Path) -> None:
    model = model_of("mixtral")
    with torch.no_grad():
        output = model(PROMPT, use_cache=True)
    cache = next(output[name] for name in CACHES if name in output)
    with (
        pytest.raises(InvalidArgument, match="begin the recording before the prompt"),
        record(model, tmp_path / "t.npz"),
    ):
        model(PROMPT[:, :1], cache=cache)
    unknown = pytest.raises(InvalidArgument, match="behind tokens that are in no cache that is known")
    with unknown, record(model, tmp_path / "t.npz"):
        model(PROMPT[:, :1], position_ids=torch.tensor([[5]]))


def test_layers_that_route_twice_are_refused(tmp_path: Path) -> None:
    model = model_of("mixtral")
    inner = model.model.layers[1].mlp
    old = inner.forward
    inner.forward = lambda states: old(old(states))
    with (
        pytest.raises(InvalidArgument, match="layer 1 routed twice in one pass"),
        record(model, tmp_path / "t.npz"),
    ):
        generate(model, PROMPT, 2)


def test_a_text_trace(tmp_path: Path) -> None:
    model = model_of("deepseek_v3")
    with record(model, tmp_path / "t.trace"):
        generate(model, PROMPT, 3)
    trace = read_trace(tmp_path / "t.trace")
    assert trace.layer_ids is not None
    assert trace.layer_ids.tolist() == [1, 2]
    assert (trace.tokens, trace.width) == (7, 2)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A model in a folder, without a tokenizer; what was recorded is measured."""
    model_of("qwen3_moe").save_pretrained(tmp_path / "model")
    out = tmp_path / "t.npz"
    assert (
        main(["record", str(tmp_path / "model"), "-o", str(out), "--random", "4", "--tokens", "3", "--json"])
        == 0
    )
    assert json.loads(capsys.readouterr().out) == {"requests": (4 + 2) * 3 * 3, "path": str(out)}
    assert main(["curve", str(out), "--phase", "all", "--sizes", "3,9"]) == 0
    assert main(["convert", str(out), "-o", str(tmp_path / "t.trace"), "--passes"]) == 0
    assert read_trace(tmp_path / "t.trace").tokens == 3
    for arguments, said in (
        (["--random", "4", "--prompt", "a"], "expected prompts (--prompt, --prompts), or --random"),
        (["--prompt", "a"], "its tokenizer makes no tokens of 'a'; --random needs none"),
    ):
        assert main(["record", str(tmp_path / "model"), "-o", str(out), *arguments]) == 2
        assert said in capsys.readouterr().err
    assert main(["record", str(tmp_path / "nothing"), "-o", str(out), "--random", "4"]) == 2
    assert "transformers cannot load it" in capsys.readouterr().err
