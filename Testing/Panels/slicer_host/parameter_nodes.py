"""``slicer.parameterNodeWrapper``: typed parameters that live in a vtkMRMLScriptedModuleNode.

They are stored as Slicer stores them: "pack.member" is the name of a parameter; a bool is "True" or "False", a number
its text, an enumerator its name; a node is a node reference of that name beside an empty parameter.
"""

import enum
import types
import typing

import slicer

from .parameter_gui import GuiBinding

RESERVED = ("parameterNode", "allParameters", "getValue", "setValue", "dataType", "default", "connectGui")


class Stored:
    """How one parameter is written, read and checked.

    Raises:
        TypeError: there is no way to store that type.
    """

    def __init__(self, name: str, kind: type, default):
        self.name, self.kind = name, kind
        if not isinstance(kind, type):
            raise TypeError(f"Parameter '{name}': the test host cannot store a {kind} yet.")
        self.is_node = issubclass(kind, slicer.vtkMRMLNode)
        if not self.is_node and not issubclass(kind, enum.Enum) and kind not in (str, int, float, bool):
            raise TypeError(f"Parameter '{name}': a {kind.__name__} cannot be stored in a parameter node.")
        self.default = self._plain_default() if default is None else default
        self.check(self.default)

    def _plain_default(self):
        if self.is_node:
            return None
        if issubclass(self.kind, enum.Enum):
            return next(iter(self.kind))
        return 0 if self.kind is float else self.kind()  # Slicer writes "0"

    def check(self, value) -> None:
        """Let only values of the type pass.

        Raises:
            ValueError: None, where it stands for nothing.
            TypeError: a value of another type.
        """
        if value is None and not self.is_node:
            raise ValueError(f"Parameter '{self.name}' must not be None.")
        wanted = (int, float) if self.kind is float else self.kind
        if value is not None and not isinstance(value, wanted):
            raise TypeError(f"Parameter '{self.name}' is of type {self.kind.__name__}, not {type(value).__name__}.")

    def write(self, node, value) -> None:
        """Put a value into the node, as one modification."""
        self.check(value)
        with slicer.util.NodeModify(node):
            if self.is_node:
                node.SetParameter(self.name, "")
                node.SetNodeReferenceID(self.name, value.GetID() if value is not None else None)
            else:
                node.SetParameter(self.name, value.name if isinstance(value, enum.Enum) else str(value))

    def read(self, node):
        """The value that the node holds."""
        if self.is_node:
            return node.GetNodeReference(self.name)
        text = node.GetParameter(self.name)
        if issubclass(self.kind, enum.Enum):
            if text not in self.kind.__members__:
                raise ValueError(f"Parameter '{self.name}' is {text!r}, which is no name in {self.kind.__name__}.")
            return self.kind[text]
        return text == "True" if self.kind is bool else self.kind(text)


class Member:
    """A parameter as an attribute, of a wrapper or of a pack."""

    def __init__(self, name: str, kind: type, default):
        self.name, self.kind, self.default = name, kind, default
        self.is_pack = getattr(kind, "_is_parameterPack", False)
        if not self.is_pack:
            Stored(name, kind, default)  # it can be stored, and the default fits

    def stored(self, prefix: str) -> Stored:
        """How it is stored below a prefix."""
        return Stored(prefix + self.name, self.kind, self.default)

    def __get__(self, holder, owner=None):
        if holder is None:
            return self
        if not self.is_pack:
            return self.stored(holder._prefix).read(holder._node)
        return self.kind._of(holder._node, f"{holder._prefix}{self.name}.")

    def __set__(self, holder, value):
        with slicer.util.NodeModify(holder._node):
            if self.is_pack:
                self._write_pack(holder, value)
            else:
                self.stored(holder._prefix).write(holder._node, value)

    def _write_pack(self, holder, pack) -> None:
        if not isinstance(pack, self.kind):
            raise TypeError(f"Parameter '{self.name}' is of type {self.kind.__name__}, not {type(pack).__name__}.")
        mine = self.__get__(holder)
        for name in self.kind.allParameters:
            setattr(mine, name, getattr(pack, name))

    def fill(self, node, prefix: str) -> None:
        """Write the default where the node has nothing yet."""
        if self.is_pack:
            for one in self.kind.allParameters.values():
                one.fill(node, f"{prefix}{self.name}.")
        elif not node.HasParameter(prefix + self.name):
            self.stored(prefix).write(node, self.default if self.default is not None else self.stored(prefix).default)


