"""What engines write: the same routing out of every format, and no other reading of what does not fit together."""

from __future__ import annotations

import base64
import io
import json
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from paging.errors import InvalidArgument, InvalidTrace
from paging.traces.formats import FORMATS, read_trace
from paging.traces.many import read_traces
from paging.traces.trace import Trace
from tests.paging.traces.engine_files import (
    DECODE,
    DENSE,
    ENGINES,
    HEADER,
    SETS,
    TORCH,
    flame,
    lines,
    long_csv,
    long_parquet,
    longspear,
    megatron,
    moe_cache_lab,
    npy,
    sglang_response,
    vllm,
    wide_csv,
)
from tests.paging.traces.test_passes import sets

AXES = "tokens,3,2"
TOLD = {"torch", "moe-cache-lab", "moe-cache-lab 2", "responses", "responses, base64"}
"""Of these, phases are known."""

FILES: dict[str, tuple[bytes, str | None, str | None]] = {
    **{name: (content, None, None) for name, content in ENGINES.items() if name != "vllm"},
    "vllm": (npy(DENSE), "vllm", None),
    "vllm, -1": (npy(np.where(np.arange(3)[:, None] == 0, -1, DENSE).astype(np.int16)), "vllm", "tokens,layers,width"),
    "moe-cache-lab 2": (moe_cache_lab(2), None, None),
    "responses, base64": (sglang_response(), None, AXES),
    "responses, .npy in base64": (
        lines([{"choices": [{"routed_experts": base64.b64encode(npy(DENSE.astype(np.uint8))).decode()}]}]), None, None,
    ),
    "responses, OpenAI": (
        lines([{"choices": [{"sgl_ext": {"routed_experts": DENSE.tolist()}}], "usage": None}]), None, None,
    ),
    "long csv": (long_csv(), "named-csv", None),
}  # fmt: skip


def read(tmp_path: Path, content: bytes, form: str | None = None, axes: str | None = None) -> Trace:
    path = tmp_path / "a"
    path.write_bytes(content)
    return read_trace(path, form, axes=axes)


@pytest.mark.parametrize("name", FILES)
def test_every_format_holds_the_same_routing(tmp_path: Path, name: str) -> None:
    trace = read(tmp_path, *FILES[name])
    assert sets(trace) == SETS
    assert trace.experts == 5
    assert trace.layer_ids is not None
    assert trace.layer_ids.tolist() == [1, 2]
    assert trace.decode.tolist() == (DECODE if name in TOLD else [True] * 4)
    if name in ("torch", "megatron", "longspear"):
        assert trace.step is not None
        assert np.unique(trace.step, return_inverse=True)[1].tolist() == [0, 0, 0, 1]


def test_every_format_of_engines_is_here() -> None:
    assert {name.split(",")[0] for name in FILES} >= {
        name for name in FORMATS if "dumps" in FORMATS[name].read.__module__
    }


def test_layers_in_files_of_their_own(tmp_path: Path) -> None:
    for layer in (1, 2):
        (tmp_path / f"layer_0{layer}.parquet").write_bytes(flame(layer))
    paths = [tmp_path / "layer_02.parquet", tmp_path / "layer_01.parquet"]
    trace = read_traces(paths)
    assert sets(trace) == SETS
    assert trace.layer_ids is not None
    assert trace.layer_ids.tolist() == [1, 2]
    assert sets(read_trace(paths[0])) == [[token[1]] for token in SETS]
    (tmp_path / "layer_3.parquet").write_bytes(flame(1))
    (tmp_path / "layer_03.parquet").write_bytes(flame(2))
    with pytest.raises(InvalidTrace, match=r"layer_3\.parquet: layer 3 stands in .*layer_03\.parquet too"):
        read_traces([*paths, tmp_path / "layer_03.parquet", tmp_path / "layer_3.parquet"])
    with pytest.raises(InvalidTrace, match=r"expected a name that ends in layer_NN\.parquet"):
        read(tmp_path, flame(1))


def test_requests_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(vllm())
    (tmp_path / "b.pt").write_bytes(TORCH)
    found = read_traces([tmp_path / "a.json", tmp_path / "b.pt"])
    assert sets(found) == SETS + SETS
    assert found.request is not None
    assert found.request.tolist() == [0] * 4 + [1] * 4
    (tmp_path / "c").write_text("1\n2\n")
    with pytest.raises(InvalidTrace, match=r"/c: layers: expected 2 as in .*/a\.json.*, got 1"):
        read_traces([tmp_path / "a.json", tmp_path / "c"])


