import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../../src/capability/index.ts';
import { approverKeysOf } from '../../../../src/feed/index.ts';
import type { Feed, VerifierOptions, VerifyRequest } from '../../../../src/verifier/index.ts';
import {
  ARGUMENTS,
  approved,
  approver,
  PERSON,
  publicHexOf,
  stranger,
  withApproval,
} from '../../fixtures/approval.ts';
import { fixedFeed, verifierWith } from '../../fixtures/feed.ts';
import { AUTHORITY, appendSource, at, mintToken, narrowed } from '../../fixtures/issuer.ts';

/** One approved call, decided by a whole verifier: its token takes no other source. */
const constraints = {
  arguments: ['to', 'amount'],
  constraints: { '/to': { every: { from: ['=ann@acme.example', 'approved'] } } },
} as const;
const GRANT: Grant = { tool: 'crm.update', action: 'write', dataset: 'crm/contacts', constraints };
const token = mintToken({ grants: [GRANT] });
const step = await narrowed(token, {
  tool: 'crm.update',
  args: ARGUMENTS,
  expires: new Date(at(300)),
});
const CALL: VerifyRequest = {
  tool: 'crm.update',
  action: 'write',
  dataset: ['crm/contacts/eu'],
  args: ARGUMENTS,
  tier: 3,
};
const KEY = {
  id: 1,
  public_key: await publicHexOf(approver),
  until: null,
  approver: AUTHORITY.issuer,
  datasets: null,
};

/** A feed whose head lists these keys, and that has withdrawn these signatures. */
function feedWith(keys: readonly object[], stopping: Parameters<typeof fixedFeed>[1] = []): Feed {
  const feed = fixedFeed(1, stopping, () => 1);
  const value = [...keys] as never;
  const list = { name: 'approver_keys', version: 1, critical: false, value };
  return {
    ...feed,
    get head() {
      const { head } = feed;
      return head && { ...head, extensions: keys.length > 0 ? [list] : [] };
    },
  };
}
const HONEST = { feed: feedWith([KEY]), spendsApprovals: true };
const decide = (
  text: string,
  call: Partial<VerifyRequest> = {},
  more: Partial<VerifierOptions> = {},
) => verifierWith({ ...HONEST, ...more }).verify(text, { ...CALL, ...call });
const codeOf = async (...asked: Parameters<typeof decide>): Promise<string> => {
  const decision = await decide(...asked);
  return decision.allowed ? 'allowed' : decision.denial.code;
};
const one = await approved();
const ready = await withApproval(step, [one]);

