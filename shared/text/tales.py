"""Tiny tales: the grammar of the short stories that the course's models learn from.

A tale has a hero and a friend, each with something of their own, a middle and an end. It is made so that a model has to
attend: names are said again as "she" or "he"; who owns what is said early and asked late; verbs agree with a noun that is
not the nearest one; songs, journeys and searches repeat phrases word for word; and words come in families (animals, foods,
colors …) that share their company. Every tale has exactly one reading, so its entropy is exact.
"""

from dataclasses import dataclass

from shared.text.grammar import Grammar, Part, Pick, Say, evenly

FAMILIES = {
    "girl": "Anna Clara Ella Emma Ida Lily Mia Molly Nora Rosa Ruby Zoe",
    "boy": "Ben Finn Hugo Jack Leo Max Noah Oscar Paul Sam Theo Tom",
    "relative": "mother father sister brother aunt uncle grandmother grandfather cousin neighbor",
    "animal": "bear cat cow dog duck fox frog goat hen horse mouse pig rabbit wolf",
    "creature": "animal bear cat cow dog duck fox frog goat hen horse mouse pig rabbit wolf",
    "thing": "ball basket bell boat book box coat cup doll drum hat kite lamp ring scarf spoon",
    "color": "black blue brown golden gray green pink purple red silver white yellow",
    "place": "beach castle farm forest garden lake market meadow mill park school village",
    "barrier": "street road river bridge field stream square yard valley track",
    "seat": "mat rug chair bench bed table wall gate log stone roof step",
    "where": "on under behind near by beside",
    "close": "near behind by beside",
    "food": "apples beans berries bread cake carrots cheese cherries honey nuts pears soup",
    "virtue": "brave bright careful cheerful clever curious funny gentle kind merry patient quiet",
    "weather": "bright cloudy cold foggy rainy snowy sunny warm windy",
    "time": "afternoon day evening morning night",
    "gladness": "calm glad happy pleased proud thankful",
    "sorrow": "afraid angry lonely sad upset worried",
    "need": "tired hungry thirsty scared weak sleepy",
    "hurdle": "wide long deep dark busy steep noisy muddy",
    "moving": "crept danced hopped jumped marched ran skipped walked",
    "resting": "sat slept lay stood waited dozed",
    "number": "two three four five six seven eight nine ten",
    "look": "big dusty little lovely neat new plain pretty round small soft strange sweet tall tiny wet",
    "manner": "bravely gladly happily loudly quickly quietly slowly softly proudly",
    "song": "moon star sun rain snow wind cloud leaf sea sand tree flower bird fish bee bread honey gold",
}  # fmt: skip

# Parts of families. Where two words of a tale must differ, each comes from a part of its own: which words can stand in a
# place is soon learned, but "any word except the one that was said a while ago" is not, by a model of this size.
PARTS = {
    "toy": "ball bell boat book doll drum kite ring", "tool": "basket box coat cup hat lamp scarf spoon",
    "near place": "beach forest garden lake meadow park", "far place": "castle farm market mill school village",
    "parent": "mother father", "elder": "aunt uncle grandmother grandfather", "kin": "sister brother cousin neighbor",
    "pale": "black gray silver white", "cool": "blue brown green purple", "warm": "golden pink red yellow",
    "tame": "cat cow dog duck goat hen horse pig", "wild": "bear fox frog mouse rabbit wolf",
    "seat indoors": "mat rug chair bench bed table", "seat outdoors": "wall gate log stone roof step",
}  # fmt: skip

