import { expect, test } from 'vitest';
import { fillBlank } from '../../../src/console/policy/blank.ts';
import { shownSuggestion } from '../../../src/console/policy/suggestion.ts';

/** As the issuer writes it. */
const lineOf = (origin: string): string =>
  `require_constraint("/to", {"every":{"from":["approved",${JSON.stringify(origin)}]}}) <- workload("local-idp", "report-agent"), tool("mcp/mail/send_message");`;

const ASKED = {
  agent: 'local-idp#report-agent',
  tool: 'mcp/mail/send_message',
  pointer: '/to/*',
  by: 'corp#ann',
  count: 3,
  last: 1_800_000_000,
};

test('shows what was approved how often and by whom, and puts its line into a draft', () => {
  const asked = { ...ASKED, value: '"bob@acme.example"' };
  const line = lineOf('=bob@acme.example');
  const shown = shownSuggestion({ ...asked, line });
  expect(shown).toMatchObject({
    argument: '/to/*',
    value: '"bob@acme.example"',
    answered: 'Approved 3 times by corp#ann',
  });
  expect(shown.change.diff.map(({ text }) => text)).toEqual(['', line]);
  expect(shown.change.blank).toBeUndefined();
});

test('leaves a blank where the issuer no longer has the value, which a person fills in', () => {
  const line = lineOf('=<the value that was approved>');
  const { change } = shownSuggestion({ ...ASKED, line });
  expect(change.blank).toMatchObject({ form: 'origin', pointer: '/to/*' });
  if (!change.blank) throw new Error('there is no blank');
  const filled = fillBlank(change.diff, change.blank, 'bob@acme.example');
  expect(filled?.[1]?.text).toBe(lineOf('=bob@acme.example'));
});
