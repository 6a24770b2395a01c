import { expect, test } from 'vitest';
import { shortIdentity, subjectWords } from '../../../src/console/identity-words.ts';

test.each([
  ['http://127.0.0.1:9400/local-idp#report-agent', 'local-idp#report-agent'],
  ['spiffe://acme.example/agents/billing', 'spiffe://acme.example/agents/billing'],
  ['https://idp.acme.example#alice', 'https://idp.acme.example#alice'],
])('shows the identity %s as %s', (identity, shown) => {
  expect(shortIdentity(identity)).toBe(shown);
});

test.each([
  ['user:alice@acme.example', 'alice@acme.example'],
  ['owner:team:finance', 'its owner, team:finance'],
  ['http://127.0.0.1:9400/local-idp#alice', 'local-idp#alice'],
])('shows the subject %s as %s', (subject, shown) => {
  expect(subjectWords(subject)).toBe(shown);
});