class Holder:
    """What wrappers and packs have in common."""

    _node = None
    _prefix = ""

    def __setattr__(self, name: str, value) -> None:
        if name.startswith("_") or name in type(self).allParameters:
            object.__setattr__(self, name, value)
        else:
            raise AttributeError(f"{type(self).__name__} has no parameter '{name}'.")

    def getValue(self, name: str):
        """The value of a parameter, "member" or "pack.member"."""
        top, _, rest = name.partition(".")
        type(self)._member(top)
        value = getattr(self, top)
        return value.getValue(rest) if rest else value

    def setValue(self, name: str, value) -> None:
        """Set a parameter, "member" or "pack.member"."""
        top, _, rest = name.partition(".")
        type(self)._member(top)
        if rest:
            getattr(self, top).setValue(rest, value)
        else:
            setattr(self, top, value)

    @classmethod
    def dataType(cls, name: str) -> type:
        """The type of a parameter."""
        top, _, rest = name.partition(".")
        kind = cls._member(top).kind
        return kind.dataType(rest) if rest else kind

    @classmethod
    def _member(cls, name: str) -> Member:
        if name not in cls.allParameters:
            raise ValueError(f"{cls.__name__} has no parameter '{name}'.")
        return cls.allParameters[name]


class Wrapper(GuiBinding, Holder):
    """What ``parameterNodeWrapper`` adds to a class."""

    def __init__(self, parameterNode, prefix: str = ""):
        assert parameterNode is not None, "A parameter node wrapper needs a parameter node."
        self._node, self._prefix = parameterNode, prefix
        with slicer.util.NodeModify(parameterNode):
            for member in self.allParameters.values():
                member.fill(parameterNode, prefix)

    @property
    def parameterNode(self):
        """The node in which the parameters are kept."""
        return self._node

    def default(self, name: str):
        """The default of a parameter."""
        return types.SimpleNamespace(value=self._member(name).stored("").default)

    def StartModify(self):
        """Gather modifications."""
        return self._node.StartModify()

    def EndModify(self, before):
        """Tell gathered modifications."""
        return self._node.EndModify(before)

    def AddObserver(self, event, method, priority: float = 0.0):
        """Watch the node."""
        return self._node.AddObserver(event, method, priority)

    def RemoveObserver(self, tag) -> None:
        """Watch the node no longer."""
        self._node.RemoveObserver(tag)

    def Modified(self) -> None:
        """Say that the node is modified."""
        self._node.Modified()


class Pack(Holder):
    """What ``parameterPack`` adds to a class: one made by hand stands on a node of its own."""

    _is_parameterPack = True

    def __init__(self, *values, **named):
        self._node = slicer.vtkMRMLScriptedModuleNode()
        for member in self.allParameters.values():
            member.fill(self._node, "")
        for name, value in (*zip(self.allParameters, values, strict=False), *named.items()):
            self.setValue(name, value)

    @classmethod
    def _of(cls, node, prefix: str):
        """The pack that a parameter node holds: what is set in it is set in the node."""
        pack = cls.__new__(cls)
        pack._node, pack._prefix = node, prefix
        return pack

    def __eq__(self, other):
        names = type(self).allParameters
        return type(self) is type(other) and all(getattr(self, one) == getattr(other, one) for one in names)

    __hash__ = None


def _made(cls, base: type):
    """The class with parameters as members."""
    hints = typing.get_type_hints(cls)
    clash = [name for name in hints if name in RESERVED]
    if clash:
        raise ValueError(f"'{clash[0]}' cannot be the name of a parameter.")
    members = {name: Member(name, kind, cls.__dict__.get(name)) for name, kind in hints.items()}
    own = {key: value for key, value in vars(cls).items() if key not in ("__dict__", "__weakref__", *members)}
    return type(
        cls.__name__,
        (*(one for one in cls.__bases__ if one is not object), base),
        {**own, **members, "allParameters": members},
    )


def parameterNodeWrapper(cls):
    """Make a class a wrapper of a parameter node."""
    return _made(cls, Wrapper)


def parameterPack(cls):
    """Make a class a group of parameters."""
    return _made(cls, Pack)


def module() -> types.ModuleType:
    """What ``slicer.parameterNodeWrapper`` is."""
    made = types.ModuleType("slicer.parameterNodeWrapper", __doc__)
    made.parameterNodeWrapper, made.parameterPack = parameterNodeWrapper, parameterPack
    return made