def test_several_responses_are_requests(tmp_path: Path) -> None:
    one = json.dumps(json.loads(vllm())).encode() + b"\n"
    trace = read(tmp_path, one + one)
    assert sets(trace) == SETS + SETS
    assert trace.decode.tolist() == DECODE + DECODE
    assert trace.request is not None
    assert trace.request.tolist() == [0] * 4 + [1] * 4


def test_text_with_braces_is_no_structure(tmp_path: Path) -> None:
    """They were counted to see whether a response stands in one line."""
    response = json.loads(vllm())
    response["choices"][0]["text"] = "if (x) {"
    assert sets(read(tmp_path, lines([response, response]))) == SETS + SETS


def test_the_last_layer_of_a_prompt_for_its_last_token(tmp_path: Path) -> None:
    trace = read(tmp_path, longspear([{0: [[3, 1], [2, 0]], 2: [[0, 4]]}, {0: [[1, 2]], 2: [[3, 0]]}]))
    assert sets(trace) == [[[3, 1], []], [[2, 0], [0, 4]], [[1, 2], [3, 0]]]
    assert [trace.asked[0].tolist(), trace.layer_ids.tolist()] == [[True, False], [0, 2]]  # type: ignore[union-attr]


def test_a_stream_cut_off_loses_its_last_pass(tmp_path: Path) -> None:
    for cut in (1, 5, 7, 9, 12):
        trace = read(tmp_path, longspear()[:-cut])
        assert sets(trace) == SETS[:3]
        assert trace.dropped_tokens() == 1
    assert sets(read(tmp_path, longspear()[:-15])) == SETS[:3]  # of the last pass there is half a header


def test_an_encoder_has_layers_of_its_own(tmp_path: Path) -> None:
    stages = [{"routing_stage": stage, "num_experts": 4} for stage in ("encoder", "decoder")]
    head = {
        "record_type": "metadata",
        "format": "moe-cache-lab.routing-jsonl",
        "format_version": 2,
        "routing_stages": stages,
    }
    event = {"record_type": "routing_selection", "layer": 1, "assignment_state": "assigned"}
    trace = read(
        tmp_path,
        lines(
            [
                head,
                event
                | {
                    "routing_stage": "encoder",
                    "phase": "source",
                    "token_position": 0,
                    "selected_experts": [3],
                },
                event
                | {
                    "routing_stage": "decoder",
                    "phase": "decoder_prompt",
                    "token_position": 0,
                    "selected_experts": [3],
                },
                event
                | {
                    "routing_stage": "decoder",
                    "phase": "decoder_generated",
                    "token_position": 1,
                    "selected_experts": [],
                }
                | {"assignment_state": "unassigned", "unassigned_reason": "capacity"},
                event
                | {
                    "routing_stage": "decoder",
                    "phase": "decoder_generated",
                    "token_position": 2,
                    "selected_experts": [0],
                },
            ]
        ),
    )
    assert sets(trace) == [[[3], []], [[], [3]], [[], [0]]]
    assert trace.decode.tolist() == [False, False, True]
    assert trace.requests("all").stream.tolist() == [3, 7, 4]


