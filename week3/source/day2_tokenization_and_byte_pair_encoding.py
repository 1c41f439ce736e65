# %% [markdown]
# # Week 3 · Day 2: Tokenization and byte-pair encoding
#
# **Today you build the part of GPT-2 that nobody looks at, and that decides what the model can see at all.**
#
# About 90 minutes · [Open in Colab](https://colab.research.google.com/github/your.name/transformers-course/blob/main/week3/day2_tokenization_and_byte_pair_encoding.ipynb)
#
# At the end you will be able to
#
# - train a byte-level BPE tokenizer of your own, encode and decode any text with it, and get the ids that a library gets;
# - say how WordPiece, BERT's tokenizer, differs from it: in training, in encoding, and in what it loses;
# - measure what a language, a number or a rare name costs in tokens, and what a larger vocabulary costs in parameters.

# %% tags=["setup"]
# Set-up: finds the course around this notebook, or fetches it in Colab. It says nothing when all is well.
import os, subprocess, sys
from pathlib import Path
WEEK, NEEDS = "week3", []  # this day's folder, and what it uses that Colab does not bring
COURSE = "https://github.com/your.name/transformers-course"

here, colab = Path.cwd(), "google.colab" in sys.modules
def find_course():
    places = [here, *here.parents, here / "transformers-course"]
    return next((p for p in places if (p / "shared").is_dir() and (p / "requirements.txt").is_file()), None)
if colab and not find_course():
    subprocess.run(["git", "clone", "--quiet", "--depth=1", COURSE, "transformers-course"], capture_output=True)
if not find_course():
    class CourseNotFound(Exception): _render_traceback_ = lambda self: [str(self)]  # one sentence is enough
    raise CourseNotFound(f"The course could not be fetched from {COURSE}: is that the right address?" if colab
                         else f"There is no course around {here}: open this notebook inside the course's folder.")
root = find_course()
sys.path.insert(0, str(root)), os.chdir(root / WEEK)
from shared.colab import install; install(NEEDS)

# %%
import json
from collections import Counter
from itertools import pairwise

import matplotlib.pyplot as plt
import regex
from matplotlib.figure import Figure
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from shared.learning import (
    check_exercise, guess, help_with, journal, new_words, portfolio, predict, quiz, reveal, warm_up)
from shared.pretrained import load
from shared.text import bpe
from shared.text.declaration import article, english_articles
from shared.text.wordpiece import WordPieceTokenizer, alphabet, learn_pieces, longest_match, to_pieces
from shared.visuals import color, course_map, figure, stepper
from shared.visuals.token_boxes import draw_merge_tree, tokens_drawing
from shared.visuals.token_view import token_view

course_map(week=3, day=2)

# %% [markdown]
# ## Warm up (3 min)
#
# Three questions from the days before, answered from memory.

# %% tags=["warm-up"]
warm_up("w3d2")

# %% [markdown]
# ## 1 · Words are too many, letters are too small (13 min)
#
# A model reads ids: rows of a table. So somebody must cut each text into units that have a row. This is **tokenization**, and the program that does it is a **tokenizer**.
# So far nearly every word of this course was one token. That works because the tales use a few hundred words. Real texts do not stop at that.
#
# Take a real one: the Universal Declaration of Human Rights, 30 articles. Suppose your vocabulary holds every word and every sign of articles 3 to 30, and then article 1 arrives.

# %% tags=["predict"]
predict("w3d2-p1",
        "Article 1 has 30 words: “All human beings are born free and equal in dignity and rights. …” "
        "How many of them never occur in articles 3 to 30, about 1,250 words?")

# %%
rest = " ".join(english_articles())   # articles 3 to 30, in English
first = article(1)["English"]
print(first)

# %%
def words_of(text):
    return regex.findall(r"\p{L}+", text.lower())

known_words = set(words_of(rest))
new = [word for word in words_of(first) if word not in known_words]
print(len(words_of(rest)), "words in articles 3 to 30,", len(known_words), "different ones")
print("never seen:", *new)
reveal("w3d2-p1", len(new), "Each of them would become one and the same “unknown” token. Most words of a language are rare, and a new text always brings some.", tolerance=2)

# %% [markdown]
# What a word-level tokenizer does not know becomes one id for "unknown", and what it said is lost. The other extreme is letters: hardly anything is unknown, and every text becomes long. Each
# position of a model costs, and attention costs a cell for each *pair* of positions. In between lie pieces of words:

# %%
def in_between(n_merges=400):  # what you are going to build today, from the course's own shelf
    return bpe.BytePairTokenizer.train([rest], n_merges)

three_ways = {
    "words: short, but some are unknown": [[word if word.lower() in known_words or not word.isalpha() else "?"] for word in regex.findall(r"\p{L}+|[^\p{L}\s]", first)][:13],
    "letters: never unknown, but long": [list(word) for word in first.split()[:12]],
    "pieces of words: what GPT and BERT read": [[token] for token in in_between().tokens(" ".join(first.split()[:12]))]}
figure(tokens_drawing(three_ways, title="Frequent words stay whole, rare words come apart"),
       alt=f"""The first sentence of article 1, cut in three ways: into 13 words and signs, some of them unknown; into single letters, more than fifty;
           and into {len(three_ways['pieces of words: what GPT and BERT read'])} pieces, where frequent words are one token and rare ones several.""",
       caption="The same sentence three times. ␣ is a space that belongs to a token; ? is a word that the vocabulary lacks.")

# %% [markdown]
# The third row is what nearly every model since GPT-1 and BERT reads: **subwords**. Frequent words get an id of their own, rare ones are spelled from pieces. Nobody chooses the
# pieces by hand. They are counted out of a text, and by the end of section 3 you have done it yourself.

