"""The settings of a run as Schemathesis's configuration: everything explicit, nothing written, nothing looked up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from schemathesis.config import (
    AnalysisConfig,
    ApiKeyAuthConfig,
    CacheConfig,
    ConstantsConfig,
    GenerationConfig,
    HttpBasicAuthConfig,
    HttpBearerAuthConfig,
    OperationConfig,
    OutputConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
    TruncationConfig,
)
from schemathesis.filters import FilterSet

from tallystick.fuzz.clock import Clock
from tallystick.fuzz.credentials import kind_of
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract


def configuration(
    contract: Contract, settings: Settings, headers: Mapping[str, Mapping[str, str]], clock: Clock
) -> SchemathesisConfig:
    """Schemathesis's configuration; an application in this process gets no URL, so that nothing goes to the network.

    `headers` are sent with each request to the operation of a label. The run takes the time that the clock has left.
    """
    project = ProjectConfig(
        base_url=None if settings.application is not None else settings.origin + settings.base_path,
        workers=settings.workers,
        tls_verify=settings.verify,
        max_redirects=0,  # a redirect is the response that is judged, not what it leads to
        request_timeout=settings.timeout_seconds,
        generation=GenerationConfig(max_examples=settings.max_examples, database="none"),
        analysis=AnalysisConfig(constants=ConstantsConfig(enabled=False)),
    )
    project.headers = dict(settings.credentials.headers) or None
    project.operations.operations += _with_headers(contract, settings, headers)
    project.auth.auto_signup = False  # the user gives the credentials, or none
    for name, value in settings.credentials.schemes.items():
        kind = kind_of(contract.security_schemes[name])
        project.auth.openapi.schemes[name] = _credentials(kind, value, contract.dialect.has_bearer_scheme)
    return SchemathesisConfig(
        seed=settings.seed,
        max_time=None if settings.max_seconds is None else clock.left(),  # type: ignore[arg-type] # it is added to a time
        cache=CacheConfig(enabled=False),
        output=OutputConfig(truncation=TruncationConfig(max_recorded_payload_size=budgets.FUZZ_RECORDED_BYTES)),
        projects=ProjectsConfig(default=project),
    )


def _with_headers(
    contract: Contract, settings: Settings, headers: Mapping[str, Mapping[str, str]]
) -> Iterator[OperationConfig]:
    """Configurations of operations that send header fields; those of the user, and credentials, go first."""
    given = {name.lower() for name in settings.credentials.headers}
    for operation in contract:
        left_out = given | ({"authorization"} if operation.security else set())
        fields = {name: text for name, text in headers.get(operation.label, {}).items() if name.lower() not in left_out}
        if fields:
            this_one = FilterSet()
            this_one.include(name=operation.label)
            yield OperationConfig(filter_set=this_one, headers=fields)


def _credentials(
    kind: str, value: str, has_bearer_scheme: bool
) -> HttpBasicAuthConfig | HttpBearerAuthConfig | ApiKeyAuthConfig:
    """The credentials of one scheme; set after construction, which would read `${...}` in them as a variable."""
    if kind == "basic":
        basic = HttpBasicAuthConfig()
        basic.username, _, basic.password = value.partition(":")
        return basic
    if kind == "bearer" and has_bearer_scheme:
        bearer = HttpBearerAuthConfig()
        bearer.bearer = value
        return bearer
    key = ApiKeyAuthConfig()
    key.api_key = f"Bearer {value}" if kind == "bearer" else value
    return key
