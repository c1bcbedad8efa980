"""``layered-paging convert``, and engines' files where a command takes a trace."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from layered_paging.__main__ import main
from paging.traces.formats import read_trace
from tests.paging.traces.engine_files import ENGINES, SETS, TORCH, flame, sglang_response, vllm
from tests.paging.traces.test_passes import sets


@pytest.mark.parametrize("name", ENGINES)
def test_every_command_reads_what_engines_write(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dump, out = tmp_path / "dump", tmp_path / "t.trace"
    dump.write_bytes(ENGINES[name])
    named = ["--format", name] if name == "vllm" else []
    assert main(["curve", str(dump), "--phase", "all", "--json", *named]) == 0
    direct = json.loads(capsys.readouterr().out)
    assert main(["convert", str(dump), "-o", str(out), "--json", *named]) == 0
    done = capsys.readouterr()
    assert json.loads(done.out)["path"] == str(out)
    assert "1 of 3 layers" in done.err or name in ("megatron", "moe-cache-lab")
    assert json.loads(done.out)["requests"] == direct["requests"]
    assert main(["curve", str(out), "--phase", "all", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == direct
    assert b"# layer_ids=1,2\n" in out.read_bytes()


def convert(tmp_path: Path, *arguments: str) -> Path:
    out = tmp_path / "t.npz"
    assert main(["convert", *arguments, "-o", str(out)]) == 0
    return out


def test_passes_and_interleaving(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.json").write_bytes(vllm())
    (tmp_path / "b.json").write_bytes(vllm())
    both = [str(tmp_path / "a.json"), str(tmp_path / "b.json")]
    assert sets(read_trace(convert(tmp_path, *both))) == SETS + SETS
    prompt = [[3, 1, 2, 0, 4], [0, 2, 4, 1, 3]]
    assert sets(read_trace(convert(tmp_path, *both, "--passes"))) == [prompt, SETS[3]] * 2
    assert sets(read_trace(convert(tmp_path, *both, "--interleave"))) == [prompt, prompt, SETS[3]]
    assert "24 requests, 3 passes, 2 layers x 5 experts" in capsys.readouterr().out
    assert main(["convert", *both, "--interleave", "--passes", "-o", str(tmp_path / "t.npz")]) == 2
    assert "leave one of them out" in capsys.readouterr().err
    assert main(["convert", both[0], "--interleave", "-o", str(tmp_path / "t.npz")]) == 2
    assert "expected several requests" in capsys.readouterr().err


def test_steps_that_a_file_tells_are_passes(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(TORCH)
    found = read_trace(convert(tmp_path, str(tmp_path / "a.pt"), "--passes", "--expert-bytes", "3,4"))
    assert sets(found) == [[[3, 1, 2, 0, 4], [0, 2, 4, 1, 3]], SETS[3]]
    assert found.expert_bytes is not None
    assert found.expert_bytes.tolist() == [3, 4]


def test_layers_in_files_of_their_own(tmp_path: Path) -> None:
    for layer in (1, 2):
        (tmp_path / f"layer_0{layer}.parquet").write_bytes(flame(layer))
    assert sets(read_trace(convert(tmp_path, *sorted(map(str, tmp_path.glob("*.parquet")))))) == SETS


def test_a_shape_that_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(sglang_response())
    assert main(["convert", str(path), "-o", str(tmp_path / "t")]) == 2
    assert "a.jsonl:1: routed_experts of choice 0: 24 numbers without a shape" in capsys.readouterr().err
    assert sets(read_trace(convert(tmp_path, str(path), "--axes", "tokens,3,2"))) == SETS


def test_record_says_what_it_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert main(["record", "model", "-o", str(tmp_path / "t.npz"), "--random", "3"]) == 2
    assert "needs torch and transformers: pip install 'layered-paging[record]'" in capsys.readouterr().err
