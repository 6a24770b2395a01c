import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ApprovalQuestion,
  describeQuestion,
  findAdditions,
  printableJson,
  questionDigest,
  questionText,
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
const describeAsText = (question: object) => describeQuestion(question as JsonObject).join('\n');
const digest = (question: ApprovalQuestion) => questionDigest(questionText(question));

describe('the digest of a question', () => {
  test('does not depend on the order of its members', async () => {
    const reversed = Object.fromEntries(Object.entries(QUESTION).reverse());
    expect(await digest(reversed as unknown as ApprovalQuestion)).toBe(await digest(QUESTION));
    expect(await digest(QUESTION)).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(Object.keys(QUESTION))('changes with %s', async (member) => {
    const other = { ...QUESTION, [member]: 'other' };
    expect(await digest(other as ApprovalQuestion)).not.toBe(await digest(QUESTION));
    const { [member]: _, ...without } = QUESTION;
    expect(await digest(without as ApprovalQuestion)).not.toBe(await digest(QUESTION));
  });

  test('changes with the constraints of a grant', async () => {
    const grants = QUESTION.grants.map(({ constraints: _, ...grant }) => grant);
    expect(await digest({ ...QUESTION, grants })).not.toBe(await digest(QUESTION));
  });
});

describe('the description of a question', () => {
  test('states who asks, for whom, for what and for how long', () => {
    const text = describeAsText(QUESTION);
    for (const part of ['agents/a"', '#alice"', '"team:growth"', '"pay the rent"', '300 s']) {
      expect(text).toContain(part);
    }
    expect(text).toContain('"write" with "bank.send" on "bank/accounts" and everything below it');
    expect(text).toContain('"/amount":{"number":{"max":50}}');
    expect(text).toContain('budgets     {"calls":1}');
    expect(text).toContain('none: anyone who has the token can use it');
    expect(describeAsText({ ...QUESTION, holder: 'thumb' })).toContain('bound to "thumb"');
    expect(describeAsText({ ...QUESTION, workflow: 'wf_1', stepUp: true })).toContain(
      'continues "wf_1", with more than it has',
    );
  });

  test('contains every member, known or unknown', () => {
    const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => value !== undefined);
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), json), json, (more, inGrant) => {
        const question = { ...QUESTION, ...more };
        const grants = [{ ...QUESTION.grants[0], more: inGrant }];
        const text = describeAsText({ ...question, grants, rules: QUESTION.rules });
        for (const [name, value] of Object.entries(more)) {
          if (name !== 'grants' && name !== 'rules')
            expect(text).toContain(printableJson(value as never));
        }
        expect(text).toContain(`more ${printableJson(inGrant as never)}`);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    ['a line break', 'x\nowner       "team:trusted"'],
    ['a line separator', 'x\u2028owner'],
    ['an escape sequence', 'x\u001b[2J\u001b[1;1H'],
    ['right-to-left text', 'x\u202egnihton'],
    ['an isolate', 'x\u2066y\u2069'],
    ['an invisible character', 'pay\u200bment\ufe0f'],
    ['a soft hyphen', 'pay\u00adment'],
    ['a tag', 'x\u{e0041}'],
    ['a filler', 'x\u3164'],
    ['a Braille cell without dots', 'x\u2800'],
    ['a blank hieroglyph', 'x\u{13441}'],
    ['a wide space', 'x\u3000y'],
    ['a thin space', 'x\u2009y'],
  ])('does not let the agent write %s to the screen', (_, task) => {
    for (const question of [
      { ...QUESTION, task },
      { ...QUESTION, grants: [{ ...QUESTION.grants[0], tool: task }] },
      { ...QUESTION, [task]: task },
    ]) {
      const text = describeAsText(question);
      expect(text).not.toMatch(
        /(?:[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}\u{2800}\u{13441}]|(?! )\p{Zs})(?<!\n)/u,
      );
      expect(text.split('\n').length).toBeLessThanOrEqual(
        describeAsText(QUESTION).split('\n').length + 1,
      );
    }
  });

  test('distinguishes an escaped character from its escape as text', () => {
    expect(printableJson('\u202e')).toBe('"\\u{202e}"');
    expect(printableJson('\\u{202e}')).toBe('"\\\\u{202e}"');
  });
});

describe('an addition of a step-up', () => {
  const to = (...values: readonly string[]): Grant => ({
    tool: 'mail.send',
    action: 'write',
    dataset: 'mail',
    constraints: { arguments: ['to'], constraints: { '/to': { subsetOf: values } } },
  });
  const describeStepUp = (current: readonly Grant[], granted: readonly Grant[]) =>
    describeAsText({
      ...QUESTION,
      grants: granted,
      stepUp: true,
      adds: findAdditions(current, granted),
    });

  test('is described by the new values and the allowed ones', () => {
    expect(describeStepUp([to('bob', 'dave')], [to('bob', 'dave', 'carol')])).toContain(
      '"mail.send" on "mail": "/to" adds the value "carol" to the allowed values "bob", "dave"',
    );
    expect(describeStepUp([to('bob')], [to('bob', 'x\u202ey', 'z')])).toContain(
      'adds the values "x\\u{202e}y", "z" to the allowed value "bob"',
    );
  });

  test('is described as new if the workflow has no similar grant', () => {
    expect(
      describeStepUp([to('bob')], [to('bob'), { ...to('bob'), tool: 'mail.draft' }]),
    ).toContain('"write" with "mail.draft" on "mail" is new');
    const elsewhere = { ...to('bob'), dataset: 'post' };
    expect(describeStepUp([to('bob')], [elsewhere])).toContain(
      '"write" with "mail.send" on "post" is new',
    );
  });

  test('is described as a change if it is more than new values', () => {
    const { constraints: _, ...open } = to('bob');
    expect(describeStepUp([to('bob')], [open])).toMatch(
      /all arguments had .*"bob".* and gets no constraint/,
    );
    const amount = { number: { max: 5 } } as const;
    const more = {
      ...to('bob'),
      constraints: {
        arguments: ['to', 'amount'],
        constraints: { '/to': { subsetOf: ['bob'] }, '/amount': amount },
      },
    };
    expect(describeStepUp([to('bob')], [more])).toContain(
      '"/amount" had no constraint and gets {"number"',
    );
  });

  test('does not exist if the workflow already has every grant', () => {
    expect(findAdditions([to('bob')], [to('bob')])).toEqual([]);
  });
});
