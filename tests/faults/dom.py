"""A small document: enough of HTML to hold a page, and htmx's out-of-band swaps to keep it live."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
EMPTY = frozenset([*VOID, "path", "circle", "line", "rect", "polyline", "polygon", "ellipse", "use"])
OOB = "hx-swap-oob"


@dataclass(eq=False)
class Node:
    """An element, or the whole document (without a tag); children are elements and texts."""

    tag: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)
    parent: "Node | None" = None
    ids: "defaultdict[str, list[Node]] | None" = None  # the elements of a document by their ids, kept from the first look on

    def elements(self) -> Iterator["Node"]:
        """Every element within, in the order of the page."""
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.elements()

    def find(self, key: str) -> "Node | None":
        """The first element of this document with this id. Pages are looked through for every frame, so the ids are kept."""
        if self.ids is None:
            self.ids = defaultdict(list)
            for node in self.having("id"):
                self.ids[node.attributes["id"]].append(node)
        found = self.ids.get(key, [])
        return next(node for node in self.elements() if node in found) if len(found) > 1 else found[0] if found else None

    def had(self, key: str) -> bool:
        """Whether there has been an element with this id since the ids are kept."""
        self.find(key)
        return self.ids is not None and key in self.ids

    def having(self, attribute: str) -> list["Node"]:
        return [node for node in self.elements() if attribute in node.attributes]

    def named(self) -> list["Node"]:
        """Itself and the elements within, if they have an id."""
        return [node for node in (self, *self.elements()) if "id" in node.attributes]

    def add(self, *children: "Node | str", at: int | None = None) -> None:
        for offset, child in enumerate(children):
            if isinstance(child, Node):
                child.parent = self
            self.children.insert(len(self.children) if at is None else at + offset, child)
            if isinstance(child, Node) and (ids := self._ids) is not None:
                for node in child.named():
                    ids[node.attributes["id"]].append(node)

    def put_in_place_of(self, old: "Node") -> None:
        parent, place = old.parent, old.place
        assert parent is not None
        old.leave()
        parent.add(self, at=place)

    @property
    def place(self) -> int:
        assert self.parent is not None
        return next(index for index, child in enumerate(self.parent.children) if child is self)

    def leave(self) -> None:
        assert self.parent is not None
        if (ids := self._ids) is not None:
            for node in self.named():
                ids[node.attributes["id"]].remove(node)
        del self.parent.children[self.place]
        self.parent = None

    @property
    def _ids(self) -> "defaultdict[str, list[Node]] | None":
        """The ids of the document it is in, if they are kept."""
        node = self
        while node.parent:
            node = node.parent
        return node.ids

    def shown(self, leave_out: str = "") -> str:
        """The same for two elements that show the same: tags, attributes in order and words, without elements of the tag `leave_out`."""
        if self.tag and self.tag == leave_out:
            return ""
        inner = " ".join(filter(None, (child.shown(leave_out) if isinstance(child, Node) else " ".join(child.split()) for child in self.children)))
        names = " ".join(f'{name}="{value}"' for name, value in sorted(self.attributes.items()) if name != OOB)
        return f"<{self.tag} {names}>{inner}</{self.tag}>" if self.tag else inner


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = self.at = Node()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.at.add(node)
        if tag not in EMPTY:
            self.at = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.add(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.at
        while node and node.tag != tag:
            node = node.parent
        if node and node.parent:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.at.add(data)


def read(html: str) -> Node:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def swap(page: Node, fragment: str, allowed: Callable[[Node], bool] = lambda node: True) -> list[str]:
    """Apply every out-of-band element of a frame that is allowed, as htmx does; the ids that are not on the page are returned."""
    nowhere = []
    for node in [child for child in read(fragment).children if isinstance(child, Node)]:
        how, _, selector = node.attributes.get(OOB, "").partition(":")
        key = selector.removeprefix("#") if selector else node.attributes.get("id", "")
        target = page.find(key)
        if how and target is None:
            nowhere.append(key)
        if how and target is not None and allowed(node):
            _swap(target, node, "outerHTML" if how == "true" else how)
    return nowhere


def _swap(target: Node, node: Node, how: str) -> None:
    if how == "outerHTML":
        node.put_in_place_of(target)
    elif how == "delete":
        target.leave()
    elif how == "innerHTML":
        for child in [child for child in target.children if isinstance(child, Node)]:
            child.leave()
        target.children.clear()
        target.add(*node.children)
    elif how in ("beforeend", "afterbegin"):
        target.add(*node.children, at=None if how == "beforeend" else 0)
    elif how in ("beforebegin", "afterend") and target.parent:
        target.parent.add(*node.children, at=target.place + (how == "afterend"))
