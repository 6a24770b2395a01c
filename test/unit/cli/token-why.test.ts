/** `hewn token why` with the feed of the issuer, and with the policy behind the capability. */
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { toHex } from '../../../src/encoding.ts';
import type { FeedEntry, Head } from '../../../src/feed/index.ts';
import { AUTHORITY, ISSUER, issuerKey, mintToken, otherKey } from '../fixtures/issuer.ts';
import { deltaOf, entry, feedKeys, headOver, seconds, sign } from '../fixtures/log.ts';
import { emptyFolder, hewn } from './scene.ts';

const FEED_KEY = toHex(
  new Uint8Array((await crypto.subtle.exportKey('raw', feedKeys.publicKey)) as ArrayBuffer),
);
const READ = ['--tool', 'crm.search', '--action', 'read', '--dataset', 'crm/contacts/eu'];

/** Asks at an issuer whose feed has these entries, and whose head has these changes. */
const why = (log: readonly FeedEntry[], changes: Partial<Head> = {}) =>
  hewn(['token', 'why', ...READ], {
    stdin: async () => mintToken(),
    now: () => new Date(seconds(1) * 1000),
    variable: (name) => ({ HEWN_ISSUER: ISSUER, HEWN_FEED_KEY: FEED_KEY })[name],
    fetch: async (input) => {
      const { pathname } = new URL(String(input));
      if (pathname.endsWith('/head'))
        return Response.json(await sign(await headOver(log, 0, changes)));
      const [from = 0, to = 0] = (pathname.split('/').at(-1) ?? '').split('-').map(Number);
      return new Response(deltaOf(log.filter(({ seq }) => seq > from && seq <= to)));
    },
  });

const WATERMARK = {
  scope: 'owner',
  value: AUTHORITY.owner,
  before: seconds(1),
  expires: seconds(3_600),
};

describe('hewn token why reads the feed of the issuer', () => {
  test('allows a call of a token that nothing stops', async () => {
    expect(await why([entry(1, { id: 'wf_other' })])).toMatchObject({
      code: 0,
      out: 'allowed',
      err: '',
    });
  });

  test.each([
    [
      'its workflow is revoked',
      [entry(1, { id: AUTHORITY.workflow })],
      {},
      /workflow wf_1 is revoked/,
    ],
    [
      'its workflow is suspended',
      [entry(1, { kind: 'suspension', id: AUTHORITY.workflow })],
      {},
      /workflow wf_1 is suspended/,
    ],
    [
      'a watermark matches it',
      [],
      { watermarks: [WATERMARK] },
      /watermark .*team:growth is revoked/,
    ],
  ])('says that %s', async (_, log, changes, summary) => {
    const { code, out } = await why(log, changes as Partial<Head>);
    expect(code).toBe(1);
    expect(out).toMatch(summary);
    expect(out).toContain('This is a stop, not a rule.');
  });

  test('says which keys count if that of the token was withdrawn', async () => {
    const { code, out, err } = await why([], { keys: [otherKey] });
    expect(code).toBe(1);
    expect(out).toContain('(signature_invalid)');
    expect(err).toBe(
      'the feed accepts the root keys 2: the token was altered, or its key was withdrawn',
    );
  });
});

const POLICY = `owner("team:growth");
max_lifetime(300);

allow if
  workload("agents", "spiffe://acme.example/agents/analyst"),
  tool("crm.search"), action("read"),
  under("crm/contacts");

deny if
  tool("crm.delete");
`;
const CATALOGUE = `
[[tool]]
name = "crm.search"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "crm/contacts" }]
[[tool]]
name = "crm.delete"
action = "delete"
tier = 3
arguments = []
datasets = [{ fixed = "crm/contacts" }]
sinks = []
`;

describe('hewn token why --policy', () => {
  async function ask(words: readonly string[]) {
    await using folder = await emptyFolder();
    await mkdir(folder.file('policy'));
    await writeFile(folder.file('policy/crm.datalog'), POLICY);
    await writeFile(folder.file('policy/tools.toml'), CATALOGUE);
    const token = mintToken({ subject: AUTHORITY.owner });
    return await hewn(['token', 'why', ...words, '--root-key', issuerKey.publicKey], {
      cwd: folder.path,
      stdin: async () => token,
    });
  }
  const POLICY_WORDS = ['--policy', 'policy', '--identity', 'agents=spiffe://acme.example'];
  const DELETE = ['--tool', 'crm.delete', '--action', 'delete', '--dataset', 'crm/contacts/eu'];

  test('names the file and the line of the rule that refuses', async () => {
    const { code, out, err } = await ask([...DELETE, ...POLICY_WORDS]);
    expect({ code, err }).toMatchObject({ code: 1 });
    expect(out).toContain('policy/crm.datalog:9  This rule refuses it, whatever others allow.');
    expect(out).toContain('      deny if\n        tool("crm.delete");');
  });

  test('names the nearest rule and what it lacks, and what would grant the call', async () => {
    const other = ['--tool', 'crm.search', '--action', 'read', '--dataset', 'crm/deals'];
    const { code, out, err } = await ask([...other, ...POLICY_WORDS]);
    expect({ code, err }).toEqual({
      code: 1,
      err: 'no feed was read, so no stop was looked for',
    });
    expect(out).toContain('policy/crm.datalog:4  No rule allows it. This one is the nearest');
    expect(out).toContain('lacks under("crm/contacts")');
    const json = JSON.parse((await ask([...other, ...POLICY_WORDS, '--json'])).out);
    expect(json.rule).toMatchObject({ file: 'policy/crm.datalog', line: 4 });
    expect(json.rule).not.toHaveProperty('version');
  });

  test('asks for the name of an identity issuer that the policy has', async () => {
    const { code, err } = await ask([...DELETE, '--policy', 'policy']);
    expect(code).toBe(2);
    expect(err).toContain('pass --identity NAME=URL');
    const alone = await ask([...DELETE, '--identity', 'agents=spiffe://acme.example']);
    expect(alone).toMatchObject({ code: 2, err: expect.stringContaining('goes with --policy') });
    const wrong = await ask([...DELETE, '--policy', 'policy', '--identity', 'agents']);
    expect(wrong.err).toContain('--identity must be NAME=URL');
  });
});
