import { describe, expect, test } from 'vitest';
import {
  findCatalogueFaults,
  parseCatalogue,
  toolDifferences,
} from '../../../src/catalogue/index.ts';
import { describeRule, mostOf } from '../../../src/history/index.ts';
import { catalogueWith, rulesIn } from './story.ts';

const TOOLS = { pay: ['to', 'amount'], wire: ['sum'], look: ['id'] };
const rule = (body: string, id = 'r') => `[[history]]\nid = "${id}"\nreason = "why"\n${body}\n`;
const SUM = 'kind = "sum"\ntools = ["pay"]\nargument = "/amount"\nmost = 100\nwithin = 60';
const AFTER = 'kind = "after"\ntools = ["pay"]\nof = ["look"]';
const DISTINCT = 'kind = "distinct"\ntools = ["pay"]\nargument = "/to"';
const MANY = JSON.stringify(Array.from({ length: 17 }, (_, i) => `look-${i}`));
const faults = (rules: string) =>
  findCatalogueFaults(catalogueWith(TOOLS, rules)).map(({ where, why }) => [where, why]);

describe('a rule over history', () => {
  test('of a sum belongs to the subject, and every other one to the workflow', () => {
    const [sum, after] = rulesIn(catalogueWith(TOOLS, rule(SUM) + rule(AFTER, 's')));
    expect([sum?.scope, after?.scope]).toEqual(['subject', 'workflow']);
    expect(sum).toMatchObject({ kind: 'sum', mostMicros: 100_000_000 });
    expect(after).toMatchObject({ result: 'ok', least: 1 });
  });

  test('is known to each tool that it names', () => {
    const catalogue = parseCatalogue(catalogueWith(TOOLS, rule(AFTER)));
    if (!catalogue.ok) throw new Error(JSON.stringify(catalogue.error));
    const named = [...catalogue.value.values()].filter(({ history }) => history);
    expect(named.map(({ name }) => name)).toEqual(['pay', 'look']);
    const [pay, look] = named;
    expect(toolDifferences(pay, { ...pay, history: [] } as typeof pay)).toEqual([
      'other rules over the history of its calls',
    ]);
    expect(look?.history).toHaveLength(1);
  });

  test.each([
    ['kind = "most"\ntools = ["pay"]', 'history.0.kind', /Allowed: calls, sum, distinct, once/],
    ['tools = ["pay"]', 'history.0.kind', /missing/],
    [`${SUM}\nmax = 3`, 'history.0.max', /unknown key. Allowed: kind, id, tools/],
    [SUM.replace('most = 100', 'most = 0.0000001'), 'history.0.most', /six decimals/],
    [SUM.replace('most = 100', 'most = -1'), 'history.0.most', /six decimals/],
    [SUM.replace('\nmost = 100', ''), 'history.0.most', 'missing'],
    [SUM.replace('\nwithin = 60', ''), 'history.0.within', /remembered for a time/],
    [SUM.replace('within = 60', 'within = 2678401'), 'history.0.within', /1 to 2678400/],
    [SUM.replace('"/amount"', '"amount"'), 'history.0.argument', /RFC 6901/],
    [SUM.replace('"/amount"', '"/fee"'), 'history.0.tools.0', /not one of the listed arguments/],
    [SUM.replace('"/amount"', '{ wire = "/sum" }'), 'history.0.argument', /no pointer for pay/],
    [SUM.replace('["pay"]', '["pay", "pay"]'), 'history.0.tools', 'has one twice'],
    [SUM.replace('["pay"]', '["pay", "gone"]'), 'history.0.tools.1', /not in the catalogue/],
    [`${AFTER}\nscope = "subject"\nwithin = 60`, 'history.0.scope', /that of a workflow/],
    [`${AFTER}\nunless = ["look"]`, 'history.0.unless', /in another list/],
    [`${AFTER}\nsame = "/to/*"`, 'history.0.same', /without \*/],
    [`${AFTER}\nresult = "failed"`, 'history.0.result', /Allowed: ok, any/],
    [`${AFTER}\nleast = 0`, 'history.0.least', /1 to 64$/],
    [`${AFTER}\nleast = 65`, 'history.0.least', /1 to 64$/],
    [`${AFTER}\nuses = 65`, 'history.0.uses', /1 to 64$/],
    [AFTER.replace('["look"]', MANY), 'history.0.of', 'over 16 tools'],
    [SUM.replace('most = 100', 'most = 4503599628'), 'history.0.most', /six decimals/],
    ['kind = "calls"\ntools = ["pay"]\nmost = 1000001', 'history.0.most', /1 to 1000000$/],
    [`${DISTINCT}\nmost = 257`, 'history.0.most', /1 to 256$/],
  ])('with a mistake is a fault with its place: %s', (body, where, why) => {
    const [found] = faults(rule(body));
    expect(found?.[0]).toBe(where);
    expect(found?.[1]).toMatch(why);
  });

  test('with the id of another is a fault', () => {
    expect(faults(rule(SUM) + rule(SUM))).toEqual([['history.1.id', 'appears twice']]);
  });

  test('without a reason is a fault', () => {
    expect(faults(rule(SUM).replace('reason = "why"', 'reason = " "'))).toEqual([
      ['history.0.reason', 'a reason is required'],
    ]);
  });

  test('with a reason of more than 256 bytes is a fault', () => {
    expect(faults(rule(SUM).replace('"why"', `"${'ä'.repeat(129)}"`))).toEqual([
      ['history.0.reason', 'over 256 bytes'],
    ]);
  });

  test('is a fault with the line of the key that is wrong', () => {
    const toml = catalogueWith(TOOLS, rule(SUM.replace('most = 100', 'most = "100"')));
    const line = toml.split('\n').findIndex((text) => text.startsWith('most')) + 1;
    expect(findCatalogueFaults(toml)).toMatchObject([{ line, where: 'history.0.most' }]);
  });

  test.each([
    ['tools', 'pay', 'tier = 2', /pay has tier 2: a call that a rule over history bounds/],
    ['of', 'look', 'tier = 1', /look has tier 1: such a call must not go uncounted/],
  ])('that names a tool in %s that is not charged is refused', (list, tool, tier, why) => {
    const toml = catalogueWith(TOOLS, rule(AFTER.replace('after', 'not_after')));
    const lower = toml.replace(
      `name = "${tool}"\naction = "write"\ntier = 3`,
      `name = "${tool}"\naction = "write"\n${tier}`,
    );
    const [found] = findCatalogueFaults(lower);
    expect(found?.where).toBe(`history.0.${list}.0`);
    expect(found?.why).toMatch(why);
  });

  test('waits for a call of any tier', () => {
    const toml = catalogueWith(TOOLS, rule(AFTER));
    const lower = toml.replace(
      'name = "look"\naction = "write"\ntier = 3',
      'name = "look"\naction = "read"\ntier = 1',
    );
    expect(findCatalogueFaults(lower)).toEqual([]);
  });

  test('is one of at most 32', () => {
    const many = Array.from({ length: 33 }, (_, i) => rule(AFTER, `r-${i}`)).join('');
    expect(faults(many)).toEqual([['history', 'has 33 rules; at most 32']]);
  });

  test('reads an argument by another name in each tool', () => {
    const toml = catalogueWith(
      TOOLS,
      rule(
        SUM.replace('["pay"]', '["pay", "wire"]').replace(
          '"/amount"',
          '{ pay = "/amount", wire = "/sum" }',
        ),
      ),
    );
    expect(rulesIn(toml)).toMatchObject([{ argument: { pay: '/amount', wire: '/sum' } }]);
  });
});

