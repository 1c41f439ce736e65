"""GPT-2's diagram with blanks to label. The answers stand here and not in the notebook, where the cell would show them."""

from shared.architecture import ARCHITECTURES
from shared.visuals.diagram import diagrams_figure
from shared.visuals.figure import figure
from shared.visuals.label_blanks import label_blanks
from shared.visuals.page import Page

GPT2 = ARCHITECTURES["decoder-only"]
# place → (label, why it is right), from the feet upward, in the order of the numbers
BLANKS = {
    ("", 1): ("learned position", "The sky-blue place: a row for each seat, learned as the words' rows are."),
    ("", 2, 0): ("fork", "Here the gray line leaves: x is kept as it is, before anything touches it."),
    ("", 2, 1): ("norm", "Inside the branch, before the part: pre-LN. The gray line passes it by."),
    ("", 2, 2): ("masked attention", "The only place where words meet; and each sees only itself and what came before."),
    ("", 2, 3): ("add", "The gray line is back: what attention found is *added* to x."),
    ("", 2, 6): ("feed-forward", "Each row on its own, 768 → 3072 → 768."),
    ("", 3): ("final norm", "Once more, after the last block: until here nothing on the stream itself was ever normed."),
    ("", 4): ("linear + softmax", "Each row votes: a share for every token of the vocabulary."),
}
EXTRA = ("cross-attention", "attention without a mask", "segment embedding", "multiply")
TRAPS = {
    (("", 2, 2), "attention without a mask"): "Then a word would see the next one, which it is to guess.",
    (("", 2, 2), "cross-attention"): "There is no second stack to ask: GPT-2 has one.",
    (("", 2, 2), "feed-forward"): "First gather, then think. And inside this box words meet.",
    (("", 2, 6), "masked attention"): "It has gathered already, in the lower branch. Now each row thinks alone.",
    (("", 2, 1), "add"): "Nothing has been found yet that could be added.",
    (("", 2, 3), "norm"): "In 2017 a norm stood right behind this. Here two lines meet.",
    (("", 2, 3), "multiply"): "It is a sum: that keeps x in it, unchanged.",
    (("", 2, 3), "fork"): "Two lines come *together* here.",
    (("", 2, 0), "add"): "One line comes in, two go out.",
    (("", 1), "segment embedding"): "That is BERT's, which reads two texts at once.",
    (("", 3), "norm"): "A norm it is, but there is a label that says *which*.",
    (("", 2, 1), "final norm"): "A norm it is, and it comes twelve times. The final one stands alone.",
    (("", 3), "feed-forward"): "The blocks are over. The sum of all that they added needs one thing before the vote.",
}  # fmt: skip


def label_the_diagram(*, alt: str, caption: str) -> Page:
    """GPT-2 with eight blanks, a menu for each, by mouse or keyboard. alt, caption: its words. Used in week 2 day 6."""
    empty, full = (
        figure(diagrams_figure({" ": GPT2}, title=title, blanks=blanks), alt=alt, caption=caption)
        for title, blanks in (("Eight parts, no words", list(BLANKS)), ("GPT-2, labeled", ()))
    )
    name = {place: "-".join(str(step) for step in place) for place in BLANKS}
    return label_blanks(
        empty, full, {name[place]: label for place, (label, _) in BLANKS.items()}, EXTRA,
        {name[place]: why for place, (_, why) in BLANKS.items()}, {(name[place], label): words for (place, label), words in TRAPS.items()},
        otherwise="Not this one. What comes in from below, and what leaves?",
    )  # fmt: skip
