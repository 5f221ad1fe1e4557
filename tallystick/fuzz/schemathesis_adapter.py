"""The one door to Schemathesis: the rest of tallystick starts a run here, and gets its events in our nouns.

Schemathesis is used through its loader, its registry of checks, its `filter_failure` hook and its stream of events.
Only modules named `schemathesis_*` import it, and of these only this one is imported elsewhere.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis.configuration
import requests.sessions
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure as SchemathesisFailure
from schemathesis.core.failures import FailureGroup
from schemathesis.engine import from_schema, outage

from tallystick.contracts.self_contained import self_contained, served_at, with_bearer_tokens
from tallystick.fuzz.asgi import AsgiApplication
from tallystick.fuzz.body_faults import BodyFaults
from tallystick.fuzz.bounded_http import BoundedAdapter
from tallystick.fuzz.cases import Case, CaseJudge, Failure, Phase
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.defects import Defect
from tallystick.fuzz.exchanges import prepared_request, response_of
from tallystick.fuzz.failed_checks import FailedCheck
from tallystick.fuzz.ignored_headers import take_ignored_headers
from tallystick.fuzz.in_process import ServedApplication
from tallystick.fuzz.pieces import ALL_PHASES
from tallystick.fuzz.raised import Raised
from tallystick.fuzz.renewal import Renewal
from tallystick.fuzz.replacements import Replacement, replaced
from tallystick.fuzz.schemathesis_configuration import configuration
from tallystick.fuzz.schemathesis_events import TranslatedEvents
from tallystick.fuzz.schemathesis_failures import failed_check
from tallystick.fuzz.schemathesis_given import Given, given_configuration
from tallystick.fuzz.schemathesis_inference import correct_inference
from tallystick.fuzz.schemathesis_keys import own_idempotency_keys
from tallystick.fuzz.schemathesis_values import bounded_values
from tallystick.fuzz.settings import Settings
from tallystick.nouns import budgets
from tallystick.nouns.contract import Contract
from tallystick.nouns.exchange import Exchange

if TYPE_CHECKING:
    from schemathesis import Response
    from schemathesis.checks import CheckContext, CheckFunction
    from schemathesis.hooks import HookContext
    from schemathesis.schemas import BaseSchema

    MadeUpCase = schemathesis.Case[Any]

given_to_schemathesis = given_configuration
"""What the user gives to Schemathesis itself, for all runs of a fuzz run."""
GivenToSchemathesis = Given
PATCHED_RELEASES = ("4.32.4", "4.32.5")
"""The releases whose code was read for the patches; every other one runs as it is."""
_CHECK = "contract"
"""The name of our check."""
_PROBING_CHECK = "ignored_auth"
"""The check that sends requests of its own, and blames their responses."""
_WORKER = "schemathesis_"
"""How the names of its threads begin."""
_FUZZING = "fuzzing"
"""The phase in which Schemathesis makes a failing case smaller."""


class _BrokenContract(SchemathesisFailure):
    """A defect, as a failure of our check."""

    __slots__ = ("defect",)
    checks = (_CHECK,)

    def __init__(self, defect: Defect) -> None:
        super().__init__(operation=defect.subject, title=defect.rule, message=defect.message)
        self.defect = defect

    @property
    def _unique_key(self) -> str:
        return "|".join(self.defect.key)


@contextmanager
def schemathesis_run(
    contract: Contract,
    settings: Settings,
    judge: CaseJudge,
    served: ServedApplication | None,
    clock: Clock,
    phases: Sequence[Phase] = ALL_PHASES,
    given: Given | None = None,
) -> Iterator[SchemathesisRun]:
    """A run of some phases over a contract, to be started within the block; `judge` gets its cases.

    Requests go to the application that is served in this process, if there is one, else to the server of the settings,
    and have no more time than the clock has left.
    """
    with ExitStack() as stack:
        stack.enter_context(_quiet_folder())
        body_faults: BodyFaults = BodyFaults()
        unpatched = _patch(stack, served, body_faults, settings.renewal)
        application = None
        if served is not None:
            application = served.for_other_loops() if unpatched else served.application
        raised = served.raised if served is not None else {}
        cases = _Cases(body_faults, raised)
        given = given or given_configuration(settings, contract.title)
        run = SchemathesisRun(contract, settings, judge, application, unpatched, cases, phases, given)
        stack.enter_context(run.checks_registered())
        stack.enter_context(run.worker_errors_kept())
        stack.enter_context(own_idempotency_keys(contract, settings))
        stack.enter_context(bounded_values())
        if application is None:
            # Schemathesis makes sessions in several places, also where no hook of it can give them an adapter.
            adapter = partial(BoundedAdapter, clock, body_faults, settings.renewal)
            stack.enter_context(replaced([Replacement(requests.sessions, "HTTPAdapter", adapter)]))
            stack.enter_context(_patient(settings))
        yield run


class SchemathesisRun:
    """One run of Schemathesis; its workers call the methods whose names begin with an underscore."""

    def __init__(
        self,
        contract: Contract,
        settings: Settings,
        judge: CaseJudge,
        application: AsgiApplication | None,
        unpatched: str,
        cases: _Cases,
        phases: Sequence[Phase],
        given: Given,
    ) -> None:
        self.contract = contract
        self.settings = settings
        self.judge = judge
        self.application = application
        self.unpatched = unpatched
        """Why Schemathesis runs as it is, and so more slowly, in one sentence; "" if it is patched."""
        self.bug: Exception | None = None
        """An error of ours. Schemathesis would blame an operation for it, and go on."""
        self.worker_error: BaseException | None = None
        """What a worker of Schemathesis died of."""
        self.phases = phases
        self.given = given
        self.cases = cases

    def start(self) -> TranslatedEvents:
        """The events of the run, which goes on as they are read."""
        return TranslatedEvents(from_schema(self.schema()).execute())

    def schema(self) -> BaseSchema:
        """The contract as Schemathesis has it, with the operations that are selected."""
        document = self_contained(self.contract, self.settings.selected)
        with_bearer_tokens(document)
        served_at(document, self.settings.base_path)
        headers = take_ignored_headers(document, self.contract.dialect.methods)
        given = self.given
        config = configuration(self.contract, self.settings, headers, self.phases, given)
        loaded = schemathesis.openapi.from_dict(document, config=config)
        filters = loaded.config.operations.create_filter_set(**given.filters) if given.filters else None
        if self.application is not None:
            loaded.app = self.application
        selected = frozenset(self.settings.selected)
        configured = loaded.filter_set.clone()
        loaded.filter_set.clear()  # of several `include`s one is enough, and a configured operation adds one for all
        schema = loaded.include(
            func=lambda context: (
                context.operation.label in selected
                and configured.match(context)
                and (filters is None or filters.match(context))
            )
        )
        correct_inference(schema, self.contract, self.settings.values)

        @schema.hook
        def filter_failure(
            context: HookContext,  # noqa: ARG001 - Schemathesis's signature
            failure: SchemathesisFailure,
            case: MadeUpCase,
            response: Response,
        ) -> bool:
            with self._bugs_kept():
                return self._is_to_shrink(failure, case, response)

        return schema

    @contextmanager
    def checks_registered(self) -> Iterator[None]:
        """Registers our check for the length of the run: no other run in this process may have it."""

        def check(ctx: CheckContext, response: Response, case: MadeUpCase) -> None:  # noqa: ARG001 - Schemathesis's signature
            with self._bugs_kept():
                defects = self.judge.check(self.cases.case(case, response))
            if defects:
                raise FailureGroup([_BrokenContract(defect) for defect in defects])

        check.__name__ = _CHECK
        load_all_checks()
        schemathesis.check(check)
        probing: CheckFunction | None = None
        if _PROBING_CHECK in CHECKS.get_all_names():
            probing = CHECKS.get_one(_PROBING_CHECK)  # type: ignore[assignment] # it is a function
        if probing is not None:
            CHECKS.register(self.cases.with_context(probing))
        try:
            yield
        finally:
            CHECKS.unregister(_CHECK)
            if probing is not None:
                CHECKS.register(probing)

    @contextmanager
    def worker_errors_kept(self) -> Iterator[None]:
        """Keeps an error that ends a worker, of which Schemathesis says nothing, and Python prints a traceback."""
        before = threading.excepthook

        def keep(failed: threading.ExceptHookArgs) -> None:
            if failed.thread is not None and failed.thread.name.startswith(_WORKER):
                self.worker_error = self.worker_error or failed.exc_value
            else:
                before(failed)

        threading.excepthook = keep
        try:
            yield
        finally:
            threading.excepthook = before

    def _is_to_shrink(self, failure: SchemathesisFailure, case: MadeUpCase, response: Response) -> bool:
        known_case = self.cases.case(case, response)
        if isinstance(failure, _BrokenContract):
            reason: Defect | FailedCheck = failure.defect
        else:
            reason = failed_check(failure, self.cases.status(failure.case_id or case.id, known_case))
        related = failure.related_case_ids()
        return self.judge.is_to_shrink(known_case, Failure(reason, failure.case_id or case.id, related))

    @contextmanager
    def _bugs_kept(self) -> Iterator[None]:
        """Keeps an error of ours, so that the run can raise it after Schemathesis has swallowed it."""
        try:
            yield
        except Exception as error:
            self.bug = self.bug or error
            raise


class _Cases(threading.local):
    """Cases in nouns of ours; each worker keeps its last one, which several checks ask for."""

    def __init__(self, body_faults: BodyFaults, raised: Mapping[requests.PreparedRequest, Raised]) -> None:
        self.body_faults, self.raised = body_faults, raised
        self.last: tuple[Response, Case] | None = None
        self.context: CheckContext | None = None

    def case(self, case: MadeUpCase, response: Response) -> Case:
        if self.last is None or self.last[0] is not response:
            exchange = Exchange(
                prepared_request(response.request),
                response_of(response.status_code, response.headers, response.content),
            )
            can_shrink = case.meta is not None and case.meta.phase.name.value == _FUZZING
            called = f"{case.method.upper()} {case.path}"
            body_fault = self.body_faults.get(response.request)
            raised = self.raised.get(response.request)
            label = case.operation.label
            seconds = response.elapsed
            self.last = (response, Case(case.id, called, label, exchange, can_shrink, body_fault, raised, seconds))
        return self.last[1]

    def with_context(self, check: CheckFunction) -> CheckFunction:
        """A check of Schemathesis that keeps its context here, which has the responses to the check's own requests."""

        def checked(ctx: CheckContext, response: Response, case: MadeUpCase) -> bool | None:
            self.context = ctx
            return check(ctx, response, case)

        checked.__name__ = check.__name__
        return checked

    def status(self, case_id: str, case: Case) -> int | None:
        """The status of the response to a case, also to one that a check has sent; None if it is not on record."""
        if case_id == case.id:
            return case.exchange.response.status if case.exchange.response is not None else None
        records = getattr(self.context, "internals", None)  # no documented seam: another release may not have it
        find_response: Callable[..., Response | None] | None = getattr(records, "find_response", None)
        response = find_response(case_id=case_id) if find_response is not None else None
        return response.status_code if response is not None else None


