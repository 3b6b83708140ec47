"""Judges that decide whether a claim follows from evidence: the check, an NLI cross-encoder, or a language model."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING

from qa.check import check
from qa.check.verdict import PASSED
from qa.errors import MissingExtra, ModelError, UsageError
from qa.evaluation.metrics.base import Judge
from qa.models import BUNDLED, LanguageModel, Verifier, load_language_model, load_verifier
from qa.prompts import load_prompt
from qa.types import Article, Claim, Message, Span

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

CROSS_ENCODER = "cross-encoder"
_VERDICT = re.compile(r"\b(?:yes|no)\b", re.IGNORECASE)
_THOUGHT = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


def load_judge(name: str) -> Judge:
    """The judge named `bundled:news`, `cross-encoder:FOLDER`, or any language model as `provider:model`.

    Raises UsageError, ModelError or MissingExtra.
    """
    provider, _, model = name.partition(":")
    if provider == CROSS_ENCODER:
        return inference_judge(_load(model))
    if name == BUNDLED:
        return check_judge(load_verifier(name))
    writer = load_language_model(name)
    if writer is None:
        raise UsageError(
            f"'{name}' is no judge. Give {BUNDLED}, {CROSS_ENCODER}:FOLDER, or a language model as provider:model."
        )
    return model_judge(writer)


def check_judge(verifier: Verifier | None) -> Judge:
    """A judge that says yes where the check passes the claim, with this verifier, over the evidence as one text."""

    def judge(claim: str, evidence: str) -> bool:
        span = Span(Article("evidence", "", evidence), 0, len(evidence))
        [sentence], _ = check([Claim(claim, (span,))], (), verifier)
        return sentence.verdict in PASSED

    return judge


def model_judge(model: LanguageModel) -> Judge:
    """A judge that asks the language model; any reply but yes counts as no. It raises ModelError."""

    def judge(claim: str, evidence: str) -> bool:
        # A key that neither text contains by chance, so that neither can end its own fence.
        key = sha256(f"{claim}\n{evidence}".encode()).hexdigest()[:8]
        asked = f"<evidence {key}>\n{evidence}\n</evidence {key}>\n\n<claim {key}>\n{claim}\n</claim {key}>"
        return _says_yes(model, [Message("system", load_prompt("check_claim")), Message("user", asked)])

    return judge


def _says_yes(model: LanguageModel, messages: list[Message]) -> bool:
    """True when the model's first yes or no, outside its thinking, is a yes. Stops reading there."""
    reply, said = "", None
    for piece in model.stream(messages):
        reply += piece
        said = _VERDICT.search(_THOUGHT.sub("", reply))
        if said and reply[-1:].isspace():  # A whole word: "no" may be the beginning of "not".
            break
    return said is not None and said[0].lower() == "yes"


def inference_judge(encoder: CrossEncoder) -> Judge:
    """A judge that says yes if `entailment` is the likeliest label. Raises ModelError if there is no such label."""
    names: dict[int, str] = getattr(encoder.config, "id2label", None) or {}
    labels = {str(label).lower(): index for index, label in names.items()}
    if "entailment" not in labels:
        raise ModelError(f"The cross-encoder tells {', '.join(labels)} apart; one for inference tells entailment.")

    def judge(claim: str, evidence: str) -> bool:
        (scores,) = encoder.predict([(evidence, claim)], show_progress_bar=False)
        return int(scores.argmax()) == labels["entailment"]

    return judge


def _load(model: str) -> CrossEncoder:
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"The judge {CROSS_ENCODER}:{model}", "sentence-transformers")
    from sentence_transformers import CrossEncoder
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        encoder: CrossEncoder = CrossEncoder(model, local_files_only=True, trust_remote_code=False)
        return encoder
    except Exception as error:  # whatever a damaged or unknown model makes the libraries raise
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ModelError(f"Cannot load the cross-encoder {model}: {reason}. Give the folder of one.") from error