# what goes with a word: a model that has learned these knows something about the world of the tales
ANIMALS = {  # animal: (more than one of it, what it says, what it eats)
    "bear": ("bears", "grr", "honey"), "cat": ("cats", "meow", "fish"), "cow": ("cows", "moo", "grass"),
    "dog": ("dogs", "woof", "bones"), "duck": ("ducks", "quack", "bread"), "fox": ("foxes", "yip", "berries"),
    "frog": ("frogs", "croak", "flies"), "goat": ("goats", "baa", "leaves"), "hen": ("hens", "cluck", "corn"),
    "horse": ("horses", "neigh", "apples"), "mouse": ("mice", "squeak", "cheese"), "pig": ("pigs", "oink", "beans"),
    "rabbit": ("rabbits", "thump", "carrots"), "wolf": ("wolves", "howl", "meat"),
}  # fmt: skip
# how these tales speak of each creature: a third of each, so that nobody can guess without looking
PRONOUNS = {"she": "cat cow duck goat hen", "he": "bear dog fox horse wolf", "it": "animal frog mouse pig rabbit"}
NEEDS = {"tired": "rest", "hungry": "eat", "thirsty": "drink", "scared": "hide", "weak": "breathe", "sleepy": "nap"}


@dataclass(frozen=True)
class Person:
    """How a tale speaks of somebody: the name under which the memory holds them, their family and their pronouns."""

    role: str
    family: str
    she: str
    her: str  # whose
    him: str  # whom

    @property
    def name(self) -> Say:
        return Say(self.role)

    @property
    def thing(self) -> Say:
        return Say(self.role + "'s thing")

    @property
    def color(self) -> Say:
        return Say(self.role + "'s color")


def _tale(hero: Person, friend: Person) -> Part:
    """A whole tale about these two."""
    return (
        _opening(hero), _owning(hero, friend), _outing(hero, friend), _aside(hero, friend),
        evenly(_search(hero, friend), _swap(hero, friend), _journey(hero), _presents(hero), _song(hero, friend)),
        _rest_or_herd(), _crossing(hero, friend), _ending(hero, friend),
    )  # fmt: skip


# --- beginnings -------------------------------------------------------------------------------------------------------


def _opening(hero: Person) -> Part:
    first = Pick(hero.family, hero.role)
    return evenly(
        ("Once", "upon", "a", "time", "there", "was", "a", hero.family, "named", first, "."),
        ("Once", "there", "lived", "a", Pick("virtue"), hero.family, "named", first, "."),
        ("This", "is", "the", "tale", "of", first, ",", "a", Pick("virtue"), hero.family, "."),
        (first, "was", "a", Pick("virtue"), hero.family, "who", "loved", Pick("food"), "."),
    )


def _owning(hero: Person, friend: Person) -> Part:
    """Each gets a thing with a color: what is said here is asked for later."""

    def owns(one: Person, kind: str) -> Part:
        return ("had", "a", Pick("color", one.color.name), Pick(kind, one.thing.name), ".")

    return (hero.name, owns(hero, "toy"), hero.her.capitalize(), "friend", Pick(friend.family, friend.role), owns(friend, "tool"))


def _outing(hero: Person, friend: Person) -> Part:
    return (
        "One", Pick("weather"), Pick("time"), hero.name, "took", hero.her, hero.color, hero.thing, "and", friend.name, "took", friend.her,
        friend.color, friend.thing, ".", "They", Pick("moving"), _maybe("manner"), "to", "the", _maybe("look"), Pick("near place"), ".",
    )  # fmt: skip


def _maybe(family: str) -> Part:
    """A word of the family, or none."""
    return evenly((), Pick(family))


# --- small things by the way ------------------------------------------------------------------------------------------


def _aside(hero: Person, friend: Person) -> Part:
    """A little about the world: where something rests, who is hungry, what an animal says, who did not cross."""
    return (_rest_or_herd(), evenly(_voice(), _crossing(hero, friend), _rest_or_herd()))


def _rest_or_herd() -> Part:
    return evenly(_rest(), _agreement())


def _rest() -> Part:
    return ("The", _maybe("look"), Pick("creature"), Pick("resting"), Pick("where"), "the", _maybe("look"), Pick("seat"), ".")


def _agreement() -> Part:
    """The verb agrees with the first noun, whatever the second one is."""

    def sentence(one: bool) -> Part:
        subject, verb = (Pick("creature"), "was") if one else (Pick("herd"), "were")
        other = evenly(Pick("creature"), Pick("herd"))
        return (subject, Pick("close"), "the", _maybe("look"), other, verb, evenly(Pick("need"), Pick("gladness"), Pick("sorrow")), ".")

    return ("The", _maybe("look"), evenly(sentence(True), sentence(False)))


