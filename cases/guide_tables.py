"""The guide from its two tables, each given as the text of a CSV file."""

from collections.abc import Iterable, Mapping

from cases.guide import Answer, Binding, Guide, Question
from cases.reading import BadData, read_rows, yes_or_no

TABLES = ("questions", "conditions")
_QUESTIONS = (
    "code", "id", "about", "many", "text", "help", "answers", "text_en", "answers_en",
)  # fmt: skip


def read_guide(texts: Mapping[str, str]) -> Guide:
    """The guide from the texts of its tables, by the names in ``TABLES``.

    ``about`` is ``person`` (one answer holds for the visit) or ``case``. ``answers`` are
    ``id=words`` with semicolons between, ``answers_en`` the English of each in the same order.
    """
    return guide_of(
        read_rows("questions", texts["questions"], _QUESTIONS),
        read_rows("conditions", texts["conditions"], ["condition", "when"]),
    )


def guide_of(questions: Iterable[dict[str, str]], conditions: Iterable[dict[str, str]]) -> Guide:
    """The guide from the rows of its two tables."""
    return Guide(
        tuple(_question(row) for row in questions),
        tuple(Binding(row["condition"], row["when"]) for row in conditions),
    )


def _question(row: dict[str, str]) -> Question:
    given = [part.partition("=") for part in row["answers"].split(";")]
    english = row["answers_en"].split(";")
    if row["about"] not in ("person", "case"):
        raise BadData(f"questions {row['id']}: about is {row['about']!r}, not person or case")
    if len(english) != len(given) or len(given) < 2 or not all(words for _, _, words in given):
        raise BadData(f"questions {row['id']}: answers {row['answers']!r} and their English differ")
    return Question(
        code=row["code"],
        id=row["id"],
        text=row["text"],
        english=row["text_en"],
        help=row["help"],
        personal=row["about"] == "person",
        many=yes_or_no("questions", row["id"], row, "many"),
        answers=tuple(
            Answer(id.strip(), words, told)
            for (id, _, words), told in zip(given, english, strict=True)
        ),
    )
