import { evictDurableObject, reset } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { DecisionRecord } from '../../../src/audit/index.ts';
import type { Grant } from '../../../src/capability/index.ts';
import { breaker } from '../../../workers/issuer/platform/env.ts';
import {
  astray,
  bank,
  begin,
  below,
  CHILD,
  complete,
  denial,
  env,
  leftOf,
  ROOT,
  record,
  resume,
  root,
  start,
  states,
  trail,
} from './life.scene.ts';

/** Decision records, the deviation rules over them, and the breaker. */
afterEach(() => reset());

describe('decision records', () => {
  test('are counted once, however often a batch arrives', async () => {
    await begin({ calls: 10, denials: 5 });
    const batch = [record(), record({ charged: true }), denial()];
    await root().observe(batch);
    await root().observe(batch);
    expect(await leftOf()).toEqual([9, 4]);
  });

  test('beyond the budget suspend the workflow, with the exceeding record as evidence', async () => {
    await begin({ calls: 2 });
    const [first, second, third] = [record(), record(), record()];
    await root().observe([first, second]);
    expect(await states()).toEqual(['active 1']);
    await root().observe([third, record()]);
    expect(await states()).toEqual(['suspended 1']);
    expect(await trail()).toMatchObject([{ evidence: [third.id] }, { evidence: [third.id] }]);
  });

  test('of a summed tool without a charge are noticed', async () => {
    await begin(bank);
    await root().observe([record({ tool: 'bank.send' })]);
    expect(await states()).toEqual(['suspended 1']);
  });

  test('of three out-of-scope denials suspend the workflow, with their ids as evidence', async () => {
    await begin();
    const denials = [astray(), denial({ code: 'caveat_failed' }), astray()];
    await root().observe(denials.slice(0, 2));
    expect(await states()).toEqual(['active 1']);
    await root().observe(denials.slice(2));
    expect(await states()).toEqual(['suspended 1']);
    const evidence = denials.map(({ id }) => id);
    expect(await trail()).toMatchObject([
      { event: 'transition', actor: 'rule:out-of-scope@2', evidence },
      { event: 'deviation', effect: 'acted', evidence },
    ]);
    // The same denials do not count again.
    await resume();
    await root().observe([astray(), astray()]);
    expect(await states()).toEqual(['active 2']);
    await root().observe([astray()]);
    expect(await states()).toEqual(['suspended 2']);
  });

  test('that invite a step-up suspend only if twenty of them lead to none', async () => {
    await begin();
    const SEND: Grant = { tool: 'crm.search', action: 'read', dataset: 'crm' };
    const asked = (change: Partial<DecisionRecord> = {}) =>
      denial({ datasets: ['crm/eu'], ...change });
    const held = { code: 'constraint_failed', detail: { block: 0, pointer: '/to' } };
    await root().observe(Array.from({ length: 19 }, (_, i) => asked(i % 2 === 0 ? held : {})));
    expect(await states()).toEqual(['active 1']);
    const mint = { ...start(), blocks: ['wider'], grants: [SEND], stepUp: true as const };
    expect((await root().continue(mint)).ok).toBe(true);
    const later = { at: Date.now() + 5_000 };
    await root().observe(Array.from({ length: 19 }, () => asked(later)));
    expect(await states()).toEqual(['active 1']);
    // Allowed calls in between do not displace the denials.
    await root().observe(Array.from({ length: 300 }, () => record(later)));
    await root().observe([asked(later)]);
    expect(await states()).toEqual(['suspended 1']);
    expect((await trail()).at(-1)).toMatchObject({ rule: 'asked-without-answer', effect: 'acted' });
  });

  test('of a use after the end are recorded, and the end stays as it was', async () => {
    await begin();
    await complete();
    await root().observe([denial({ code: 'revoked', at: Date.now() + 1_000 })]);
    expect(await states()).toEqual(['completed 1']);
    expect((await trail()).at(-1)).toMatchObject({ rule: 'used-after-end', effect: 'absorbed' });
  });

  test('of a child count for the parent once the child has given its share back', async () => {
    await begin({ calls: 10 });
    await below(CHILD, ROOT, { budgets: { calls: 4 } });
    await root().observe([record({ workflow: CHILD })]);
    expect(await leftOf()).toEqual([6]);
    await root().revoke(CHILD, { actor: 'operator', reason: 'test' });
    expect(await leftOf()).toEqual([9]);
    await root().observe([record({ workflow: CHILD })]);
    expect(await leftOf()).toEqual([8]);
  });
});

describe('the breaker', () => {
  const ask = (workflow: string, version = 1) =>
    breaker(env).ask({ rule: 'out-of-scope', version, workflow });

  test('stops a rule after twenty workflows, until the rule is armed or has a new version', async () => {
    for (let i = 0; i < 20; i++) expect(await ask(`wf_${i}`)).toMatchObject({ act: true });
    expect(await ask('wf_3')).toMatchObject({ act: true });
    expect(await ask('wf_20')).toMatchObject({ act: false, trips: true, bound: 20 });
    await evictDurableObject(env.BREAKER.getByName('default'));
    expect(await ask('wf_21')).toMatchObject({ act: false, trips: false });
    expect(await ask('wf_21', 2)).toMatchObject({ act: true });
    expect(await breaker(env).tripped()).toMatchObject([{ rule: 'out-of-scope@1' }]);
    expect(await breaker(env).arm('out-of-scope@1')).toBe(true);
    expect(await ask('wf_21')).toMatchObject({ act: true });
  });

  test('does not let a tripped rule stop a workflow, and the record shows that', async () => {
    await begin();
    for (let i = 0; i < 21; i++) await ask(`wf_${i}`, 2);
    await root().observe([astray(), astray(), astray()]);
    expect(await states()).toEqual(['active 1']);
    expect(await trail()).toMatchObject([{ event: 'deviation', effect: 'breaker' }]);
  });
});
