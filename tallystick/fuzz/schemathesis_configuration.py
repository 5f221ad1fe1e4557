"""The settings of a run as Schemathesis's configuration: ours stand over what the user gives to Schemathesis itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from schemathesis.config import (
    AnalysisConfig,
    ApiKeyAuthConfig,
    CacheConfig,
    ConstantsConfig,
    DictionaryDefinition,
    HttpBasicAuthConfig,
    HttpBearerAuthConfig,
    OperationConfig,
    OutputConfig,
    ProjectsConfig,
    SchemathesisConfig,
    TruncationConfig,
)

from tallystick.fuzz.cases import Phase
from tallystick.fuzz.credentials import kind_of
from tallystick.fuzz.known_values import GivenValue, Scalar, documented_values, is_enumerated, value_for
from tallystick.fuzz.schemathesis_given import Given
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract, Operation

_SHARE_OF_DOCUMENTED = 0.4
"""How often a required parameter has a documented value, which the server may know, and not a random one."""


def configuration(
    contract: Contract,
    settings: Settings,
    headers: Mapping[str, Mapping[str, str]],
    phases: Sequence[Phase],
    given: Given,
) -> SchemathesisConfig:
    """Schemathesis's configuration; an application in this process gets no URL, so that nothing goes to the network.

    `given` is the user's own, which holds where nothing here decides.

    `headers` are sent with each request to the operation of a label. There is no time limit in it: with one,
    Schemathesis repeats some phases, and cuts others, so that no seed repeats a run.
    """
    project = given.project
    project.origin = None
    project.base_url = None if settings.application is not None else settings.origin + settings.base_path
    project.workers = settings.workers
    project.tls_verify = project.tls_verify if settings.verify and project.tls_verify else settings.verify
    project.max_redirects = 0  # a redirect is the response that is judged, not what it leads to
    project.request_timeout = settings.timeout_seconds
    project.generation.update(max_examples=settings.max_examples, database="none")
    project.analysis = AnalysisConfig(constants=ConstantsConfig(enabled=False))
    project.headers = {**given.headers, **settings.credentials.headers} or None
    dictionaries = dict(given.config.dictionaries)
    own = _of_operations(contract, settings, headers, dictionaries)
    project.operations.operations = [*given.operations, *own]
    project.phases.update(phases=[phase.value for phase in phases if phase in given.phases])
    project.auth.auto_signup = False  # the user gives the credentials, or none
    for name, value in settings.credentials.schemes.items():
        kind = kind_of(contract.security_schemes[name])
        project.auth.openapi.schemes[name] = _credentials(kind, value, contract.dialect.has_bearer_scheme)
    return SchemathesisConfig(
        seed=settings.seed,
        suppress_health_check=given.config.suppress_health_check,
        max_failures=given.config.max_failures,
        cache=CacheConfig(enabled=False),
        output=OutputConfig(truncation=TruncationConfig(max_recorded_payload_size=budgets.FUZZ_RECORDED_BYTES)),
        projects=ProjectsConfig(default=project),
        dictionaries=dictionaries,
    )


def _of_operations(
    contract: Contract,
    settings: Settings,
    headers: Mapping[str, Mapping[str, str]],
    dictionaries: dict[str, DictionaryDefinition],
) -> Iterator[OperationConfig]:
    """Configurations of operations: the header fields that they send, and the values of what nobody can guess.

    Only those of selected operations: Schemathesis looks through all of them for each operation, more than once.
    Header fields and credentials of the user go first. What values are drawn from is added to `dictionaries`.
    """
    given = {name.lower() for name in settings.credentials.headers}
    selected = frozenset(settings.selected)
    for operation in (each for each in contract if each.label in selected):
        left_out = given | ({"authorization"} if operation.security else set())
        fields = {name: text for name, text in headers.get(operation.label, {}).items() if name.lower() not in left_out}
        fixed = dict(_fixed_values(operation, settings.values))
        recorded = settings.recorded.get(operation.label, {})
        known = _drawn_values(operation, settings.values, recorded)
        drawn = {where: values for where, values in known if where not in fixed}
        if not (fields or fixed or drawn):
            continue
        names = {where: f"{operation.label} {where}" for where in drawn}
        table = {names[where]: {"values": values} for where, (values, _) in drawn.items()}
        dictionaries.update(SchemathesisConfig.from_dict({"dictionaries": table}).dictionaries)
        bound = {where: {"dictionary": names[where], "probability": share} for where, (_, share) in drawn.items()}
        config = OperationConfig.from_dict(
            {"include-name": operation.label, "parameters": bound}, dictionaries=dictionaries
        )
        config.headers = fields or None
        config.parameters.update(fixed)  # now: above, `${...}` in a text would be read as a variable
        yield config


def _fixed_values(operation: Operation, values: Sequence[GivenValue]) -> Iterator[tuple[str, str]]:
    """The values that parameters always have, by where they are."""
    for parameter in operation.parameters:
        value = value_for(values, operation, parameter)
        if value is not None:
            yield parameter.where, value


def _drawn_values(
    operation: Operation, values: Sequence[GivenValue], recorded: Mapping[str, Sequence[Scalar]]
) -> Iterator[tuple[str, tuple[list[Scalar], float]]]:
    """What values of parameters and of members of bodies are drawn from, and how often, by where they are."""
    for parameter in operation.parameters:
        if (parameter.required or parameter.location == "path") and not is_enumerated(parameter):
            documented = documented_values(parameter)
            known = [*documented, *(each for each in recorded.get(parameter.where, ()) if each not in documented)]
            if known:
                yield parameter.where, (known, _SHARE_OF_DOCUMENTED)
    for each in values:
        if each.location == "body" and operation.request_body is not None and each.is_for(operation):
            yield f"body.{each.name}", ([each.value], 1.0)


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