# %% [markdown]
# ### Under the letters: bytes
#
# Which letters should the alphabet hold, so that truly nothing is unknown? Unicode knows about 150,000 characters, far too many rows for a start. But every text is already stored as **bytes**, whole
# numbers from 0 to 255. The rule by which characters become bytes is **UTF-8**.

# %% tags=["predict"]
predict("w3d2-p2", "“A” is one byte in UTF-8. How many bytes is the single character 🦊?")

# %%
for character in ("A", "é", "я", "猫", "🦊"):
    data = list(character.encode("utf-8"))
    print(f"{character}  number {ord(character):6} in Unicode, {len(data)} byte{'s' * (len(data) > 1)}: {data}")
reveal("w3d2-p2", len("🦊".encode()), "The first 128 characters, those of English, take one byte each. Other letters take two, most Chinese ones three, emoji four.")

# %%
def byte_boxes(text):
    return [[f"{byte:02x}" for byte in character.encode()] for character in text]

rows = {"cat": byte_boxes("cat"), "café: é is two bytes": byte_boxes("café"), "кот (Russian for cat): two bytes a letter": byte_boxes("кот"),
        "the Chinese sign for cat: three bytes": byte_boxes("猫"), "fox face, an emoji: four bytes": byte_boxes("🦊")}
figure(tokens_drawing(rows, title="One to four bytes a character"),
       alt="""Characters as groups of bytes, written in hexadecimal: cat is 63 61 74; the é of café is c3 a9; the three Russian letters are two bytes each; the
           Chinese sign is e7 8c ab; the fox is f0 9f a6 8a.""",
       caption="Each box is a byte, written with two hexadecimal digits; a wider gap parts characters.")

# %% [markdown]
# 256 rows are enough for every text in the world, also for one in a script that is invented next year. The price: an alphabet made for English first. Keep this picture in mind for section 6.
#
# Bytes are where **byte-level** tokenizers start: the 256 bytes are the first 256 ids. Now the sequences are too long. So make them shorter.

# %% [markdown]
# ## 2 · Join what often stands side by side (12 min)
#
# The idea of **byte-pair encoding** (BPE) fits in one sentence: *find the pair of neighbors that occurs most often, make it one new token, and repeat.* It was a way to compress files (Philip Gage, 1994) before
# [Sennrich and others](https://arxiv.org/abs/1508.07909) took it for words.
#
# Here is a text on which you can do it with a pencil: *the cat sat on the mat. that cat chats. the hat sat flat.*

# %% tags=["predict"]
predict("w3d2-p3", "Which pair is joined first in this text?", options=["t + h", "a + t", "th + e", "the space + c"])

# %% [markdown]
# One rule before you count: pairs never reach across words. First the text is cut by a pattern, GPT-2's own, and a word *keeps the space before it*:

# %%
WORDS = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"

def presplit(text):
    return regex.findall(WORDS, text)

toy = "the cat sat on the mat. that cat chats. the hat sat flat."
print(presplit(toy))
print(presplit("It's 3.14, isn't it?"))

# %% [markdown]
# Read the pattern from left to right: English endings (`'s`, `'t`); letters with at most one space before them (`\p{L}` is "any letter"); digits; other signs; blanks. Why cut at all? Otherwise "of the" would become one token, and "dog." "dog!"
# "dog?" three.
#
# Then count. A word that occurs five times is counted once, times five:

# %%
def count_pairs(words):  # words: {its pieces: how often the word occurs}
    counts = Counter()
    for pieces, times in words.items():
        for pair in pairwise(pieces):
            counts[pair] += times
    return counts

def as_bytes(word):  # " cat" → (b" ", b"c", b"a", b"t")
    return tuple(bytes([byte]) for byte in word.encode("utf-8"))

words = Counter(as_bytes(word) for word in presplit(toy))
for (left, right), count in count_pairs(words).most_common(4):
    print(f"{left.decode()!r} + {right.decode()!r}: {count} times")

# %%
reveal("w3d2-p3", "a + t", "cat, sat, mat, that, chats, hat, flat: a and t are neighbors nine times. th + e cannot come first, for “th” is no token yet.")

# %% [markdown]
# Join the pair wherever it stands, from left to right:

# %%
def join(pieces, pair):
    out, i = [], 0
    while i < len(pieces):
        if tuple(pieces[i:i + 2]) == pair:
            out.append(pair[0] + pair[1])
            i += 2  # both are used up
        else:
            out.append(pieces[i])
            i += 1
    return tuple(out)

print(join(as_bytes(" that"), (b"a", b"t")))
print(join(as_bytes("aaa"), (b"a", b"a")))

# %% [markdown]
# Count, join, repeat. One detail remains: what if two pairs are equally frequent? Any rule will do, but there must be one. Ours: the pair whose pieces are older, that is, have the lower ids. (GPT-2 counts its 256 bytes in an order of its own, visible signs first. We
# take it over, so that ids agree.)

# %%
def train(text, n_merges):
    words = Counter(as_bytes(word) for word in presplit(text))
    ids = {byte: i for i, byte in enumerate(bpe.SINGLE_BYTES)}  # 256 single bytes
    merges = []
    while len(merges) < n_merges:
        counts = count_pairs(words)
        best = max(counts, key=lambda pair: (counts[pair], -ids[pair[0]], -ids[pair[1]]))
        ids.setdefault(best[0] + best[1], len(ids))
        merges.append(best)
        words = Counter({join(pieces, best): times for pieces, times in words.items()})
    return merges