def _patch(stack: ExitStack, served: ServedApplication | None, body_faults: BodyFaults, renewal: Renewal | None) -> str:
    """Patches Schemathesis until the stack is closed; returns why it did not, in one sentence, else ""."""
    if schemathesis.__version__ not in PATCHED_RELEASES:
        return _unpatched(f"tallystick makes only {' and '.join(PATCHED_RELEASES)} faster")
    try:
        from tallystick.fuzz.schemathesis_patches import replacements

        rows = list(replacements())
        if served is not None:
            from tallystick.fuzz.schemathesis_transport import transport_replacement

            rows.append(transport_replacement(served, body_faults, renewal))
        stack.enter_context(replaced(rows))
    except (ImportError, AttributeError) as error:  # a name has moved
        return _unpatched(str(error))
    return ""


@contextmanager
def _patient(settings: Settings) -> Iterator[None]:
    """Has Schemathesis wait a while for a server that went away, as one does that is started again."""
    if not (hasattr(outage, "CONFIRMATION_ATTEMPTS") and hasattr(outage, "CONFIRMATION_INTERVAL")):
        yield  # another release
        return
    seconds = budgets.FUZZ_RESTART_SECONDS if settings.run is None else budgets.FUZZ_START_SECONDS
    attempts = 1 + round(seconds / outage.CONFIRMATION_INTERVAL)
    with replaced([Replacement(outage, "CONFIRMATION_ATTEMPTS", attempts)]):
        yield


def _unpatched(reason: str) -> str:
    return f"Schemathesis {schemathesis.__version__} runs unpatched, so more slowly: {reason}"


@contextmanager
def _quiet_folder() -> Iterator[None]:
    """Lets Hypothesis write its Unicode tables, which are slow to make, to the user's cache, not the working folder."""
    before = hypothesis.configuration.storage_directory(intent_to_write=False).path
    with ExitStack() as stack:
        try:
            cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
            folder = cache / "tallystick" / "hypothesis"
            folder.mkdir(parents=True, exist_ok=True)
        except (OSError, RuntimeError):  # there is no home, or it is not ours to write in
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tallystick-")))
        hypothesis.configuration.set_hypothesis_home_dir(folder)
        try:
            yield
        finally:
            hypothesis.configuration.set_hypothesis_home_dir(before)
