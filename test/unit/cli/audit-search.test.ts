import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { EXPORTED } from '../audit/export/records.ts';
import { emptyFolder, hewn } from './scene.ts';

/** `hewn audit search|tail|export`, against an issuer that answers in pages of five records. */
const variable = (name: string) => (name === 'HEWN_OPERATOR' ? 'operator' : undefined);

function issuerOf(records = EXPORTED) {
  const asked: URLSearchParams[] = [];
  const fetch = (async (input: string | URL | Request) => {
    const { pathname, searchParams } = new URL(String(input));
    asked.push(searchParams);
    if (pathname.includes('/receipts/')) return Response.json({ receipt: `proof of ${pathname}` });
    if (pathname !== '/admin/v1/audit') return new Response(null, { status: 404 });
    const [, next = '0'] = searchParams.get('after')?.split(':') ?? [];
    const first = Math.max(Number(next), records.length - Number(searchParams.get('last') ?? 1e9));
    const event = searchParams.get('event');
    const page = records.slice(first, first + 5);
    const found = page.filter(({ record }) => event === null || record.event === event);
    const end = first + page.length >= records.length;
    return Response.json({ records: found, next: `control:${first + page.length}`, end });
  }) as typeof globalThis.fetch;
  return { asked, fetch };
}

const run = (...words: string[]) => {
  const { asked, fetch } = issuerOf();
  return hewn(['audit', ...words], { fetch, variable }).then((answer) => ({ ...answer, asked }));
};
const linesOf = (out: string): readonly string[] => out.split('\n').filter((line) => line !== '');

describe('hewn audit search', () => {
  test('prints every record of every page that it finds, one in a line', async () => {
    const { code, out, asked } = await run('search', '--event', 'decision', '--since', '24h');
    expect(code).toBe(0);
    const decisions = EXPORTED.filter(({ record }) => record.event === 'decision');
    expect(linesOf(out)).toHaveLength(decisions.length);
    // A denial has its code, and the id that `hewn audit why` takes.
    const denied = decisions.map(({ record }) => record).find((one) => 'code' in one);
    expect(out).toContain(`Denied: mcp/files/read files/reports/q3.md  no_grant  ${denied?.id}`);
    expect(asked.length).toBeGreaterThan(3);
    expect(asked[0]?.get('event')).toBe('decision');
    expect(asked[0]?.get('from')).toMatch(/^\d{4}-\d{2}-\d{2}T/);
  });

  test('exits with 1 if there is no such record', async () => {
    expect(await run('search', '--event', 'nothing')).toMatchObject({ code: 1, out: '' });
  });

  test('prints records as JSON, and reads them back', async () => {
    const { out } = await run('search', '--event', 'mint', '--json');
    expect(linesOf(out).map((line) => JSON.parse(line).record.id)).toEqual(['mint.1', 'mint.2']);
  });

  test('shows a line end in a name as a character, so that no record adds a line', async () => {
    const [first] = EXPORTED;
    const record = { ...first?.record, event: 'decision', tool: 'a\nb', agent: '\u202Eevil' };
    const { fetch } = issuerOf([{ log: 'control', index: 0, record: record as never }]);
    const { out } = await hewn(['audit', 'search', '--tool', 'x'], { fetch, variable });
    expect(linesOf(out)).toHaveLength(1);
    expect(out).not.toContain('\u202E');
  });

  test('refuses a time that it cannot read', async () => {
    const answer = await run('search', '--until', 'tomorrow');
    expect(answer).toMatchObject({ code: 2, err: expect.stringContaining('--until must be') });
  });
});

