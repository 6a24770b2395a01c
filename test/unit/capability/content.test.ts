import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/canonical-json.ts';
import {
  type ArgumentConstraints,
  argumentNodes,
  type Constraint,
  type ConstraintsByPointer,
  checkCall,
  narrow,
} from '../../../src/capability/index.ts';
import { describeCall, findCatalogueFaults, parseCatalogue } from '../../../src/catalogue/index.ts';
import { compiled } from '../../fuzz/constraints/compiled.ts';
import { mintToken, unwrap } from '../fixtures/issuer.ts';

const AMBIGUOUS: readonly Json[] = [
  1e300,
  0.1234567,
  'see https://a.example/x/../y',
  'https://a.example/x/../y',
  { deep: [1e300, { more: 'https://a.example//x' }] },
  Array.from({ length: 200 }, (_, i) => i),
];
const codeOf = async (args: JsonObject, content?: readonly string[]) => {
  const call = {
    tool: 't',
    action: 'write',
    dataset: 'd',
    args,
    ...(content && { content }),
  } as const;
  const checked = await checkCall(call);
  return checked.ok ? 'ok' : checked.error.code;
};

test.each(AMBIGUOUS)(
  'content may be %j, which is otherwise denied unless it is plain text',
  async (text) => {
    expect(await codeOf({ text }, ['/text'])).toBe('ok');
    const isPlain = typeof text === 'string' && text.startsWith('see');
    expect(await codeOf({ text })).toBe(isPlain ? 'ok' : 'arguments_invalid');
    expect(await codeOf({ text }, ['/other'])).toBe(isPlain ? 'ok' : 'arguments_invalid');
    expect(await codeOf({ rows: [{ text }, { text }] }, ['/rows/*/text'])).toBe('ok');
    // A member that is named * is not an element of an array.
    if (!isPlain)
      expect(await codeOf({ rows: { '*': { text } } }, ['/rows/*/text'])).not.toBe('ok');
  },
);

test.each<[string, Json]>([
  ['a lone surrogate', '\ud800'],
  ['no JSON', Number.NaN],
  ['a function', (() => 0) as unknown as Json],
])('content must not be %s', async (_, text) => {
  expect(await codeOf({ text }, ['/text'])).toBe('arguments_invalid');
});

test('content brings one node and nothing else', () => {
  const nodes = unwrap(argumentNodes({ text: { a: 1 }, to: 'x' }, ['/text']));
  expect(nodes[1]).toEqual({ pointer: '/text', type: 'content' });
  expect(nodes).toHaveLength(3);
});

const CALL = { tool: 'mail.send', action: 'write', dataset: 'd' } as const;
const allowed = async (constraint: Constraint, args: JsonObject, content: readonly string[]) => {
  const constraints: ArgumentConstraints = { arguments: ['a'], constraints: { '/a': constraint } };
  return compiled(constraints, { ...CALL, content })(args);
};

test.each<Constraint>([
  { exact: 'x' },
  { not: { exact: 'y' } },
  { length: { max: 9 } },
  { optional: { exact: 'x' } },
  { anyOf: [{ exact: 'x' }, { empty: true }] },
  { every: { exact: 'x' } },
  { every: { not: { exact: 'y' } } },
  { subsetOf: ['x'] },
  { any: { exact: 'x' } },
  { each: { b: { exact: 'x' } } },
  { each: { b: { not: { exact: 'y' } } } },
])('a constraint %j denies content, whatever it is', async (constraint) => {
  for (const a of ['x', ['x'], [{ b: 'x' }]] as readonly Json[]) {
    for (const content of [['/a'], ['/a/*'], ['/a/*/b'], ['/a/b']]) {
      const isRead = (
        Array.isArray(a)
          ? typeof a[0] === 'string'
            ? ['/a/b', '/a/*/b']
            : ['/a/b']
          : ['/a/*', '/a/*/b', '/a/b']
      ).includes(content[0] ?? '');
      if (!isRead)
        expect([content, a, await allowed(constraint, { a }, content)]).toEqual([
          content,
          a,
          false,
        ]);
    }
  }
});

test('present allows content', async () => {
  expect(await allowed({ present: true }, { a: 1e300 }, ['/a'])).toBe(true);
  expect(await allowed({ each: { b: { present: true } } }, { a: [{ b: 1e300 }] }, ['/a/*/b'])).toBe(
    true,
  );
  expect(await allowed({ absent: true }, { a: 1e300 }, ['/a'])).toBe(false);
});

test.each<[ConstraintsByPointer, readonly string[]]>([
  [{ '/a/b': { absent: true } }, ['/a']],
  [{ '/a/b/c': { absent: true } }, ['/a']],
  [{ '/a/b/c': { absent: true } }, ['/a/b']],
  [{ '/a/b/c': { absent: true }, '/a/d': { optional: { exact: 'x' } } }, ['/a/b']],
])('%j denies content %j, in which it could be', async (constraints, content) => {
  const judge = compiled({ arguments: ['a'], constraints }, { ...CALL, content });
  expect(await judge({ a: { b: { c: 1 } } })).toBe(false);
  expect(await judge({})).toBe(true);
  // Without content, only what must be absent is denied.
  const judgeRead = compiled({ arguments: ['a'], constraints }, CALL);
  expect(await judgeRead({ a: { b: { c: 1 } } })).toBe(false);
  expect(await judgeRead({ a: { d: 'x' } })).toBe(true);
});

test('a narrowing to the whole arguments pins content', async () => {
  const token = mintToken();
  expect((await narrow(token, { args: { text: 1e300 } })).ok).toBe(true);
  expect((await narrow(token, { args: { text: Number.NaN } })).ok).toBe(false);
});

const toml = (content: string): string => `[[tool]]
name = "t"
action = "write"
tier = 2
arguments = ["to", "rows", "text"]
datasets = [{ argument = "/rows/*/path", under = "files" }]
sinks = ["/to"]
content = ${content}
`;

test('the catalogue says what is content', () => {
  const catalogue = unwrap(parseCatalogue(toml('["/text", "/rows/*/note"]')));
  const call = unwrap(describeCall(catalogue, 't', { rows: [{ path: 'a' }] }));
  expect(call.content).toEqual(['/text', '/rows/*/note']);
});

test.each([
  ['["/other"]', '0'],
  ['["/to"]', '0'],
  ['["/to/name"]', '0'],
  ['["/rows"]', '0'],
  ['["/rows/*"]', '0'],
  ['["/rows/*/path"]', '0'],
  ['["/rows/0/path"]', '0'],
  ['["/text", "/text"]', '1'],
])('the catalogue refuses content = %s', (content, where) => {
  expect(findCatalogueFaults(toml(content)).map((fault) => fault.where)).toEqual([
    `tool.0.content.${where}`,
  ]);
});
