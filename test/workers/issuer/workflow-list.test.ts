import { reset } from 'cloudflare:test';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AuditRecord } from '../../../src/audit/index.ts';
import { CONTROL_LOG } from '../../../src/audit/index.ts';
import { transparencyLog } from '../../../workers/issuer/platform/env.ts';
import { idToken, serveKeys } from '../../storage/dump/idp.ts';
import { admin, objects, obtain, order } from '../../storage/dump/scene.ts';

/** Listing workflows: the living ones and the closed ones, by who they are for. */
const network = globalThis.fetch;
beforeEach(() => {
  globalThis.fetch = serveKeys(network);
});
afterEach(async () => {
  globalThis.fetch = network;
  await reset();
});

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly subject: string;
  readonly ended?: number;
}

async function list(query = ''): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  for (let after = ''; ; ) {
    const page = (await admin(`workflows?${query}${after && `&after=${after}`}`)) as unknown as {
      workflows: Listed[];
      next?: string;
    };
    found.push(...page.workflows);
    if (page.next === undefined) return found;
    after = page.next;
  }
}
const idsOf = (workflows: readonly Listed[]) => workflows.map(({ id }) => id).sort();

test('lists a workflow as soon as it has begun, by agent, subject, owner, state and time', async () => {
  const alice = await obtain();
  const bob = await obtain({ subjectToken: await idToken('bob', objects.ISSUER) });
  const all = await list();
  expect(idsOf(all)).toEqual([alice.workflow, bob.workflow].sort());
  expect(all[0]).toMatchObject({ state: 'active', task: 'quarterly churn report' });
  const { subject, agent, owner } = all.find(({ id }) => id === bob.workflow) as never as Record<
    string,
    string
  >;
  const one = (name: string, value = '') => list(`${name}=${encodeURIComponent(value)}`);
  expect(idsOf(await one('subject', subject))).toEqual([bob.workflow]);
  expect(await one('agent', agent)).toHaveLength(2);
  expect(await one('owner', owner)).toHaveLength(2);
  expect(await one('agent', 'https://idp.example#no-such-agent')).toEqual([]);
  const soon = new Date(Date.now() + 60_000).toISOString();
  expect(await list(`from=${soon}`)).toEqual([]);
  expect(await list(`until=${soon}`)).toHaveLength(2);
  await order(bob.workflow, 'suspend');
  expect(idsOf(await list('state=suspended'))).toEqual([bob.workflow]);
  expect(idsOf(await list('state=active'))).toEqual([alice.workflow]);
});

test('lists a workflow that is closed with its end, and not as a living one', async () => {
  const { workflow } = await obtain();
  const [living] = await list();
  const closing = {
    event: 'closing',
    id: `closing.${workflow}`,
    at: Date.now(),
    workflow,
    agent: 'https://idp.example#report-agent',
    subject: living?.subject,
    state: 'completed',
    startedAt: 1_000,
    endedAt: 2_000,
    mints: 3,
    children: 1,
  };
  await transparencyLog(objects, CONTROL_LOG).append([closing as unknown as AuditRecord]);
  expect(await list()).toMatchObject([
    { id: workflow, state: 'completed', started: 1_000, ended: 2_000, mints: 3, children: 1 },
  ]);
  expect(await list(`subject=${encodeURIComponent(living?.subject ?? '')}`)).toHaveLength(1);
  expect(await list('state=active')).toEqual([]);
  expect(await list('until=1970-01-01T00:00:01Z')).toEqual([]);
});
