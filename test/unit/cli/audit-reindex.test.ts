import { expect, test } from 'vitest';
import { hewn } from './scene.ts';

/** Runs the command against an issuer whose logs have so many bundles, in parts of 16. */
async function reindex(words: readonly string[], bundles: Readonly<Record<string, number>>) {
  const asked: unknown[] = [];
  const ran = await hewn(['audit', 'reindex', ...words], {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const path = new URL(String(input)).pathname;
      if (path === '/admin/v1/audit/logs') {
        const of = { origin: 'o', size: 0, committed: 0, fill: 0 };
        return Response.json({ logs: Object.keys(bundles).map((log) => ({ log, ...of })) });
      }
      const log = path.split('/').at(-2) ?? '';
      const { from } = JSON.parse(String(init?.body)) as { readonly from: number };
      asked.push([log, from]);
      const most = bundles[log];
      if (most === undefined) return Response.json({ code: 'log_unknown' }, { status: 404 });
      const end = Math.min(most, from + 16);
      return Response.json({ bundles: end - from, ...(end < most && { next: end }) });
    },
  });
  return { ...ran, asked };
}

test('hewn audit reindex makes the index of all logs again, part by part', async () => {
  const ran = await reindex([], { control: 35, old: 0 });
  expect(ran.asked).toEqual([
    ['control', 0],
    ['control', 16],
    ['control', 32],
    ['old', 0],
  ]);
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.out).toContain('control  35 bundles of 256 records');
  expect(ran.out).toContain('old  0 bundles');
});

test('hewn audit reindex takes the names of logs, and stops at one that fails', async () => {
  expect((await reindex(['old'], { control: 35, old: 3 })).asked).toEqual([['old', 0]]);
  const json = await reindex(['old', '--json'], { control: 35, old: 3 });
  expect(JSON.parse(json.out)).toEqual({ logs: [{ log: 'old', bundles: 3 }] });
  const unknown = await reindex(['none', 'old'], { old: 3 });
  expect(unknown).toMatchObject({ code: 2, asked: [['none', 0]] });
  expect(unknown.err).toContain('none: ');
});
