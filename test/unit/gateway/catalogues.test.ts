import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parseCatalogue, type VerifiedCatalogue } from '../../../src/catalogue/index.ts';
import type { Head } from '../../../src/feed/index.ts';
import { catalogueExtension } from '../../../src/feed/log/index.ts';
import { CATALOGUE_WAIT_MILLISECONDS, Catalogues } from '../../../workers/gateway/catalogues.ts';

const toml = (tier: number, args = ['path']) => `
[[tool]]
name = "mcp/files/write_file"
action = "write"
tier = ${tier}
arguments = ${JSON.stringify(args)}
datasets = [{ argument = "/path", under = "files" }]
sinks = []
`;
const FIRST = toml(2);
const SECOND = toml(3, []).replace('argument = "/path", under = "files"', 'fixed = "files"');
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const TOOL = 'mcp/files/write_file';

const verified = (text: string): VerifiedCatalogue => {
  const catalogue = parseCatalogue(text);
  if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
  return { hash: hashOf(text), catalogue: catalogue.value };
};

/** What the issuer answers, and what was asked. */
let texts: string[];
let answer: (hash: string) => Promise<Response>;
let asked: string[];
let named: string | undefined;
/** What the issuer's next head names. */
let activated: string | undefined;
let refreshes: number;
const feed = {
  get head(): Head | undefined {
    return {
      ...(named !== undefined && { extensions: [catalogueExtension(named)] }),
    } as unknown as Head;
  },
  refresh: async () => {
    refreshes++;
    named = activated ?? named;
    return { ok: true };
  },
};

