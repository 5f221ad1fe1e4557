"""The fuzz run itself: Schemathesis makes the cases, sends and shrinks them; the judge is one of its checks.

Schemathesis is used through its loader, its registry of checks, its `filter_failure` hook and its stream of events.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import hypothesis.configuration
import schemathesis
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.engine import events, from_schema
from schemathesis.engine.run import PhaseName

from tallystick.fuzz import claims as reading
from tallystick.fuzz.application import guarded
from tallystick.fuzz.claims import Claim, Verdict
from tallystick.fuzz.configuration import configuration
from tallystick.fuzz.document import self_contained, served_at, with_bearer_tokens
from tallystick.fuzz.exchanges import as_written, exchange_of, verdict_of
from tallystick.fuzz.findings import Finding, Ledger, Tested, Witness
from tallystick.fuzz.in_process import in_process
from tallystick.fuzz.pace import quickened
from tallystick.fuzz.reduce import reduce
from tallystick.fuzz.run import Outcome, Progress, Settings
from tallystick.nouns.contract import Contract, Operation
from tallystick.nouns.errors import UnreachableError
from tallystick.nouns.violation import Severity

_CHECK = "contract"
_SHRINKING = PhaseName.FUZZING
"""The phase in which Schemathesis makes a failing case smaller. A failure ends each other one, so they hear of none."""
_NETWORK = ("Network Error", "Server Unavailable")


class ContractBroken(Failure):
    """A violation of the response, as a failure of Schemathesis."""

    __slots__ = ("claim",)
    checks = (_CHECK,)

    def __init__(self, claim: Claim) -> None:
        super().__init__(operation=claim.subject, title=claim.rule, message=claim.message)
        self.claim = claim

    @property
    def _unique_key(self) -> str:
        return "|".join(self.claim.key)


def execute(contract: Contract, settings: Settings, told: Callable[[Progress], None]) -> Outcome:
    """Runs Schemathesis over the contract; raises `UnreachableError` where nothing ever answered."""
    return _Run(contract, settings, told).execute()


class _Run:
    """One run; the methods up to `verdict` are called by Schemathesis's workers, those from `read` on by ours."""

    def __init__(self, contract: Contract, settings: Settings, told: Callable[[Progress], None]) -> None:
        self.contract = contract
        self.settings = settings
        self.told = told
        self.application = guarded(settings.application) if settings.application is not None else None
        self.ledger = Ledger()
        self.operations = {operation.label: operation for operation in contract}
        self.outcome = Outcome(contract, settings, tested={label: Tested(label) for label in settings.selected})
        self.local = threading.local()
        self.requests = 0
        self.passes = 0
        self.label = ""
        self.unreached = ""
        self.bug: Exception | None = None
        self.started = time.monotonic()

    def execute(self) -> Outcome:
        outcome = self.outcome
        with ExitStack() as stack:
            served = None if self.application is None else stack.enter_context(in_process(self.application))
            with _quiet_folder(), quickened(), self.registered():
                try:
                    stream = from_schema(self.schema()).execute()
                    while self.read_on(stream):
                        pass
                except Exception as error:  # whatever Schemathesis stumbles over in a document it was not made for
                    self.give_up(error)
            if self.bug is not None:
                raise self.bug
            if not outcome.requests and self.unreached and not outcome.stopped:
                raise UnreachableError(self.unreached)
            outcome.findings = sorted(self.ledger.findings.values(), key=self.order)
            if not outcome.stopped:
                reduce(self.contract, outcome.errors, self.settings, served)
        outcome.seconds = time.monotonic() - self.started
        return outcome

    def read_on(self, stream: Any) -> bool:
        """Reads the stream to its end; True where it is to be read on, since Ctrl-C makes it end by itself."""
        try:
            for event in stream:
                self.read(event)
                if self.is_over(event):
                    stream.generator.close()
                    break
        except KeyboardInterrupt:
            again = self.outcome.stopped != "interrupted"
            self.outcome.stopped = "interrupted"
            stream.stop()
            return again
        return False

    @contextmanager
    def registered(self) -> Iterator[None]:
        """Our check, for as long as the run takes: nobody else's run in this process is to have it."""

        def check(ctx: Any, response: Any, case: Any) -> None:  # noqa: ARG001 - Schemathesis's signature
            with self.owned():
                self.check(response, case)

        check.__name__ = _CHECK
        load_all_checks()
        schemathesis.check(check)
        try:
            yield
        finally:
            CHECKS.unregister(_CHECK)

    def schema(self) -> Any:
        """The contract as Schemathesis has it, with the operations that are selected."""
        document = self_contained(self.contract)
        with_bearer_tokens(document)
        served_at(document, self.settings.base_path)
        loaded = schemathesis.openapi.from_dict(document, config=configuration(self.contract, self.settings))
        if self.application is not None:
            loaded.app = self.application
        schema = loaded.include(func=lambda context: context.operation.label in self.outcome.tested)

        @schema.hook
        def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:  # noqa: ARG001 - its signature
            with self.owned():
                return self.is_to_be_shrunk(failure, case, response)

        return schema

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Keeps an error of ours: Schemathesis would have it for a trouble with the operation, and go on."""
        try:
            yield
        except FailureGroup:
            raise
        except Exception as error:
            self.bug = self.bug or error
            raise

    def check(self, response: Any, case: Any) -> None:
        """Judges a response: the check that we are among Schemathesis's."""
        self.requests += 1
        self.told(Progress(self.label, self.requests, len(self.ledger.findings), time.monotonic() - self.started))
        verdict = self.verdict(case, response)
        known = verdict.operation is None or self.knows(verdict.operation)
        made = (reading.of_violation(violation, verdict, known) for violation in verdict.response)
        found = [claim for claim in made if claim is not None]
        self.ledger.claim(case.id, [Witness(claim, case.id) for claim in found if claim.severity is not Severity.ERROR])
        errors = [ContractBroken(claim) for claim in found if claim.severity is Severity.ERROR]
        if errors:
            raise FailureGroup(errors)

    def is_to_be_shrunk(self, failure: Any, case: Any, response: Any) -> bool:
        """Takes note of a failure, and says whether Schemathesis is to look for a smaller case that has it too."""
        if isinstance(failure, ContractBroken):
            found = [failure.claim]
        else:
            subject = self.operations.get(failure.operation) or self.operations.get(case.operation.label)
            verdict = self.verdict(case, response)
            found = reading.of_failure(failure, verdict, subject, self.knows(subject)) if subject is not None else []
        shown_by, related = failure.case_id or case.id, failure.related_case_ids()
        self.ledger.claim(case.id, [Witness(claim, shown_by, related) for claim in found])
        phase = case.meta.phase.name.value if case.meta is not None else ""
        return phase == _SHRINKING.value and not self.ledger.is_known(found)

    def knows(self, operation: Operation) -> bool:
        return self.settings.credentials.known_for(operation)

    def verdict(self, case: Any, response: Any) -> Verdict:
        """What the judge says of a case; each worker remembers its last one, which several checks ask for."""
        last = getattr(self.local, "last", None)
        if last is None or last[0] is not response:
            operation = self.operations.get(f"{case.method.upper()} {case.path}")
            exchange = exchange_of(response.request, response)
            last = self.local.last = (response, verdict_of(self.contract, exchange, self.settings.base_path, operation))
        verdict: Verdict = last[1]
        return verdict

    def read(self, event: Any) -> None:
        """Takes in one event of Schemathesis's stream."""
        outcome = self.outcome
        match event:
            case events.ScenarioStarted():
                self.label = event.label or "sequences of requests"
            case events.ScenarioFinished():
                self.settle(event.recorder)
            case events.NonFatalError():
                self.error(event)
            case events.FatalError():
                self.give_up(event.exception)
            case events.Interrupted():
                outcome.stopped = "interrupted"
            case events.EngineFinished():
                if event.stop_reason.value in ("max_time", "server_unavailable") and not outcome.stopped:
                    outcome.stopped = event.stop_reason.value

    def give_up(self, error: Exception) -> None:
        """Notes that Schemathesis itself failed, with what of its own is useful to whoever mends the contract."""
        where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ is not None else None
        at = f" ({where.name} in {Path(where.filename).name})" if where is not None else ""
        reason = f"Schemathesis cannot go on: {type(error).__name__}: {error}{at}"
        self.outcome.untested["all that is left"] = " ".join(reason.split())

    def is_over(self, event: Any) -> bool:
        """Whether to read no further: a second pass begins within the time limit, or no credentials are accepted."""
        if isinstance(event, events.PhaseStarted) and event.phase.name is _SHRINKING:
            self.passes += 1
            return self.passes > 1
        if isinstance(event, events.PhaseFinished) and event.phase.name is PhaseName.COVERAGE:
            locked = [operation.locked for operation in self.outcome.tested.values() if operation.requests]
            return bool(locked) and all(locked)
        return False

    def settle(self, recorder: Any) -> None:
        """Counts what came back in a scenario, and joins its claims to the exchanges that show them."""
        for case_id, interaction in recorder.interactions.items():
            if interaction.response is None:
                continue
            self.outcome.requests += 1
            case = recorder.cases[case_id].value
            tested = self.outcome.tested.get(f"{case.method.upper()} {case.path}")
            if tested is not None:
                tested.statuses[interaction.response.status_code] += 1
        for case_id in list(recorder.cases):
            for witness in self.ledger.witnesses(case_id):
                steps = [recorder.interactions[step] for step in _steps(recorder, witness)]
                self.ledger.add(witness.claim, [as_written(exchange_of(step.request, step.response)) for step in steps])

    def error(self, event: Any) -> None:
        """What Schemathesis could not do: a request without a response is a finding, the rest was not tested."""
        reason = str(event.info.message).strip().partition("\n\n")[0].partition("Check your schema")[0]
        text = " ".join(f"{event.info.title}: {reason}".split())
        request = getattr(event.value, "request", None)
        if request is None and event.info.title not in _NETWORK:
            self.outcome.untested.setdefault(event.label, text)
            return
        hint = "; -k has the certificate not looked at" if "SSL" in event.info.message else ""
        self.unreached = self.unreached or f"{self.settings.origin} cannot be reached: {event.info.message}{hint}"
        operation = self.operations.get(event.label)
        if operation is not None and hasattr(request, "body"):
            claim = Claim("no-response", Severity.ERROR, operation.label, "", operation.place, text)
            self.ledger.add(claim, [as_written(exchange_of(request, None))])

    def order(self, finding: Finding) -> tuple[int, str, str]:
        """Findings in the order of the contract's operations, then by rule."""
        subjects = [name for label, operation in self.operations.items() for name in (operation.path, label)]
        at = subjects.index(finding.subject) if finding.subject in subjects else len(subjects)
        return at, finding.rule, finding.message


def _steps(recorder: Any, witness: Witness) -> list[str]:
    """The cases that show a claim, in the order in which they were sent: one alone where no link led to it."""
    if recorder.cases[witness.case].transition is None and not witness.related:
        return [witness.case]
    chain = recorder.iter_chain_cases(case_id=witness.case, related_case_ids=witness.related)
    return [case.id for case in chain if case.id in recorder.interactions]


@contextmanager
def _quiet_folder() -> Iterator[None]:
    """Has Hypothesis write its tables of Unicode, which are slow to make, to the user's cache, not where one works."""
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
