"""Findings seen again from nothing: what a request needs is created first, what it does not is left out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from tallystick.fuzz.bindings import written_down
from tallystick.fuzz.calls import answered
from tallystick.fuzz.clock import Clock
from tallystick.fuzz.creations import Creations
from tallystick.fuzz.exchanges import without_most_of_body
from tallystick.fuzz.findings import Finding
from tallystick.fuzz.needs import Needs
from tallystick.fuzz.playing import play
from tallystick.fuzz.probes.lists import sure_page
from tallystick.fuzz.rows import needed_rows, with_query
from tallystick.fuzz.rules import NO_RESPONSE
from tallystick.fuzz.sending import NoResponseError, Sender, Sent
from tallystick.fuzz.sequences import Step
from tallystick.fuzz.settings import Settings
from tallystick.fuzz.showing import Showing
from tallystick.fuzz.variations import size, smaller_requests, varied
from tallystick.fuzz.verdicts import exchange_below
from tallystick.nouns.contract import Contract
from tallystick.nouns.errors import UnreachableError
from tallystick.nouns.exchange import Exchange, Request
from tallystick.resources.resources import Role, part_at
from tallystick.rules.judge import judge
from tallystick.rules.sequence import filtering, links, nested, pages
from tallystick.rules.sequence.history import History
from tallystick.rules.sequence.lives import USE_AFTER_FREE
from tallystick.rules.sequence.seen import SAFE_METHODS

OF_LISTS = frozenset(
    rule.id
    for check in (*pages.CHECKS, *filtering.CHECKS, *links.CHECKS, *nested.CHECKS)
    for rule in (*check.rules, USE_AFTER_FREE)
)
"""Rules on lists: what breaks them may be out of sight when there are more rows than a page has."""
_MAX_ATTEMPTS = 80
"""How many smaller sequences are tried for one finding."""
_OTHERS_TRIED = 3
"""How many other findings of one cause are sent again where the first is not seen again."""
_TRIES = 4
"""How often a request is sent again that does not show its finding the first time."""
_REPEATS = 2
"""How often the sequence of a finding is sent once more, to see whether it shows it each time."""


class Reproduction:
    """Sends the requests of findings again, and keeps the shortest sequence that shows each."""

    def __init__(
        self, contract: Contract, settings: Settings, sender: Sender, creations: Creations, clock: Clock
    ) -> None:
        self.contract, self.settings, self.sender = contract, settings, sender
        self.needs = Needs(contract, creations, settings.base_path)
        self.showing = Showing(contract, settings)
        self.clock = clock
        self.draw = random.Random(settings.seed)

    def of(self, findings: Iterable[Finding]) -> None:
        """Notes of each finding whether and how it is seen again, then shortens the sequences while there is time."""
        findings = [finding for finding in findings if finding.steps]
        for finding in findings:
            for each in (finding, *finding.others[:_OTHERS_TRIED]):  # one that is seen again stands for all
                if each.again is None and each.steps and not self.clock.is_over:
                    self.confirm(each)
                if each.again:
                    break
        findings = [next((each for each in (finding, *finding.others) if each.again), finding) for finding in findings]
        for index, finding in enumerate(findings):
            if finding.again and not finding.is_small and not self.clock.is_over:
                self.shorten(finding, Clock(self.clock.left() / max(1, (len(findings) - index) / 2)))

    def confirm(self, finding: Finding) -> None:
        """Looks for a sequence that shows a finding from nothing."""
        if not self.showing.can_tell(finding.defect, finding.steps):
            return
        for steps in self._candidates(finding):
            if self._keeps(finding, steps):
                finding.again = True
                return
            if self.clock.is_over:
                return
        seen = 0
        for _ in range(_TRIES):
            seen += self._keeps(finding, finding.sequence)
        finding.again = bool(seen)
        finding.tries = (seen, _TRIES + 1)

    def _candidates(self, finding: Finding) -> Iterator[Sequence[Step]]:
        """Sequences that may show a finding, the likeliest first that a person can follow from nothing."""
        last = finding.steps[-1]
        whole = written_down(self.contract, finding.steps, self.settings.base_path)
        finding.sequence = whole
        if self.showing.is_about_several(finding.defect):
            yield from filter(None, (self._of_lists(finding), self._without_reads(finding, whole)))
        else:
            if listed := self._of_row(finding):
                yield listed
            alone = Step(last.request, (), whole[-1].is_accepted)
            needed = self.needs.behind([alone])
            if len(needed) > 1:
                yield needed
            if len(whole) > 1:
                yield [alone]
        needed = self.needs.behind(whole)
        if len(needed) > len(whole):
            yield needed
        yield whole
        if finding.rule in OF_LISTS and (larger := self._with_larger_pages(finding)):
            yield larger

    def _of_lists(self, finding: Finding) -> list[Step]:
        """Lists behind the creation of as many rows as show a finding; nothing for one that is not of lists alone."""
        below = [exchange_below(step, self.settings.base_path) for step in finding.steps]
        lists = History(self.contract, below).seen
        resource = lists[-1].resource
        if resource is None or any(seen.rows is None or seen.resource is not resource for seen in lists):
            return []
        row_ids = needed_rows(lists, partial(self.showing.is_related, finding.defect))
        return self.needs.of_rows([step.request for step in finding.steps], row_ids, resource)

    def _with_larger_pages(self, finding: Finding) -> list[Step]:
        """Lists with as many rows as a page surely has: by now there may be more than one has by default."""
        below = [exchange_below(step, self.settings.base_path) for step in finding.steps]
        history = History(self.contract, below)
        if any(seen.rows is None for seen in history.seen):
            return []
        requests = [
            with_query(step.request, sure_page(history.list_of(seen)))
            for step, seen in zip(finding.steps, history.seen, strict=True)
        ]
        return [Step(request, (), is_accepted=True) for request in requests]

    def _without_reads(self, finding: Finding, whole: Sequence[Step]) -> list[Step]:
        """A sequence behind the creation of what it names, in the place of what was read for its ids."""
        kept = [
            exchange
            for exchange, step in zip(finding.steps, whole, strict=True)
            if not (step.captures and step.request.method in SAFE_METHODS)
        ]
        needed = self.needs.behind(written_down(self.contract, kept, self.settings.base_path))
        return needed if len(kept) < len(whole) and len(needed) > len(kept) else []

    def _of_row(self, finding: Finding) -> list[Step]:
        """A list behind the creation of the row that a finding is about; nothing for any other finding."""
        last = finding.steps[-1]
        seen = History(self.contract, [exchange_below(last, self.settings.base_path)]).seen[0]
        if seen.role is not Role.LIST or seen.resource is None or not seen.rows:
            return []
        way = seen.resource.response_ways[Role.LIST]
        for violation in self.showing.violations(last, finding.defect):
            keys = violation.where.removeprefix("response.body").strip("/").split("/")
            index = keys[len(way)] if len(keys) > len(way) else ""
            if index.isdecimal() and int(index) < len(seen.rows):
                row = part_at(seen.rows, (int(index),))
                row_id = seen.resource.id_in(row, Role.LIST)
                return self.needs.of_rows([last.request], [row_id], seen.resource) if row_id else []
        return []

    def _keeps(self, finding: Finding, steps: Sequence[Step]) -> bool:
        """Sends a sequence; whether it shows the finding, which has this sequence then."""
        played = self._play(steps)
        if not steps or played is None:
            return False
        sent_steps, sent = played
        if not self.showing.shows(finding.defect, sent, finding.steps[-1]):
            return False
        finding.sequence = tuple(sent_steps)
        finding.steps = tuple(without_most_of_body(each.exchange) for each in sent)
        return True

    def _play(self, steps: Sequence[Step]) -> tuple[list[Step], list[Sent]] | None:
        """The exchanges of a sequence; None where it cannot be sent to its end. The last one may have no response.

        Where there is a call that brings the server to its first state, the sequence begins there.
        """
        if self.clock.is_over or not self._is_reset():
            return None

        def send(request: Request, is_authorized: bool) -> Sent:
            try:
                return self.sender.send(request) if is_authorized else self.sender.send_as_is(request)
            except NoResponseError as error:
                if error.is_time_up:
                    raise
                return Sent(Exchange(error.request))

        try:
            return play(steps, send, self._varied)
        except NoResponseError:
            return None

    def _is_reset(self) -> bool:
        """Brings the server to its first state, if there is a call for that; whether it did not fail."""
        if self.settings.reset is None:
            return True
        try:
            answered(self.sender, self.settings.reset, "--reset")
        except UnreachableError:
            return False
        return True

    def _varied(self, request: Request) -> Request:
        """A request that says the same with other values, and breaks the contract as it did."""
        if request.method not in ("POST", "PUT", "PATCH"):
            return request
        before = self._violated(request)
        return varied(request, self.draw, lambda candidate: self._violated(candidate) == before)

    def _violated(self, request: Request) -> set[tuple[str, str]]:
        """What of the contract a request breaks, and where."""
        operation = self.sender.operation_of(request)
        if operation is None:
            return set()
        exchange = exchange_below(Exchange(request), self.settings.base_path)
        return {(violation.rule, violation.where) for violation in judge(operation, exchange)}

    def _breaks_no_more(self, steps: Sequence[Step], before: Sequence[Step]) -> bool:
        """Whether no request of a smaller sequence breaks the contract where none did before."""
        known = set().union(*(self._violated(step.request) for step in before))
        changed = [step for step in steps if step not in before]
        return all(self._violated(step.request) <= known for step in changed)

    def shorten(self, finding: Finding, clock: Clock) -> None:
        """Leaves out of a sequence what it does not need to show its finding."""
        if finding.defect.rule == NO_RESPONSE.id:
            return  # each try may take as long as a response may
        self._make_small(finding, clock)
        self._repeat(finding)
        finding.is_small = True

    def _make_small(self, finding: Finding, clock: Clock) -> None:
        attempts = 0
        is_smaller = True
        while is_smaller:
            is_smaller = False
            for steps in smaller_sequences(finding.sequence, self.showing.is_about_several(finding.defect)):
                if not self._breaks_no_more(steps, finding.sequence):
                    continue
                attempts += 1
                if attempts > _MAX_ATTEMPTS or clock.is_over:
                    return
                if self._keeps(finding, steps):
                    is_smaller = True
                    break

    def _repeat(self, finding: Finding) -> None:
        """Sends the sequence of a finding some more times: one that shows it each time is no accident."""
        sequence, steps = finding.sequence, finding.steps
        seen = sum(self._keeps(finding, sequence) for _ in range(_REPEATS) if not self.clock.is_over)
        if seen < _REPEATS and not self.clock.is_over:
            finding.tries = (seen + 1, _REPEATS + 1)
        finding.sequence, finding.steps = sequence, steps


def smaller_sequences(steps: Sequence[Step], keeps_needed: bool = False) -> Iterator[tuple[Step, ...]]:
    """Copies of a sequence, each without a step that gives nothing to later ones, or with a smaller request.

    `keeps_needed` keeps the requests of steps that are needed for what they do: a row is one with certain values.
    """
    for index in range(len(steps) - 1):
        names = [capture.token[:-2] for capture in steps[index].captures]
        later = [step.request for step in steps[index + 1 :]]
        if not steps[index].is_needed and not any(_uses(request, name) for request in later for name in names):
            yield (*steps[:index], *steps[index + 1 :])
    for index in reversed(range(len(steps))):
        request = steps[index].request
        for smaller in smaller_requests(request) if not (keeps_needed and steps[index].is_needed) else ():
            if size(smaller) < size(request):
                yield (*steps[:index], replace(steps[index], request=smaller), *steps[index + 1 :])


def _uses(request: Request, token: str) -> bool:
    text = request.path + request.query + "".join(value for _, value in request.headers)
    return token in text or token.encode() in request.body
