import { expect, test } from 'vitest';
import type { CommandContext } from '../../../src/cli/index.ts';
import { hewn } from './scene.ts';

const AS_OF = { epoch: 1, seq: 1, at: '2026-11-23T10:00:00.000Z' };
const rowOf = (n: number, state = 'active') => ({
  id: `wf_${String(n).padStart(22, 'A')}`,
  state,
  started: 1_795_000_000 + n,
  agent: 'https://idp.example#agent',
  calls: n,
  denials: 0,
});

interface Order {
  readonly path: string;
  readonly body: { readonly dry_run?: true; readonly after?: string; readonly selector: unknown };
}

/** An issuer with three workflows, of which one is not the caller's. It answers in parts of two. */
function issuer(rows = [rowOf(1), rowOf(2), rowOf(3)], failsAt = Number.POSITIVE_INFINITY) {
  const orders: Order[] = [];
  const context: Partial<CommandContext> = {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const request = new Request(input as string, init);
      const body = (await request.json()) as Order['body'];
      orders.push({ path: new URL(request.url).pathname, body });
      if (orders.length >= failsAt) {
        return Response.json({ error: 'feed_unavailable', message: 'No feed.' }, { status: 503 });
      }
      const from = body.after === undefined ? 0 : Number(body.after.split(':')[1]);
      const matched = rows.slice(from, from + 2);
      const own = matched.filter(({ id }) => id !== rowOf(3).id);
      return Response.json({
        matched,
        done: body.dry_run
          ? []
          : own.map(({ id }) => ({ id, state: 'suspended', epoch: 1, seq: 9 })),
        skipped: matched
          .filter((row) => !own.includes(row))
          .map(({ id }) => ({ id, code: 'not_for_your_role', words: 'it is not yours' })),
        ...(from + 2 < rows.length && { next: `recent:${from + 2}:wf_x` }),
        as_of: AS_OF,
      });
    },
  };
  return { orders, context };
}

const WORDS = ['workflows', 'suspend', '--owner', 'team:growth', '--reason', 'a bad prompt'];

test('--dry-run lists what would be hit and what is left alone, and changes nothing', async () => {
  const { orders, context } = issuer();
  const { code, out } = await hewn([...WORDS, '--dry-run'], context);
  expect(code).toBe(0);
  expect(out).toContain(rowOf(1).id);
  expect(out).toMatch(/LEFT ALONE +WHY\n\S+3 +it is not yours/);
  expect(out).toMatch(/2 workflows would be suspended, 1 left alone$/);
  expect(orders.map(({ body }) => body.dry_run)).toEqual([true, true]);
  expect(orders[0]?.body.selector).toEqual({ owner: 'team:growth' });
});

test('a person sees the list and is asked; only a yes carries the order out', async () => {
  for (const answer of [true, false]) {
    const { orders, context } = issuer();
    const asked: string[] = [];
    const confirm = async (question: string) => {
      asked.push(question);
      return answer;
    };
    const ran = await hewn(WORDS, { ...context, confirm });
    expect(asked).toEqual(['suspend 2 workflows?']);
    expect(ran.code).toBe(answer ? 0 : 1);
    expect(orders.filter(({ body }) => body.dry_run === undefined)).toHaveLength(answer ? 2 : 0);
  }
});

test('a script says --yes, and otherwise nothing is changed', async () => {
  const without = issuer();
  const refused = await hewn(WORDS, without.context);
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('pass --yes') });
  expect(without.orders.every(({ body }) => body.dry_run)).toBe(true);
  const { orders, context } = issuer();
  const { code, out } = await hewn([...WORDS, '--yes', '--json'], context);
  expect(code).toBe(0);
  expect(orders.every(({ body }) => body.dry_run === undefined)).toBe(true);
  const answer = JSON.parse(out);
  expect(answer.done.map(({ id }: { id: string }) => id)).toEqual([rowOf(1).id, rowOf(2).id]);
  expect(answer.matched[0].started).toMatch(/^2026-.*Z$/);
});

test('an order that fails on the way says how far it came, and that it can be continued', async () => {
  const { context } = issuer(undefined, 2);
  const { code, err } = await hewn([...WORDS, '--yes'], context);
  expect(code).toBe(2);
  expect(err).toMatch(/2 workflows suspended, and then: .*Run it again to continue/);
});

test('no match is exit code 1, and nothing is asked', async () => {
  const { context } = issuer([]);
  const confirm = async () => {
    throw new Error('asked');
  };
  expect(await hewn(WORDS, { ...context, confirm })).toMatchObject({ code: 1 });
});

test.each([
  [[...WORDS, rowOf(1).id], /an ID, or filters/],
  [['workflows', 'suspend', rowOf(1).id, '--reason', 'x', '--dry-run'], /--dry-run is for filters/],
  [['workflows', 'suspend', '--reason', 'x'], /name one workflow by its ID/],
  [['workflows', 'revoke', '--owner', 'a', '--reason', 'x', '--wait', '5'], /--wait is for one ID/],
  [['workflows', 'resume', '--show', 'stop', '--reason', 'x'], /Did you mean stopped\?/],
])('a contradiction is refused before anything is sent (%#)', async (words, message) => {
  const { orders, context } = issuer();
  const { code, err } = await hewn(words, context);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  expect(orders).toEqual([]);
});
