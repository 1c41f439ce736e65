"""Questions to test with: one of each kind, and text that tries to become markup."""

HOSTILE = """</script><img src=x onerror="alert(1)"> 'q' & 🐈"""


def choice(item: str = "w1d4-01", **changes) -> dict:
    """A sound choice question."""
    return {
        "id": item,
        "kind": "choice",
        "prompt": "What does a key do?",
        "shows": "Keys",
        "options": [
            {"text": "It is returned", "correct": False, "feedback": "Keys only score; values are mixed."},
            {"text": "It is scored against the query", "correct": True, "feedback": "Right: one dot product each."},
            {"text": "Nothing", "correct": False, "feedback": "Without keys nobody could be found."},
        ],
    } | changes


def every_kind() -> list[dict]:
    """One question of each kind, all on week 1 day 4; two picture questions."""
    return [
        choice("w1d4-01"),
        {
            "id": "w1d4-02",
            "kind": "many",
            "prompt": "Which are learned?",
            "shows": "Weights",
            "options": [
                {"text": "`W_q`", "correct": True, "feedback": "Learned."},
                {"text": "sine positions", "correct": False, "feedback": "Fixed formulas."},
                {"text": "`W_o`", "correct": True, "feedback": "It mixes the heads."},
            ],
        },
        {
            "id": "w1d4-03",
            "kind": "number",
            "prompt": "How many weights?",
            "shows": "Six by six",
            "answer": 36,
            "tolerance": 0.5,
            "unit": "numbers",
            "feedback": "Right: 6 × 6.",
            "otherwise": "Rows times columns.",
            "options": [{"text": "6", "correct": False, "feedback": "That is one row."}],
        },
        {
            "id": "w1d4-04",
            "kind": "order",
            "prompt": "Order the steps.",
            "shows": "The walk",
            "options": [
                {"text": "scores", "feedback": "First of all."},
                {"text": "divide", "feedback": "Before the softmax."},
                {"text": "softmax", "feedback": "Shares come next."},
                {"text": "mix", "feedback": "Last of all."},
            ],
        },
        {
            "id": "w1d4-05",
            "kind": "picture",
            "prompt": "Which is causal?",
            "shows": "Masks",
            "options": [
                {
                    "text": "upper triangle",
                    "correct": False,
                    "feedback": "Turned round.",
                    "matrix": [[0.5, 0.5], [0, 1]],
                },
                {
                    "text": "lower triangle",
                    "correct": True,
                    "feedback": "Right: nobody looks ahead.",
                    "matrix": [[1, 0], [0.5, 0.5]],
                },
            ],
        },
        {
            "id": "w1d4-06",
            "kind": "picture",
            "prompt": "How does it grow?",
            "shows": "Spread",
            "axes": ["d_k", "spread"],
            "options": [
                {"text": "a line", "correct": False, "feedback": "That is the variance.", "curve": [0, 1, 2]},
                {"text": "bent", "correct": True, "feedback": "Right: a root.", "curve": [0, 1, 1.4]},
            ],
        },
    ]
