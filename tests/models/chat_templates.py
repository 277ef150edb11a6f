"""Minimal chat templates with the facts of each family: roles, what becomes of a system message, alternation,
thinking. Written for the tests; the wording of the published templates is longer.
"""

from __future__ import annotations

from dataclasses import dataclass

_TURNS = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
)

_ALTERNATE = (
    "{% set turns = namespace(n=0) %}{% for message in messages %}"
    "{% if message['role'] in ('user', 'assistant') %}"
    "{% if (message['role'] == 'user') != (turns.n % 2 == 0) %}"
    "{{ raise_exception('roles must alternate user and assistant') }}{% endif %}"
    "{% set turns.n = turns.n + 1 %}{% endif %}{% endfor %}"
)


@dataclass(frozen=True)
class Family:
    """A template; what stands before the instructions and after the question when thinking is off."""

    name: str
    template: str
    begins: str
    between: str
    ends: str


FAMILIES = (
    Family(
        "qwen3",
        _TURNS + "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}",
        "<|im_start|>system\n", "<|im_end|>\n<|im_start|>user\n",
        "<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
    ),
    Family(
        "eurollm", "{{ bos_token }}" + _TURNS + "{% endif %}",
        "<s><|im_start|>system\n", "<|im_end|>\n<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n",
    ),
    Family(
        # The system message goes into a block of its own in front.
        "ministral",
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}[SYSTEM_PROMPT]{{ messages[0]['content'] }}[/SYSTEM_PROMPT]"
        "{% set messages = messages[1:] %}{% endif %}" + _ALTERNATE
        + "{% for message in messages %}{% if message['role'] == 'user' %}[INST]{{ message['content'] }}[/INST]"
        "{% else %}{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}",
        "<s>[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT][INST]", "[/INST]",
    ),
    Family(
        # No system role at all: anything but strict turns is an error.
        "mistral",
        "{{ bos_token }}{% for message in messages %}"
        "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
        "{{ raise_exception('roles must alternate user and assistant') }}{% endif %}"
        "{% if message['role'] == 'user' %}[INST] {{ message['content'] }} [/INST]"
        "{% else %}{{ message['content'] }}{{ eos_token }}{% endif %}{% endfor %}",
        "<s>[INST] ", "\n\n", " [/INST]",
    ),
    Family(
        "gemma",
        "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{% for message in messages %}<start_of_turn>{{ 'model' if message['role'] == 'assistant' else message['role'] }}\n"
        "{{ message['content'] | trim }}<end_of_turn>\n{% endfor %}"
        "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}",
        "<s><start_of_turn>user\n", "\n\n", "<end_of_turn>\n<start_of_turn>model\n",
    ),
    Family(
        # Without a system message it would add one with today's date; thinking is a switch of its own name.
        "granite",
        "{% if messages[0]['role'] != 'system' %}<|start_of_role|>system<|end_of_role|>Heute ist ein Tag.<|end_of_text|>\n"
        "{% endif %}{% for message in messages %}<|start_of_role|>{{ message['role'] }}<|end_of_role|>"
        "{{ message['content'] }}<|end_of_text|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|start_of_role|>assistant{% if thinking %} denkt{% endif %}<|end_of_role|>{% endif %}",
        "<|start_of_role|>system<|end_of_role|>", "<|end_of_text|>\n<|start_of_role|>user<|end_of_role|>",
        "<|end_of_text|>\n<|start_of_role|>assistant<|end_of_role|>",
    ),
)  # fmt: skip