beforeEach(() => {
  vi.spyOn(console, 'error').mockReturnValue();
  texts = [FIRST, SECOND];
  asked = [];
  named = undefined;
  activated = undefined;
  refreshes = 0;
  answer = async (hash) => {
    const text = texts.find((one) => hashOf(one) === hash);
    return text === undefined ? new Response(null, { status: 404 }) : new Response(text);
  };
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const catalogues = (configured?: string) =>
  new Catalogues({
    feed,
    get: async (path) => {
      asked.push(path);
      return answer(path.replace('/catalogue/', ''));
    },
    ...(configured !== undefined && { configured: verified(configured) }),
  });

describe('without a catalogue in the head', () => {
  test('the one of the entry file is in force', async () => {
    const judging = await catalogues(FIRST).judging();
    expect(judging).toMatchObject({ hash: hashOf(FIRST), named: undefined, isCurrent: true });
    expect(asked).toEqual([]);
  });

  test('and without one in the entry file, nothing can be judged', async () => {
    const judging = await catalogues().judging();
    expect(judging).toMatchObject({ catalogue: undefined, isCurrent: false });
  });
});

describe('a gateway that started before the first version was activated', () => {
  test('asks for a new head, once a second, and judges by the catalogue that it names', async () => {
    const one = catalogues();
    for (let call = 0; call < 20; call++) expect((await one.judging()).isCurrent).toBe(false);
    expect(refreshes).toBe(1);
    activated = hashOf(FIRST);
    await expect.poll(async () => (await one.judging()).isCurrent).toBe(true);
    for (let call = 0; call < 20; call++) await one.judging();
    expect(refreshes).toBe(2);
  });

  test('asks for none if its entry file has a catalogue', async () => {
    await catalogues(FIRST).judging();
    expect(refreshes).toBe(0);
  });
});

describe('a catalogue that the head names', () => {
  test('is fetched once and then in force', async () => {
    named = hashOf(SECOND);
    const one = catalogues(FIRST);
    const all = await Promise.all([one.judging(), one.judging(), one.judging()]);
    for (const { hash, isCurrent } of all) expect([hash, isCurrent]).toEqual([named, true]);
    expect(asked).toEqual([`/catalogue/${named}`]);
  });

  test('is not fetched if the entry file has it', async () => {
    named = hashOf(FIRST);
    expect(await catalogues(FIRST).judging()).toMatchObject({ hash: named, isCurrent: true });
    expect(asked).toEqual([]);
  });

  test('is fetched after an answer, so that no call waits for it', async () => {
    const one = catalogues(FIRST);
    await one.judging();
    named = hashOf(SECOND);
    await one.bringForward();
    expect(asked).toHaveLength(1);
    expect(await one.judging()).toMatchObject({ hash: named, isCurrent: true });
    expect(asked).toHaveLength(1);
  });

  test('is not replaced by the one of the entry file, which was never in force', async () => {
    named = hashOf(SECOND);
    texts = [];
    const judging = await catalogues(FIRST).judging();
    expect(judging).toMatchObject({ catalogue: undefined, isCurrent: false });
  });

  test.each<[string, () => Promise<Response>]>([
    ['other bytes', async () => new Response(FIRST)],
    ['an error', async () => new Response(null, { status: 500 })],
    ['no answer', async () => Promise.reject(new TypeError('no route'))],
    ['more bytes than a catalogue has', async () => new Response('#'.repeat(300_000))],
  ])('leaves reads to the last verified one while the issuer sends %s', async (_, broken) => {
    named = hashOf(FIRST);
    const one = catalogues();
    await one.judging();
    named = hashOf(SECOND);
    answer = broken;
    const judging = await one.judging();
    expect(judging).toMatchObject({ hash: hashOf(FIRST), named, isCurrent: false });
    expect(judging.catalogue?.get(TOOL)).toMatchObject({ tier: 2 });
  });

  test('that does not parse counts as not fetched, and the log has the reason', async () => {
    texts = ['[[tool]'];
    named = hashOf('[[tool]');
    expect(await catalogues().judging()).toMatchObject({ isCurrent: false });
    expect(console.error).toHaveBeenCalledWith(
      expect.objectContaining({ event: 'catalogue.unfetched', code: 'toml_invalid', hash: named }),
    );
  });

  test('is not asked for again right after a failure, and is a little later', async () => {
    named = hashOf(SECOND);
    texts = [];
    const one = catalogues();
    for (let call = 0; call < 20; call++) await one.judging();
    expect(asked).toHaveLength(1);
    texts = [SECOND];
    await expect.poll(async () => (await one.judging()).isCurrent).toBe(true);
    expect(asked).toHaveLength(2);
  });

  test('delays a call by no more than the bound, and the next one not at all', async () => {
    named = hashOf(SECOND);
    answer = () => new Promise(() => undefined);
    const one = catalogues();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const calls = Promise.all([one.judging(), one.judging(), one.judging()]);
    await vi.advanceTimersByTimeAsync(CATALOGUE_WAIT_MILLISECONDS);
    await calls;
    await one.judging(); // No time passes meanwhile.
  });
});

test('four catalogues are kept, and the one of the entry file always', async () => {
  const one = catalogues(FIRST);
  texts = [2, 3, 4, 5, 6].map((length) => toml(3, ['path', 'x'.repeat(length)]));
  for (const text of texts) {
    named = hashOf(text);
    await one.judging();
  }
  expect(asked).toHaveLength(5);
  for (const text of [FIRST, ...texts.slice(-3)]) {
    named = hashOf(text);
    await one.judging();
  }
  expect(asked).toHaveLength(5);
  named = hashOf(texts[0] ?? '');
  await one.judging();
  expect(asked).toHaveLength(6);
});

describe('a head that names another catalogue while one is fetched', () => {
  test('leads to the newest one within the same wait', async () => {
    named = hashOf(FIRST);
    const fetchedLate = answer;
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    answer = async (hash) => {
      await arrived;
      return fetchedLate(hash);
    };
    const one = catalogues();
    const first = one.judging();
    await expect.poll(() => asked.length).toBe(1);
    named = hashOf(SECOND);
    arrive();
    expect(await one.judging()).toMatchObject({ hash: named, isCurrent: true });
    expect(await first).toMatchObject({ hash: named, isCurrent: true });
    expect(asked).toHaveLength(2);
  });
});

describe('a denial', () => {
  test('says where the catalogue of the mint differs', async () => {
    const one = catalogues(FIRST);
    await one.judging();
    named = hashOf(SECOND);
    const judging = await one.judging();
    expect(await one.gapOf(hashOf(FIRST), judging, TOOL)).toEqual({
      minted: hashOf(FIRST),
      judged: hashOf(SECOND),
      differences: [
        'the tier is 3 instead of 2',
        'the argument path is no longer listed',
        'the datasets are found in another way',
      ],
    });
    expect(await one.gapOf('0'.repeat(64), judging, TOOL)).toMatchObject({
      minted: '0'.repeat(64),
      differences: undefined,
    });
  });

  test('of an isolate that never had the catalogue of the mint fetches it, once', async () => {
    named = hashOf(SECOND);
    const one = catalogues();
    const judging = await one.judging();
    for (let call = 0; call < 3; call++) {
      const gap = await one.gapOf(hashOf(FIRST), judging, TOOL);
      expect(gap?.differences).toContain('the tier is 3 instead of 2');
    }
    expect(asked).toHaveLength(2);
  });

  test('is not delayed again by a catalogue that cannot be fetched', async () => {
    named = hashOf(SECOND);
    texts = [SECOND];
    const one = catalogues();
    const judging = await one.judging();
    for (let call = 0; call < 3; call++) {
      expect(await one.gapOf(hashOf(FIRST), judging, TOOL)).toMatchObject({
        minted: hashOf(FIRST),
      });
    }
    expect(asked).toHaveLength(2);
  });

  test('says nothing if both say the same about the tool', async () => {
    const one = catalogues(FIRST);
    const judging = await one.judging();
    expect(await one.gapOf(hashOf(FIRST), judging, TOOL)).toBeUndefined();
    expect(await one.gapOf(undefined, judging, TOOL)).toBeUndefined();
    named = hashOf(SECOND);
    const moved = await one.judging();
    expect(await one.gapOf(hashOf(FIRST), moved, 'mcp/files/other')).toBeUndefined();
  });
});
