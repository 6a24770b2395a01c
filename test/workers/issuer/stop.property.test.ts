import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { findLogFault } from '../../../src/audit/index.ts';
import { reason, remark } from '../../../src/issuer-api/index.ts';
import { dueNow, loseAudit } from './audit-weather.ts';
import { readMerged } from './merged.ts';
import * as scene from './stop.scene.ts';
import {
  env,
  family,
  isStopped,
  resume,
  revoke,
  root,
  suspend,
  trail,
  tree,
} from './stop.scene.ts';
import { editWorkflows, openRowsOf, readTree, rowsOf } from './stored-tree.ts';

/** Any text that JSON can express: lone surrogates, controls, empty or very long. */
const text = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map(fromUnits),
  fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 12 }).map(fromUnits),
  fc.constantFrom('', '\ud800', '\udfff', '\0', '__proto__', '"\\ud800"'),
);
function fromUnits(units: readonly number[]): string {
  return units.map((unit) => String.fromCharCode(unit)).join('');
}

const which = fc.constantFrom('root' as const, 'child');
const step = fc.oneof(
  fc.record({
    kind: fc.constantFrom('suspend' as const, 'resume', 'revoke', 'fail', 'complete'),
    of: which,
    text,
  }),
  fc.record({ kind: fc.constantFrom('block' as const), of: which, text }),
  fc.record({ kind: fc.constantFrom('rule' as const, 'idle', 'alarm', 'restart'), of: which }),
  fc.record({ kind: fc.constant('audit' as const), weather: fc.constantFrom('up', 'down') }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function restart(): Promise<void> {
  await root().view(tree.root); // Only a running object can be evicted.
  await evictDurableObject(env.WORKFLOW.getByName(tree.root));
}

async function alarm(): Promise<void> {
  await dueNow(root());
  await runDurableObjectAlarm(root());
}

async function take(one: Step): Promise<unknown> {
  if (one.kind === 'audit') {
    return one.weather === 'up' ? restart() : loseAudit(root(), env, 'fails');
  }
  const id = tree[one.of];
  switch (one.kind) {
    case 'suspend':
      return suspend(id, one.text);
    case 'resume':
      return resume(id, one.text);
    case 'revoke':
      return revoke(id, one.text);
    case 'fail':
      return scene.fail(one.text, id);
    case 'complete':
      return root().move(id, { move: 'complete', by: 'agent', actor: one.text });
    case 'block':
      return root().revoke(id, { actor: one.text, reason: one.text, block: 'cd'.repeat(64) });
    case 'rule':
      return root().observe([scene.denial(id), scene.denial(id), scene.denial(id)]);
    case 'idle':
      await runInDurableObject(root(), (_object, { storage }) => {
        editWorkflows(storage, { activeAt: scene.NOW - 4_000 }, id);
      });
      return alarm();
    case 'alarm':
      return alarm();
    case 'restart':
      return restart();
  }
}

/** The stored state of both workflows, and whether the feed stops a token of their generation. */
async function standing(): Promise<readonly (readonly [string, boolean])[]> {
  const ids = [tree.root, tree.child];
  return Promise.all(
    ids.map(async (id) => {
      const view = await root().view(id);
      if (!view) throw new Error('a workflow is gone');
      return [view.state, await isStopped(id, view.gen)] as const;
    }),
  );
}

test('the entry reaches the feed for any text, caller and order, whatever the audit log does', async () => {
  const run = fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 12 }), async (steps) => {
    await family();
    for (const one of steps) await take(one);
    for (const [state, stopped] of await standing()) {
      // Without an alarm, and with the audit log as the last step left it.
      expect([state, stopped]).toEqual([state, state !== 'active' && state !== 'completing']);
    }
    await restart();
    await alarm();
    await alarm();
    await runInDurableObject(root(), (_object, { storage }) => {
      expect(openRowsOf(storage, 'intent')).toEqual([]);
      expect(rowsOf(storage, 'owed')).toEqual([]);
      for (const { state, ordered } of readTree(storage).workflows) expect(state).toBe(ordered);
    });
    const ids = (await trail()).map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(await findLogFault(await readMerged(env, { after: 0 }), 0)).toBeUndefined();
  });
  // On a machine with other work a story takes many seconds: then there are fewer of them.
  const interruptAfterTimeLimit = 80_000;
  await fc.assert(run, { numRuns: 25, interruptAfterTimeLimit });
}, 120_000);

test('every non-empty string is accepted as a reason and stored well-formed', () => {
  fc.assert(
    fc.property(text, (said) => {
      const read = v.safeParse(reason, said);
      expect(read.success).toBe(said.toWellFormed().trim() !== '');
      if (read.success) expect(read.output.isWellFormed()).toBe(true);
      expect(v.safeParse(remark, said).success).toBe(true);
    }),
  );
});
