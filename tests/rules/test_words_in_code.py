"""No words for the screen stand in the code: they are in the catalogue, for both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.rules.source import Source, sources
from tests.rules.wording import called

CHINESE = re.compile(r"[\u3400-\u9fff]")
WORDS = re.compile(r"[A-Za-z]{2,}")
SENTENCE = re.compile(r"^[A-Z]?[a-z]+,?( [a-z]{2,}[,.:;…]?){2,}")
# Words that are the data's, not the screen's: what people may write into a workbook or a cell.
DATA_WORDS = (
    "app/exchange/",
    "app/commands/screenshots.py",
    "widgets/models/entry.py",
    "widgets/pinyin.py",
)
SHOWN_BY = re.compile(
    r"set(Text|ToolTip|StatusTip|WhatsThis|WindowTitle|PlaceholderText|Title|Prefix|Suffix|Html)"
    r"|set(Accessible(Name|Description)|LabelText|InformativeText|DetailedText|PlainText|TabText)"
    r"|setHeaderLabels|showMessage|add(Action|Menu|Tab|Items?)"
    r"|Q(Label|PushButton|ToolButton|Action|CheckBox|RadioButton|GroupBox|Menu|DockWidget)"
    r"|information|warning|critical|question|print"
)
# Never seen by a user: exceptions of the programmer, logs, checks.
UNSEEN = re.compile(r"Error$|Exception$|^(_?log|_?logger|debug|exception|fail|getLogger|compile)$")


def spoken(source: Source) -> Iterator[str]:
    """Literals that end on a screen: Chinese ones, arguments of what shows text, sentences."""
    unseen = set(_unseen(source))
    for node in source.nodes:
        if id(node) in unseen or id(node) in source.docstrings:
            continue
        if isinstance(node, ast.Call) and SHOWN_BY.fullmatch(called(node)):
            for text in filter(None, map(_literal, node.args)):
                if WORDS.search(text) and not _is_technical(text):
                    yield f"{source.name}:{node.lineno} {text!r}"
        text = _literal(node) if isinstance(node, ast.Constant) else None
        if text is not None and (CHINESE.search(text) or SENTENCE.search(text)):
            yield f"{source.name}:{getattr(node, 'lineno', 0)} {text!r}"


def _literal(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant))
        case _:
            return None


def _is_technical(text: str) -> bool:
    """Names of objects, units of a style sheet, keys: no blank in them, no capital in front."""
    return re.fullmatch(r"[a-z0-9_.:#%/\-{}]+", text) is not None


def _unseen(source: Source) -> Iterator[int]:
    raised = {
        part.id
        for node in source.nodes
        if isinstance(node, ast.Raise)
        for part in ast.walk(node)
        if isinstance(part, ast.Name)
    }
    for node in source.nodes:
        if isinstance(node, ast.Assign) and {ast.unparse(name) for name in node.targets} <= raised:
            yield id(node.value)
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.Call)
            and (UNSEEN.search(called(node)) or "log" in ast.unparse(node.func).lower())
        ):
            yield from (id(part) for part in ast.walk(node))


def test_no_words_for_the_screen_stand_in_the_code() -> None:
    found = [
        line
        for source in sources("app", "widgets")
        if not source.name.startswith(DATA_WORDS)
        for line in spoken(source)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "label.setText('Save')",
        "x = '保存'",
        "QLabel(f'Plan of {day}')",
        "y = 'Nothing to show here'",
    ],
)
def test_words_are_seen(text: str) -> None:
    assert list(spoken(Source("x.py", text)))


@pytest.mark.parametrize(
    "text",
    [
        "label.setText(tr('save'))",
        "label.setObjectName('Save')",
        "raise ValueError('never to be seen by anyone')",
        "GONE = 'never to be seen by anyone'\nraise ValueError(GONE)",
        "_log.warning('settings could not be read')",
        "def f():\n    '''Nothing to show here.'''",
        "label.setText('%')",
    ],
)
def test_what_is_no_word_is_left_alone(text: str) -> None:
    assert list(spoken(Source("x.py", text))) == []
