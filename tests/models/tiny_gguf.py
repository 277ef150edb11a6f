"""A two-layer llama with random weights and German word tokens, written as a real GGUF file of a few hundred KB.

llama.cpp loads, tokenises, streams and obeys grammars with it exactly as with real weights; only the text is
nonsense. Words are whole tokens and single characters cover the rest; undecodable bytes would make streaming slow.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
"""Shape of the Qwen3 template: thinking is switched off by a closed empty block."""

NO_SYSTEM = (
    "{% for message in messages %}{% if message['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<start_of_turn>{{ message['role'] }}\n{{ message['content'] }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
"""Shape of the older Gemma templates: no system message allowed."""

INST = (
    "{{ bos_token }}{% for message in messages %}"
    "{% if message['role'] == 'system' %}[SYSTEM_PROMPT]{{ message['content'] }}[/SYSTEM_PROMPT]"
    "{% elif message['role'] == 'user' %}[INST]{{ message['content'] }}[/INST]{% endif %}{% endfor %}"
)
"""Shape of the Mistral templates."""

WORDS = (
    "Die Das Der Sie Es Nutzung Daten Personenbezogene Werkzeug Stadt Regel Freigabe ist sind nicht verboten erlaubt "
    "nur mit ohne und oder darf dürfen eingeben prüfen müssen gilt nach der die das KI Leitlinie Frage Antwort"
).split()

_SPECIAL = ["<unk>", "<s>", "</s>", "<|im_start|>", "<|im_end|>", "<start_of_turn>", "<end_of_turn>"]
_CHARACTERS = (
    " abcdefghijklmnopqrstuvwxyzäöüßABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ0123456789.,;:!?()[]{}<>/|-_=+*#&%$@'\"\n„“–§»«›‹"
)


def write_tiny_gguf(
    path: Path,
    *,
    template: str | None = CHATML,
    context: int = 1024,
    words: Sequence[str] = WORDS,
    seed: int = 7,
    layers: int = 2,
    width: int = 64,
) -> str:
    """Write the model to ``path`` and return its sha256 (hex). It never ends a text by itself.

    ``layers`` and ``width`` make it slower, for tests in which a token must take a while.
    """
    import gguf
    import numpy as np

    # The tokenizer joins pairs, so a word is reached only through its beginnings; longer ones score higher.
    beginnings = {("▁" + word)[:end] for word in words for end in range(2, len(word) + 2)}
    pieces = sorted(beginnings, key=lambda piece: (-len(piece), piece))
    characters = ["▁" if c == " " else c for c in _CHARACTERS]
    byte_tokens = [f"<0x{b:02X}>" for b in range(256)]
    tokens = [*_SPECIAL, *pieces, *dict.fromkeys(characters), *byte_tokens]
    kinds = (
        [gguf.TokenType.UNKNOWN] + [gguf.TokenType.CONTROL] * (len(_SPECIAL) - 1)
        + [gguf.TokenType.NORMAL] * (len(tokens) - len(_SPECIAL) - 256) + [gguf.TokenType.BYTE] * 256
    )  # fmt: skip
    scores = [0.0] * len(_SPECIAL) + [float(len(token)) for token in tokens[len(_SPECIAL) :]]

    heads, inner = 4, 2 * width
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("winzling")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(inner)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(False)
    if template is not None:
        writer.add_chat_template(template)

    def tensor(name: str, *shape: int) -> None:
        writer.add_tensor(name, (rng.standard_normal(shape) * 0.35).astype(np.float32))

    tensor("token_embd.weight", len(tokens), width)
    # Control and byte tokens get the logit 0, which greedy sampling does not choose while any other is positive.
    output = (rng.standard_normal((len(tokens), width)) * 0.35).astype(np.float32)
    output[: len(_SPECIAL)] = 0.0
    output[-256:] = 0.0
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(width, dtype=np.float32))
    for layer in range(layers):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{name}.weight", width, width)
        tensor(f"blk.{layer}.ffn_gate.weight", inner, width)
        tensor(f"blk.{layer}.ffn_up.weight", inner, width)
        tensor(f"blk.{layer}.ffn_down.weight", width, inner)
        writer.add_tensor(f"blk.{layer}.attn_norm.weight", np.ones(width, dtype=np.float32))
        writer.add_tensor(f"blk.{layer}.ffn_norm.weight", np.ones(width, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()
