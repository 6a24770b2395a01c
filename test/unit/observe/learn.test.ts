import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { type Catalogue, parseCatalogue } from '../../../src/catalogue/index.ts';
import {
  type LearnedTool,
  learn,
  measure,
  type ObservedCall,
  renderCases,
  renderPolicy,
} from '../../../src/observe/index.ts';
import { loadPolicy } from '../../../src/policy/index.ts';

/** What recorded calls are generalised to, and what they are not. */

const catalogueOf = (toml: string): Catalogue => {
  const parsed = parseCatalogue(toml);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
};
const CATALOGUE = catalogueOf(`
[[tool]]
name = "mcp/bank/pay"
action = "write"
tier = 3
arguments = ["to", "amount", "account_id", "note", "secret_code", "cc"]
datasets = [{ fixed = "bank" }]
sinks = ["/to", "/amount", "/account_id", "/secret_code", "/cc/*"]

[[tool]]
name = "mcp/files/read"
action = "read"
tier = 1
arguments = ["path", "lines"]
datasets = [{ argument = "/path", under = "files" }]

[[tool]]
name = "mcp/files/write"
action = "write"
tier = 2
arguments = ["path", "text"]
datasets = [{ argument = "/path", under = "files" }]
sinks = ["/path"]
`);

let count = 0;
function call(tool: string, args: JsonObject, change: Partial<ObservedCall> = {}): ObservedCall {
  count += 1;
  return {
    id: `r${count}`,
    at: count,
    verdict: 'observed',
    workflow: `wf_${count}`,
    agent: 'idp#agent',
    user: 'idp#alice',
    owner: 'team:a',
    task: 'the task',
    tool,
    action: 'read',
    datasets: ['bank'],
    args,
    cut: [],
    ...change,
  };
}
const pay = (args: JsonObject, change: Partial<ObservedCall> = {}) =>
  call('mcp/bank/pay', args, change);
const read = (path: string, change: Partial<ObservedCall> = {}) =>
  call('mcp/files/read', { path }, { datasets: [`files/${path}`], ...change });
const toolsOf = (calls: readonly ObservedCall[]): readonly LearnedTool[] =>
  learn(calls, CATALOGUE).profiles.flatMap(({ tools }) => tools);
const boundsOf = (values: readonly JsonObject[]) =>
  toolsOf(values.map((args) => pay(args)))[0]?.bounds;
const repeated = <T>(times: number, make: (n: number) => T): readonly T[] =>
  Array.from({ length: times }, (_, n) => make(n));

describe('datasets', () => {
  test.each([
    ['stay as they are, if there are two', ['a/x.md', 'a/y.md'], ['files/a/x.md', 'files/a/y.md']],
    ['become their folder, if there are three', ['a/x', 'a/y', 'a/z'], ['files/a']],
    ['do not become a folder that only one of them shows', ['a/x', 'a/x', 'a/x'], ['files/a/x']],
    ['stay apart in other folders', ['a/x', 'b/y', 'c/z'], ['files']],
    [
      'become the folder that three others are in',
      ['p/a/1', 'p/a/2', 'p/a/3', 'q/b'],
      ['files/p/a', 'files/q/b'],
    ],
  ])('%s', (_, paths, expected) => {
    expect(toolsOf(paths.map((path) => read(path)))[0]?.datasets).toEqual(expected);
  });

  test('never become the root, if they say where something is written', () => {
    const write = (path: string) =>
      call('mcp/files/write', { path, text: 't' }, { datasets: [`files/${path}`] });
    const [tool] = toolsOf(['a', 'b', 'c', 'd'].map(write));
    expect(tool?.datasets).toEqual(['files/a', 'files/b', 'files/c', 'files/d']);
  });
});

