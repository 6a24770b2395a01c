import { type Capability, narrow, obtainCapability } from '../../../src/agent/index.ts';
import { admin, call, GRANTS, read, send, TASK } from '../agent.ts';
import type { Stage } from '../stage.ts';
import { eventually, type Findings, TIER_3_SECONDS } from './story.ts';

/** A call of tier 3 asks the log, so its denial does not wait for the next poll. */
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });

/**
 * One complete life: begun, narrowed, continued, suspended, resumed, continued again. `findings`
 * collects wrongly allowed calls. Throws if a stopped workflow is allowed for longer than its tier
 * permits.
 */
export async function wholeLife(stage: Stage, findings: Findings): Promise<Capability> {
  const report = stage.documents.reports[0] ?? '';
  const begun = await eventually('begin', () => obtained(stage));
  const { workflow } = begun;
  const step = await narrow(begun.token, {
    tool: 'mcp/files/read_text_file',
    dataset: 'files/reports',
  });
  if (!step.ok) throw new Error(step.error.code);
  await eventually('a narrowed read', () => isAllowed(stage, step.value, read(report)));
  const continued = await eventually('continue', () => obtained(stage, workflow));
  await eventually('a read of the continued workflow', () =>
    isAllowed(stage, continued.token, read(report)),
  );

  await eventually('suspend', () => move(stage, workflow, 'suspend', 'suspended'));
  const suspendedAt = Date.now();
  for (const { token } of [begun, continued]) {
    await eventually('denied as suspended', () =>
      isDenied(stage, token, ['suspended', suspendedAt], findings),
    );
  }
  await eventually('resume', () => move(stage, workflow, 'resume', 'active'));
  const resumed = await eventually('continue again', () => obtained(stage, workflow));
  await eventually('a write of the resumed workflow', () =>
    isAllowed(stage, resumed.token, write()),
  );
  for (const { token } of [begun, continued]) {
    await eventually('denied permanently', () =>
      isDenied(stage, token, ['revoked', suspendedAt], findings),
    );
  }
  return resumed;
}

async function obtained(stage: Stage, workflow?: string): Promise<Capability | undefined> {
  const { issuer, audience, identity, fetch } = stage;
  const answer = await obtainCapability({
    issuer,
    audience,
    fetch,
    task: TASK,
    grants: GRANTS,
    subjectToken: await identity.jwt('alice'),
    actorToken: await identity.jwt('report-agent'),
    ...(workflow !== undefined && { workflow }),
  });
  return answer.ok ? answer.value : undefined;
}

/** The state shows whether a lost answer was applied: a repeated order is refused as done. */
async function move(stage: Stage, id: string, order: string, state: string) {
  await admin(stage, `workflows/${id}/${order}`, { reason: 'weather' }).catch(() => undefined);
  const view = await (await admin(stage, `workflows/${id}`)).json();
  return (view as { state?: string }).state === state ? true : undefined;
}

const isAllowed = async (stage: Stage, token: string, message: object) =>
  (await send(stage, token, message)).status === 200 ? true : undefined;

/** Safety and liveness in one: not allowed beyond the tier's bound, and denied soon. */
async function isDenied(
  stage: Stage,
  token: string,
  [code, since]: readonly [string, number],
  findings: Findings,
) {
  const seconds = (Date.now() - since) / 1000;
  const answer = await send(stage, token, write());
  if (answer.status === 200 && seconds > TIER_3_SECONDS) {
    findings.wronglyAllowed.push(`allowed ${seconds} s after it was stopped: ${code}`);
  }
  return answer.code === code ? true : undefined;
}
