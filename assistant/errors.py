"""Everything that can go wrong and is the user's or administrator's to mend.

    LeitplankeError                 one German line: what, where, what was expected, what to do
    ├── UsageError                  a command line that makes no sense (exit status 2)
    ├── SettingsError               leitplanke.toml or LEITPLANKE_*
    ├── CorpusError                 a file below corpus/
    │   ├── RuleError               a rule block: file, line, field
    │   │   └── RuleRefused         a rule that was to be saved, with every field that is wrong
    │   ├── EntryRefused            an entry of a table that was to be saved, with every field that is wrong
    │   ├── EditConflict            what was to be changed is no longer what was read
    │   ├── AddressError            a norm that cannot be read
    │   │   └── AmbiguousAddress    several places can be meant
    │   └── ImportRefused           an official text that was not taken over
    ├── IndexFailure                 index/: missing, damaged, locked
    │   ├── NoIndex                 nothing published yet
    │   ├── DamagedGeneration       checksums or counts differ
    │   └── WrongEmbedder           the index was built with another embedder
    ├── BackupError                 an archive that was not written or cannot be restored
    ├── ModelError                  models/: missing, wrong sum, not loadable
    │   └── ModelBusy               the queue is full or the deadline passed
    └── QuestionError               empty, too long, binary

``str(error)`` is the line shown to users; nothing else of the exception is.
"""

from __future__ import annotations


class LeitplankeError(Exception):
    """Base of all expected failures; its text is one German line."""


class UsageError(LeitplankeError):
    """Wrong usage of a command."""


class SettingsError(LeitplankeError):
    """A setting is unknown or has the wrong form."""


class CorpusError(LeitplankeError):
    """A file below ``corpus/`` cannot be used."""


class RuleError(CorpusError):
    """A rule block is broken; the text names file and line.

    ``field`` is the key of the block that it is about, or ``titel`` or ``prosa``; "" if none. ``what`` is the text
    without the place, for a form that shows it beside the field; ``rule`` the id of the rule blamed, where it is known.
    """

    def __init__(self, what: str, *, where: str = "", field: str = "", rule: str = "") -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what, self.field, self.rule = what, field, rule


class RuleRefused(RuleError):
    """A rule was not saved; ``problems`` are all that is wrong with it, the first one is the text."""

    def __init__(self, problems: tuple[RuleError, ...]) -> None:
        super().__init__(str(problems[0]), field=problems[0].field, rule=problems[0].rule)
        self.what = problems[0].what
        self.problems = problems


class EntryRefused(CorpusError):
    """An entry of a table was not saved; ``problems`` are (field, what is wrong), the first one is the text."""

    def __init__(self, where: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(f"{where}: {problems[0][1]}")
        self.problems = problems


class EditConflict(CorpusError):
    """A file or rule was changed by someone else after it was read; nothing was written."""


class AddressError(CorpusError):
    """A written norm cannot be understood."""


class AmbiguousAddress(AddressError):
    """Several places can be meant; ``choices`` are their labels ("Art. 7 DSGVO"), as one would write them."""

    def __init__(self, message: str, choices: tuple[str, ...]) -> None:
        super().__init__(message)
        self.choices = choices


class ImportRefused(CorpusError):
    """An official text was not taken over; the previous one stays."""


class IndexFailure(LeitplankeError):
    """The index cannot be used."""


class NoIndex(IndexFailure):
    """No generation has been published."""


class DamagedGeneration(IndexFailure):
    """A generation's own files are not as they were written."""


class WrongEmbedder(IndexFailure):
    """The configured embedder is not the one the generation was built with."""


class BackupError(LeitplankeError):
    """A backup that was not written, or that cannot be restored."""


class ModelError(LeitplankeError):
    """A model file is missing, wrong or cannot be loaded."""


class ModelBusy(ModelError):
    """The model is busy with other questions."""


class QuestionError(LeitplankeError):
    """The question cannot be processed as it stands."""
