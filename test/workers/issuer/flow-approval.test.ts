import { reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import { createIssuer } from '../../../workers/issuer/index.ts';
import { answerAs, approveCalls, env, mailTo, SEND, stepOf } from './call-approval.scene.ts';
import { askForToken } from './token.scene.ts';

/** A call that its token allows, and about which a flow of the catalogue may ask. */
afterEach(() => reset());

const issuerOf = (rest: string) =>
  createIssuer({
    policy: {
      'policy/mail.datalog': `
owner("team:growth");
max_lifetime(300);
unattended(true);
allow if true;
open_sink("/to/*", "test");
`,
    },
    catalogue: `
[[tool]]
name = "${SEND}"
action = "execute"
tier = 3
datasets = [{ fixed = "mail/outbox" }]
arguments = ["to", "subject"]
sinks = ["/to/*"]
${rest}`,
  });
const BOB = mailTo('bob@acme.example');

async function stepAt(issuer: ReturnType<typeof issuerOf>) {
  const grants = [{ tool: SEND, action: 'execute', dataset: 'mail/outbox' }];
  const { token, workflow, error } = await askForToken([], { grants }, env, issuer);
  if (token === undefined) throw new Error(`not minted: ${error}`);
  return stepOf({ token, workflow }, BOB);
}

describe('a call that leaves', () => {
  test('can be approved although its token allows it', async () => {
    const issuer = issuerOf('leaves = true');
    const step = await stepAt(issuer);
    const asked = await approveCalls(step, [BOB], undefined, issuer);
    expect(asked.status).toBe(202);
    const id = asked.body.approval ?? '';
    await answerAs('olga', id);
    expect(await approveCalls(step, [BOB], id, issuer)).toMatchObject({
      status: 200,
      body: { calls: [{ tool: SEND }] },
    });
  });

  test('is not asked about if nothing could ask', async () => {
    const issuer = issuerOf('');
    expect(await approveCalls(await stepAt(issuer), [BOB], undefined, issuer)).toMatchObject({
      status: 403,
      body: { error: 'call_not_approvable' },
    });
  });
});