def _voice() -> Part:
    voice = Say("speaker", "voice")
    return (
        "The", _maybe("look"), Pick("animal", "speaker"), "said", voice, ",", voice, evenly((), (",", voice)), ".",
        evenly((), (Say("speaker", "It"), "wanted", _maybe("look"), Say("speaker", "food"), ".")),
    )  # fmt: skip


def _crossing(hero: Person, friend: Person) -> Part:
    """The sentence in which a pronoun has to find its noun: who was too tired, what was too wide?"""

    def because(subject: Part, again: Part, she: Part, this: Part) -> Part:
        tired = (she, "was", "too", Pick("need", "need"), ".", "So", again, "stopped", "to", Say("need", "deed"), ".")
        seen = (she, "saw", "a", _maybe("look"), Pick("animal", "other"), "there", ".", "So", again, "hid", "from", "the", Say("other"), ".")
        wide = (this, "was", "too", Pick("hurdle"), ".", "So", again, "waited", "by", "the", Say("barrier"), ".")
        return (subject, "didn", "'t", "cross", "the", Pick("barrier", "barrier"), "because", evenly(tired, seen, wide))

    def creature(pronoun: str) -> Part:
        # a street is an "it" only beside another "it": so whoever writes "it", too, has looked at the noun
        this = "it" if pronoun == "it" else barrier
        # now and then something stands in between: so the noun has to be found, and not the word before "didn't"
        beside = evenly((), (Pick("close"), "the", Pick("seat")))
        return because(("The", Pick(f"creature: {pronoun}", "walker"), beside), ("the", Say("walker")), pronoun, this)

    barrier = ("the", Say("barrier"))
    people = evenly(*(because(one.name, one.name, one.she, barrier) for one in (hero, friend)))
    return evenly(evenly(*map(creature, PRONOUNS)), people)


# --- middles ----------------------------------------------------------------------------------------------------------


def _search(hero: Person, friend: Person) -> Part:
    """Somebody loses what they own; everybody looks, in the same words each time."""

    def loses(loser: Person, other: Person) -> Part:
        def looked(seats: str) -> Part:
            where, seat = seats + " where", seats + " looked at"
            return (
                "They", "looked", Pick("where", where), "the", Pick(seats, seat), ",", "but", "the", loser.thing,
                "was", "not", Say(where), "the", Say(seat), ".",
            )  # fmt: skip

        return (
            "Then", loser.name, "lost", loser.her, loser.color, loser.thing, ".", loser.she.capitalize(), "was", Pick("sorrow", "sorrow"), ".",
            evenly(("Where", "is"), ("Who", "has")), "my", loser.color, loser.thing, "?", "asked", loser.name, ".",
            looked("seat indoors"), evenly((), looked("seat outdoors")),
            "At", "last", other.name, "found", "the", loser.thing, Pick("where"), "the", _maybe("look"), Pick("barrier"), ".",
            loser.name, "was", "not", Say("sorrow"), "any", "more", ".",
        )  # fmt: skip

    return evenly(loses(hero, friend), loses(friend, hero))


def _swap(hero: Person, friend: Person) -> Part:
    """Things change hands, and colors go with them."""

    def asks(one: Person) -> Part:
        return ("What", "is", one.color, "?", "asked", hero.her, Pick("relative"), ".", "The", one.color, one.thing, ".")

    return (
        hero.name, "gave", friend.name, "the", hero.thing, ",", "and", friend.name, "gave", hero.name, "the", friend.thing, ".",
        "Now", hero.name, "had", "a", friend.color, friend.thing, ",", "and", friend.name, "had", "a", hero.color, hero.thing, ".",
        evenly(asks(hero), asks(friend)),
    )  # fmt: skip


