"""Who runs the system is told when a run fails, is late or its worker died: Prefect's own automations, which call one webhook.

What is sent names the run, its flow and its state: no source, no person, no word of an item. Set up anew at each start.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import StateType
from prefect.events.actions import CallWebhook, ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification

from rasoat.settings import Settings

TAG: Final = "rasoat"
"""On every deployment of ours and thereby on its runs: another project's runs on the same server are not ours to tell of."""
BLOCK: Final = "rasoat-notify"
FAILED_NAME: Final = "rasoat: a run failed"
LATE_NAME: Final = "rasoat: a run is late"
SILENT_NAME: Final = "rasoat: a worker died"
BAD: Final = frozenset(f"prefect.flow-run.{state}" for state in ("Failed", "Crashed", "TimedOut"))
LATE: Final = frozenset({"prefect.flow-run.Late"})
HEARTBEAT: Final = "prefect.flow-run.heartbeat"
HEARTBEAT_SECONDS: Final = 30
"""The shortest that Prefect allows."""
SILENT: Final = timedelta(seconds=3 * HEARTBEAT_SECONDS)
ENDED: Final = frozenset(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut"))
PAYLOAD: Final = """{
  "run_id": "{{ event.resource['prefect.resource.id'] | replace('prefect.flow-run.', '') }}",
  "flow": {{ flow.name | tojson }},
  "state": {{ event.resource['prefect.state-name'] | tojson }}
}"""


def set_up(client: SyncPrefectClient, settings: Settings) -> list[str]:
    """Make or renew the automations and return their names. Without a webhook nobody is told, and those that told are removed."""
    wanted = {automation.name: automation for automation in (_silent(), *_telling(client, settings))}
    for automation in wanted.values():
        known = client.read_automations_by_name(automation.name)
        if known:
            client.update_automation(known[0].id, automation)
        else:
            client.create_automation(automation)
    for name in (FAILED_NAME, LATE_NAME):
        if name not in wanted:
            for old in client.read_automations_by_name(name):
                client.delete_automation(old.id)
    return sorted(wanted)


def _telling(client: SyncPrefectClient, settings: Settings) -> list[AutomationCore]:
    address = settings.notify_address
    if not address:
        return []
    block: Any = Webhook(method="POST", url=address, headers={"Content-Type": "application/json"})
    action = CallWebhook(block_document_id=block.save(BLOCK, overwrite=True), payload=PAYLOAD)
    return [_on(FAILED_NAME, BAD, action), _on(LATE_NAME, LATE, action)]


def _on(name: str, events: frozenset[str], action: CallWebhook) -> AutomationCore:
    # for each run by itself, at once, and once: `threshold` events of the same run in `within`
    trigger = EventTrigger(
        match=_runs(),
        match_related=_ours(),
        expect=set(events),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )
    return AutomationCore(name=name, trigger=trigger, actions=[action])


def _silent() -> AutomationCore:
    """A run whose heartbeat stopped without an end is marked as crashed, so that the page tells the truth and somebody is told."""
    trigger = EventTrigger(
        match=_runs(),
        match_related=_ours(),
        after={HEARTBEAT},
        expect={HEARTBEAT, *ENDED},
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=SILENT,
    )
    crashed = ChangeFlowRunState(state=StateType.CRASHED, message="no heartbeat: its worker died; the next run goes on")
    return AutomationCore(name=SILENT_NAME, trigger=trigger, actions=[crashed])


def _runs() -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})


def _ours() -> ResourceSpecification:
    return ResourceSpecification({"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{TAG}"})
