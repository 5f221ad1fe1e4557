"""Pydantic models, one module for each contract:

- `agent_sessions` from ../openapi/agent-sessions.yaml
- `connector_sessions` from ../openapi/connector-sessions.yaml
- `detection_sessions` from ../openapi/detection-sessions.yaml
- `tracking_sessions` from ../openapi/tracking-sessions.yaml
"""