describe('a destination', () => {
  test('is one of the recorded ones', () => {
    expect(boundsOf([{ to: 'B' }, { to: 'A' }, { to: 'A' }])?.['/to']).toEqual({
      oneOf: ['A', 'B'],
    });
  });

  test('never becomes the form of account numbers', () => {
    const bounds = boundsOf(repeated(40, (n) => ({ to: `GB${10 + n}NWBK` })));
    expect(Object.keys(bounds?.['/to'] ?? {})).toEqual(['oneOf']);
  });

  test('becomes the domain of many addresses, and not more', () => {
    const bounds = boundsOf(repeated(12, (n) => ({ to: `person${n}@acme.example` })));
    expect(bounds?.['/to']).toEqual({ matches: '[A-Za-z0-9._+-]+@acme\\.example' });
    const mixed = repeated(12, (n) => ({ to: `p${n}@${n === 0 ? 'evil' : 'acme'}.example` }));
    expect(Object.keys(boundsOf(mixed)?.['/to'] ?? {})).toEqual(['oneOf']);
  });

  test('that no call passed must be absent, and an identifier is never a range', () => {
    const bounds = boundsOf(repeated(4, (n) => ({ to: 'A', account_id: n * 10 })));
    expect(bounds?.['/cc']).toEqual({ absent: true });
    expect(bounds?.['/account_id']).toEqual({ oneOf: [0, 10, 20, 30] });
  });

  test('of a list is a subset of the recorded ones', () => {
    const bounds = boundsOf([
      { to: 'A', cc: ['x'] },
      { to: 'A', cc: ['y', 'x'] },
    ]);
    expect(bounds?.['/cc']).toEqual({ subsetOf: ['x', 'y'] });
  });

  test('that frameworks leave empty may be empty, and nothing else', () => {
    expect(
      boundsOf([
        { to: 'A', cc: null },
        { to: 'A', cc: [] },
      ])?.['/cc'],
    ).toEqual({ empty: true });
    expect(boundsOf([{ to: 'A' }, { to: null }, { to: '' }])?.['/to']).toEqual({
      anyOf: [{ empty: true }, { oneOf: ['A'] }],
    });
    expect(
      boundsOf([
        { to: 'A', cc: ['x'] },
        { to: 'A', cc: [] },
      ])?.['/cc'],
    ).toEqual({
      subsetOf: ['x'],
    });
  });

  test('that was left out of a sample is named by the agent, and not left open', () => {
    const [tool] = toolsOf([pay({ to: 'A' }, { cut: ['/secret_code'] })]);
    expect(tool?.open).toMatchObject([{ pointer: '/secret_code', bound: 'request' }]);
  });

  test('that each task names is named by the agent', () => {
    const tasks = ['pay Ada', 'pay Ben', 'pay Cem', 'pay Dee'];
    const [tool] = toolsOf(tasks.map((task) => pay({ to: task.slice(4) }, { task })));
    expect(tool?.open).toMatchObject([{ pointer: '/to', bound: 'request' }]);
  });

  test('with nothing in common leaves its tool out, and says so', () => {
    const { profiles, undecided } = learn([pay({ to: 'A' }), pay({ to: 7 })], CATALOGUE);
    expect(profiles).toEqual([]);
    expect(undecided).toMatchObject([{ tool: 'mcp/bank/pay', pointer: '/to' }]);
  });
});

describe('an amount', () => {
  test('is one of two, and a range of more, wider by a tenth', () => {
    const of = (...amounts: readonly number[]) =>
      boundsOf(amounts.map((amount) => ({ to: 'A', amount })))?.['/amount'];
    expect(of(10, 20)).toEqual({ optional: { oneOf: [10, 20] } });
    expect(of(10, 20, 40)).toEqual({ number: { min: 6, max: 44 } });
    expect(of(0, 1, 2)).toEqual({ number: { min: 0, max: 3 } });
    expect(of(9.5, 9.5, 9.5)).toEqual({ number: { min: 9, max: 10 } });
  });
});

describe('other arguments', () => {
  test('are free until enough workflows passed no new value', () => {
    const noted = (times: number) =>
      toolsOf(repeated(times, (n) => pay({ to: 'A', note: n % 2 ? 'rent' : 'fee' })))[0];
    expect(noted(59)?.free).toContain('/note');
    expect(noted(60)?.bounds['/note']).toEqual({ oneOf: ['fee', 'rent'] });
  });

  test('stay free if values keep being new', () => {
    const [tool] = toolsOf(
      repeated(80, (n) =>
        pay({ to: 'A', note: `${'?'.repeat(n % 7)}${n} ${'word '.repeat(n % 5)}` }),
      ),
    );
    expect(tool?.bounds).not.toHaveProperty('/note');
  });

  test('get the form that all of many values have', () => {
    const dates = repeated(80, (n) => pay({ to: 'A', note: `2026-01-${10 + n}` }));
    expect(toolsOf(dates)[0]?.bounds['/note']).toEqual({
      matches: '[0-9]{4}\\-[0-9]{2}\\-[0-9]{2}',
    });
  });
});

