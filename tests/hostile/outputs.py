"""What must hold for whatever a command prints: no fault, no control character, no command to a log, valid reports."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.hostile.forking import ESCAPED, Ended

MOST_CPU_SECONDS, MOST_MEGABYTES = 10.0, 500.0
_FAULTS = (
    b"Traceback (most recent call last)",
    b"a fault of tallystick itself",
    b"Exception ignored in",
    b"panicked at",
)
_GITHUB = re.compile(r"::(error|warning|notice) file=[^\s:]*(%..|[^:\n])*::")
_AT_START = re.compile(r"^\s*(::|##teamcity\[)")
_COMMAND = re.compile(r"^\s*(::|##teamcity\[)|##\[|##vso\[")


def load() -> float:
    """How many processes want each processor, at least 1: limits of the clock are so many times longer.

    On a machine that does nothing else this is 1; it is printed beside the figures.
    """
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def faults_of(ended: Ended, codes: tuple[int, ...], format_name: str = "text") -> Iterator[str]:
    """Each way in which a command did what none may do; each begins with the word of its group."""
    if ended.is_late:
        yield f"hangs: not ended after {ended.wall_seconds:.0f} s, {ended.cpu_seconds:.1f} s of processor time"
    if ended.cpu_seconds > MOST_CPU_SECONDS:
        yield f"time: {ended.cpu_seconds:.1f} s of processor time"
    if ended.megabytes > MOST_MEGABYTES:
        yield f"memory: {ended.megabytes:.0f} MB"
    fault = next((fault for fault in _FAULTS if fault in ended.output or fault in ended.errors), None)
    if fault is not None or ended.code in (70, ESCAPED):
        yield f"traceback: {_last_words(ended.errors or ended.output)}"
    elif ended.code not in codes and not ended.is_late and ended.cpu_seconds <= MOST_CPU_SECONDS:
        yield f"exit code: {ended.code}; documented are {codes}: {_last_words(ended.errors)}"
    for name, data in (("output", ended.output), ("errors", ended.errors)):
        yield from (
            f"{fact} in its {name}" for fact in odd_characters(data, format_name if name == "output" else "text")
        )


def _last_words(data: bytes) -> str:
    lines = data.decode(errors="replace").strip().splitlines() or [""]
    frames = [line.strip() for line in lines if line.lstrip().startswith("File ") and "tallystick" in line]
    place = re.sub(r".*/(tallystick/[^\"]+)\", line (\d+), in (\S+).*", r"\1:\2 \3", frames[-1]) if frames else ""
    return f"{place} {lines[-1][:200]}".strip()


def odd_characters(data: bytes, format_name: str) -> Iterator[str]:
    """Control characters but line breaks and tabs, and lines that command a log."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        yield f"control: no UTF-8 ({error.reason})"
        text = data.decode(errors="replace")
    odd = {char for char in set(text) if char not in "\n\t" and unicodedata.category(char) in ("Cc", "Zl", "Zp")}
    if odd:
        shown = " ".join(sorted(f"U+{ord(char):04X}" for char in odd))
        first = min(text.index(char) for char in odd)
        yield f"control: {shown} as in {text[max(0, first - 30) : first + 30]!a}"
    if format_name == "github":
        commands = [line for line in text.split("\n") if _COMMAND.search(line) and not _GITHUB.match(line)]
        commands += [line for line in text.split("\n") if _GITHUB.match(line) and "##[" in line]
    else:
        command = _COMMAND if format_name == "text" else _AT_START
        commands = [line for line in text.split("\n") if command.search(line)]
    if commands:
        yield f"log command: {commands[0][:120]!a}"


def report_faults(format_name: str, data: bytes) -> Iterator[str]:
    """Why a report is not valid in its form."""
    try:
        yield from _VALIDATORS[format_name](data)
    except (ValueError, KeyError, TypeError, AttributeError, ElementTree.ParseError) as error:
        yield f"report: no valid {format_name}: {type(error).__name__}: {str(error)[:150]}"


def _json(data: bytes) -> Iterator[str]:
    report = json.loads(data.decode(), parse_constant=_no_constant)
    if not isinstance(report.get("violations", report.get("findings")), list):
        yield "report: no list of violations or findings"


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _junit(data: bytes) -> Iterator[str]:
    root = ElementTree.fromstring(data)
    if root.tag != "testsuites" or any(suite.tag != "testsuite" for suite in root):
        yield f"report: the root is {root.tag}, of {[suite.tag for suite in root][:3]}"
    for suite in root:
        failures = len(suite.findall("testcase/failure"))
        if int(suite.attrib["tests"]) != len(suite.findall("testcase")) or int(suite.attrib["failures"]) != failures:
            yield "report: the counts of a suite are not those of its cases"


def _sarif(data: bytes) -> Iterator[str]:
    report = json.loads(data.decode(), parse_constant=_no_constant)
    if report["version"] != "2.1.0":
        yield "report: not SARIF 2.1.0"
    for run in report["runs"]:
        rules = {rule["id"] for rule in run["tool"]["driver"].get("rules", ())}
        for result in run["results"]:
            if not isinstance(result["message"]["text"], str) or result["level"] not in ("error", "warning", "note"):
                yield "report: a result without a text or level"
            if "ruleId" in result and result["ruleId"] not in rules:
                yield f"report: the rule {result['ruleId']} is not among the rules"
            for location in result["locations"]:
                physical = location["physicalLocation"]
                uri = physical["artifactLocation"]["uri"]
                if not re.fullmatch(r"(%[0-9A-Fa-f]{2}|[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=])*", uri):
                    yield f"report: no URI: {uri!a}"
                elif urlsplit(uri).scheme not in ("", "file", "http", "https"):
                    yield f"report: a URI with another scheme: {uri!a}"
                if physical.get("region", {"startLine": 1})["startLine"] < 1:
                    yield "report: a line below 1"


def _nothing(_: bytes) -> Iterator[str]:
    yield from ()


_VALIDATORS: Mapping[str, Callable[[bytes], Iterator[str]]] = {
    "text": _nothing,
    "github": _nothing,
    "json": _json,
    "junit": _junit,
    "sarif": _sarif,
}
