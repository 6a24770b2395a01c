import { expect, test } from 'vitest';
import { hewn } from './scene.ts';

const AS_OF = { epoch: 1, seq: 2, at: '2026-11-29T10:00:00.000Z' };

const asked: string[] = [];

/** Runs the command against an issuer that finds these differences in its first part. */
const compare = (differing: readonly object[], words: readonly string[] = []) =>
  hewn(['audit', 'compare', ...words], {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      asked.push(`${init?.method} ${new URL(String(input)).pathname}`);
      if (init?.method === 'POST') return Response.json({ as_of: AS_OF });
      const isLast = String(input).includes('after=living');
      return Response.json({
        checked: 3,
        differing: isLast ? [] : differing,
        as_of: AS_OF,
        ...(!isLast && { next: 'living:' }),
      });
    },
  });

test('hewn audit compare counts the workflows that it compared', async () => {
  expect(await compare([])).toMatchObject({ code: 0, out: '3 workflows compared, 0 differences' });
});

test('hewn audit compare prints what differs, and exits with 1', async () => {
  const fault = { id: 'wf_1', what: 'calls', index: 5, logs: 2 };
  const { code, out } = await compare([fault]);
  expect(code).toBe(1);
  expect(out).toContain('wf_1  calls  index 5  logs 2');
  const json = await compare([fault], ['--json']);
  expect(JSON.parse(json.out)).toEqual({ checked: 3, differing: [fault] });
});

test('hewn audit compare --rebuild builds the index again only if it differs', async () => {
  const rebuild = 'POST /admin/v1/activity/rebuild';
  asked.length = 0;
  expect(await compare([], ['--rebuild'])).toMatchObject({ code: 0, err: '' });
  expect(asked).not.toContain(rebuild);
  const fault = { id: 'wf_1', what: 'calls', index: 5, logs: 2 };
  const { code, err } = await compare([fault], ['--rebuild']);
  expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('built again') });
  expect(asked.at(-1)).toBe(rebuild);
});
