/** The operator revokes the workflow, and the agent's next call is denied. */
import type { DenialCode } from '../../src/denials/index.ts';
import { FEED_POLL_MILLISECONDS } from '../../src/limits.ts';
import type { Answer } from './agent.ts';
import type { Hijacked } from './attempt.ts';
import { revoke } from './operator.ts';
import type { Scene } from './scene.ts';
import type { Transcript } from './transcript.ts';

export async function stop(
  stage: Scene,
  { agent, capability }: Hijacked,
  transcript: Transcript,
): Promise<void> {
  transcript.chapter('The operator revokes the workflow');
  const { summary } = stage.documents;
  const write = () => agent.call('write_file', { path: summary, content: '# Churn\n' });
  const before = await write();
  transcript.step({
    what: `write ${summary}, once more before the revocation`,
    verdict: before.verdict,
    why: before.verdict === 'allowed' ? 'the agent still works' : before.why,
    expected: before.verdict === 'allowed' ? undefined : 'allowed',
  });
  await revoke(stage, capability.workflow, 'walk-through: the agent reads what it should not');
  const revokedAt = performance.now();
  transcript.note(`POST /admin/v1/workflows/${capability.workflow}/revoke answered`);
  const arrived = stage.bridge.requests();
  const denied = (what: string, answer: Answer) => {
    const expected: DenialCode = 'revoked';
    const isExpected = answer.verdict === 'denied' && answer.code === expected;
    transcript.step({
      what,
      verdict: answer.verdict,
      why: answer.verdict === 'denied' ? answer.why : 'answered',
      expected: isExpected ? undefined : expected,
    });
  };
  const next = await write();
  const milliseconds = Math.round(performance.now() - revokedAt);
  denied(`write ${summary}, with a new token of the same capability`, next);
  transcript.note(`first denial ${milliseconds} ms after the revoke call returned`);
  denied('read reports/q3.md', await agent.call('read_text_file', { path: 'reports/q3.md' }));
  transcript.note(
    'a write asks the revocation log every time; a read is decided offline, and would by itself',
  );
  transcript.note(
    `have been denied with the next head, which is fetched every ${FEED_POLL_MILLISECONDS} ms`,
  );
  transcript.check(
    stage.bridge.requests() === arrived,
    'no further call of the agent reached the server behind the gateway',
    'a call after the revocation reached the server behind the gateway',
  );
}
