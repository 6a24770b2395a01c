import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { FeedClient, type FeedFloor } from '../../../src/feed/index.ts';
import { decodeRecords } from '../../../src/feed/log/index.ts';
import { ISSUER, type LocalIssuer } from './local-issuer.ts';

/** The orders of a storm of revocations, and which of them the issuer acknowledged. */
export interface StormOrders {
  readonly ordered: Set<string>;
  /** By workflow: the sequence number that the answer named. */
  readonly acknowledged: Map<string, number>;
}

const SENDERS = 8;

/** The n-th workflow of a seed. The issuer does not know it, and revokes it anyway. */
const nameOf = (seed: number, n: number): string =>
  `wf_${createHash('sha256').update(`${seed}.${n}`).digest('base64url').slice(0, 22)}`;

async function revoke(issuer: LocalIssuer, id: string): Promise<number> {
  const order = { reason: 'storm', even_unknown: true };
  const response = await issuer.admin(`workflows/${id}/revoke`, order);
  const body = (await response.json()) as { seq: number };
  if (response.status !== 200) throw new Error(`${response.status}: ${JSON.stringify(body)}`);
  return body.seq;
}

/** Revokes without a pause until the runtime is killed, this long after the first answer. */
export async function stormAndKill(
  issuer: LocalIssuer,
  { orders, seed, milliseconds }: { orders: StormOrders; seed: number; milliseconds: number },
): Promise<void> {
  let [n, isOver] = [0, false];
  orders.acknowledged.set(nameOf(seed, n), await revoke(issuer, nameOf(seed, n)));
  orders.ordered.add(nameOf(seed, n++));
  const send = async (): Promise<void> => {
    while (!isOver) {
      const id = nameOf(seed, n++);
      orders.ordered.add(id);
      // Without an answer, its fate is unknown.
      const seq = await revoke(issuer, id).catch(() => undefined);
      if (seq !== undefined) orders.acknowledged.set(id, seq);
    }
  };
  const senders = Array.from({ length: SENDERS }, send);
  await sleep(milliseconds);
  await issuer.kill();
  isOver = true;
  await Promise.all(senders);
}

/** Repeats every order. Each must be there exactly once, wherever the crash left it. */
export async function orderAgain(issuer: LocalIssuer, orders: StormOrders): Promise<void> {
  for (const id of orders.ordered) {
    const seq = await revoke(issuer, id);
    const before = orders.acknowledged.get(id);
    if (before !== undefined && before !== seq) {
      throw new Error(`${id} was entry ${before} and is ${seq}`);
    }
    orders.acknowledged.set(id, seq);
  }
}

/** A verifier that restarts again and again. It remembers only its floor. */
export class Follower {
  readonly #issuer: LocalIssuer;
  #floor: FeedFloor | undefined;

  constructor(issuer: LocalIssuer) {
    this.#issuer = issuer;
  }

  /** Starts with an empty replica. Returns those of `ids` that it would allow. */
  async unstopped(ids: Iterable<string>): Promise<string[]> {
    const feed = new FeedClient({
      issuer: ISSUER,
      feedKey: this.#issuer.feedKey,
      fetch: (path, init) => this.#issuer.fetch(path, init),
      floor: {
        load: async () => this.#floor,
        save: async (floor) => {
          this.#floor = floor;
        },
      },
    });
    const refreshed = await feed.refresh();
    if (!refreshed.ok) throw new Error(JSON.stringify(refreshed.error));
    return [...ids].filter((id) => !feed.find(question(id)));
  }
}

const question = (workflow: string) => ({
  workflow,
  ancestors: [],
  gen: 1,
  blocks: [],
  issuerKey: '00'.repeat(32),
  agent: 'agent',
  subject: 'user',
  owner: 'team',
  audience: 'https://gateway.example',
  grants: [],
  issuedAt: new Date(),
});

/** Every workflow in the log's own records, in their order. */
export async function idsInLog(issuer: LocalIssuer): Promise<string[]> {
  const { epoch, seq, delta_from } = await headOf(issuer);
  const ids: string[] = [];
  for (let from = delta_from; from < seq; ) {
    const to = Math.min(from + 1_024, seq);
    const response = await issuer.fetch(`/feed/v2/0/${epoch}/deltas/${from}-${to}`);
    const records = decodeRecords(new Uint8Array(await response.arrayBuffer()));
    for (const { entry } of records ?? []) {
      if (entry.seq !== from + 1) throw new Error(`entry ${entry.seq} follows ${from}`);
      from = entry.seq;
      if (entry.kind === 'workflow') ids.push(entry.id);
    }
  }
  return ids;
}

async function headOf(issuer: LocalIssuer) {
  const wire = (await (await issuer.fetch('/feed/v2/0/head')).json()) as { payload: string };
  const text = Buffer.from(wire.payload, 'base64url').toString('utf8');
  return JSON.parse(text) as { epoch: number; seq: number; delta_from: number };
}

/** Targets of every revocation in the logs. Throws if a record is missing. */
export async function targetsInTrail(issuer: LocalIssuer): Promise<string[]> {
  const targets: string[] = [];
  const next = new Map<string, number>();
  for (let after = ''; ; ) {
    const page = (await (await issuer.admin(`audit?after=${after}`)).json()) as {
      records: { log: string; index: number; record: { event: string; target?: string } }[];
      next: string;
      end: boolean;
    };
    for (const { log, index, record } of page.records) {
      if (index !== (next.get(log) ?? 0)) throw new Error(`${log} lacks what precedes ${index}`);
      next.set(log, index + 1);
      if (record.event === 'revocation' && record.target) targets.push(record.target);
    }
    if (page.end) return targets;
    after = page.next;
  }
}