describe('an approved call', () => {
  test('is allowed, and its decision says by whom, until when and that it is good for one', async () => {
    const decision = await decide(ready);
    expect(decision).toMatchObject({
      allowed: true,
      evidence: {
        approval: { id: one.id, by: PERSON, until: at(60) / 1000, once: true },
        provenance: { used: [{ pointer: '/to/0', origin: 'approved' }, { pointer: '/amount' }] },
      },
    });
  });

  test('has its approval counted if no check of its token reads one', async () => {
    const { constraints: _, ...grant } = GRANT;
    const plain = mintToken({ grants: [grant] });
    const narrow = await narrowed(plain, { tool: 'crm.update', args: ARGUMENTS });
    expect(await decide(narrow)).not.toHaveProperty('evidence.approval');
    expect(await decide(await withApproval(narrow, [one]))).toMatchObject({
      allowed: true,
      evidence: { approval: { id: one.id, once: true } },
    });
  });

  test('is denied without the approval, and the denial says that it would help', async () => {
    expect(await decide(step)).toMatchObject({
      allowed: false,
      denial: { code: 'constraint_failed', approvable: true },
    });
  });

  test('is offered no approval where none could allow it', async () => {
    const { spendsApprovals: _, ...uncounted } = HONEST;
    const offline = verifierWith(uncounted);
    expect(await offline.verify(step, CALL)).not.toHaveProperty('denial.approvable');
    expect(await offline.verify(step, { ...CALL, tier: 2 })).toMatchObject({
      denial: { approvable: true },
    });
  });

  test('is denied from the end of the approval on, also by a verifier that is cut off', async () => {
    const late = { now: () => at(60) };
    expect(await codeOf(ready, { tier: 0 }, { now: () => at(59) })).toBe('allowed');
    expect(await codeOf(ready, { tier: 0 }, late)).toBe('expired');
    expect(await codeOf(ready, { tier: 1 }, late)).toBe('expired');
  });

  test('is denied if one byte of the token differs', async () => {
    const begin = step.length - 200;
    for (let index = begin; index < ready.length; index += 23) {
      const letter = ready[index] === 'A' ? 'B' : 'A';
      const altered = ready.slice(0, index) + letter + ready.slice(index + 1);
      expect(await codeOf(altered), String(index)).not.toBe('allowed');
    }
  });

  test('is denied if the approval is for another call', async () => {
    for (const other of [
      await approved({}, { ...ARGUMENTS, amount: 121 }),
      await approved({ tool: 'crm.search' }),
    ]) {
      const decision = await decide(await withApproval(step, [other]));
      expect(decision).toMatchObject({
        allowed: false,
        evidence: {
          provenance: { ignored: [{ part: 'approval', why: 'it is for another call' }] },
        },
      });
    }
  });

  test('does not let another call through that the same token would carry', async () => {
    const wide = await narrowed(token, { tool: 'crm.update' });
    const text = await withApproval(wide, [one]);
    expect(await codeOf(text)).toBe('allowed');
    const args = { ...ARGUMENTS, to: ['eve@evil.example'] };
    expect(await codeOf(text, { args })).toBe('constraint_failed');
  });

  test('is denied if another key signed the approval', async () => {
    const forged = await withApproval(step, [one], { key: stranger });
    expect(await codeOf(forged)).toBe('constraint_failed');
  });

  test('is denied once the head no longer lists the key', async () => {
    expect(await codeOf(ready, {}, { feed: feedWith([]) })).toBe('constraint_failed');
    const ended = feedWith([{ ...KEY, until: at(1) / 1000 }]);
    expect(await codeOf(ready, {}, { feed: ended })).toBe('constraint_failed');
  });

  test('is denied if its holder wrote the same words', async () => {
    const words = `approved("${one.id}", "crm.update", hex:${one.args}, "${PERSON}", hex:${one.version})`;
    const own = appendSource(step, `${words}; check if time($t), $t < 2026-11-23T10:01:00Z;`);
    expect(await codeOf(own)).toBe('constraint_failed');
    const facts = appendSource(step, 'arg_origins("/to/0", {"approved"});');
    expect(await codeOf(facts)).toBe('constraint_failed');
  });

  test('is denied with a token to which the block was moved', async () => {
    const sibling = await narrowed(token, { tool: 'crm.update', args: ARGUMENTS });
    const moved = sibling.slice(0, -60) + ready.slice(-60);
    expect(await codeOf(moved)).not.toBe('allowed');
  });

  test('is denied from the head on that has its withdrawal', async () => {
    const [block] =
      (await verifierWith(HONEST).open(ready)).capability?.signedBlocks.slice(-1) ?? [];
    const id = Buffer.from(block?.externalSignature ?? []).toString('hex');
    const withdrawn = feedWith([KEY], [{ by: 'block', id }]);
    expect(await codeOf(ready, {}, { feed: withdrawn })).toBe('constraint_failed');
    expect(await codeOf(await withApproval(step, [one]), {}, { feed: withdrawn })).toBe(
      'constraint_failed',
    );
  });

  test('of tier 3 is denied where nothing counts its calls, and says so', async () => {
    const decision = await decide(ready, {}, { spendsApprovals: false });
    expect(decision).toMatchObject({
      allowed: false,
      evidence: { provenance: { ignored: [{ part: 'approval' }] } },
    });
    expect(await decide(ready, { tier: 1 }, { spendsApprovals: false })).toMatchObject({
      allowed: true,
      evidence: { approval: { once: false } },
    });
  });

  test('needs everything else that its token says', async () => {
    expect(await codeOf(ready, { dataset: ['hr'] })).toBe('no_grant');
    const args = { to: ['bob@acme.example'], amount: 120, note: 'x' };
    expect(await codeOf(await withApproval(token, [await approved({}, args)]), { args })).toBe(
      'constraint_failed',
    );
  });
});

test('a denial that an approval would not change does not offer one', async () => {
  const args = { ...ARGUMENTS, note: 'x' };
  const decision = await decide(await narrowed(token, { tool: 'crm.update' }), { args });
  expect(decision).toMatchObject({ allowed: false, denial: { code: 'constraint_failed' } });
  expect(JSON.stringify(decision)).not.toContain('approvable');
});

test('a batch of 12 approved calls is one block, and each call is allowed with it', async () => {
  const calls = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      approved({ id: `ap_${String(n).padStart(22, 'x')}` }, { to: [`p${n}@acme.example`] }),
    ),
  );
  const batch = await withApproval(await narrowed(token, { tool: 'crm.update' }), calls);
  for (const [n, { id }] of calls.entries()) {
    const args = { to: [`p${n}@acme.example`] };
    const own = await narrowed(batch, { args });
    expect(await decide(own, { args })).toMatchObject({
      allowed: true,
      evidence: { approval: { id } },
    });
  }
  const args = { to: ['p12@acme.example'] };
  expect(await codeOf(await narrowed(batch, { args }), { args })).toBe('constraint_failed');
});

test('a head of another release lists no approver', () => {
  expect(approverKeysOf({})).toEqual([]);
});
