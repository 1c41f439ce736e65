"""The course's training from a terminal: everything that the notebook of week 4 day 4 does.

    python -m shared.training book.txt --steps 300 --out runs/book
    python -m shared.training book.txt --steps 300 --out runs/book --resume
    torchrun --nproc_per_node=2 -m shared.training book.txt --batch 24

A text is split into tokens, its last tenth is held out, a model is trained on the rest and writes a sample.
"""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

import torch
from torch import nn

from shared.gpt import GPT, GPTConfig
from shared.modern import ModernConfig, ModernGPT
from shared.text.bpe import BytePairTokenizer
from shared.training import Characters, CheckpointError, Line, TrainingConfig, join_team, leave_team, train
from shared.training.config import CHOICES
from shared.training.data import Windows
from shared.training.team import Team

DEFAULT = " (default: %(default)s)"
MOST_BIGRAM_ROWS = 20_000  # a table for every pair of tokens while the vocabulary is small, none when it is not


def main(arguments: list[str] | None = None) -> int:
    """Carry out one command line. Returns 0, 130 after an interrupt, or 2 where something does not fit, which is said."""
    parser = _parser()
    args = parser.parse_args(arguments)
    joined = join_team()
    try:
        return _run(args)
    except (ValueError, TypeError, OSError, CheckpointError, FloatingPointError) as problem:
        print(f"{parser.prog}: {problem}", file=sys.stderr)
        return 2
    finally:
        if joined:
            leave_team()


def _parser() -> argparse.ArgumentParser:
    about, _, examples = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="python -m shared.training", description=about, epilog=examples, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", type=Path, help="a UTF-8 text file, or a .bin file of uint16 token ids, which stays on the disk")
    parser.add_argument("--out", type=Path, help="folder for checkpoint, tokenizer and model; without it nothing is kept")
    parser.add_argument("--resume", action="store_true", help="go on with the run in --out, if there is one")

    tokens = parser.add_argument_group("tokens")
    tokens.add_argument("--tokens", choices=("characters", "bpe"), default="characters", help="what a token is" + DEFAULT)
    tokens.add_argument("--merges", type=int, default=512, help="merges that a BPE learns" + DEFAULT)
    tokens.add_argument("--vocab-size", type=int, help="tokens in the vocabulary of a .bin file")
    tokens.add_argument("--held-out", type=float, default=0.1, help="share of the text, its end, never trained on" + DEFAULT)

    model = parser.add_argument_group("model")
    model.add_argument("--model", choices=("modern", "gpt"), default="modern", help="ModernGPT or GPT-2" + DEFAULT)
    for name, size, what in (("layers", 4, "blocks"), ("heads", 4, "heads of each"), ("width", 128, "width of a token's vector")):
        model.add_argument(f"--{name}", type=int, default=size, help=what + DEFAULT)

    sample = parser.add_argument_group("sample")
    sample.add_argument("--sample", type=int, default=200, metavar="N", help="tokens that it writes when it is evaluated" + DEFAULT)
    sample.add_argument("--prompt", help="what the sample begins with (default: the text's first token)")
    sample.add_argument("--temperature", type=float, default=0.8, help="of the sample; 0 is greedy" + DEFAULT)

    recipe = parser.add_argument_group("recipe", "the settings of shared.training.TrainingConfig")
    for field in fields(TrainingConfig):
        kind = {"type": float, "nargs": 2} if field.name == "betas" else {"type": type(field.default)}
        option, choices = "--" + field.name.replace("_", "-"), CHOICES.get(field.name)
        recipe.add_argument(option, default=field.default, choices=choices, help=field.metadata["says"] + DEFAULT, **kind)
    recipe.add_argument("--floor", type=float, help="the least loss possible, where it is known")
    return parser


def _run(args: argparse.Namespace) -> int:
    config = TrainingConfig(**{field.name: getattr(args, field.name) for field in fields(TrainingConfig)})
    if not 0 <= args.held_out < 1:
        raise ValueError(f"--held-out must be at least 0 and below 1, got {args.held_out}")
    ids, vocab_size, tokenizer = _tokens(args)
    cut = round(len(ids) * (1 - args.held_out))
    torch.manual_seed(config.seed)
    model = _model(args, vocab_size, config.context)

    def sample(model: nn.Module) -> str:
        prompt = ids[:1] if args.prompt is None else torch.tensor(tokenizer.encode(args.prompt))
        prompt = prompt[None].to(next(model.parameters()).device)
        written = model.generate(prompt, args.sample, temperature=args.temperature, seed=config.seed)
        return tokenizer.decode(written[0].tolist())

    run = train(
        model,
        ids[:cut],
        config,
        validation=ids[cut:] if args.held_out else None,
        folder=args.out,
        resume=args.resume,
        floor=args.floor,
        sample=sample if tokenizer and args.sample else None,
        show=Line(),
    )
    if Team().rank == 0:
        if run.samples:
            print(run.samples[-1][1])
        if args.out and not run.interrupted:
            _keep(args.out, model, tokenizer)
    return 130 if run.interrupted else 0


def _tokens(args: argparse.Namespace) -> tuple:
    """The ids of the whole text in one row, the size of the vocabulary, and the tokenizer, if there is one."""
    if args.text.suffix == ".bin":
        if args.vocab_size is None:
            raise ValueError("a .bin file needs --vocab-size")
        return Windows(args.text, 1, "text").ids, args.vocab_size, None
    text = args.text.read_text(encoding="utf-8")
    if not text:
        raise ValueError(f"{args.text} is empty")
    tokenizer = Characters(text) if args.tokens == "characters" else BytePairTokenizer.train([text], args.merges)
    return torch.tensor(tokenizer.encode(text)), tokenizer.vocab_size, tokenizer


def _model(args: argparse.Namespace, vocab_size: int, context: int) -> nn.Module:
    sizes = dict(vocab_size=vocab_size, context=context, n_layers=args.layers, n_heads=args.heads, d_model=args.width)
    if args.model == "gpt":
        return GPT(GPTConfig(**sizes))
    rows = vocab_size**2 if vocab_size**2 <= MOST_BIGRAM_ROWS else 0
    return ModernGPT(ModernConfig(**sizes, bigram_rows=rows))


def _keep(folder: Path, model: nn.Module, tokenizer: Characters | BytePairTokenizer | None) -> None:
    if isinstance(model, GPT):
        model.save_pretrained(folder / "model")
    if isinstance(tokenizer, Characters):
        tokenizer.save(folder / "characters.json")
    elif tokenizer is not None:
        tokenizer.save(folder / "model")


if __name__ == "__main__":
    sys.exit(main())
