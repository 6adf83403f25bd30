"""What the launcher runs out of a bundle: it serves the modules that are in there (devkit.bundle says what for)."""

import marshal
import posix
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from importlib.machinery import ExtensionFileLoader, ModuleSpec, SourceFileLoader
    from types import CodeType

    Modules = Mapping[str, tuple[str, bytes | None, bool]]
else:  # the same, without what importlib imports for them
    from _frozen_importlib import ModuleSpec
    from _frozen_importlib_external import ExtensionFileLoader, SourceFileLoader


def stamp(path: str) -> "tuple[int, int]":
    """What changes when a file does."""
    found = posix.stat(path)
    return found.st_mtime_ns, found.st_size


def serve(stamps: "Sequence[tuple[str, int, int]]", modules: "Modules") -> bool:
    """Have imports look among these modules first; False, and nothing happens, where a file is not as it was.

    Each module is its file, its code (None for a library) and whether it is a package. OSError where a file has gone.
    """
    for path, modified, size in stamps:
        if stamp(path) != (modified, size):
            return False
    sys.meta_path.insert(0, Bundled(modules))
    return True


class Bundled:
    """Finds the modules of a bundle."""

    def __init__(self, modules: "Modules") -> None:
        self._modules = modules

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> "ModuleSpec | None":
        """As Python's own finder would say, but for where the code comes from."""
        if name not in self._modules:
            return None
        path, code, is_package = self._modules[name]
        loader = ExtensionFileLoader(name, path) if code is None else BundledLoader(name, path, code)
        spec = ModuleSpec(name, loader, origin=path, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [path.rpartition("/")[0]]
        return spec


class BundledLoader(SourceFileLoader):
    """Loads a module from its code; all else is told by its file."""

    def __init__(self, name: str, path: str, code: bytes) -> None:
        super().__init__(name, path)
        self._code = code

    def get_code(self, _fullname: str) -> "CodeType":
        """The module's code."""
        code: CodeType = marshal.loads(self._code)
        return code
