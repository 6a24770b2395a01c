import { describe, expect, test } from 'vitest';
import {
  ORDER_TITLES,
  type Proposal,
  reasonsOf,
  shownProposal,
} from '../../../src/console/approvals/proposal.ts';
import { ADMIN_API, type AdminRoute } from '../../../src/issuer-api/index.ts';
import { isOpening } from '../../../src/operators/index.ts';

const NOW = 1_800_000_000_000;
const OLIVIA = 'corp#olivia@acme.example';
const OTTO = 'corp#otto@acme.example';

const lift: Proposal = {
  id: 'prp_AAAAAAAAAAAAAAAAAAAAAA',
  permission: 'lift',
  act: 'POST /denials/lift',
  order: {
    params: {},
    query: {},
    body: { scope: 'agent', value: 'spiffe://acme.example/a', reason: 'the incident is over' },
  },
  by: OLIVIA,
  digest: 'ab'.repeat(32),
  at: NOW / 1000 - 60,
  expires: NOW / 1000 + 3540,
  may_confirm: true,
};
const otto = { name: OTTO, may: { lift: true } } as const;

describe('an order that waits for a second person', () => {
  test('shows exactly what is ordered, who ordered it, and why', () => {
    expect(shownProposal(lift, otto, NOW)).toEqual({
      id: lift.id,
      title: 'Lift a denial',
      act: 'POST /denials/lift',
      lines: [
        { name: 'scope', value: 'agent' },
        { name: 'value', value: 'spiffe://acme.example/a' },
      ],
      by: OLIVIA,
      reason: 'the incident is over',
      digest: lift.digest,
      orderedAt: NOW - 60_000,
      endsAt: NOW + 3_540_000,
      mayConfirm: true,
      mayWithdraw: true,
    });
  });

  test('leaves out no member, also of an order that this console does not know', () => {
    const order = {
      params: { id: 'x' },
      query: { wait: '0' },
      body: { reason: 3, deep: { a: [1] } },
      more: 'b',
    };
    const shown = shownProposal({ ...lift, act: 'POST /new/:id', order }, otto, NOW);
    expect(shown.title).toBe('POST /new/:id');
    expect(shown.reason).toBeUndefined();
    expect(shown.lines.map(({ name }) => name)).toEqual(['id', 'wait', 'reason', 'deep', 'more']);
    expect(JSON.parse(shown.lines[3]?.value ?? '')).toEqual({ a: [1] });
  });

  test('has a title for every route that may need two people', () => {
    const opening = Object.values(ADMIN_API)
      .flatMap((feature): readonly AdminRoute[] => Object.values(feature))
      .filter(({ needs, method }) => needs !== 'none' && isOpening(needs) && method !== 'GET')
      .map(({ method, path }) => `${method} ${path}`);
    expect(Object.keys(ORDER_TITLES).sort()).toEqual(opening.sort());
  });

  test('says to its author that another person has to confirm it', () => {
    const shown = shownProposal({ ...lift, may_confirm: false }, { ...otto, name: OLIVIA }, NOW);
    expect(shown.mayConfirm).toBe('You ordered it, so another person has to confirm it.');
    expect(shown.mayWithdraw).toBe(true);
  });

  test('names the permission that a person lacks', () => {
    const viewer = { name: 'corp#vera@acme.example', may: { read: true } } as const;
    const shown = shownProposal({ ...lift, may_confirm: false }, viewer, NOW);
    expect(reasonsOf(shown)).toEqual([
      'None of your roles has the permission lift, which both people need.',
      `Only ${OLIVIA} and people with the permission lift can withdraw it.`,
    ]);
  });

  test('tells the holder of a credential that a person has to sign in', () => {
    const viewer = { name: 'operator', may: { lift: true } } as const;
    const shown = shownProposal({ ...lift, may_confirm: false }, viewer, NOW);
    expect(reasonsOf(shown)).toEqual([
      'Only a person who has signed in can confirm it, and you use a credential.',
    ]);
  });

  test('can be neither confirmed nor withdrawn once its hour is over', () => {
    const shown = shownProposal(lift, otto, NOW + 3_540_000);
    expect(reasonsOf(shown)).toEqual(['Its hour is over. It has to be ordered again.']);
  });
});
