"""A model of transformers with prompts for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from paging.errors import InvalidArgument
from paging.traces.source import quote


@dataclass(frozen=True, slots=True)
class Answering:
    """``prompts``: token ids, each of shape (1, columns)."""

    model: Any
    prompts: list[Any]

    def generate(self, ids: Any, tokens: int) -> None:
        """Answer one prompt with the likeliest tokens."""
        self.model.generate(ids, max_new_tokens=tokens, do_sample=False)


def answer(name: str, texts: Sequence[str], random: int | None, seed: int) -> Answering:
    """Load the model, and turn texts into tokens; ``random``: so many random tokens instead.

    Raises InvalidArgument where torch and transformers are missing, and where transformers cannot load it. Code that
    comes with a model is not run.
    """
    try:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer
    except ImportError:
        raise InvalidArgument(
            "record needs torch and transformers: pip install 'layered-paging[record]'"
        ) from None
    try:
        model = AutoModelForCausalLM.from_pretrained(name, dtype="auto").eval()
        if random is not None:
            generator = torch.Generator().manual_seed(seed)
            return Answering(
                model, [torch.randint(model.config.vocab_size, (1, random), generator=generator)]
            )
        tokenizer = AutoTokenizer.from_pretrained(name)
        prompts = [tokenizer(text, return_tensors="pt").input_ids for text in texts]
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        said = " ".join(str(error).split())[:200]
        raise InvalidArgument(f"record: {name}: transformers cannot load it: {said}") from None
    for text, ids in zip(texts, prompts, strict=True):
        if not ids.numel():  # a folder without a tokenizer gives an empty one
            raise InvalidArgument(
                f"record: {name}: its tokenizer makes no tokens of {quote(text)}; --random needs none"
            )
    return Answering(model, prompts)
