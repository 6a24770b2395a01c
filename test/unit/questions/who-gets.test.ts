import { expect, test } from 'vitest';
import type { MintRecord, RefusalRecord } from '../../../src/audit/index.ts';
import { type About, whoGets } from '../../../src/questions/index.ts';
import { CATALOGUE } from '../fixtures/catalogue.ts';
import { AGENT, ALICE, grant, mint, names, policyOf, refusal, seenOf } from './scene.ts';

/** What a policy would give to agents that have asked before. */
const READS = 'allow if tool("read"), under("files/reports");';
const ask = (
  statements: readonly string[],
  about: About,
  ...records: readonly (MintRecord | RefusalRecord)[]
) =>
  whoGets(
    { policy: policyOf(...statements), catalogue: CATALOGUE },
    seenOf(...records).requests(),
    about,
    names,
  ).rows;

test('an agent that asked for something else is granted what a rule allows', () => {
  const rows = ask([READS], { tool: 'read' }, refusal({ grants: [grant('write', 'mail')] }));
  expect(rows).toMatchObject([
    {
      agent: AGENT,
      subjects: 1,
      example: { user: ALICE, task: 'report' },
      outcome: { grant: grant(), verdict: 'granted', rule: 'test.datalog:2' },
      conditions: ['for a person of idp'],
    },
  ]);
});

test('people with the same answer are one row, and an agent without a person is another', () => {
  const rows = ask(
    [READS, 'unattended(true);'],
    { tool: 'read' },
    mint(),
    mint({ subject: 'https://idp.example#bob' }),
    mint({ subject: 'team:growth' }),
  );
  expect(rows.map(({ subjects, conditions }) => [subjects, conditions])).toEqual([
    [0, ['without a person']],
    [2, ['for a person of idp']],
  ]);
});

test('a refusal names the nearest rule and what it lacks', () => {
  const about = { tool: 'read', dataset: 'files/reports' };
  const rows = ask(['allow if tool("read"), under("files/private");'], about, mint());
  expect(rows).toMatchObject([
    {
      outcome: { verdict: 'no_rule' },
      lacking: ['under("files/private")'],
      nearest: { file: 'test.datalog', line: 2 },
    },
  ]);
});

test('a grant that only a step-up gives says so, and one that claims decide says so, too', () => {
  const stepUp = ask(['allow if tool("read"), step_up(true);'], { tool: 'read' }, mint());
  expect(stepUp).toMatchObject([
    { outcome: { verdict: 'granted' }, conditions: ['for a person of idp', 'as a step-up'] },
  ]);
  const rule = 'allow if tool("read"), user_claim("groups", "finance");';
  expect(ask([rule], { tool: 'read' }, mint())).toMatchObject([
    {
      outcome: { verdict: 'no_rule' },
      conditions: ['for a person of idp', 'unless the claims of its identity allow it'],
    },
  ]);
});

test('a dataset within a wider one with the same answer is left out', () => {
  const records = [mint(), mint({ grants: [grant('read', 'files/reports/q3')] })];
  const rows = ask([READS], { tool: 'read' }, ...records);
  expect(rows.map(({ outcome }) => outcome.grant.dataset)).toEqual(['files/reports']);
});

test('a question about a dataset lists only what would be given', () => {
  const rows = ask([READS], { dataset: 'files/reports/q3' }, mint());
  expect(rows.every(({ outcome }) => outcome.verdict === 'granted')).toBe(true);
  expect(rows.map(({ outcome }) => outcome.grant.dataset)).toEqual(['files/reports/q3']);
  expect(ask([READS], { dataset: 'mailbox' }, mint())).toEqual([]);
});

test('a question about another agent, or before any request, has no rows', () => {
  expect(ask([READS], { agent: 'https://idp.example#other' }, mint())).toEqual([]);
  expect(ask([READS], { tool: 'read' })).toEqual([]);
});
