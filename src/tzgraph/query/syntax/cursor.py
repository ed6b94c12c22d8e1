"""Where a parser stands in the tokens of a query."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from tzgraph.query.tokens import Token, TokenKind, tokenize

if TYPE_CHECKING:
    from tzgraph.query.syntax.tree import GroupPattern

__all__ = ["Cursor", "UnparsedError"]


class UnparsedError(Exception):
    """A text is no query that is understood here.

    :param offset: of the token where it ends to be one
    """

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset


class Cursor:
    """The tokens of a query, and the one that is next.

    :param text: the query
    :param group: parses a group; expressions have patterns in them
    """

    def __init__(self, text: str, group: Callable[[Cursor], GroupPattern]) -> None:
        self.tokens: list[Token] = []
        for token in tokenize(text):
            if token.kind is TokenKind.NUMBER and token.text[-1] == ".":
                # SPARQL 1.1 takes ``1.`` for a number and the end of a statement.
                self.tokens.append(Token(TokenKind.NUMBER, token.text[:-1], token.start))
                self.tokens.append(Token(TokenKind.PUNCTUATION, ".", token.end - 1))
            elif token.kind is not TokenKind.SPACE:
                self.tokens.append(token)
        self.tokens.append(Token(TokenKind.OTHER, "", len(text)))
        self.text = text
        self.group = group
        self.index = 0

    @property
    def next(self) -> Token:
        """The token that is next; at the end an empty one."""
        return self.tokens[self.index]

    @property
    def start(self) -> int:
        """Where the next token starts."""
        return self.tokens[self.index].start

    @property
    def end(self) -> int:
        """Where the last token that was taken ends."""
        return self.tokens[self.index - 1].end

    @property
    def word(self) -> str:
        """The next token in capitals if it is a word, or nothing."""
        token = self.tokens[self.index]
        return token.text.upper() if token.kind is TokenKind.WORD else ""

    def ahead(self, count: int = 1) -> Token:
        """Give a token behind the next one."""
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def take(self) -> Token:
        """Give the next token and go on."""
        token = self.tokens[self.index]
        if not token.text:
            self.fail()
        self.index += 1
        return token

    def accept(self, text: str) -> bool:
        """Go on if the next token is this punctuation or operator."""
        if self.tokens[self.index].text != text:
            return False
        self.index += 1
        return True

    def accept_word(self, *words: str) -> str:
        """Go on if the next token is one of these words, given in capitals, and say which."""
        found = self.word
        if found not in words or not found:
            return ""
        self.index += 1
        return found

    def expect(self, text: str) -> Token:
        """Take this punctuation or operator.

        :raises UnparsedError: if something else is next
        """
        if self.tokens[self.index].text != text:
            self.fail()
        return self.take()

    def expect_word(self, word: str) -> None:
        """Take this word, given in capitals.

        :raises UnparsedError: if something else is next
        """
        if not self.accept_word(word):
            self.fail()

    def expect_kind(self, *kinds: TokenKind) -> Token:
        """Take a token of one of these kinds.

        :raises UnparsedError: if something else is next
        """
        if self.tokens[self.index].kind not in kinds:
            self.fail()
        return self.take()

    def fail(self) -> NoReturn:
        """Give up at the next token.

        :raises UnparsedError: always
        """
        raise UnparsedError(self.start)
