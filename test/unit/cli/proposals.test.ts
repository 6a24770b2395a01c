import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/canonical-json.ts';
import type { CommandContext } from '../../../src/cli/index.ts';
import { hewn } from './scene.ts';

const ID = `prp_${'a'.repeat(22)}`;
const WORKFLOW = `wf_${'a'.repeat(22)}`;
const APPROVAL = `apr_${'a'.repeat(43)}`;
const VERSION = 'a'.repeat(64);

const SIGNED = {
  act: 'POST /workflows/:id/resume',
  order: { params: { id: WORKFLOW }, query: {}, body: { reason: 'mended\u202e' } },
  by: 'corp#ann',
};
const PROPOSAL = {
  ...SIGNED,
  id: ID,
  permission: 'resume',
  digest: createHash('sha256').update(canonicalJson(SIGNED)).digest('hex'),
  at: 1_795_428_000,
  expires: 1_795_431_600,
  may_confirm: true,
};
const UNTIL = new Date(PROPOSAL.expires * 1_000).toISOString();

interface Sent {
  readonly call: string;
  readonly body: unknown;
}

/** An issuer at which these proposals wait, and where each other order has the given answer. */
function issuer(proposals: readonly object[], answer: () => Response) {
  const sent: Sent[] = [];
  const context: Partial<CommandContext> = {
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input, init) => {
      const call = `${init?.method} ${new URL(String(input)).pathname}`;
      if (call === 'GET /admin/v1/proposals') return Response.json({ proposals });
      const body = typeof init?.body === 'string' ? JSON.parse(init.body) : undefined;
      if (body?.dry_run) {
        const as_of = { epoch: 1, seq: 1, at: UNTIL };
        return Response.json({ matched: [], done: [], skipped: [], as_of });
      }
      if (call === 'GET /admin/v1/versions/active') {
        const before = 'b'.repeat(64);
        const active = { n: 2, version: VERSION, before, catalogue_hash: VERSION, at: UNTIL };
        const more = {
          actor: 'operator',
          by: 'operator',
          reason: 'r',
          state: 'active',
          in_feed: true,
        };
        return Response.json({ active: { ...active, ...more }, recording: null, last_by: {} });
      }
      if (call === `GET /admin/v1/approvals/${APPROVAL}`) {
        const times = { asked: 1_795_428_000, deadline: 1_795_431_600 };
        const question = { agent: 'a' };
        const shown = { seq: 1, id: APPROVAL, digest: VERSION, state: 'pending', question };
        return Response.json({ ...shown, ...times });
      }
      sent.push({ call, body });
      return answer();
    },
  };
  return { sent, context };
}

const confirmed = (answer: object | null = { workflow: WORKFLOW, state: 'active' }) =>
  issuer([PROPOSAL], () => Response.json({ proposal: ID, answer }));

const CONFIRM = ['proposals', 'confirm', ID, '--reason', 'I agree'];

describe('hewn proposals list', () => {
  test('shows each value of the order, and who may confirm it', async () => {
    const other = { ...PROPOSAL, may_confirm: false };
    const { out, code } = await hewn(
      ['proposals', 'list'],
      issuer([PROPOSAL, other], () => Response.error()).context,
    );
    expect(code).toBe(0);
    expect(out).toContain(`${ID}  resume\n  act         POST /workflows/:id/resume`);
    expect(out).toContain(`  id          "${WORKFLOW}"`);
    expect(out).toContain('  reason      "mended\\u{202e}"');
    expect(out).toContain(PROPOSAL.digest);
    expect(out).toContain('You may confirm it: hewn proposals confirm');
    expect(out).toContain('Another person with the permission resume has to confirm it.');
  });

  test('prints the members of the route with --json, and says if nothing waits', async () => {
    const words = ['proposals', 'list'];
    const { context } = issuer([PROPOSAL], () => Response.error());
    const { out } = await hewn([...words, '--json'], context);
    const at = new Date(PROPOSAL.at * 1_000).toISOString();
    expect(JSON.parse(out)).toEqual({ proposals: [{ ...PROPOSAL, at, expires: UNTIL }] });
    const none = await hewn(words, issuer([], () => Response.error()).context);
    expect(none).toMatchObject({ code: 0, out: 'no order waits for a second person' });
  });
});