toy_merges = train(toy, 12)
print(*(repr((left + right).decode()) for left, right in toy_merges))

# %% [markdown]
# Now see it happen. *Before you press play:* which word will be whole first?

# %%
def frames_of(text, merges):
    words, frames = [as_bytes(word) for word in presplit(text)], []
    letters = {bytes([b]).decode() for b in text.encode()}
    for n in range(len(merges) + 1):
        new = (merges[n - 1][0] + merges[n - 1][1]).decode() if n else ""
        if n:
            words = [join(pieces, merges[n - 1]) for pieces in words]
        count = sum(map(len, words))
        says = f"Merge {n}: “{merges[n-1][0].decode()}” + “{merges[n-1][1].decode()}”. Now {count} tokens, {256 + n} in the vocabulary." if n else f"At the start every letter is a token: {count} of them."
        shown = {" ": [[piece.decode() for piece in pieces] for pieces in words]}
        frames.append((tokens_drawing(shown, lit=[new], plain=letters, by_token=True, title="Training: the most frequent pair becomes one token", lines=3), says.replace(" ”", "␣”").replace("“ ", "“␣")))
    return frames

stepper(frames_of(toy, toy_merges), start=1,
        alt=f"""Twelve merges on a text of sixteen words. First a and t are joined, nine times; then t and h; step by step whole words such as ␣sat, ␣cat and ␣the become single tokens,
            and the text shrinks from {len(toy)} tokens to {sum(len(bpe.merge_by_rank(as_bytes(w), {p: r for r, p in enumerate(toy_merges)})) for w in presplit(toy))}.""",
        caption="Twelve merges. The ring marks the token that was just made; white boxes are still single bytes.")

# %% [markdown]
# The first whole word is ␣sat, at merge 7. Nobody told it that *the*, *cat* or *sat* are words. They are what is left when frequent neighbors have been joined often enough. And the vocabulary grows by exactly one with each **merge**:
#
# $$|V| = 256 + \text{number of merges} \;(+\ \text{special tokens})$$
#
# GPT-2: 256 bytes, 50,000 merges, one special token `<|endoftext|>`: 50,257. Now train for real, and compare with the module of the course, which finds the same merges faster:

# %%
merges = train(rest, 400)
theirs = bpe.BytePairTokenizer.train([rest], 400)
print("the same 400 merges:", merges == [(merge.left, merge.right) for merge in theirs.merges])
for n in (0, 1, 2, 7, 99, 399):
    print(f"merge {n + 1:3}: {merges[n][0].decode()!r} + {merges[n][1].decode()!r}, {theirs.merges[n].count} times")

# %% [markdown]
# ## 3 · Encode, decode, save, load (11 min)
#
# A tokenizer *is* its list of merges, in order. To **encode** a new word, do what training did, in training's order. Of all pairs in the word, join the one with the lowest **rank** (its place in the list). Repeat until no pair is known.

# %%
ranks = {pair: rank for rank, pair in enumerate(merges)}
ids = {token: i for i, token in enumerate([*bpe.SINGLE_BYTES, *(left + right for left, right in merges)])}

def pieces_of(word):
    pieces = as_bytes(word)
    while known := [pair for pair in pairwise(pieces) if pair in ranks]:
        pieces = join(pieces, min(known, key=ranks.get))
    return pieces

def encode(text):
    return [ids[piece] for word in presplit(text) for piece in pieces_of(word)]

print(pieces_of(" brotherhood"), encode(" brotherhood"))

# %% [markdown]
# *Brotherhood* was one of the words that articles 3 to 30 do not have. It is spelled from pieces, and one can see where they come from: from *other*, *motherhood*, *childhood*. Each token has a history, a tree of merges:

# %%
def halves_of(merges):
    return {bpe_label(left + right): (bpe_label(left), bpe_label(right), n) for n, (left, right) in reversed(list(enumerate(merges, 1)))}

def bpe_label(piece):
    return piece.decode("utf-8", errors="backslashreplace")

picture, axes = plt.subplots(figsize=(8.6, 4.0))
spelled = [bpe_label(piece) for piece in pieces_of(" brotherhood")]
draw_merge_tree(axes, spelled, halves_of(merges))
axes.set_title(f"“brotherhood” is {len(spelled)} tokens, each grown from single bytes")
figure(picture,
       alt=f"""Twelve single bytes at the bottom, a space and the letters of brotherhood, are joined pair by pair. At the top stand {len(spelled)} tokens: {', '.join(spelled)}. The number
           above each box is the number of its merge.""",
       caption="Read from the bottom up. A smaller number is an older merge, and is done first.")

# %% [markdown]
# Is the order worth the trouble? One could simply take the longest token that fits, from left to right.

# %% tags=["predict"]
predict("w3d2-p4", "The vocabulary holds an, ot, her and ther, among others. How does BPE cut “␣another”?",
        options=["␣an + ot + her: the longest that fits, from the left", "␣an + o + ther: by rank", "both ways: it makes no difference"])

# %%
tokens_known = set(ids)
def longest_first(word):
    data, out = word.encode(), []
    while data:
        size = next(size for size in range(len(data), 0, -1) if data[:size] in tokens_known)
        out, data = [*out, data[:size]], data[size:]
    return tuple(out)

for word in (" another", " spirit", " mother"):
    print(f"{word!r}: by rank {[p.decode() for p in pieces_of(word)]}, longest first {[p.decode() for p in longest_first(word)]}")
