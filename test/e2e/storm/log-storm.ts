import { setTimeout as sleep } from 'node:timers/promises';
import { AUDIENCE, type LocalIssuer } from './local-issuer.ts';
import { newestCheckpoint, type SeenCheckpoint } from './log-check.ts';

const SENDERS = 8;
const RECORDS_PER_BATCH = 7;
export const LOGS: readonly string[] = [
  'control',
  ...['decisions-1-0', 'decisions-1-1', 'decisions-1-2', 'decisions-1-3'],
];
const TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

interface Batch {
  readonly ids: readonly string[];
  readonly body: string;
}

/** What a storm has asked of the issuer, and what the issuer acknowledged. */
export class LogOrders {
  /** Workflows whose tokens were handed out. */
  readonly minted = new Set<string>();
  readonly revoked = new Set<string>();
  /** Ids of records that were acknowledged. */
  readonly recorded = new Set<string>();
  /** Batches without an answer: their verifier sends them again. */
  readonly owed: Batch[] = [];
  /** People whose erasure was acknowledged, by the id of the record about them. */
  readonly erased = new Map<string, string>();
  /** Every checkpoint that anyone was shown. */
  readonly seen: SeenCheckpoint[] = [];
  readonly #numbers = new Map<string, number>();

  /** Returns the next batch of the verifier of a log. */
  batch(log: string, about: (n: number) => object): Batch {
    const verifier = `storm-${log.slice(-1)}`;
    const first = (this.#numbers.get(log) ?? 0) + 1;
    const numbers = Array.from({ length: RECORDS_PER_BATCH }, (_, place) => first + place);
    this.#numbers.set(log, first + RECORDS_PER_BATCH - 1);
    const records = numbers.map((n) => ({ ...about(n), id: `${verifier}.${n}`, verifier, n }));
    return { ids: records.map(({ id }) => id), body: JSON.stringify({ origin: log, records }) };
  }
}

type Act = (issuer: LocalIssuer, orders: LogOrders, turn: number) => Promise<void>;

const mint: Act = async (issuer, orders) => {
  const details = { type: 'hewn_task', task: 'a storm', grants: [GRANT] };
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: issuer.people.token('alice'),
    subject_token_type: TOKEN,
    actor_token: issuer.people.token('report-agent'),
    actor_token_type: TOKEN,
    resource: AUDIENCE,
    authorization_details: JSON.stringify([details]),
  });
  const response = await issuer.fetch('/token', { method: 'POST', body });
  const answer = (await response.json()) as {
    authorization_details?: readonly { workflow: string }[];
  };
  const [detail] = answer.authorization_details ?? [];
  if (!detail) throw new Error(JSON.stringify(answer));
  orders.minted.add(detail.workflow);
};

const GRANT = {
  tool: 'mcp/files/read_text_file',
  action: 'read',
  dataset: 'files/reports',
};

const decision = (subject: string) => (n: number) => ({
  event: 'decision',
  at: 1_790_000_000_000 + n,
  agent: 'https://idp.example#agent',
  subject,
  blocks: [],
  tool: GRANT.tool,
  action: 'read',
  datasets: ['files/reports/q3.md'],
  tier: 1,
  allowed: true,
  stale: false,
});

const logOf = (turn: number): string => LOGS[1 + (turn % (LOGS.length - 1))] ?? '';

const record: Act = async (issuer, orders, turn) => {
  const batch = orders.batch(logOf(turn), decision('alice'));
  orders.owed.push(batch);
  await deliver(issuer, orders, batch);
};

/** A batch that was answered is owed no longer. */
async function deliver(issuer: LocalIssuer, orders: LogOrders, batch: Batch): Promise<void> {
  const response = await issuer.fetch('/storm/records', { method: 'POST', body: batch.body });
  const text = await response.text();
  if (response.status !== 200 || !text.includes(`"written":${batch.ids.length}`))
    throw new Error(`${response.status} ${text}`);
  orders.owed.splice(orders.owed.indexOf(batch), 1);
  for (const id of batch.ids) orders.recorded.add(id);
}

/** A receipt of the newest record makes the log run a round. */
const prove: Act = async (issuer, orders, turn) => {
  const log = LOGS[turn % LOGS.length] ?? '';
  const { size } = await newestCheckpoint(issuer, log);
  await issuer.admin(`audit/logs/${log}/receipts/${size}`);
  orders.seen.push(await newestCheckpoint(issuer, log));
};

const revoke: Act = async (issuer, orders) => {
  const id = [...orders.minted].find((one) => !orders.revoked.has(one));
  if (id === undefined) return;
  const response = await issuer.admin(`workflows/${id}/revoke`, { reason: 'storm' });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  orders.revoked.add(id);
};

const erase: Act = async (issuer, orders, turn) => {
  const log = logOf(turn);
  const subject = `gone-${turn}`;
  const batch = orders.batch(log, decision(subject));
  orders.owed.push(batch);
  await deliver(issuer, orders, batch);
  await prove(issuer, orders, LOGS.indexOf(log));
  const response = await issuer.admin('audit/erasures', { subject });
  if (response.status === 200) orders.erased.set(batch.ids[0] ?? '', subject);
};

/** All of these at once, until the runtime is killed so long after the first answers. */
export async function stormLogs(
  issuer: LocalIssuer,
  orders: LogOrders,
  { seed, milliseconds }: { readonly seed: number; readonly milliseconds: number },
): Promise<void> {
  const acts: readonly Act[] = [mint, record, prove, mint, record, revoke, erase];
  let [turn, isOver] = [seed, false];
  await mint(issuer, orders, turn);
  await record(issuer, orders, turn);
  const send = async (): Promise<void> => {
    while (!isOver) {
      turn += 1;
      // Without an answer, its fate is unknown.
      await acts[turn % acts.length]?.(issuer, orders, turn).catch(() => undefined);
    }
  };
  const senders = Array.from({ length: SENDERS }, send);
  await sleep(milliseconds);
  await issuer.kill();
  isOver = true;
  await Promise.all(senders);
}

/** A verifier repeats what was not answered, in its order, until all of it is. */
export async function deliverOwed(issuer: LocalIssuer, orders: LogOrders): Promise<void> {
  for (const batch of [...orders.owed]) await deliver(issuer, orders, batch);
}

/**
 * Rings the alarms days later: of the control log, which closes workflows that no one used, and of
 * the others, which have objects of their own.
 */
export async function closeAll(issuer: LocalIssuer, ids: Iterable<string>): Promise<void> {
  const ahead = 7 * 24 * 3_600_000;
  for (const workflow of ['', ...ids]) {
    const query = new URLSearchParams({ workflow, ahead: String(ahead) });
    const response = await issuer.fetch(`/storm/wake?${query}`);
    if (response.status !== 200) throw new Error(`${workflow}: ${response.status}`);
  }
}
