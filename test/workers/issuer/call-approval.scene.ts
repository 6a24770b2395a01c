/** An agent that needs the approval of single calls, and the person who answers. */
import type { JsonObject } from '../../../src/canonical-json.ts';
import { narrow } from '../../../src/capability/index.ts';
import { readSeconds } from '../../../src/clock.ts';
import { createIssuer, type IssuerEnv } from '../../../workers/issuer/index.ts';
import { admin, ask, askForToken, env as plain } from './token.scene.ts';

const APPROVER_KEY = `ed25519-private/${'5a'.repeat(32)}`;
export const env: IssuerEnv = { ...plain, APPROVER_KEY };
export const SEND = 'mcp/mail/send_message';

const CATALOGUE = `
[[tool]]
name = "${SEND}"
action = "execute"
tier = 3
datasets = [{ fixed = "mail/outbox" }]
arguments = ["to", "subject"]
sinks = ["/to/*"]
`;
const POLICY = `
owner("team:growth");
max_lifetime(300);
unattended(true);
allow if true;
require_constraint("/to", {"every": {"from": ["=ann@acme.example", "approved"]}}) <- tool("${SEND}");
`;
const issuer = createIssuer({
  policy: { 'policy/mail.datalog': POLICY },
  catalogue: CATALOGUE,
});
/** The same, after someone has changed a word of its policy. */
export const laterIssuer = createIssuer({
  policy: { 'policy/mail.datalog': `${POLICY}max_calls(7);\n` },
  catalogue: CATALOGUE,
});

export interface Step {
  readonly workflow: string;
  readonly token: string;
}

/** A capability for sending mail. */
export async function obtain(): Promise<Step> {
  const grants = [{ tool: SEND, action: 'execute', dataset: 'mail/outbox' }];
  const { token, workflow, error } = await askForToken([], { grants }, env, issuer);
  if (token === undefined) throw new Error(`not minted: ${error}`);
  return { token, workflow };
}

/** The step of a call: narrowed to the tool, or to exactly these arguments. */
export async function stepOf({ token, workflow }: Step, args?: JsonObject): Promise<Step> {
  const narrowed = await narrow(token, { tool: SEND, ...(args && { args }) });
  if (!narrowed.ok) throw new Error(narrowed.error.code);
  return { token: narrowed.value, workflow };
}

export const mailTo = (...to: readonly string[]): JsonObject => ({ to: [...to], subject: 'hello' });

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown> & { readonly approval?: string; readonly block?: string };
}

/** Asks about these calls, or polls with the id of the question. */
export async function approveCalls(
  { token, workflow }: Step,
  calls: readonly JsonObject[],
  approval?: string,
  by = issuer,
  of = env,
  prefer?: string,
): Promise<Answer> {
  const asked = calls.map((args) => ({ tool: SEND, args }));
  const response = await ask(
    `/workflows/v1/${workflow}/approvals`,
    {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(prefer !== undefined && { prefer }),
      },
      body: JSON.stringify({ calls: asked, ...(approval !== undefined && { approval }) }),
    },
    of,
    by,
  );
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Polls with a request that waits for the answer. */
export const waitForAnswer = (
  step: Step,
  calls: readonly JsonObject[],
  approval: string,
  prefer = 'wait=20',
): Promise<Answer> => approveCalls(step, calls, approval, issuer, env, prefer);

/** A person answers a question, as the command does. */
export async function answerAs(
  by: string,
  id: string,
  decision: 'approve' | 'refuse' = 'approve',
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const { body } = await admin(`approvals/${id}`, undefined, env);
  const until = decision === 'approve' ? { until: readSeconds() + 300 } : {};
  const answer = { decision, digest: body.digest, by, reason: 'as agreed', ...until };
  return admin(`approvals/${id}`, answer, env);
}

/** Asks, approves and collects. Returns the id of the question and what the agent got. */
export async function approvedBy(
  by: string,
  step: Step,
  calls: readonly JsonObject[],
): Promise<Answer & { readonly id: string }> {
  const { body } = await approveCalls(step, calls);
  const id = body.approval ?? '';
  await answerAs(by, id);
  return { id, ...(await approveCalls(step, calls, id)) };
}
