"""Settings and images that the scaffold's tests share."""

from __future__ import annotations

from hypothesis import strategies as st

from devkit.engine.images.catalogue import BASES, base_image
from devkit.project.services import DATABASES, SERVICES, Kind
from devkit.project.settings import PHP_VERSIONS, NodeSettings, PhpSettings, SecretsSettings, Settings
from devkit.scaffold.context import RenderContext


def context(**changes: object) -> RenderContext:
    return RenderContext({key: base_image(key).reference for key in BASES}, **changes)  # type: ignore[arg-type]


NAMES = st.from_regex(r"[a-z0-9]+((_|__|-+)[a-z0-9]+)*", fullmatch=True).filter(lambda name: len(name) <= 63)


@st.composite
def all_settings(draw: st.DrawFn) -> Settings:
    """Every combination that Settings accepts."""
    caches = draw(st.sampled_from([(), ("redis",), ("valkey",)]))
    others = [s.name for s in SERVICES.values() if s.kind in (Kind.EXTRA, Kind.PROCESS)]
    return Settings(
        name=draw(NAMES),
        database=draw(st.sampled_from(DATABASES)),
        services=(*caches, *draw(st.lists(st.sampled_from(others), unique=True))),
        php=PhpSettings(
            version=draw(st.sampled_from(PHP_VERSIONS)),
            mode=draw(st.sampled_from(["worker", "classic"])),
            workers=draw(st.integers(1, 128)),
            jit=draw(st.sampled_from(["off", "function", "tracing"])),
            extensions=tuple(draw(st.lists(st.sampled_from(["imagick", "redis", "apcu", "soap"]), unique=True))),
            packages=tuple(draw(st.lists(st.sampled_from(["ffmpeg", "libvips-tools", "g++"]), unique=True))),
        ),
        node=NodeSettings(package_manager=draw(st.sampled_from(["npm", "pnpm", "yarn", "bun"]))),
        secrets=SecretsSettings(draw(st.sampled_from(["local", "doppler"])), runtime=draw(st.booleans())),
        https=draw(st.booleans()),
        ports=dict(
            zip(
                draw(st.lists(st.sampled_from(["app", "https", "vite"]), unique=True)),
                draw(st.lists(st.integers(1, 65535), min_size=3, max_size=3, unique=True)),
                strict=False,
            )
        ),
    )


FULL = Settings(
    name="shop",
    database="mysql",
    services=(*(s.name for s in SERVICES.values() if s.kind in (Kind.EXTRA, Kind.PROCESS)), "redis"),
    https=True,
    php=PhpSettings(jit="function", extensions=("imagick",), packages=("ffmpeg",)),
    node=NodeSettings(package_manager="pnpm"),
)
