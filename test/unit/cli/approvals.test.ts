import { describe, expect, test } from 'vitest';
import { questionDigest, questionLines, questionText } from '../../../src/approval/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { hewn } from './scene.ts';

const ID = `apr_${'a'.repeat(43)}`;
const AT = '2026-11-23T09:00:00.000Z';
const EDIT = { tool: 'mcp/files/edit', action: 'write', dataset: 'files/summaries' };
const QUESTION: JsonObject = {
  agent: 'idp#agent',
  subject: 'idp#carol',
  owner: 'team:growth',
  audience: 'https://gateway.example',
  task: 'fix\u202e figures',
  grants: [EDIT],
  rules: ['allow if true'],
  lifetimeSeconds: 300,
};
const LAST = { ...QUESTION, task: 'other', grants: [EDIT, { ...EDIT, dataset: 'files/reports' }] };

async function approval(question: JsonObject = QUESTION, more: object = {}) {
  return {
    seq: 1,
    id: ID,
    state: 'pending',
    asked: 1_795_428_000,
    deadline: 1_795_431_600,
    digest: await questionDigest(questionText(question as never)),
    question,
    lines: questionLines(question, LAST),
    came_from: ['It read mail/inbox (untrusted) 4 s before it asked.'],
    last_answer: {
      approval: 'apr_last',
      decision: 'refuse',
      by: 'corp#ann',
      reason: 'no\u001b[2J',
      at: AT,
      words: 'Refused by corp#ann.',
    },
    may_answer: true as true | string,
    ...more,
  };
}

/** Runs hewn approvals with an issuer that has one request. */
const approvals = (words: readonly string[], answer: object, screen: object = {}) =>
  hewn(['approvals', ...words], {
    ...screen,
    variable: (name) => (name === 'HEWN_OPERATOR' ? 'credential' : undefined),
    fetch: async (input) =>
      Response.json(String(input).includes(ID) ? answer : { approvals: [answer], pending: 1 }),
  });

describe('hewn approvals show', () => {
  test('marks what is new, the same and gone since the last question', async () => {
    const { out, code } = await approvals(['show', ID], await approval());
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines).toContain('  same  Agent: idp#agent');
    expect(lines).toContain('  new   Task: fix\\u{202e} figures');
    expect(out).toMatch(/\n {2}same {2}May: write with mcp\/files\/edit on files\/summaries /);
    expect(out).toMatch(/\n {2}gone {2}May: write with mcp\/files\/edit on files\/reports /);
  });

  test('says what came before, and whether the caller may answer', async () => {
    const { out } = await approvals(['show', ID], await approval());
    expect(out).toContain('  came from   It read mail/inbox (untrusted) 4 s before it asked.');
    expect(out).toMatch(
      / {2}last answer Refused by corp#ann. Reason: "no\\u001b\[2J"\. .*apr_last/,
    );
    expect(out).toContain('  may answer  you may\n');
    const limited = await approval(QUESTION, { may_answer: 'another owner' });
    expect((await approvals(['show', ID], limited)).out).toContain('you may not: another owner');
  });

  test('shows the values of the question, whatever lines the issuer sends', async () => {
    const lines = [
      { tag: 'same', name: 'Task', value: 'harmless' },
      { tag: 'same', name: 'Agent', value: 'idp#agent' },
    ];
    const sent = await approval(QUESTION, { lines });
    const { out } = await approvals(['show', ID], sent);
    expect(out).not.toContain('harmless');
    expect(out).toContain('  new   Task: fix');
    const json = JSON.parse((await approvals(['show', ID, '--json'], sent)).out);
    expect(JSON.stringify(json.lines)).not.toContain('harmless');
    expect(json.lines).toContainEqual({ tag: 'same', name: 'Agent', value: 'idp#agent' });
    const without = await approvals(['show', ID], await approval(QUESTION, { lines: undefined }));
    expect(without.out).toContain('  new   Agent: idp#agent');
  });

  test('marks what a step-up adds by the question itself, and prints the additions', async () => {
    const adds = [{ tool: EDIT.tool, action: EDIT.action, dataset: EDIT.dataset }];
    const question = { ...QUESTION, workflow: 'wf_1', adds, stepUp: 'x' };
    const lines = [{ tag: 'same', name: 'May', value: 'anything' }];
    const { out } = await approvals(['show', ID], await approval(question, { lines }));
    expect(out).toContain('  same  Agent: idp#agent');
    expect(out).toMatch(/\n {2}new {3}May: write with/);
    expect(out).toContain('"write" with "mcp/files/edit" on "files/summaries" is new');
    expect(out).toContain('  step-up     "x"');
    expect(out).not.toContain('anything');
  });

  test('keeps a wrapped value right of the marks on a terminal', async () => {
    const task = `${'word '.repeat(30)}new May: everything`;
    const screen = { outIsTerminal: true, columns: 60 };
    const { out } = await approvals(['show', ID], await approval({ ...QUESTION, task }), screen);
    const question = out.split('\n').slice(
      1,
      out.split('\n').findIndex((line) => /asked/.test(line)),
    );
    for (const line of question) expect(line).toMatch(/^( {2}(new |same|gone) {2}| {8})\S/);
  });
});

test('hewn approvals list says which requests the caller may answer', async () => {
  const mine = await approvals(['list'], await approval());
  expect(mine.out).toContain('may answer');
  const other = await approvals(['list'], await approval(QUESTION, { may_answer: 'no role' }));
  expect(other.out).toContain('may not');
  const json = JSON.parse((await approvals(['list', '--json'], await approval())).out);
  expect(json.approvals[0]).toMatchObject({ may_answer: true, lines: expect.any(Array) });
});
