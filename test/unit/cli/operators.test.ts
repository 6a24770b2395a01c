import { readFile, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { generateKeyPair, mint } from '../../../src/biscuit/index.ts';
import { inspectToken, writeAuthority } from '../../../src/capability/index.ts';
import type { CommandContext } from '../../../src/cli/index.ts';
import { checkProof, tokenHash } from '../../../src/dpop/index.ts';
import { grantsOf } from '../../../src/operator-capability/index.ts';
import type { PermissionGrant } from '../../../src/operators/index.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

const ISSUER = 'https://issuer.example';
const NOW = new Date('2026-11-23T10:00:00Z');
const ID = `opc_${'a'.repeat(22)}`;
const { privateKey: rootKey } = await generateKeyPair('ed25519');

interface Order {
  readonly holder: string;
  readonly grants: readonly PermissionGrant[];
  readonly ends_at: number;
  readonly reason: string;
}

async function tokenFor({ holder, grants, ends_at: ends }: Order): Promise<string> {
  const written = grantsOf(grants);
  if (!written.ok) throw new Error(written.error.code);
  const authority = writeAuthority(
    {
      issuer: ISSUER,
      workflow: ID,
      agent: 'hewn/admin',
      subject: 'corp#ann',
      owner: 'hewn/admin',
      task: 'on call',
      gen: 1,
      issuedAt: NOW,
      audience: `${ISSUER}/admin`,
      ancestors: [],
      holder,
      grants: written.value,
    },
    new Date(ends * 1_000),
    12 * 3_600,
  );
  if (!authority.ok) throw new Error(JSON.stringify(authority.error));
  const minted = await mint({ rootKey, rootKeyId: 1, block: authority.value.block });
  if (!minted.ok) throw new Error(minted.error.code);
  return minted.value.text;
}

/** An issuer that mints what a request says, and that answers other requests if they are proven. */
function issuer(folder: Folder, { nonce }: { readonly nonce?: string } = {}) {
  const orders: Order[] = [];
  const proven: string[] = [];
  const context: Partial<CommandContext> = {
    cwd: folder.path,
    home: folder.path,
    zone: 'Europe/Berlin',
    variable: (name) => ({ HEWN_OPERATOR: 'credential', HEWN_ISSUER: ISSUER })[name],
    fetch: async (input, init) => {
      const url = new URL(String(input));
      const headers = new Headers(init?.headers);
      if (init?.method === 'POST' && url.pathname === '/admin/v1/capabilities') {
        const order = JSON.parse(String(init.body)) as Order;
        orders.push(order);
        const token = await tokenFor(order);
        const answer = { id: ID, token, block: '0'.repeat(128), audience: `${ISSUER}/admin` };
        return Response.json({ ...answer, ends_at: order.ends_at }, { status: 201 });
      }
      const token = headers.get('authorization')?.replace(/^DPoP /, '') ?? '';
      const checked = await checkProof(headers.get('dpop') ?? '', {
        method: init?.method ?? '',
        url: `${url.origin}${url.pathname}`,
        now: NOW.getTime(),
        ath: await tokenHash(token),
      });
      const claims = await inspectToken(token);
      const sent = JSON.parse(atob((headers.get('dpop') ?? '').split('.')[1] ?? 'e30='));
      if (nonce !== undefined && sent.nonce !== nonce) {
        const refused = { error: 'nonce_required', message: 'A nonce is needed.' };
        return Response.json(refused, { status: 401, headers: { 'dpop-nonce': nonce } });
      }
      if (!checked.ok || !claims.ok || claims.value.holder !== checked.value.thumbprint) {
        return Response.json({ error: 'unauthorized', message: 'No.' }, { status: 401 });
      }
      proven.push(checked.value.thumbprint);
      return Response.json({ capabilities: [] });
    },
  };
  return { context, orders, proven };
}

const grant = (...more: readonly string[]): readonly string[] => [
  ...['operators', 'grant', '--permission', 'revoke', '--permission', 'suspend'],
  ...['--until', '18:00', '--reason', 'on call', ...more],
];

describe('hewn operators', () => {
  test('mints a capability, narrows it, hands it on, and acts by it with a proof', async () => {
    await using folder = await emptyFolder();
    const { context, orders, proven } = issuer(folder);
    const run = async (...words: readonly string[]): Promise<string> => {
      const { code, out, err } = await hewn(words, context);
      expect({ code, err }).toEqual({ code: 0, err: '' });
      return out.trim();
    };
    expect(await run(...grant('--out', 'all.json'))).toContain(`${ID}  until 2026-11-23T17:00:00Z`);
    // 18:00 in Berlin.
    expect(orders).toMatchObject([
      {
        grants: [{ permission: 'revoke' }, { permission: 'suspend' }],
        ends_at: Date.parse('2026-11-23T17:00:00Z') / 1_000,
        reason: 'on call',
      },
    ]);
    expect((await stat(folder.file('all.json'))).mode & 0o777).toBe(0o600);
    const only = ['--permission', 'revoke', '--owner', 'team:growth', '--until', '30m'];
    await run('operators', 'narrow', 'all.json', ...only, '--out', 'growth.json');
    const thumbprint = await run('operators', 'key', '--out', 'pager.json');
    const to = ['--to', thumbprint, '--name', 'pager', '--permission', 'revoke'];
    await run('operators', 'hand-on', 'growth.json', ...to, '--out', 'handed.json');
    const handed = await readFile(folder.file('handed.json'), 'utf8');
    expect(JSON.parse(handed)).toEqual({ issuer: ISSUER, token: expect.any(String) });
    await run('operators', 'accept', 'handed.json', '--key', 'pager.json');

    await run('operators', 'list', '--capability', 'pager.json');
    await run('operators', 'list', '--capability', 'all.json');
    expect(proven).toEqual([thumbprint, orders[0]?.holder]);
    const claims = await inspectToken(JSON.parse(handed).token);
    expect(claims.ok && claims.value.hops).toMatchObject([{ to: thumbprint, name: 'pager' }]);
    expect(claims.ok && claims.value.expires).toBe(NOW.getTime() / 1_000 + 1_800);
  });

  test('sends the request again with the nonce that the issuer asks for', async () => {
    await using folder = await emptyFolder();
    const { context, proven } = issuer(folder, { nonce: 'n-1' });
    await hewn(grant('--out', 'all.json'), context);
    const { code } = await hewn(['operators', 'list', '--capability', 'all.json'], context);
    expect({ code, proven: proven.length }).toEqual({ code: 0, proven: 1 });
  });

  test('acts by the capability that HEWN_CAPABILITY names, unless --file is given', async () => {
    await using folder = await emptyFolder();
    const { context, proven } = issuer(folder);
    await hewn(grant('--out', 'all.json'), context);
    const named = { ...context, variable: (name: string) => VARIABLES[name] };
    const VARIABLES: Record<string, string> = { HEWN_CAPABILITY: 'all.json' };
    expect((await hewn(['operators', 'list'], named)).code).toBe(0);
    expect(proven).toHaveLength(1);
    const both = ['operators', 'list', '--file', 'k.json', '--capability', 'all.json'];
    expect((await hewn(both, named)).err).toContain('name one');
  });

  test('sends a capability to no other issuer', async () => {
    await using folder = await emptyFolder();
    const { context, proven } = issuer(folder);
    await hewn(grant('--out', 'all.json'), context);
    const other = ['--capability', 'all.json', '--issuer', 'https://other.example'];
    const { code, err } = await hewn(['operators', 'list', ...other], context);
    expect({ code, proven }).toEqual({ code: 2, proven: [] });
    expect(err).toContain(`is of ${ISSUER}`);
  });

  test('replaces no file, and accepts no capability of another key', async () => {
    await using folder = await emptyFolder();
    const { context, orders } = issuer(folder);
    await writeFile(folder.file('all.json'), 'a note');
    const again = await hewn(grant('--out', 'all.json'), context);
    expect({ code: again.code, orders }).toEqual({ code: 2, orders: [] });
    expect(again.err).toContain('exists already');
    await hewn(grant('--out', 'mine.json'), context);
    await hewn(['operators', 'key', '--out', 'pager.json'], context);
    const accepted = ['operators', 'accept', 'mine.json', '--key', 'pager.json'];
    expect((await hewn(accepted, context)).err).toContain('another key');
  });

  test.each([
    [['--until', '10:00'], '12'],
    [['--until', '2026-11-24T10:00:00Z'], '12 hours'],
    [['--until', '13h'], '12h'],
    [['--until', 'noon'], '--until must be a time'],
    [['--until', '1h', '--holder', 'ann'], '--holder must be a thumbprint'],
    [['--until', '1h', '--permission', 'delegate'], '--permission must be one of'],
  ])('refuses to mint with %j, before it asks', async (flags, message) => {
    await using folder = await emptyFolder();
    const { context, orders } = issuer(folder);
    const words = ['operators', 'grant', '--permission', 'revoke', '--reason', 'r', '--out', 'a'];
    const { code, err } = await hewn([...words, ...flags], context);
    expect({ code, orders }).toEqual({ code: 2, orders: [] });
    expect(err).toContain(message);
  });

  test('narrows nothing if no limit is named', async () => {
    await using folder = await emptyFolder();
    const { context } = issuer(folder);
    await hewn(grant('--out', 'all.json'), context);
    const { err } = await hewn(['operators', 'narrow', 'all.json', '--out', 'b.json'], context);
    expect(err).toContain('name a --permission, an --owner or an --until');
  });
});