MEGATRON, LAB, WIDE = megatron().decode(), moe_cache_lab().decode(), wide_csv().decode()
REFUSED: dict[str, tuple[bytes, str]] = {
    "megatron: tokens": (MEGATRON.replace("[[0, 2], [4, 1], [3, 0]]", "[[0, 2]]").replace('"num_tokens": 3', '"num_tokens": 1', 2).replace('"num_tokens": 1', '"num_tokens": 3', 1).encode(), r":2: 1 tokens, other layers of step 0 have 3"),
    "megatron: num_tokens": (MEGATRON.replace('"num_tokens": 3', '"num_tokens": 4', 1).encode(), r":1: num_tokens: expected 3 as in top_indices, got 4"),
    "megatron: ranks": (MEGATRON.replace('"rank": 0', '"rank": 1', 1).encode(), r":2: rank 0 after rank 1, expected one rank"),
    "megatron: layer twice": ((MEGATRON.splitlines()[0] + "\n" + MEGATRON).encode(), r":2: layer 1 stands twice in step 0"),
    "megatron: steps": ("\n".join(MEGATRON.splitlines()[::-1]).encode(), r":3: step 0 follows step 1"),
    "megatron: sizes": (MEGATRON.replace("[1, 4]", "[1]").encode(), r":1: top_indices: sets of different sizes"),
    "megatron: NaN": (MEGATRON.replace("[1, 4]", "[1, NaN]").encode(), r"expected|unknown"),
    "megatron: negative": (MEGATRON.replace("[1, 4]", "[1, -1]").encode(), r":1: top_indices: expected a list of expert ids"),
    "megatron: repeated": (MEGATRON.replace("[1, 4]", "[4, 4]").encode(), r"token 2, layer 0: an expert is repeated"),
    "megatron: block": (MEGATRON.replace('"mtp",', '"head",').encode(), r":2: block: expected decoder or mtp"),
    "longspear: rows": (longspear([{0: [[3, 1], [2, 0]], 1: [[0, 4]]}]), r"byte \d+: layer 1 has 1 rows, the layers before it in the pass 2"),
    "longspear: expert": (longspear([{0: [[3, 5]]}]), rf"byte {len(HEADER)}: expert 5, expected 0 to 4"),
    "longspear: layer": (longspear([{3: [[3, 1]]}]), rf"byte {len(HEADER)}: layer 3 with 1 rows, expected one of 3 layers"),
    "longspear: no rows": (longspear([{0: []}]), "layer 0 with 0 rows"),
    "longspear: huge": (HEADER.replace(b"top_k=2", b"top_k=65535") + b"\0\0\xff\xff" + b"x" * 99, "no whole pass"),
    "longspear: no number": (HEADER.replace(b"top_k=2", b"top_k=-2"), "top_k: expected a number from 1 to 65535"),
    "longspear: many digits": (HEADER.replace(b"top_k=2", b"top_k=" + b"0" * 9 + b"2" * 9), "top_k: expected a number"),
    "longspear: big-endian": (HEADER.replace(b"little", b"big"), "endian: expected little, got 'big'"),
    "longspear: version": (HEADER.replace(b"v1", b"v2"), "expected a first line with LONGSPEAR_ROUTE_TRACE v1"),
    "lab: version": (LAB.replace('"format_version": 1', '"format_version": 3').encode(), ":1: expected metadata of format_version 1 or 2"),
    "lab: twice": ((LAB + LAB.splitlines()[-1] + "\n").encode(), ":10: token 3 of layer 2 stands twice"),
    "lab: phases": ((LAB + LAB.splitlines()[1].replace('position": 0', 'position": 9') + "\n").encode(), ":10: phase prompt after a later one"),
    "lab: phase": (LAB.replace("generated", "late").encode(), ":8: expected a routing_selection of phase prompt or generated, got 'late'"),
    "lab: expert": (LAB.replace('"num_experts": 5', '"num_experts": 4').encode(), ":4: expert 4, expected 0 to 3"),
    "lab: repeated": (LAB.replace("[2, 0]", "[2, 2]").encode(), ":3: an expert is repeated in its set"),
    "lab: unassigned": (moe_cache_lab(2).replace(b'"assigned"', b'"unassigned"', 1), ":2: expected experts of an assigned event, and none"),
    "lab: order": (LAB.replace('position": 1', 'position": 7', 1).encode(), "expected rising token numbers"),
    "response: layers": (lines([{"prompt_routed_experts": [[[1, 2]]], "choices": [{"routed_experts": [[[1, 2], [2, 1]]]}]}]), r"choice 0: layers and width \(2, 2\), those of prompt_routed_experts are \(1, 2\)"),
    "response: ragged": (lines([{"routed_experts": [[[1, 2]], [[1]]]}]), r"a:1: routed_experts of choice 0: expected lists of equal lengths"),
    "response: floats": (lines([{"routed_experts": [[[1.5, 2]]]}]), "expected integers of shape .* got float64"),
    "response: no base64": (lines([{"routed_experts": "###"}]), "expected base64"),
    "response: no shape": (sglang_response(), "24 numbers without a shape; say --axes tokens,LAYERS,WIDTH"),
    "response: pickle": (lines([{"routed_experts": base64.b64encode(npy(np.array([{}, {}], object))).decode()}]), "broken NumPy file: Object arrays"),
    "response: all zeros": (lines([{"routed_experts": np.zeros((4, 3, 2), int).tolist()}]), "the engine has not written its routing"),
    "response: nothing": (b'{"choices": [{"index": 0, "routed_experts": null}]}\n', "expected routed_experts in a choice"),
    "csv: layer": (WIDE.replace("0,2,0,2", "0,x,0,2").encode(), ":3: layer_id: expected an integer"),
    "csv: negative": (WIDE.replace("0,2,0,2", "0,2,0,-1").encode(), ":3: expert_1: expected an integer from 0"),
    "csv: twice": (WIDE.replace("layer_id", "token_id").encode(), "unknown format"),
    "csv: repeated": (WIDE.replace("0,2,0,2", "0,2,2,2").encode(), ":3: an expert is repeated in its set"),
    "csv: order": ("\n".join([WIDE.splitlines()[0], *WIDE.splitlines()[:0:-1]]).encode(), "an earlier layer follows a later one"),
    "lab: a large set among small ones": (
        lines([json.loads(LAB.splitlines()[0]) | {"num_experts": 9999}]) + lines({"record_type": "routing_selection", "phase": "generated", "token_position": t, "layer": 0, "selected_experts": list(range(1 if t else 9999))} for t in range(2000)),
        r"2000 tokens ask in 1 layers for 2000 sets in all, of up to 9999 experts",
    ),
    "parquet: broken": (long_parquet()[:-9] + b"x" * 9, "broken Parquet file"),
    "parquet: cut": (long_parquet()[:40], "broken Parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, name: str) -> None:
    content, said = REFUSED[name]
    with pytest.raises(InvalidTrace, match=said) as caught:
        read(tmp_path, content)
    assert "\n" not in str(caught.value)


def test_panics_of_a_library_are_not_shown(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    content = long_parquet()
    for at in range(4, len(content), 7):
        try:
            read(tmp_path, content[:at] + b"\xff" + content[at + 1 :])
        except InvalidTrace as error:
            assert "\n" not in str(error)  # noqa: PT017 (some changes do no harm)
    assert capfd.readouterr().err == ""


def test_axes_of_responses(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrace, match="96 bytes are no int32 of 5 layers and 2 experts"):
        read(tmp_path, sglang_response(), axes="tokens,5,2")
    with pytest.raises(InvalidTrace, match="expected tokens,LAYERS,WIDTH with two numbers"):
        read(tmp_path, sglang_response(), axes="layers,tokens,width")
    with pytest.raises(InvalidTrace, match=r"--axes tokens,2,3: the array has shape \(4, 3, 2\)"):
        read(tmp_path, npy(DENSE), "vllm", "tokens,2,3")
    with pytest.raises(InvalidArgument, match="--axes: expected"):
        read(tmp_path, npy(DENSE), "vllm", "tokens,0,3")


def test_npy_with_padding_names_the_way_in(tmp_path: Path) -> None:
    with pytest.raises(
        InvalidTrace, match="repeated in its set; --format vllm takes sets of -1, or of zeros, for none"
    ):
        read(tmp_path, npy(DENSE), None, AXES)
    with pytest.raises(
        InvalidTrace, match="layer 0: all are 0, which may be its only expert asked for, or a dense layer"
    ):
        read(tmp_path, npy(DENSE[:, :, :1]), "vllm", "tokens,3,1")
    with pytest.raises(
        InvalidTrace, match="token 1, layer 1, slot 1: 1 follows -1: expected experts, and -1 only behind"
    ):
        read(tmp_path, npy(np.array([[[1, 2], [3, 4]], [[0, 3], [-1, 1]]])), "vllm", "tokens,2,2")


def archive(**changed: bytes) -> bytes:
    """TORCH with other parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(TORCH)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, changed.get(name.rpartition("/")[2].removesuffix(".pkl"), old.read(name)))
    return stream.getvalue()


def program(instructions: bytes) -> bytes:
    return archive(data=b"\x80\x02" + instructions)


def tensor(storage: bytes, offset: int, *numbers: int) -> bytes:
    """Instructions for a tensor of this shape with rising strides 0, as in the last of ``numbers``."""
    *shape, stride = numbers
    packed = b"".join(b"J" + struct.pack("<i", size) for size in shape)
    strides = b"".join(b"J" + struct.pack("<i", stride) for _ in shape)
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\n" + storage + b"\nX\1\0\0\0" + b"0X\3\0\0\0cpuK\x1btQ"
        b"J" + struct.pack("<i", offset) + b"(" + packed + b"t(" + strides + b"t\x89}tR."
    )  # fmt: skip


SHARED = b"]q\0" + b"".join(b"(h%ch%cl" % (n, n) for n in range(3))
HOSTILE: dict[str, tuple[bytes, str]] = {
    "runs": (program(b"cposix\nsystem\nX\4\0\0\0true\x85R."), r"it holds something to be run: 'posix\.system'"),
    "builds": (program(b"}}b."), r"it holds the instruction b'b'"),
    "looks up": (program(b"\x8c\2osq\0\x93."), "it holds the instruction"),
    "makes objects": (program(b"cbuiltins\nlist\n)\x81."), "it holds the instruction"),
    "ends early": (program(b"X\xff\xff\xff\x7fabc"), "a pickle that ends too early"),
    "takes from nothing": (program(b"\x87."), "takes more than it has"),
    "marks nothing": (program(b"t."), "it is broken"),
    "remembers nothing": (program(b"h\5."), "it is broken"),
    "a huge place to remember": (program(b"Nr\xff\xff\xff\x7f."), "expected a tensor, or records"),
    "keys that hash for years": (program(b")" + b"q\0h\0\x86" * 60 + b"}q\1h\0Ns."), "dict with other keys"),
    "an expanded tensor": (program(tensor(b"IntStorage", 0, 10**9, 1, 1, 0)), r"a tensor of shape \(1000000000, 1, 1\) in 27"),
    "a tensor beyond its storage": (program(tensor(b"IntStorage", 20, 2, 2, 2, 4)), r"in 27 numbers"),
    "a negative offset": (program(tensor(b"IntStorage", -1, 1, 1, 1, 0)), "negative numbers"),
    "a storage of another kind": (program(tensor(b"BFloat16Storage", 0, 1, 1, 1, 0)), "a tensor in 'torch.BFloat16Storage'"),
    "floats": (program(tensor(b"FloatStorage", 0, 1, 1, 1, 0)), "expected integer expert ids, got float32"),
    "big-endian": (archive(byteorder=b"big"), "numbers that are not little-endian"),
    "no pickle": (archive(data=b"x"), "it holds the instruction b'x'"),
    "statistics": (program(b"}X\x0d\0\0\0logical_countNs."), "expected a tensor, or records of SGLang"),
    "records of nothing": (program(b"}X\7\0\0\0records]Nas."), "record 0: expected forward_mode and topk_ids_of_layer"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_in_a_torch_file_is_run_or_believed(tmp_path: Path, name: str) -> None:
    content, said = HOSTILE[name]
    with pytest.raises(InvalidTrace, match=said):
        read(tmp_path, content, "torch")


def test_a_packed_torch_file_is_refused(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("archive/data.pkl", b"\x80\x02].")
        file.writestr("archive/data/0", bytes(10**6))
    with pytest.raises(InvalidTrace, match="it holds compressed parts"):
        read(tmp_path, stream.getvalue())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            b"forward_modeq\x08K\x01",
            b"forward_modeq\x08K\x03",
            r"record 0: forward_mode 3, expected 1 \(prompt\) or 2",
        ),
        (b"rankq\x05K\x00", b"rankq\x05K\x01", r"several ranks \(0, 1\), expected one"),
        (b"K\x05K\x06K\x07e", b"K\x05K\x06NNe", None),
        (b"(K\x05K\x06K\x07e", b"(K\x05K\x06e", r"record 0: 3 tokens in topk_ids_of_layer, 2 in input_ids"),
    ],
)
def test_records_that_do_not_fit(tmp_path: Path, old: bytes, new: bytes, said: str | None) -> None:
    with zipfile.ZipFile(io.BytesIO(TORCH)) as file:
        pickled = file.read("archive/data.pkl")
    assert old in pickled, re.findall(rb"forward_mode.{6}|rank.{6}", pickled)
    changed = archive(data=pickled.replace(old, new, 1))
    if said is None:
        with pytest.raises(InvalidTrace, match="4 in input_ids"):
            read(tmp_path, changed)
        return
    with pytest.raises(InvalidTrace, match=said):
        read(tmp_path, changed)