describe('hewn audit tail', () => {
  test('prints the newest records, oldest first', async () => {
    const { code, out } = await run('tail', '--last', '3', '--json');
    expect(code).toBe(0);
    const ids = EXPORTED.slice(-3).map(({ record }) => record.id);
    expect(linesOf(out).map((line) => JSON.parse(line).record.id)).toEqual(ids);
  });

  test('follows the logs over failures, and prints each further record once', async () => {
    const more = EXPORTED.slice(0, 3);
    const records = EXPORTED.slice(3);
    const { asked, fetch } = issuerOf(records);
    // Between two polls: records are written, and the issuer restarts.
    const events = [
      () => records.push(...more.slice(0, 2)),
      fail,
      fail,
      () => records.push(...more.slice(2)),
    ];
    let failures = 0;
    function fail() {
      failures += 1;
    }
    const sleep = vi.fn(async () => {
      const event = events.shift();
      if (event) event();
      else failures = Number.POSITIVE_INFINITY;
    });
    const fetching = (async (...input: Parameters<typeof fetch>) => {
      if (failures === 0) return fetch(...input);
      failures -= 1;
      throw new TypeError('the issuer restarts');
    }) as typeof globalThis.fetch;
    const words = ['audit', 'tail', '--follow', '--last', '1', '--json'];
    const { code, out, err } = await hewn(words, { fetch: fetching, variable, sleep });
    const ids = [...EXPORTED.slice(-1), ...more].map(({ record }) => record.id);
    expect(linesOf(out).map((line) => JSON.parse(line).record.id)).toEqual(ids);
    // It ends only because the issuer stays away.
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('the issuer restarts') });
    expect(sleep.mock.calls.length).toBeGreaterThan(30);
    expect(asked.slice(1).every((query) => query.has('after') && !query.has('last'))).toBe(true);
  });

  test('refuses a text that is not a number of records', async () => {
    for (const last of ['-1', 'x', '1001']) {
      expect((await run('tail', `--last=${last}`)).code).toBe(2);
    }
  });
});

describe('hewn audit export', () => {
  test.each([
    ['ndjson', (line: string) => JSON.parse(line).record.id],
    ['ocsf', (line: string) => JSON.parse(line).metadata.uid],
    ['cloudevents', (line: string) => JSON.parse(line).id],
  ])('writes every record as %s, one in a line', async (format, idOf) => {
    const { code, out, err } = await run('export', '--format', format);
    expect(code).toBe(0);
    expect(linesOf(out).map(idOf)).toEqual(EXPORTED.map(({ record }) => record.id));
    expect(err).toContain(`--after control:${EXPORTED.length}`);
  });

  test('writes a request of OTLP for each page', async () => {
    const lines = linesOf((await run('export', '--format', 'otlp')).out);
    const counts = lines.map(
      (line) => JSON.parse(line).resourceLogs[0].scopeLogs[0].logRecords.length,
    );
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(EXPORTED.length);
  });

  test('begins where an earlier export ended', async () => {
    const { out } = await run('export', '--after', `control:${EXPORTED.length - 2}`);
    expect(linesOf(out)).toHaveLength(2);
  });

  test('names the formats that it knows', async () => {
    const answer = await run('export', '--format', 'syslog');
    expect(answer).toMatchObject({ code: 2, err: expect.stringContaining('ndjson, ocsf') });
  });
});

describe('hewn audit incident', () => {
  const ID = 'wf_AAAAAAAAAAAAAAAAAAAAAA';

  test('writes every record with its receipt, sorted by what it is', async () => {
    await using folder = await emptyFolder();
    const out = folder.file('incident');
    const { code, asked } = await run('incident', ID, '--out', out);
    expect(code).toBe(0);
    expect(asked[0]?.get('tree')).toBe('true');
    expect(await readdir(join(out, 'receipts'))).toHaveLength(EXPORTED.length);
    const { parts, records } = JSON.parse(await readFile(join(out, 'incident.json'), 'utf8'));
    expect(records).toBe(EXPORTED.length);
    for (const part of ['tokens', 'decisions', 'effects', 'approvals', 'orders']) {
      expect(parts[part].length, part).toBeGreaterThan(0);
    }
    const [first] = parts.tokens;
    expect(await readFile(join(out, first.receipt), 'utf8')).toContain('proof of');
    expect(linesOf(await readFile(join(out, 'records.ndjson'), 'utf8'))).toHaveLength(records);
  });

  test('does not write into a folder that is there', async () => {
    await using folder = await emptyFolder();
    const answer = await run('incident', ID, '--out', folder.path);
    expect(answer).toMatchObject({ code: 2, err: expect.stringContaining('cannot write a new') });
  });
});