def _journey(hero: Person) -> Part:
    """A walk on which the company grows, and is named whole each time."""
    move = Say("move")

    def meets(kind: str, so_far: tuple[str, ...], they: str) -> Part:
        role = kind + " one"
        company = tuple(piece for name in (*so_far, role) for piece in ("and", "the", Say(name)))
        return (
            they, "met", "a", Pick("look"), Pick(kind, role), ".", "May", "I", "come", "?", "asked", "the",
            Say(role), Pick("manner"), ".", "So", hero.name, company, move, "on", ".",
        )  # fmt: skip

    return (
        "Then", hero.name, Pick("moving", "move"), _maybe("manner"), "to", "the", Pick("far place", "goal"), ".",
        meets("tame", (), hero.she.capitalize()), meets("wild", ("tame one",), "They"),
        "At", "last", "they", "came", "to", "the", Say("goal"), ".",
    )  # fmt: skip


def _presents(hero: Person) -> Part:
    """Three givers, three things, and a question about one of them."""

    colors = {"parent": "pale", "elder": "cool", "kin": "warm"}  # who gives, in this order, and things of which colors

    def gives(giver: str) -> Part:
        color = Pick(colors[giver], f"color from {giver}")
        present = Pick("thing", f"present from {giver}")
        return (hero.her.capitalize(), Pick(giver), "gave", hero.him, "a", _maybe("look"), color, present, ".")

    def asks(giver: str) -> Part:
        color, present = Say(f"color from {giver}"), Say(f"present from {giver}")
        return ("What", "was", color, "?", "The", color, present, ".")

    return (
        "It", "was", "the", "birthday", "of", hero.name, ".", hero.she.capitalize(), "was", Pick("number", "age"), "years", "old", ".",
        *map(gives, colors), evenly(*map(asks, colors)), hero.name, "ate", Say("age"), "pieces", "of", "cake", ".",
    )  # fmt: skip


def _song(hero: Person, friend: Person) -> Part:
    """A made-up line, sung again and again."""

    def sings(one: Person, other: Person) -> Part:
        names = [f"note {i}" for i in range(1, 6)]

        def line(length: int) -> Part:
            first = tuple(Pick("song", name) for name in names[:length])
            again = (",", tuple(Say(name) for name in names[:length]))
            return (first, again, evenly((), again), ".", other.name, "sang", Pick("manner"), ":", again[1], ".")

        return (one.name, "sang", "a", Pick("look"), "song", ":", evenly(line(3), line(4), line(5)))

    return evenly(sings(hero, friend), sings(friend, hero))


# --- endings ----------------------------------------------------------------------------------------------------------


def _ending(hero: Person, friend: Person) -> Part:
    mood = Pick("gladness", "mood")
    return evenly(
        ("In", "the", "end", hero.name, "was", mood, ",", "and", friend.name, "was", Say("mood"), "too", "."),
        ("At", "home", hero.name, "told", hero.her, Pick("relative"), "about", "the", friend.color, friend.thing, "."),
        ("Then", "they", "went", "home", "and", "ate", Pick("food"), "and", Pick("food"), "."),
        ("That", Pick("time"), hero.name, "dreamed", "of", "the", hero.color, hero.thing, "and", "the", friend.color, friend.thing, "."),
    )


# --- the grammar ------------------------------------------------------------------------------------------------------


def grammar() -> Grammar:
    """The grammar of tiny tales. Used from week 1 day 2 on."""
    families = {name: words.split() for name, words in {**FAMILIES, **PARTS}.items()}
    families |= {f"creature: {pronoun}": words.split() for pronoun, words in PRONOUNS.items()}
    families["herd"] = ["animals", *(herd for herd, _, _ in ANIMALS.values())]
    forms: dict[str, dict[str, str]] = {name: {"voice": voice, "food": food} for name, (_, voice, food) in ANIMALS.items()}
    for pronoun, words in PRONOUNS.items():
        for name in words.split():
            forms[name] = forms.get(name, {}) | {"It": pronoun.capitalize()}
    forms |= {need: {"deed": deed} for need, deed in NEEDS.items()}

    def girl(role: str) -> Person:
        return Person(role, "girl", "she", "her", "her")

    def boy(role: str) -> Person:
        return Person(role, "boy", "he", "his", "him")

    return Grammar(evenly(_tale(girl("hero"), boy("friend")), _tale(boy("hero"), girl("friend"))), families, forms)


TALES = grammar()