older, later = ranks[b"t", b"her"] + 1, ranks[b"o", b"t"] + 1
reveal("w3d2-p4", "␣an + o + ther: by rank" if pieces_of(" another") == (b" an", b"o", b"ther") else "both ways: it makes no difference",
       f"h + e, he + r and then t + her (merge {older}) were all learned before o + t (merge {later}). So “ther” has taken the t by then, and o stays alone. Another order is another tokenizer: the model would get ids that it was not trained on.")

# %% [markdown]
# To **decode** is easier: look up the bytes of each id, put them in a row, read them as UTF-8. Nothing is lost, whatever the text was. That is what "byte-level" buys.

# %%
bytes_of = {i: token for token, i in ids.items()}

def decode(some_ids):
    return b"".join(bytes_of[i] for i in some_ids).decode("utf-8", errors="replace")

for text in ("brotherhood", "Ceci n'est pas une pipe.", "人人生而自由", "x  =  3.14\t# 🦊 </script>"):
    print(f"{len(text):3} letters, {len(encode(text)):3} tokens, comes back whole: {decode(encode(text)) == text}")
print("cut off inside of the fox:", decode(encode("🦊")[:-1]))

# %% [markdown]
# Saving it means writing down two halves a line. Bytes that cannot be seen get a visible letter, as in GPT-2's own files: a space is written "Ġ". That is the odd letter you see in other people's notebooks.

# %%
def save(merges, path):
    lines = [f"{bpe.to_letters(left)} {bpe.to_letters(right)}" for left, right in merges]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

