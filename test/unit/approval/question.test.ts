import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalQuestion,
  additions,
  questionDigest,
  questionText,
  questionWords,
  shown,
} from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { Grant } from '../../../src/capability/index.ts';

const QUESTION: ApprovalQuestion = {
  agent: 'spiffe://acme.example/agents/a',
  subject: 'https://idp.example#alice',
  owner: 'team:growth',
  audience: 'https://bank.example',
  task: 'pay the rent',
  grants: [
    {
      tool: 'bank.send',
      action: 'write',
      dataset: 'bank/accounts',
      constraints: { arguments: ['amount'], constraints: { '/amount': { number: { max: 50 } } } },
    },
  ],
  rules: ['allow if true'],
  lifetimeSeconds: 300,
  tier: 3,
  budgets: { calls: 1 },
};
const words = (question: object) => questionWords(question as JsonObject).join('\n');
const digest = (question: ApprovalQuestion) => questionDigest(questionText(question));

describe('a question', () => {
  test('has the same digest however its members are ordered', async () => {
    const reversed = Object.fromEntries(Object.entries(QUESTION).reverse());
    expect(await digest(reversed as unknown as ApprovalQuestion)).toBe(await digest(QUESTION));
    expect(await digest(QUESTION)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(Object.keys(QUESTION))('has another digest with another %s', async (member) => {
    const other = { ...QUESTION, [member]: 'other' };
    expect(await digest(other as ApprovalQuestion)).not.toBe(await digest(QUESTION));
    const { [member]: _, ...without } = QUESTION;
    expect(await digest(without as ApprovalQuestion)).not.toBe(await digest(QUESTION));
  });

  test('with other constraints is another one', async () => {
    const grants = QUESTION.grants.map(({ constraints: _, ...grant }) => grant);
    expect(await digest({ ...QUESTION, grants })).not.toBe(await digest(QUESTION));
  });
});

describe('its words', () => {
  test('say who, for whom, what and for how long', () => {
    const told = words(QUESTION);
    for (const part of ['agents/a"', '#alice"', '"team:growth"', '"pay the rent"', '300 s']) {
      expect(told).toContain(part);
    }
    expect(told).toContain('"write" with "bank.send" on "bank/accounts" and all below it');
    expect(told).toContain('"/amount":{"number":{"max":50}}');
    expect(told).toContain('budgets     {"calls":1}');
    expect(told).toContain('none: whoever has the token can use it');
    expect(words({ ...QUESTION, holder: 'thumb' })).toContain('bound to "thumb"');
    expect(words({ ...QUESTION, workflow: 'wf_1', stepUp: true })).toContain(
      'continues "wf_1", with more than it has',
    );
  });

  test('leave nothing of it out, known or not', () => {
    const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== undefined);
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), json), json, (more, inGrant) => {
        const question = { ...QUESTION, ...more };
        const grants = [{ ...QUESTION.grants[0], more: inGrant }];
        const told = words({ ...question, grants, rules: QUESTION.rules });
        for (const [name, value] of Object.entries(more)) {
          if (name !== 'grants' && name !== 'rules') expect(told).toContain(shown(value as never));
        }
        expect(told).toContain(`more ${shown(inGrant as never)}`);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['a line of its own', 'x\nowner       "team:trusted"'],
    ['a line separator', 'x\u2028owner'],
    ['an escape sequence', 'x\u001b[2J\u001b[1;1H'],
    ['a text that runs backwards', 'x\u202egnihton'],
    ['an isolate', 'x\u2066y\u2069'],
    ['an invisible sign', 'pay\u200bment\ufe0f'],
    ['a soft hyphen', 'pay\u00adment'],
    ['a tag', 'x\u{e0041}'],
    ['a filler', 'x\u3164'],
    ['a Braille cell without dots', 'x\u2800'],
    ['a blank hieroglyph', 'x\u{13441}'],
    ['a wide space', 'x\u3000y'],
    ['a thin space', 'x\u2009y'],
  ])('do not let the agent write %s on the screen', (_, task) => {
    for (const question of [
      { ...QUESTION, task },
      { ...QUESTION, grants: [{ ...QUESTION.grants[0], tool: task }] },
      { ...QUESTION, [task]: task },
    ]) {
      const told = words(question);
      expect(told).not.toMatch(
        /(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\u{2800}\u{13441}]|(?! )\p{Zs})(?<!\n)/u,
      );
      expect(told.split('\n').length).toBeLessThanOrEqual(words(QUESTION).split('\n').length + 1);
    }
  });

  test('tell a sign from its number as text', () => {
    expect(shown('\u202e')).toBe('"\\u{202e}"');
    expect(shown('\\u{202e}')).toBe('"\\\\u{202e}"');
  });
});

describe('what a step-up adds', () => {
  const to = (...values: readonly string[]): Grant => ({
    tool: 'mail.send',
    action: 'write',
    dataset: 'mail',
    constraints: { arguments: ['to'], constraints: { '/to': { subsetOf: values } } },
  });
  const told = (held: readonly Grant[], granted: readonly Grant[]) =>
    words({ ...QUESTION, grants: granted, stepUp: true, adds: additions(held, granted) });

  test('is told as the value beside those that are allowed', () => {
    expect(told([to('bob', 'dave')], [to('bob', 'dave', 'carol')])).toContain(
      '"mail.send" on "mail": "/to" adds the value "carol" to the allowed values "bob", "dave"',
    );
    expect(told([to('bob')], [to('bob', 'x\u202ey', 'z')])).toContain(
      'adds the values "x\\u{202e}y", "z" to the allowed value "bob"',
    );
  });

  test('is told as new where the workflow has nothing like it', () => {
    expect(told([to('bob')], [to('bob'), { ...to('bob'), tool: 'mail.draft' }])).toContain(
      '"write" with "mail.draft" on "mail" is new',
    );
    const elsewhere = { ...to('bob'), dataset: 'post' };
    expect(told([to('bob')], [elsewhere])).toContain('"write" with "mail.send" on "post" is new');
  });

  test('is told as a change where it is more than values', () => {
    const { constraints: _, ...open } = to('bob');
    expect(told([to('bob')], [open])).toMatch(/all arguments had .*"bob".* and gets no constraint/);
    const amount = { number: { max: 5 } } as const;
    const more = {
      ...to('bob'),
      constraints: {
        arguments: ['to', 'amount'],
        constraints: { '/to': { subsetOf: ['bob'] }, '/amount': amount },
      },
    };
    expect(told([to('bob')], [more])).toContain('"/amount" had no constraint and gets {"number"');
  });

  test('is nothing where all is held', () => {
    expect(additions([to('bob')], [to('bob')])).toEqual([]);
  });
});
