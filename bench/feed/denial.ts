import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { DenialCode, UpstreamFailureCode } from '../../src/denials/index.ts';
import { toBase64Url } from '../../src/encoding.ts';
import { mintedBy, type Scene } from '../mint/index.ts';
import { quantile } from '../rounds.ts';
import { cpuMicroseconds } from '../runtimes/index.ts';
import type { SubscribersAnswer, SubscribersOrder } from './subscribers.node.ts';

const CHILD = join(import.meta.dirname, 'subscribers.node.ts');
const MILLISECONDS_MAX = 60_000;
/** Between two requests of light traffic. One request in fifty finds that a poll is due. */
const TRAFFIC_MILLISECONDS = 20;

export interface DenialRow {
  readonly what: string;
  readonly revocations: number;
  readonly denials: number;
  /** Milliseconds from the answer to the operator; below 0: before the answer. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds from the operator's request. */
  readonly fromRequestP50: number;
  readonly fromRequestP99: number;
  /** CPU time of workerd until the last denial, in microseconds for each verifier. */
  readonly serverMicroseconds: number | undefined;
}

interface Samples {
  readonly acknowledged: number[];
  readonly asked: number[];
}

const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Revokes a workflow. Returns when the request was sent and answered. */
async function revoke({ issuer, keys }: Scene, workflow: string) {
  const asked = now();
  const response = await fetch(`${issuer}/admin/v1/workflows/${workflow}/revoke`, {
    method: 'POST',
    headers: { authorization: `Bearer ${keys.operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'bench of the feed', even_unknown: true }),
  });
  const text = await response.text();
  const answered = now();
  if (response.status !== 200) throw new Error(`not revoked: ${response.status} ${text}`);
  return { asked, answered };
}

/** Measures subscribers in one Node process, with one socket each. */
export async function measureSubscribers(
  scene: Scene,
  count: number,
  revocations: number,
): Promise<DenialRow> {
  const child = fork(CHILD);
  const samples: Samples = { acknowledged: [], asked: [] };
  try {
    const setup = { issuer: scene.issuer, feedPublicKey: scene.keys.feed.publicKey, count };
    await ask(child, setup, 'ready');
    const cpu: number[] = [];
    for (let time = -2; time < revocations; time++) {
      const workflow = `wf_${toBase64Url(crypto.getRandomValues(new Uint8Array(16)))}`;
      await ask(child, { watch: workflow }, 'watching');
      const before = await cpuMicroseconds(scene.pid);
      const denied = answerOf(child, 'deniedAt');
      const { asked, answered } = await revoke(scene, workflow);
      const { deniedAt } = await denied;
      // The first ones are not counted, because of just-in-time compilation.
      if (time < 0) continue;
      cpu.push(((await cpuMicroseconds(scene.pid)) - before) / count);
      for (const at of deniedAt) {
        samples.acknowledged.push(at - answered);
        samples.asked.push(at - asked);
      }
    }
    const what = `${count} Node subscriber${count === 1 ? '' : 's'}`;
    return rowOf(what, revocations, samples, quantile(cpu, 0.5));
  } finally {
    child.disconnect();
  }
}

async function ask<Name extends string>(
  child: ChildProcess,
  order: SubscribersOrder,
  name: Name,
): Promise<Extract<SubscribersAnswer, Record<Name, unknown>>> {
  const answer = answerOf(child, name);
  child.send(order);
  return answer;
}

async function answerOf<Name extends string>(
  child: ChildProcess,
  name: Name,
): Promise<Extract<SubscribersAnswer, Record<Name, unknown>>> {
  const signal = AbortSignal.timeout(MILLISECONDS_MAX);
  for (;;) {
    const [answer] = (await once(child, 'message', { signal })) as [SubscribersAnswer];
    if (name in answer) return answer as Extract<SubscribersAnswer, Record<Name, unknown>>;
  }
}

/** Measures one gateway on workerd, under light traffic of one token that is revoked. */
export async function measurePollingWorker(scene: Scene, revocations: number): Promise<DenialRow> {
  const samples: Samples = { acknowledged: [], asked: [] };
  for (let time = 0; time < revocations; time++) {
    const { token, workflow } = await mintedBy(scene);
    if ((await codeOf(scene, token)) === 'revoked') throw new Error('revoked before it was');
    // At a random point of the gateway's poll interval.
    const until = now() + 1_000 + Math.random() * 1_000;
    while (now() < until) await codeOf(scene, token);
    let [isRevoked, deniedAt] = [false, 0];
    const traffic = (async () => {
      for (const end = now() + MILLISECONDS_MAX; !isRevoked && now() < end; ) {
        isRevoked = (await codeOf(scene, token)) === 'revoked';
        deniedAt = now();
      }
    })();
    const { asked, answered } = await revoke(scene, workflow);
    await traffic;
    if (!isRevoked) throw new Error('The gateway allowed a revoked token for a minute.');
    samples.acknowledged.push(deniedAt - answered);
    samples.asked.push(deniedAt - asked);
  }
  // The CPU time of workerd is for the traffic here.
  return rowOf('a polling Worker', revocations, samples, undefined);
}

type AnswerCode = DenialCode | UpstreamFailureCode;

/** No server runs behind the gateway, so the gateway answers an allowed call with an error. */
async function codeOf({ audience }: Scene, token: string): Promise<AnswerCode | undefined> {
  await new Promise((passed) => setTimeout(passed, TRAFFIC_MILLISECONDS));
  const response = await fetch(`${audience}/mcp/none`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
  });
  const { error } = (await response.json()) as { error?: { data?: { code?: AnswerCode } } };
  return error?.data?.code;
}

function rowOf(
  what: string,
  revocations: number,
  { acknowledged, asked }: Samples,
  serverMicroseconds: number | undefined,
): DenialRow {
  return {
    what,
    revocations,
    denials: acknowledged.length,
    p50: quantile(acknowledged, 0.5),
    p99: quantile(acknowledged, 0.99),
    fromRequestP50: quantile(asked, 0.5),
    fromRequestP99: quantile(asked, 0.99),
    serverMicroseconds,
  };
}
