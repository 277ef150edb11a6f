"""A small language model that really writes German: trained in seconds on the project's own questions and answers.

Two layers of llama over whole words, about a million numbers. It knows nothing; it repeats how answers of this
project are worded, closely enough that streaming, grammar, proof and cancellation meet real text. Whole words are
tokens of a unigram tokenizer, which llama.cpp reads without merges.

``python tests/models/tiny_words.py FILE.gguf [SECONDS]`` trains for that long and writes a sample.
"""

from __future__ import annotations

import datetime as dt
import math
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tiny_gguf import CHATML

from assistant.types import Answer

WIDTH, HEADS, LAYERS, INNER, ROPE = 128, 4, 2, 256, 10000.0
MOST_WORDS = 6000
CONTEXT = 2048
SPECIAL = ("<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>")
CHARACTERS = "▁abcdefghijklmnopqrstuvwxyzäöüßéABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ0123456789.,;:!?()[]{}<>/|-_=+*#&%$@'\"\n„“”‚‘–…§»«›‹’"

Pair = tuple[str, str]
"""A prompt as the chat template renders it, and the answer to it."""
Case = tuple[Answer, Mapping[str, str]]
"""An answer and the wording of its citations by norm."""


def rendered(messages: Iterable[Pair]) -> str:
    """Messages (role, text) as the template of the file renders them, thinking off, ready for the answer."""
    turns = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in messages)
    return f"{turns}<|im_start|>assistant\n<think>\n\n</think>\n\n"


class Words:
    """Vocabulary: special tokens, characters, and the most frequent words with the space before them."""

    def __init__(self, texts: Iterable[str]) -> None:
        counts: Counter[str] = Counter()
        for text in texts:
            counts.update(re.findall(r"▁?[A-Za-zÄÖÜäöüßé]{2,}|▁[A-Za-zÄÖÜäöü]|▁[\[(„§]|\d{2,}", _spaced(text)))
        words = [word for word, _ in counts.most_common(MOST_WORDS)]
        self.tokens = [*SPECIAL, *dict.fromkeys([*CHARACTERS, *words])]
        self.number = {token: i for i, token in enumerate(self.tokens)}
        self._longest = max(map(len, words))

    def encode(self, text: str) -> list[int]:
        """Longest match first; llama.cpp finds the same because longer tokens score higher."""
        numbers: list[int] = []
        for piece in re.split(r"(<\|im_start\|>|<\|im_end\|>)", text):
            if piece in self.number and piece in SPECIAL:
                numbers.append(self.number[piece])
                continue
            rest, at = _spaced(piece), 0
            while at < len(rest):
                size = next((n for n in range(self._longest, 0, -1) if rest[at : at + n] in self.number), 0)
                numbers.append(self.number[rest[at : at + size]] if size else 0)
                at += max(1, size)
        return numbers

    def decode(self, numbers: Iterable[int]) -> str:
        return "".join(self.tokens[n] for n in numbers).replace("▁", " ")


def _spaced(text: str) -> str:
    return text.replace(" ", "▁")


# --- the model --------------------------------------------------------------------------------------------------------


def _network(vocabulary: int) -> Any:
    """The llama architecture as llama.cpp computes it: RMS norm, rotary positions over neighbouring pairs, SwiGLU."""
    import torch
    from torch import nn
    from torch.nn import functional

    def turned(x: Any, cos: Any, sin: Any) -> Any:
        even, odd = x[..., 0::2], x[..., 1::2]
        return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)

    class Layer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attn_norm, self.ffn_norm = nn.RMSNorm(WIDTH, eps=1e-5), nn.RMSNorm(WIDTH, eps=1e-5)
            for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
                setattr(self, name, nn.Linear(WIDTH, WIDTH, bias=False))
            self.ffn_gate, self.ffn_up = (nn.Linear(WIDTH, INNER, bias=False) for _ in range(2))
            self.ffn_down = nn.Linear(INNER, WIDTH, bias=False)

        def forward(self, x: Any, cos: Any, sin: Any) -> Any:
            rows, length, _ = x.shape
            normed = self.attn_norm(x)
            q, k, v = (
                layer(normed).view(rows, length, HEADS, -1).transpose(1, 2)
                for layer in (self.attn_q, self.attn_k, self.attn_v)
            )
            mixed = functional.scaled_dot_product_attention(turned(q, cos, sin), turned(k, cos, sin), v, is_causal=True)
            x = x + self.attn_output(mixed.transpose(1, 2).reshape(rows, length, WIDTH))
            normed = self.ffn_norm(x)
            return x + self.ffn_down(functional.silu(self.ffn_gate(normed)) * self.ffn_up(normed))

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.token_embd = nn.Embedding(vocabulary, WIDTH)
            self.blk = nn.ModuleList(Layer() for _ in range(LAYERS))
            self.output_norm = nn.RMSNorm(WIDTH, eps=1e-5)
            self.output = nn.Linear(WIDTH, vocabulary, bias=False)
            size = WIDTH // HEADS
            angles = torch.arange(CONTEXT)[:, None] * ROPE ** (-torch.arange(0, size, 2) / size)
            self.register_buffer("cos", angles.cos(), persistent=False)
            self.register_buffer("sin", angles.sin(), persistent=False)
            nn.init.normal_(self.token_embd.weight, std=0.05)

        def forward(self, numbers: Any, wanted: Any) -> Any:
            """Scores only at the ``wanted`` places (a mask): the rest of the vocabulary product is never needed."""
            x = self.token_embd(numbers)
            length = numbers.shape[1]
            for layer in self.blk:
                x = layer(x, self.cos[:length], self.sin[:length])
            return self.output(self.output_norm(x[wanted]))

    return Network()