describe('a profile', () => {
  test('is of one task, where tasks repeat, and of the agent otherwise', () => {
    const two = ['a', 'b'].flatMap((task) => repeated(3, () => read(task, { task })));
    expect(learn(two, CATALOGUE).profiles.map(({ task }) => task)).toEqual(['a', 'b']);
    const each = repeated(6, (n) => read('x', { task: `task ${n}` }));
    expect(learn(each, CATALOGUE).profiles.map(({ task }) => task)).toEqual([undefined]);
  });

  test('without a user is another one', () => {
    const { user: _, ...alone } = read('x');
    expect(learn([read('x'), alone], CATALOGUE).profiles).toHaveLength(2);
  });

  test('quotes the records that support each generalisation', () => {
    const { generalisations } = learn(
      ['a/x', 'a/y', 'a/z'].map((path) => read(path)),
      CATALOGUE,
    );
    const [one] = generalisations;
    expect(one).toMatchObject({ what: 'dataset', to: 'files/a', support: 3 });
    expect(one?.records).toHaveLength(3);
  });

  test('loads as a policy, whatever its texts are', () => {
    const task = 'pay "Ada"; allow if true; // \\ \n end';
    const calls = repeated(3, () => pay({ to: 'A"; allow if true;', amount: 3 }, { task }));
    const proposal = learn(calls, CATALOGUE);
    const nameOf = (name: string) => ({ issuer: 'idp', subject: name.slice(4) });
    const [source = ''] = renderPolicy(proposal, { nameOf, owner: 'team:b', lifetimeSeconds: 60 });
    const policy = loadPolicy([{ name: 'learned', source }], CATALOGUE);
    if (!policy.ok) throw new Error(JSON.stringify(policy.error));
    const decide = (asked: string, tool = 'mcp/bank/pay') =>
      policy.value.decide({
        workload: { issuerName: 'idp', subject: 'agent' },
        user: { issuerName: 'idp', subject: 'alice' },
        task: asked,
        audience: 'https://x.example',
        now: new Date(0),
        requests: [{ tool, action: 'write', dataset: 'bank' }],
      }).granted.length;
    expect([decide(task), decide('another'), decide(task, 'mcp/files/write')]).toEqual([1, 0, 0]);
    const cases = { nameOf, audience: 'https://x.example', time: new Date(0) };
    expect(renderCases(proposal, CATALOGUE, cases)).toContain('code = "no_rule"');
  });

  test('has cases that can be read, whatever a task is called', () => {
    const task = 'erase \u007f \ud800 "';
    const calls = repeated(3, () => pay({ to: 'Ada', amount: 3 }, { task }));
    const nameOf = (name: string) => ({ issuer: 'idp', subject: name.slice(4) });
    const cases = { nameOf, audience: 'https://x.example', time: new Date(0) };
    const toml = renderCases(learn(calls, CATALOGUE), CATALOGUE, cases);
    expect(JSON.stringify(parse(toml))).toContain('erase \u007f \ufffd');
  });

  test('is measured against all tools, datasets and arguments', () => {
    const size = measure(learn([read('a/x')], CATALOGUE), CATALOGUE);
    expect(size).toMatchObject({ tools: 3, dimensions: 14, grantedTools: 1, openDimensions: 2 });
    expect(size?.openShare).toBeCloseTo(2 / 14);
  });

  test('counts an argument that is read as a dataset once, whatever its name is', () => {
    const catalogue = catalogueOf(`
[[tool]]
name = "mcp/files/open"
action = "read"
tier = 1
arguments = ["file/path"]
datasets = [{ argument = "/file~1path", under = "files" }]
`);
    const opened = call('mcp/files/open', { 'file/path': 'a' }, { datasets: ['files/a'] });
    expect(measure(learn([opened], catalogue), catalogue)).toMatchObject({
      dimensions: 2,
      openDimensions: 1,
      boundedDimensions: 1,
    });
  });
});