def load_merges(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return [tuple(bpe.from_letters(half) for half in line.split(" ")) for line in lines]

file = portfolio() / "w3d2_merges.txt"
save(merges, file)
print(file.read_text(encoding="utf-8").splitlines()[:8])
print("loaded again, the same:", load_merges(file) == merges)

# %% [markdown]
# And now the judge: the `tokenizers` library, with which models are really fed. It gets your vocabulary and your merges, and both encode article 1 in nine languages.

# %%
letters = {bpe.to_letters(token): i for token, i in ids.items()}
pairs = [(bpe.to_letters(left), bpe.to_letters(right)) for left, right in merges]
library = Tokenizer(models.BPE(vocab=letters, merges=pairs))
library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
library.decoder = decoders.ByteLevel()

for language, text in article(1).items():
    same = encode(text) == library.encode(text).ids == theirs.encode(text)
    print(f"{language:10} {len(encode(text)):3} ids, yours = library = the course's module: {same}")

# %% [markdown]
# ## 4 · WordPiece beside it (9 min)
#
# BERT cuts its texts with a cousin, **WordPiece**. It differs in three places.
#
# 1. *Marks.* BPE marks the start of a word by its space. WordPiece throws spaces away, and marks pieces that go *on* a word by `##`.
# 2. *Training.* How BERT's vocabulary was trained was never released. What is known, from an older paper (Schuster and Nakajima 2012) and the Hugging Face course, is a score. It asks not "how often?" but "how often, measured by how frequent each of
#    the two pieces is?":
#
# $$\text{BPE: } \operatorname{count}(a, b) \qquad\qquad \text{WordPiece (best guess): } \frac{\operatorname{count}(a, b)}{\operatorname{count}(a)\cdot\operatorname{count}(b)}$$
#
# 3. *Encoding.* No ranks: the longest piece that fits, then the longest that fits behind it. If nothing fits, the *whole word* becomes `[UNK]`.

# %% tags=["predict"]
predict("w3d2-p5", "The same toy text. a + t is by far the most frequent pair, nine times. Which pair does the WordPiece score join first?",
        options=["a + t", "t + h", "f + l, from “flat”, seen once"])

# %%
spelled = {(word[0], *("##" + letter for letter in word[1:])): times for word, times in Counter(words_of(toy)).items()}
alone = Counter()
for pieces, times in spelled.items():
    for piece in pieces:
        alone[piece] += times

def score(pair):
    return together[pair] / (alone[pair[0]] * alone[pair[1]])

together = count_pairs(spelled)
for pair in sorted(together, key=score, reverse=True)[:3] + [("##a", "##t")]:
    print(f"{pair[0]:3} + {pair[1]:3}  together {together[pair]}, alone {alone[pair[0]]:2} and {alone[pair[1]]:2}, score {score(pair):.3f}")

# %%
winner = max(together, key=lambda pair: (score(pair), together[pair], pair))
reveal("w3d2-p5", "f + l, from “flat”, seen once" if score(("f", "##l")) == score(winner) else "a + t",
       "f and l are never seen without each other here, just like o and n: 1 / (1 · 1) = 1. Every ##a is followed by ##t, too, and that gives only 9 / (9 · 9) = 1/9: being frequent counts against a pair. So in practice one also asks for a least count, or rare letters win.")

# %% [markdown]
# The loop around the score is the one you know. (On a tie the more frequent pair wins, then the older one.)

# %%
def train_wordpiece(words, n_steps):  # words: {word: how often}
    age = {piece: i for i, piece in enumerate(alphabet(words))}
    spelled, steps = {tuple(to_pieces(word)): times for word, times in words.items()}, []
    for _ in range(n_steps):
        together, alone = count_pairs(spelled), Counter()
        for pieces, times in spelled.items():
            alone.update({piece: n * times for piece, n in Counter(pieces).items()})
        best = max(together, key=lambda p: (together[p] / (alone[p[0]] * alone[p[1]]), together[p], -age[p[0]], -age[p[1]]))
        new = best[0] + best[1].removeprefix("##")
        age.setdefault(new, len(age))
        steps.append(new)
        spelled = {tuple(bpe.join(pieces, best, new)): times for pieces, times in spelled.items()}
    return steps

toy_words = Counter(words_of(toy))
print(*train_wordpiece(toy_words, 12))
print("as the course's module:", train_wordpiece(toy_words, 12) == [step.token for step in learn_pieces(toy_words, 12)])

# %% [markdown]
# Then the real text, with the module (it wants every pair at least twice, and is faster), and both ways of encoding beside each other:

# %%
wordpiece = WordPieceTokenizer.train([rest], vocab_size=656, min_count=2)
for word in ("brotherhood", "understanding", "freedoms", "würde", "1948", "人"):
    by_bpe = [bpe_label(piece) for piece in pieces_of(" " + word)]
    print(f"{word:14} BPE {by_bpe}   WordPiece {longest_match(word, wordpiece.vocabulary) or '[UNK]'}")
print(wordpiece.tokens("Würde, 1948!"))

# %% [markdown]
# Both have 656 entries, learned from the same text. BPE spells *anything*, if need be byte by byte. WordPiece starts from the letters that it has seen, so a digit or a Chinese sign that never occurred wipes out its word. And BERT's *uncased* version first makes everything lower case and drops
# accents: "Würde" (dignity) and "wurde" (became) are one word to it, and nothing brings the difference back. (The last line above did so; the table's *würde* was cut as it stands.)

# %%
sentence = "Everyone has the right to rest. Motherhood & brotherhood, 1948!"
rows = {"your BPE: the space belongs to the token": [[token] for token in theirs.tokens(sentence)],
        "WordPiece: ## goes on a word, spaces and capitals are gone": [[token] for token in wordpiece.tokens(sentence)]}
figure(tokens_drawing(rows, title="Two cousins cut one sentence"),
       alt=f"""The sentence “{sentence}” in {len(theirs.tokens(sentence))} BPE tokens, which keep spaces and capitals, and in {len(wordpiece.tokens(sentence))} WordPiece pieces, in lower case, with
           {wordpiece.tokens(sentence).count('[UNK]')} unknown.""",
       caption="Same training text, same size of vocabulary. Put the first row together and you get the sentence back; the second row has lost some of it.")

# %% [markdown]
# Now those of the two famous models. `load` takes GPT-2's and BERT's own where the hub answers, and else the small ones of this course. It says which. The small ones learned on the tales, until every word of the tales was one token.

# %%
gpt_tokenizer, gpt = load("gpt2")
bert_tokenizer, bert = load("bert")

# %%
for text in ("The cat sat on the mat", "The animal didn't cross the street", "Tokenization is unbelievable"):
    print("GPT :", gpt_tokenizer.tokenize(text))
    print("BERT:", bert_tokenizer.tokenize(text))

# %% [markdown]
# ## 5 · Any text, in color (9 min)
#
# All of them live in the next view: your two BPEs (the second learned on nine languages, see section 6), WordPiece, and the two loaded ones. Type anything. Choose who cuts it. Click a token, or use the arrow keys, to see its id, its bytes, and the merge that made it.
#
# *Find with it:*
#
# 1. Is "right" at the start of a text the same token as " right" behind a word? What does "Right" with a capital do?
# 2. Write 1948, 19480, 194800. What becomes of numbers? And for a sum, what would you wish?
# 3. Which example do BPE and WordPiece treat most differently?
# 4. How many of an indented line of code's tokens are blanks?

# %%
nine = list(article(2).values())             # article 2 in nine languages
nine_bpe = bpe.BytePairTokenizer.train(nine, 400)
their_bpe = bpe.BytePairTokenizer.load(gpt.name_or_path)  # the same merges as gpt_tokenizer, read by the course's module
their_pieces = sorted(bert_tokenizer.get_vocab(), key=bert_tokenizer.get_vocab().get)

# %% tags=["interactive"]
examples = {"sentence": sentence, "spaces": "right right  Right\n    right", "numbers": "7 42 1948 19480 3.14159 1,000,000",
            "code": "def f(x):\n    return x**2  # square", "emoji": "🦊 + 👩‍👩‍👧 = ❤️", "Hindi": article(1)["Hindi"][:90], "Chinese": article(1)["Chinese"], "name": " SolidGoldMagikarp Nguyễn"}
token_view({"BPE, English": theirs.merges, "BPE, nine languages": nine_bpe.merges, f"GPT ({their_bpe.vocab_size:,})": their_bpe.merges},
           {"WordPiece, English": list(wordpiece.vocabulary), f"BERT ({len(their_pieces):,})": their_pieces},
           sentence, theirs.tokens(sentence), examples=examples,
           alt=f"""A text in colored tokens: your English BPE cuts “{sentence}” into {len(theirs.tokens(sentence))} tokens; frequent words are whole, numbers fall into single digits. In the view any text
               can be typed and five tokenizers compared.""",
           caption="Type, choose a tokenizer, click a token. Everything is computed in the page, by the same rules as in your cells.")

# %% [markdown]
# ### What goes wrong
#
# Many oddities of language models are oddities of their tokens. Four of them, measured:

# %%
def show(*texts, tokenizer=theirs):
    for text in texts:
        print(f"{text!r:26} ->", tokenizer.tokens(text), tokenizer.encode(text))

show("right", " right", "Right", " RIGHT")  # 1: four spellings of one word
show(" freedom", " fredeom")            # 2: a slip of two letters
show("9.11", "1948", "x**2")            # 3: numbers
show("    return")                      # 4: blanks

# %% [markdown]
# 1. "right" and " right" are different ids, as far apart for the model as *cat* and *of*. It has to learn from texts that they mean the same. A prompt that ends in a blank leaves the model with a lone space that it rarely saw.
# 2. The model does not see letters. " freedom" is one number. How many e's are in it? Only what it read *about* the word can tell. A slip of the keyboard gives a quite different sequence.
# 3. Numbers are cut by frequency, not by place value: in GPT-2, some years are one token and their neighbors two. Newer models therefore cut digits one by one or in threes.
# 4. Of a run of blanks only the last one goes with the word; the others stand apart, here a token each. Indented code costs tokens.
#
# (And the third thing to find: the emoji and the scripts without Latin letters. Your BPE spells them byte by byte, in dozens of tokens; your WordPiece writes `[UNK]`, and the text is gone.)

# %%
rows = {f"{word!r} at the start, after a word, with a capital": [[t] for form in (word, " " + word, " " + word.capitalize()) for t in theirs.tokens(form)] for word in ("freedom", "right")}
rows["numbers"] = [[t] for t in theirs.tokens(" 7 42 1948 19480")]
rows["code"] = [[t] for t in theirs.tokens("    return x**2")]
figure(tokens_drawing(rows, title="A space or a capital makes another token"),
       alt=f"""Your English BPE: freedom becomes {theirs.tokens('freedom')} at the start of a text, {theirs.tokens(' freedom')} behind a word and {theirs.tokens(' Freedom')} with a capital. Numbers fall into
           single digits, and blanks before code are tokens.""",
       caption="To you these are forms of one word. To the model they are different rows of its table.")

# %% [markdown]
# ## 6 · What a language pays, and what a vocabulary costs (16 min)
#
# One sentence, nine languages: article 1 of the Declaration says the same in each. One tokenizer learned English only; it got exactly as many bytes to learn from as the other one, which learned article 2 in all nine. Both have 400 merges, and neither has seen article 1.

# %%
budget = sum(len(text.encode()) for text in nine)
english_bpe = bpe.BytePairTokenizer.train([rest[:budget]], 400)  # plain English: a byte is a letter
print(f"{budget:,} bytes to learn from, each")

# %% tags=["predict"]
predict("w3d2-p6", "English needs about 63 tokens for article 1, with the tokenizer that learned English. How many does Hindi need with the same tokenizer?")

# %%
table = {}
print(f"{'':11}letters  bytes  words | English BPE  tokens/word | nine languages  tokens/word")
for language, text in article(1).items():
    n, m, w = len(english_bpe.encode(text)), len(nine_bpe.encode(text)), len(text.split())
    table[language] = (n, m)
    per = [f"{count / w:8.1f}" if w > 3 else "       –" for count in (n, m)]  # no spaces, no words
    print(f"{language:11}{len(text):7}{len(text.encode()):7}{w if w > 3 else '–':>7} |{n:12}{per[0]:>13} |{m:15}{per[1]:>13}")

# %%
picture, axes = plt.subplots(figsize=(8.4, 4.6))
names = sorted(table, key=lambda name: table[name][0])
for i, name in enumerate(names):
    n, m = table[name]
    axes.plot([m, n], [i, i], color=color("residual"), linewidth=2, zorder=1)
    axes.scatter(n, i, s=90, color=color("feed-forward"), zorder=2)
    axes.scatter(m, i, s=90, marker="D", facecolor="white", edgecolor=color("query"), linewidth=2, zorder=2)
axes.set(yticks=range(len(names)), yticklabels=names, xlim=(0, None), xlabel="tokens for the same sentence (article 1)", title="Whose language the tokenizer learned decides who pays")
if isinstance(guess("w3d2-p6"), float):
    axes.plot(guess("w3d2-p6"), names.index("Hindi"), "o", markersize=17, markerfacecolor="none", markeredgecolor=color("attention"))
axes.text(0.98, 0.1, "● learned English\n◇ learned nine languages", transform=axes.transAxes, ha="right", va="bottom", fontsize=11)
axes.grid(axis="x")
figure(picture,
       alt=f"""Tokens for article 1. The tokenizer that learned English needs {table['English'][0]} for English, {table['German'][0]} for German and {table['Hindi'][0]} for Hindi. The one that
           learned nine languages needs {table['English'][1]}, {table['German'][1]} and {table['Hindi'][1]}.""",
       caption="Filled: learned English only. Open: the same number of bytes and merges, from nine languages. Your guess, if you made one, is the ring.")

# %%
alike = [name for name, text in article(1).items() if table[name][0] == len(text.encode())]
print("one token for each byte:", ", ".join(alike))
reveal("w3d2-p6", table["Hindi"][0], "A letter of Hindi is three bytes, and no merge of the English tokenizer joins any of them: one token for each byte.", tolerance=60)

# %% [markdown]
# Three forces in one picture. UTF-8 itself makes some scripts longer. A tokenizer learns the languages of its texts and leaves the others in pieces. And a vocabulary has a fixed size: what the mixed one gives to Russian and Hindi, English loses.
#
# For people this means: the same message costs several times as much, fills the context earlier, and comes slower, in a language that the tokenizer hardly saw. And "tokens per word" needs care. Chinese and Japanese write no spaces, so we compare the same *content*.

# %%
for name, tokenizer in (("GPT", their_bpe), ("BERT", WordPieceTokenizer.load(bert.name_or_path))):
    counts = {language: len(tokenizer.tokens(text)) for language, text in article(1).items()}
    print(f"{name:5}", ", ".join(f"{language} {count}" for language, count in counts.items()))

# %% [markdown]
# Those are the loaded tokenizers. If yours came from the hub, you see what GPT-2 itself pays. A low BERT number is not always good news: a word that became `[UNK]` is short, too.

# %% [markdown]
# ### How large a vocabulary?
#
# More merges, shorter texts. So why not a million? Because each token needs a row in the embedding table, and an output vote at every step. Measure both, on articles that the training has not seen:

# %%
every = bpe.BytePairTokenizer.train([rest])  # until each word of articles 3 to 30 is one token
unseen = article(1)["English"] + " " + article(2)["English"]
sizes = [0, 25, 50, 100, 200, 400, 600, 800, 1000, len(every.merges)]
smaller = [bpe.BytePairTokenizer(every.merges[:n]) for n in sizes]
seen_cost = [100 * len(one.encode(rest)) / len(rest) for one in smaller]
unseen_cost = [100 * len(one.encode(unseen)) / len(unseen) for one in smaller]

# %%
picture, (left, right) = plt.subplots(1, 2, figsize=(9, 3.9), sharex=True)
left.plot([256 + n for n in sizes], seen_cost, "o-", color=color("residual"))
left.plot([256 + n for n in sizes], unseen_cost, "D-", color=color("feed-forward"))
left.text(1050, unseen_cost[-3] + 5, "articles 1 and 2, unseen", ha="center")
left.text(760, seen_cost[-4] - 9, "articles 3 to 30", ha="center")
left.set(ylim=(0, 105), xlabel="tokens in the vocabulary", ylabel="tokens for 100 letters", title="Texts get shorter, ever more slowly")
right.plot([256 + n for n in sizes], [(256 + n) * 768 / 1e6 for n in sizes], "o-", color=color("residual"))
right.set(ylim=(0, None), xlabel="tokens in the vocabulary", ylabel="numbers in the table (millions)", title="The table grows on (768 wide)")
figure(picture,
       alt=f"""Left: with {256} tokens a text needs 100 tokens for 100 letters; with {256 + sizes[-1]} tokens {seen_cost[-1]:.0f} on the text that it learned, {unseen_cost[-1]:.0f} on unseen articles. The first
           200 merges bring most of it. Right: the embedding table grows along a straight line, to {(256 + sizes[-1]) * 768 / 1e6:.1f} million numbers at width 768.""",
       caption="The gain flattens, the price does not. On unseen text it flattens earlier: late merges learn the training text by heart.")

# %% [markdown]
# GPT-2 small stopped at 50,257: 38.6 million numbers, 31 % of the model. A large model can afford more, since its blocks grow faster than its table; today's use 100,000 to 250,000.

# %%
table_size, whole = 50_257 * 768, 124_439_808
print(f"GPT-2 small: table {table_size:,} of {whole:,} numbers, {100 * table_size / whole:.0f} %")

# %% tags=["predict"]
predict("w3d2-p7", "400 learned tokens. Encode the training text itself, all 28 articles, with them. How many of the 400 are never used, not once?")

# %%
used = Counter(theirs.encode(rest))
idle = [theirs.token_bytes(i).decode() for i in range(256, 656) if used[i] == 0]
print(f"{len(idle)} of 400 never used:", *(repr(token) for token in idle[:14]), "…")
reveal("w3d2-p7", len(idle), "They were steps on the way: every “gh” of the text sits inside of a longer token by now, such as “ght”. The row is there, and nobody calls it.", tolerance=15)

# %%
picture, axes = plt.subplots(figsize=(8.4, 3.3))
uses = [used[i] for i in range(256, 656)]
axes.bar(range(1, 401), uses, width=1.0, color=color("residual"))
zero = [n for n, count in enumerate(uses, 1) if count == 0]
axes.plot(zero, [-9] * len(zero), "|", markersize=11, color=color("feed-forward"))
axes.set(xlim=(0, 401), ylim=(-18, None), yticks=range(0, max(uses) + 1, 20), xlabel="merge that made the token", ylabel="uses in the training text", title=f"{len(zero)} tokens have a row that is never read")
figure(picture,
       alt=f"""Uses of each of the 400 learned tokens in the text that they were learned from. One early token is used {max(uses)} times, most late ones only a few times, and {len(zero)}, marked below
           the axis, never.""",
       caption="Vermilion marks below the axis: tokens with not a single use. Early ones were swallowed by longer tokens.")

# %% [markdown]
# ### SolidGoldMagikarp, precisely
#
# In 2023 people found that GPT-2's and GPT-3's vocabulary holds " SolidGoldMagikarp", the name of a user of a forum, and that models behaved strangely when asked to repeat it. The likely cause is a quarrel between two texts. The *tokenizer* was trained on one where the
# name was frequent (its owner counted upward there, one post for each number). The *model* was trained on one where it hardly occurred.
#
# So the row was there and hardly ever looked up. As an *input* such a row gets no gradient: it stays near where it was initialized. (As an *output* it is touched at every step: the softmax pushes all tokens that did not come a little down. In GPT-2 input and output are the same row: you will see tomorrow.)
# The model met a vector that it had no habit for. They are called **under-trained tokens**. They are found by looking at the rows, and avoided by training both on the same text.
#
# Three more things that a tokenizer is *not*: it is not trained by gradient descent (it only counts); it does not change while the model trains; and it cannot be swapped afterwards, for id 318 would then be another word.

# %% [markdown]
# ## Exercises (8 min)
#
# Three of rising freedom. Each check tells you what is wrong, and each has two hints and a solution, closed until you ask.
#
# **1 · Complete it.** `vocabulary` is a list: the bytes of each id. Return the text.

# %% tags=["exercise"]
def decode_ids(ids, vocabulary):  # vocabulary: a list, the bytes of each id
    data = ...   # all bytes, in order
    return ...   # the text; what is no character becomes the sign U+FFFD

# %% tags=["check"]
check_exercise("w3d2-e1", decode_ids)

# %%
help_with("w3d2-e1")

# %% [markdown]
# **2 · Fix it.** This function joins pairs until none is known. It gives some words other tokens than training did. (It uses `join` from above, with letters instead of bytes.)

# %% tags=["exercise"]
def encode_word(pieces, ranks):  # ranks: {(left, right): 0 for the merge that was learned first, 1, 2, …}
    while True:
        known = [pair for pair in pairwise(pieces) if pair in ranks]
        if not known:
            return pieces
        pair = known[0]
        pieces = join(pieces, pair)

print(encode_word(list("other"), {("t", "h"): 0, ("o", "t"): 1}))

# %% tags=["check"]
check_exercise("w3d2-e2", encode_word)

# %%
help_with("w3d2-e2")

# %% [markdown]
# **3 · From scratch.** BERT's way to cut one word. `vocabulary` is a list of pieces. Return the list of pieces, or `["[UNK]"]`.

# %% tags=["exercise"]
def wordpiece_cut(word, vocabulary):
    ...

# %% tags=["check"]
check_exercise("w3d2-e3", wordpiece_cut)

# %%
help_with("w3d2-e3")

# %% [markdown]
# ## Self-quiz (4 min)
#
# From memory, without scrolling up. Read the feedback of the wrong options too.

# %% tags=["quiz"]
quiz("w3d2")

# %% [markdown]
# ## Draw or write: BERT against GPT on your own text (3 min)
#
# The plan for today: compare a BERT and a GPT tokenizer on a text of your own. Put a sentence about yourself between the quotation marks: with your name, your town, a year, and if you have one, your second language.

# %%
my_text = "Zoë Nguyễn, born 1998 in Kraków, doesn't like tokenizers yet!"

# %%
mine = {"your BPE, English": theirs.tokens(my_text), "BPE, nine languages": nine_bpe.tokens(my_text), f"GPT ({their_bpe.vocab_size:,})": their_bpe.tokens(my_text),
        "your WordPiece, English": wordpiece.tokens(my_text), f"BERT ({len(their_pieces):,})": bert_tokenizer.tokenize(my_text)}
drawing = figure(tokens_drawing({f"{name}: {len(tokens)} tokens": [[token] for token in tokens] for name, tokens in mine.items()}, title="My text, five tokenizers"),
                 alt="Your text in tokens, five times. " + " ".join(f"{name}: {len(tokens)} tokens." for name, tokens in mine.items()),
                 caption="It lies in your portfolio, beside the merges that you trained.")
saved = drawing.save(portfolio() / "w3d2_my_text.png")
drawing

# %%
journal("w3d2", ["Which word of yours came apart worst, and why?",
                 "Which tokenizer lost something of your text, and what?",
                 "Somebody says: a model understands words. What would you answer after today?"])

# %% [markdown]
# Checklist: did you find the spaces in the BPE tokens, and none in the WordPiece ones? Did you count the `[UNK]`? Do accents survive in both? Are the digits of the year together? Could you get your text back from each row?

# %% [markdown]
# ## Go further (optional, 150 min)
#
# - [The Tokenizer Playground](https://huggingface.co/spaces/Xenova/the-tokenizer-playground) (Hugging Face, 10 min). Put `my_text` in. Look for: GPT-2 (called gpt-3 there, for the vocabulary is the same) against BERT and Llama 3. *Question:* which of them needs fewest tokens for your second language?
# - [Hugging Face course, chapter 6](https://huggingface.co/learn/llm-course/chapter6/5), sections 5 and 6 (30 min): BPE and WordPiece with other toy words. *Question:* what does its WordPiece do with "hugs", and what would BPE do?
# - [Let's build the GPT tokenizer](https://www.youtube.com/watch?v=zduSFxRajkE) (Andrej Karpathy, 2 hours 13 minutes; the first 60 are today's sections 1 to 3). Look for: the pattern that GPT-4 uses instead. *Question:* how many digits may one of its tokens hold at most?
#
# <details><summary>Answers</summary>
#
# It depends on your language; vocabularies of 100,000 and more, learned on many languages, usually win. "hugs": `hug` and `##s`; BPE joins by rank, and comes to hug and s, too, if these merges were learned. At most three digits.
# </details>

# %% [markdown]
# ## Today in one picture (2 min)
#
# From text to rows of the embedding table, and back.

# %%
text = "Brotherhood, 🦊!"
words_now = presplit(text)
rows = {"1 · a text, cut into words that keep their space": [[word] for word in words_now],
        "2 · each word as its bytes: nothing is unknown": [[f"{b:02x}" for b in word.encode()] for word in words_now],
        "3 · pairs joined, in the order of training": [[bpe_label(piece) for piece in pieces_of(word)] for word in words_now],
        "4 · ids: which row of the embedding table": [[str(ids[piece]) for piece in pieces_of(word)] for word in words_now]}
figure(tokens_drawing(rows, title="Text → words → bytes → tokens → ids"),
       alt=f"""The text “{text}” in four rows: its {len(words_now)} words, its {len(text.encode())} bytes, its {len(encode(text))} tokens and their ids.""",
       caption="Decoding goes the same way back, without loss. The model sees only the last row. ([fox face] is 🦊, which this drawing's letters lack.)")

# %% [markdown]
# **New words**

# %%
new_words("w3d2")

# %% [markdown]
# **Tomorrow** the ids enter a GPT: you read its program line by line, count it to the last of its 124,439,808 numbers, and load somebody else's weights into it.
