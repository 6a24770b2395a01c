/** The operator stops the workflow: the next call of the same agent is denied. */
import type { LocalStage } from '../local/stage.ts';
import type { Hijacked } from './hijack.ts';
import { revoke } from './operator.ts';
import type { Telling } from './telling.ts';

export async function stop(
  stage: LocalStage,
  { agent, capability }: Hijacked,
  telling: Telling,
): Promise<void> {
  telling.chapter('The operator revokes the workflow');
  const { summary } = stage.documents;
  const write = () => agent.call('write_file', { path: summary, content: '# Churn\n' });
  const before = await write();
  telling.step({
    what: `write ${summary}, once more before it`,
    ...{ expected: 'allowed', verdict: before.verdict },
    why: before.verdict === 'allowed' ? 'the agent still works' : before.why,
  });
  await revoke(stage, capability.workflow, 'walk-through: it reads what it should not');
  const revokedAt = performance.now();
  telling.say(`POST /admin/v1/workflows/${capability.workflow}/revoke: answered`);
  const seen = stage.bridge.seen().length;
  const after = await write();
  const milliseconds = Math.round(performance.now() - revokedAt);
  telling.step({
    what: `write ${summary}, with a new token of the same capability`,
    ...{ expected: 'denied', verdict: after.verdict },
    why: after.verdict === 'denied' ? after.why : 'it went through',
  });
  telling.say(`first denial ${milliseconds} ms after the answer of the revoke call`);
  const read = await agent.call('read_text_file', { path: 'reports/q3.md' });
  telling.step({
    what: 'read reports/q3.md',
    ...{ expected: 'denied', verdict: read.verdict },
    why: read.verdict === 'denied' ? read.why : 'it went through',
  });
  telling.check(
    stage.bridge.seen().length === seen &&
      [after, read].every((answer) => answer.verdict === 'denied' && answer.code === 'revoked'),
    'both for the revocation, though neither token had expired',
    'a call after the revocation went through, or was denied for another reason',
  );
}