describe('hewn proposals confirm', () => {
  test('shows the order, asks, and sends the digest of what was shown after a yes', async () => {
    for (const yes of [true, false]) {
      const { sent, context } = confirmed();
      const asked: string[] = [];
      const confirm = async (question: string) => {
        asked.push(question);
        return yes;
      };
      const ran = await hewn(CONFIRM, { ...context, confirm });
      expect(asked).toEqual(['confirm exactly this, and carry it out?']);
      expect(ran).toMatchObject({ code: yes ? 0 : 1, err: '' });
      expect(ran.out).toContain('  by          corp#ann');
      const body = { digest: PROPOSAL.digest, reason: 'I agree' };
      expect(sent).toEqual(yes ? [{ call: `POST /admin/v1/proposals/${ID}`, body }] : []);
      expect(ran.out.includes('confirmed and carried out')).toBe(yes);
    }
  });

  test('does not ask with the digest, and prints the answer of the order', async () => {
    const { context } = confirmed();
    const words = [...CONFIRM, '--digest', PROPOSAL.digest];
    expect(await hewn(words, context)).toMatchObject({
      code: 0,
      out: expect.stringContaining('  state       "active"'),
    });
    const { out } = await hewn([...words, '--json'], context);
    expect(JSON.parse(out)).toMatchObject({ proposal: ID, answer: { state: 'active' } });
  });

  test('says that a selector matches more than the order reached', async () => {
    const { context } = confirmed({ next: 'recent:50:wf_x' });
    const { out } = await hewn([...CONFIRM, '--digest', PROPOSAL.digest], context);
    expect(out).toContain('the author has to give the order again');
  });

  test.each([
    ['without a terminal', {}, [], /pass --digest DIGEST/],
    ['with another digest', {}, ['--digest', '0'.repeat(64)], /not that of this order/],
    ['if the order differs from its digest', { by: 'corp#eve' }, [], /confirm nothing/],
    ['as its author', { may_confirm: false }, [], /another person with the permission resume/],
    ['if it no longer waits', { id: `prp_${'b'.repeat(22)}` }, [], /no order prp_a+ waits/],
  ])('sends nothing %s', async (_, change, words, message) => {
    const { sent, context } = issuer([{ ...PROPOSAL, ...change }], () => Response.error());
    const ran = await hewn([...CONFIRM, ...words], context);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(message) });
    expect(sent).toEqual([]);
  });

  test('reports a refusal of the issuer, with what to do', async () => {
    const problem = { error: 'same_person', message: 'Another person has to confirm this.' };
    const { context } = issuer([PROPOSAL], () => Response.json(problem, { status: 403 }));
    const ran = await hewn([...CONFIRM, '--digest', PROPOSAL.digest], context);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('Sign in as someone else') });
  });
});

test('hewn proposals withdraw withdraws one order by its ID', async () => {
  const { sent, context } = issuer([], () => new Response(null, { status: 204 }));
  const ran = await hewn(['proposals', 'withdraw', ID], context);
  expect(ran).toMatchObject({ code: 0, out: `${ID}  withdrawn` });
  expect(sent).toEqual([{ call: `DELETE /admin/v1/proposals/${ID}`, body: undefined }]);
  const { out } = await hewn(['proposals', 'withdraw', ID, '--json'], context);
  expect(JSON.parse(out)).toEqual({ withdrawn: ID });
  expect(await hewn(['proposals', 'withdraw', 'prp_x'], context)).toMatchObject({ code: 2 });
});

describe('an order that waits for a second person', () => {
  const WAITING: readonly (readonly string[])[] = [
    ['workflows', 'resume', WORKFLOW, '--reason', 'x'],
    ['workflows', 'resume', '--owner', 'team:a', '--yes', '--reason', 'x'],
    ['deny', 'lift', 'agent', 'local-idp#a', '--reason', 'x'],
    ['watermark', 'owner', 'team:a', '--withdraw', '--reason', 'x'],
    ['versions', 'activate', VERSION, '--expects', 'none', '--reason', 'x'],
    ['versions', 'rollback', '--reason', 'x'],
    ['approvals', 'approve', APPROVAL, '--digest', VERSION, '--for', '10m', '--reason', 'x'],
    ['approvals', 'refuse', APPROVAL, '--reason', 'x'],
    ['audit', 'erase', 'local-idp#alice'],
    ['audit', 'hold', 'local-idp#alice', '--reason', 'x'],
    ['audit', 'release', 'hold.1', '--reason', 'x'],
  ];

  test.each(WAITING.map((words) => [words.slice(0, 3).join(' '), words] as const))(
    'is no success and no failure: hewn %s',
    async (_, words) => {
      const { sent, context } = issuer([], () =>
        Response.json({ proposal: PROPOSAL }, { status: 202 }),
      );
      const ran = await hewn(words, context);
      expect(ran).toMatchObject({ code: 3, err: '' });
      expect(ran.out).toMatch(/^Nothing changed yet: .* waits for a second person until 2026-/);
      expect(ran.out).toContain(`hewn proposals confirm ${ID} --reason WHY`);
      const json = await hewn([...words, '--json'], context);
      expect(json.code).toBe(3);
      expect(JSON.parse(json.out)).toMatchObject({ proposal: { id: ID, expires: UNTIL } });
      expect(sent).toHaveLength(2);
      const help = await hewn([...words.slice(0, words[0] === 'watermark' ? 1 : 2), '--help']);
      expect(help.out).toMatch(/\n {2}3 +nothing changed yet/);
    },
  );

  test('is reported as unreadable if the answer has no proposal', async () => {
    const { context } = issuer([], () => Response.json({ proposal: {} }, { status: 202 }));
    const ran = await hewn(WAITING[0] ?? [], context);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('HTTP 202') });
  });
});
