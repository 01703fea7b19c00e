"""What the environment may say. A wrong setting is told in one line that names the variable."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
DEVELOPMENT = tuple(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, 5173, 8080))
MEBIBYTE = 1 << 20


class WrongSettingError(ValueError):
    """A variable of the environment cannot be used."""


def _form() -> Literal["json", "console"]:
    """How to log where nobody says: for the eye on a terminal, for programs elsewhere."""
    return "console" if sys.stderr.isatty() else "json"


class Settings(BaseSettings):
    """All settings, each with the variable it comes from."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    database_url: str | None = Field(None, alias="DATABASE_URL")
    database_app_url: str | None = Field(None, alias="DATABASE_APP_URL")
    host: str = Field("127.0.0.1", alias="HOST", min_length=1)
    port: int = Field(8000, alias="PORT", ge=0, le=65535)
    bootstrap_key: str | None = Field(None, alias="TRADEGRAPH_BOOTSTRAP_KEY", min_length=16, pattern=r"^[!-~]+$")
    cors: Annotated[tuple[str, ...] | None, NoDecode] = Field(None, alias="TRADEGRAPH_CORS")
    log: Literal["json", "console"] = Field(default_factory=_form, alias="TRADEGRAPH_LOG")
    var: Path = Field(Path("var"), alias="TRADEGRAPH_VAR")
    body_limit: int = Field(8 * MEBIBYTE, alias="TRADEGRAPH_BODY_LIMIT", ge=1024)
    upload_limit: int = Field(256 * MEBIBYTE, alias="TRADEGRAPH_UPLOAD_LIMIT", ge=1024)
    import_days: int = Field(30, alias="TRADEGRAPH_IMPORT_DAYS", ge=1)
    import_lease: int = Field(15, alias="TRADEGRAPH_IMPORT_LEASE", ge=2)
    exports: int = Field(4, alias="TRADEGRAPH_EXPORTS", ge=1)
    socket_operations: int = Field(100, alias="TRADEGRAPH_SOCKET_OPERATIONS", ge=1)
    socket_patience: float = Field(10, alias="TRADEGRAPH_SOCKET_PATIENCE", gt=0)
    recheck_seconds: float = Field(5, alias="TRADEGRAPH_RECHECK_SECONDS", gt=0)

    @classmethod
    def read(cls, **given: Any) -> Self:
        """The settings; WrongSettingError in one line if a variable cannot be used."""
        try:
            return cls(**given)
        except ValidationError as error:
            raise WrongSettingError("; ".join(_told(one) for one in error.errors())) from None

    @property
    def origins(self) -> tuple[str, ...]:
        """Whose pages may call with cookies: those listed or, on a machine of one's own, the usual ones."""
        if self.cors is not None:
            return self.cors
        return DEVELOPMENT if self.host in LOOPBACK else ()

    @field_validator("cors", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return tuple(_origin(one.strip()) for one in value.split(",") if one.strip())

    @field_validator("database_url", "database_app_url")
    @classmethod
    def _addressed(cls, value: str | None) -> str | None:
        if value is not None and urlsplit(value).scheme not in {"postgresql", "postgres", "postgresql+asyncpg"}:
            raise ValueError("give an address such as postgresql://user:password@host:5432/name")
        return value and value.replace("postgres://", "postgresql://", 1)


def _origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
        raise ValueError(f"{value!r} is no origin; give a list such as https://app.example.com,http://localhost:3000")
    return value.lower()


def _told(error: Any) -> str:
    variable, *_ = error["loc"]
    said = error["msg"].removeprefix("Value error, ")
    return f"{variable}: {said[0].lower()}{said[1:]}"