def train(pairs: Sequence[Pair], words: Words, *, seconds: float, goal: float = 0.08, seed: int = 1) -> Any:
    """Train until the loss on answers is below ``goal`` or so much computing time is spent.

    Prompts are cut in front to a random length, so that the model learns to look at what is near and is not
    confused by what is far; only answers count.
    """
    import torch
    from torch.nn import functional

    threads = torch.get_num_threads()
    # Matrices this small gain nothing from a second thread, and its waiting would count as computing.
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = random.Random(seed)
    end = words.number["<|im_end|>"]
    coded = [(words.encode(prompt), [*words.encode(answer), end]) for prompt, answer in pairs]
    network = _network(len(words.tokens))
    optimizer = torch.optim.AdamW(network.parameters(), lr=4e-3, weight_decay=0.01)
    began, smooth, step = time.process_time(), 9.0, 0
    while time.process_time() - began < seconds and smooth > goal:
        long = step >= 60 and step % 3 > 0
        near = rng.randint(200, 1400) if long else rng.choice((24, 48, 96))
        chosen = rng.sample(coded, min(len(coded), 2 if long else 8))
        rows = [(prompt[-near:], answer) for prompt, answer in chosen]
        width = max(len(p) + len(a) for p, a in rows)
        numbers = torch.zeros(len(rows), width, dtype=torch.long)
        wanted = torch.zeros(len(rows), width - 1, dtype=torch.bool)
        for i, (prompt, answer) in enumerate(rows):
            numbers[i, : len(prompt) + len(answer)] = torch.tensor([*prompt, *answer])
            wanted[i, len(prompt) - 1 : len(prompt) + len(answer) - 1] = True
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * min(1.0, (step + 1) / 20) * 0.5 * (1.02 + math.cos(math.pi * min(1.0, step / 1500)))
        loss = functional.cross_entropy(network(numbers[:, :-1], wanted), numbers[:, 1:][wanted])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        if long or step < 60:
            smooth = 0.9 * smooth + 0.1 * loss.item()
        step += 1
    torch.set_num_threads(threads)
    network.trained = {"steps": step, "loss": round(smooth, 3), "seconds": round(time.process_time() - began, 1)}
    return network


def write(path: Path, network: Any, words: Words) -> None:
    """The trained model as a GGUF file that llama.cpp loads."""
    import gguf
    import numpy as np

    characters = set(CHARACTERS)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("wortmodell")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_rope_freq_base(ROPE)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(words.tokens))
    writer.add_tokenizer_model("t5")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(words.tokens)
    # The tokenizer looks for the cheapest way through a text: a word costs little, spelling it out costs much.
    writer.add_token_scores(
        [0.0 if t in SPECIAL else -10.0 if t in characters else -1.0 / len(t) for t in words.tokens]
    )
    special = [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * (len(SPECIAL) - 1)
    writer.add_token_types([*special, *[gguf.TokenType.NORMAL] * (len(words.tokens) - len(SPECIAL))])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(words.number["<|im_end|>"])
    writer.add_add_bos_token(False)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_remove_extra_whitespaces(False)
    writer.add_chat_template(CHATML)
    for name, value in network.state_dict().items():
        writer.add_tensor(name, value.numpy().astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


# --- questions and answers of the project -----------------------------------------------------------------------------


def asked(home: Path, day: dt.date, *, every: int) -> tuple[list[Pair], list[Case]]:
    """Prompts with answers to learn, and cases kept apart, for every ``every``-th rule of a home with an index."""
    from assistant.ask.prompt import build_prompt
    from assistant.ask.service import AssistantService
    from assistant.types import Question

    service = AssistantService.open(home, with_model=False)
    learnt: list[Pair] = []
    kept: list[Case] = []
    try:
        with service.pinned() as index:
            rules = index.guideline.rules[::every]
        for rule in rules:
            for place, question in enumerate(rule.questions):
                answer = service.answer(Question(question, day))
                if answer.rules[:1] != (rule.id,):
                    continue
                texts = {c.norm: p.text for c in answer.citations if (p := service.provision(c.norm, day))}
                if place % 6 == 5:
                    kept.append((answer, texts))
                else:
                    prompt = build_prompt(answer, texts, lambda text: len(text) // 4, limit=900)
                    learnt.append((rendered(prompt.messages), worded(answer)))
    finally:
        service.close()
    return learnt, kept


def worded(answer: Answer) -> str:
    """The extractive answer as the prompt asks for it: running text with marks before the full stop."""
    said = [re.sub(r"^(?:Warum|Außerdem): ", "", line) for line in answer.text.split("\n\n")[1:]]
    said = [line for line in said if not line.startswith("Rechtsgrundlage")]
    return re.sub(r"\. \[(\d+)\]", r" [\1].", " ".join([*said[:2], said[-1]]))


def main(target: str, seconds: str = "120") -> None:
    """Train on the built home of the checkout and say what the model writes."""
    from assistant.ask.wording import word
    from assistant.models.generator import LocalGenerator
    from assistant.settings import Settings, home_folder

    learnt, kept = asked(home_folder(), dt.date(2026, 11, 22), every=6)
    words = Words(text for pair in learnt for text in pair)
    network = train(learnt, words, seconds=float(seconds))
    write(Path(target), network, words)
    sys.stdout.write(f"{len(learnt)} Antworten, {len(words.tokens)} Wörter, {network.trained}\n")
    generator = LocalGenerator(Path(target), name="wortmodell", context=CONTEXT, threads=1, answer_tokens=200)
    for answer, texts in kept[:10]:
        result = word(answer, generator, texts, Settings(modell_antwort_tokens=200))
        reasons = [w.reason.value for proof in result.proofs for w in proof.withheld]
        sys.stdout.write(f"\n{answer.question}\n{result.answer.text}\n{reasons}\n")
    generator.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