test.each([
  [SUM, 'At most 100 in /amount of pay within 1 minute, over all calls of one subject.', 100],
  [
    'kind = "calls"\ntools = ["pay", "wire"]\nmost = 3\nwithin = 86400',
    'At most 3 calls of pay or wire within 1 day of one workflow and everything below it.',
    3,
  ],
  [
    'kind = "distinct"\ntools = ["pay"]\nargument = "/to"\nmost = 3',
    'At most 3 different values of /to in calls of pay of one workflow and everything below it.',
    3,
  ],
  [
    'kind = "once"\ntools = ["pay"]\nargument = "/to"',
    'Each value of /to once in calls of pay of one workflow and everything below it.',
    undefined,
  ],
  [
    `${AFTER}\nwithin = 300\nsame = { here = "/to", there = "/id" }\nuses = 1\nunless = ["wire"]`,
    'pay only after a call of look that succeeded within 5 minutes with the same to, each of which permits 1 of them, unless wire was called since.',
    undefined,
  ],
  [AFTER.replace('after', 'not_after'), 'pay not after a call of look.', undefined],
])('a person reads a rule as a sentence: %s', (body, sentence, most) => {
  const [read] = rulesIn(catalogueWith(TOOLS, rule(body)));
  if (!read) throw new Error('no rule');
  expect(describeRule(read)).toBe(sentence);
  expect(mostOf(read)).toBe(most);
});
