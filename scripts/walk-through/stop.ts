/** The operator stops the workflow: the next call of the same agent is denied. */
import type { DenialCode } from '../../src/denials/index.ts';
import { FEED_POLL_MILLISECONDS } from '../../src/limits.ts';
import type { LocalStage } from '../local/stage.ts';
import type { Answer } from './agent.ts';
import type { Hijacked } from './attempt.ts';
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
    verdict: before.verdict,
    why: before.verdict === 'allowed' ? 'the agent still works' : before.why,
    wrong: before.verdict === 'allowed' ? undefined : 'allowed',
  });
  await revoke(stage, capability.workflow, 'walk-through: it reads what it should not');
  const revokedAt = performance.now();
  telling.say(`POST /admin/v1/workflows/${capability.workflow}/revoke: answered`);
  const arrived = stage.bridge.requests();
  const denied = (what: string, answer: Answer) => {
    const expected: DenialCode = 'revoked';
    const isExpected = answer.verdict === 'denied' && answer.code === expected;
    telling.step({
      what,
      verdict: answer.verdict,
      why: answer.verdict === 'denied' ? answer.why : 'answered',
      wrong: isExpected ? undefined : expected,
    });
  };
  const next = await write();
  const milliseconds = Math.round(performance.now() - revokedAt);
  denied(`write ${summary}, with a new token of the same capability`, next);
  telling.say(`first denial ${milliseconds} ms after the answer of the revoke call`);
  denied('read reports/q3.md', await agent.call('read_text_file', { path: 'reports/q3.md' }));
  telling.say(
    'a write asks the log of revocations each time; a read is decided offline, and alone',
  );
  telling.say(
    `would have learnt of it with the next head, fetched every ${FEED_POLL_MILLISECONDS} ms`,
  );
  telling.check(
    stage.bridge.requests() === arrived,
    'the server behind the gateway heard nothing more of the agent',
    'a call after the revocation reached the server behind the gateway',
  );
}
