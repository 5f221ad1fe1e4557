"""Schemathesis's events and what it recorded, in nouns of ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import requests
from schemathesis.engine import Status, errors, events
from schemathesis.engine.run import PhaseName

from tallystick.fuzz.broken_responses import TimeUpError, how_it_failed, is_certificate, is_refused
from tallystick.fuzz.cases import (
    Event,
    GaveUp,
    Ignored,
    NoResponse,
    NotTested,
    Phase,
    PhaseFinished,
    PhaseStarted,
    ScenarioFinished,
    ScenarioStarted,
    Stopped,
)
from tallystick.fuzz.exchanges import prepared_request, request_of, response_of, without_client_fields
from tallystick.fuzz.findings import Evidence
from tallystick.nouns.exchange import Exchange
from tallystick.nouns.words import with_hint

if TYPE_CHECKING:
    from schemathesis.engine.core import EventStream
    from schemathesis.engine.recorder import Interaction, ScenarioRecorder

_PHASES = {
    PhaseName.EXAMPLES: Phase.EXAMPLES,
    PhaseName.COVERAGE: Phase.COVERAGE,
    PhaseName.FUZZING: Phase.FUZZING,
    PhaseName.STATEFUL_TESTING: Phase.STATEFUL,
}
_STOP_REASONS = ("max_time", "server_unavailable")
_NETWORK_ERRORS: tuple[type[Exception], ...] = (
    requests.RequestException,
    *filter(None, [getattr(errors, "ServerUnavailable", None)]),  # releases before 4.30 have none
)


class TranslatedEvents:
    """The events of a run; reading can go on after an exception that it raised."""

    def __init__(self, stream: EventStream) -> None:
        self._stream = stream

    def __iter__(self) -> TranslatedEvents:
        return self

    def __next__(self) -> Event:
        return _translated(next(self._stream))

    def stop(self) -> None:
        """Lets the run end by itself, with a last event."""
        self._stream.stop()

    def close(self) -> None:
        """Ends the run at once."""
        self._stream.generator.close()


def _translated(event: events.EngineEvent) -> Event:
    match event:
        case events.PhaseStarted():
            return PhaseStarted(_PHASES.get(event.phase.name, Phase.OTHER))
        case events.PhaseFinished():
            return PhaseFinished(_PHASES.get(event.phase.name, Phase.OTHER), event.status is not Status.INTERRUPTED)
        case events.ScenarioStarted():
            return ScenarioStarted(event.label or "sequences of requests")
        case events.ScenarioFinished():
            scenario, phase = _RecordedScenario(event.recorder), _PHASES.get(event.phase, Phase.OTHER)
            return ScenarioFinished(scenario, phase, event.label or "", event.status is not Status.INTERRUPTED)
        case events.NonFatalError():
            return _error(event)
        case events.FatalError():
            return GaveUp(event.exception)
        case events.Interrupted():
            return Stopped("interrupted")
        case events.EngineFinished() if event.stop_reason.value in _STOP_REASONS:
            return Stopped(event.stop_reason.value)
    return Ignored()


def _error(event: events.NonFatalError) -> NotTested | NoResponse | Ignored:
    message = str(event.info.message)
    first_part = message.strip().partition("\n\n")[0].partition("Check your schema")[0]
    reason = " ".join(f"{event.info.title}: {first_part}".split())
    error = event.value
    if not isinstance(error, _NETWORK_ERRORS):
        return NotTested(event.label, reason)
    if not isinstance(error, requests.RequestException):
        return NoResponse(event.label, reason, message, None)
    if isinstance(error, TimeUpError):
        return Ignored()  # the run ends, and says that its time was up
    exchange = None
    if isinstance(error.request, requests.PreparedRequest):
        exchange = without_client_fields(Exchange(prepared_request(error.request)))
    reason = how_it_failed(error) or with_hint(reason, "; ".join(getattr(event.info, "extras", ())))
    return NoResponse(event.label, reason, message, exchange, is_certificate(error), is_refused(error))


class _RecordedScenario:
    """What Schemathesis recorded of a scenario."""

    def __init__(self, recorder: ScenarioRecorder) -> None:
        self._recorder = recorder

    @property
    def case_ids(self) -> Iterable[str]:
        return list(self._recorder.cases)

    def answers(self) -> Iterator[tuple[str, int | None]]:
        for case_id, interaction in self._recorder.interactions.items():
            case = self._recorder.cases[case_id].value
            status = interaction.response.status_code if interaction.response is not None else None
            yield f"{case.method.upper()} {case.path}", status

    def steps(self, evidence: Evidence) -> list[Exchange]:
        return [_recorded_exchange(self._recorder.interactions[case_id]) for case_id in self._chain(evidence)]

    def _chain(self, evidence: Evidence) -> list[str]:
        """The cases that show a defect, in the order in which they were sent: one alone if no link led to it."""
        recorder = self._recorder
        if recorder.cases[evidence.case_id].transition is None and not evidence.related_case_ids:
            return [evidence.case_id]
        chain = recorder.iter_chain_cases(case_id=evidence.case_id, related_case_ids=evidence.related_case_ids)
        return [case.id for case in chain if case.id in recorder.interactions]


def _recorded_exchange(interaction: Interaction) -> Exchange:
    """The exchange of a case, as a finding shows it."""
    sent, got = interaction.request, interaction.response
    fields = ((name, value) for name, values in sent.headers.items() for value in values)
    request = request_of(sent.method, sent.uri, fields, sent.body)
    response = response_of(got.status_code, got.headers, got.content) if got is not None else None
    return without_client_fields(Exchange(request, response))
