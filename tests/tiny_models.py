"""Models with random weights, a few kilobytes each, saved as the libraries save real ones. Nothing is downloaded."""

from __future__ import annotations

from pathlib import Path

WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] who what won the election match talks failed question : passage on".split()

TEMPLATE = (
    "{% for message in messages %}{{ message.role }} : {{ message.content }} [SEP] {% endfor %}"
    "{% if add_generation_prompt %}passage :{% endif %}"
)


def _save_tokenizer(folder: Path, longest: int, template: str | None = None) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.WordPiece({word: n for n, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    whole = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=longest, **special)
    whole.chat_template = template
    whole.save_pretrained(folder)


def save_bert(folder: Path, labels: int | None = None) -> Path:
    """A BERT for `labels` classes, or without a head; at 64 tokens it ends."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel
    from transformers.utils.logging import disable_progress_bar

    torch.manual_seed(7)
    disable_progress_bar()
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    config = BertConfig(vocab_size=len(WORDS), max_position_embeddings=64, **sizes)
    if labels is None:
        BertModel(config).save_pretrained(folder)
    else:
        config.num_labels = labels
        config.initializer_range = 0.3  # so that scores lie well apart
        BertForSequenceClassification(config).save_pretrained(folder)
    _save_tokenizer(folder, 64)
    return folder


def save_encoder(folder: Path, bare: Path) -> Path:
    """A sentence-transformers model of the BERT in `bare`, with a prompt for each kind of text."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    transformer = Transformer(str(save_bert(bare)))
    prompts = {"query": "question: ", "document": "passage: "}
    SentenceTransformer(modules=[transformer, Pooling(32)], prompts=prompts, device="cpu").save(str(folder))
    return folder


def save_writer(folder: Path, *, longest: int = 256, template: str | None = TEMPLATE) -> Path:
    """A GPT-2 that says words in an order of its own until `longest` tokens are full."""
    import torch
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(3)
    config = GPT2Config(
        vocab_size=len(WORDS), n_positions=longest, n_embd=32, n_layer=1, n_head=2, bos_token_id=2, eos_token_id=None
    )
    model = GPT2LMHeadModel(config)
    with torch.no_grad():  # so that it says words, and not its control tokens
        model.lm_head.weight[:5] = 0
    model.save_pretrained(folder)
    _save_tokenizer(folder, longest, template)
    return folder
