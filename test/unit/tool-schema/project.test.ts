import { describe, expect, test } from 'vitest';
import { type ArgumentBound, readArgumentBounds } from '../../../src/bounds/index.ts';
import type { JsonObject } from '../../../src/canonical-json.ts';
import { writeConstraints } from '../../../src/capability/constraints/index.ts';
import { DatalogWriter, toBlock } from '../../../src/capability/datalog.ts';
import type { Constraint, ConstraintsByPointer } from '../../../src/capability/index.ts';
import { projectSchema } from '../../../src/tool-schema/index.ts';
import { cpuMilliseconds } from '../cpu-time.ts';
import { unwrap } from '../fixtures/issuer.ts';

const TOOL = 'mail.send';
const boundsOf = (constraints: ConstraintsByPointer, names = ['a', 'b', 'o']) => {
  const whole = { arguments: names, constraints };
  const written = unwrap(writeConstraints(new DatalogWriter(), TOOL, whole));
  return readArgumentBounds([toBlock(written.done())], TOOL);
};
const propertyA = (schema: JsonObject, constraint: Constraint) => {
  const bounds = boundsOf({ '/a': constraint });
  const shown = projectSchema({ type: 'object', properties: { a: schema } }, { bounds });
  return (shown.properties as Record<string, unknown>).a;
};

describe('a constraint of the policy is shown at its argument:', () => {
  test.each<[Constraint, JsonObject]>([
    [{ exact: 'x' }, { const: 'x' }],
    [{ oneOf: ['x', 'y'] }, { enum: ['x', 'y'] }],
    [{ oneOf: [1, 2.5] }, { type: 'number', enum: [1, 2.5] }],
    [{ number: { min: 0, max: 50.5 } }, { type: 'number', minimum: 0, maximum: 50.5 }],
    [{ integer: { max: 5 } }, { type: 'integer', maximum: 5 }],
    [{ length: { min: 1, max: 200 } }, { type: 'string', minLength: 1, maxLength: 200 }],
    [{ prefix: 'GB.' }, { type: 'string', pattern: '^GB\\.' }],
    [{ suffix: '@acme.example' }, { type: 'string', pattern: '@acme\\.example$' }],
    [{ matches: '[A-Z]{2}[0-9]+' }, { type: 'string', pattern: '^(?:[A-Z]{2}[0-9]+)$' }],
    [{ glob: 'reports/*.md' }, { type: 'string', pattern: '^(?:reports/[^/]*\\.md)$' }],
    [{ pathBelow: 'reports' }, { type: 'string', pattern: '^(?:reports)(?:/|$)' }],
    [{ count: { max: 3 } }, { type: 'array', maxItems: 3 }],
    [{ subsetOf: ['x', 'y'] }, { type: 'array', items: { type: 'string', enum: ['x', 'y'] } }],
    [
      { every: { suffix: '@acme.example' } },
      { type: 'array', items: { type: 'string', pattern: '@acme\\.example$' } },
    ],
  ])('%o', (constraint, schema) => {
    expect(propertyA({}, constraint)).toEqual(schema);
  });

  test.each<[Constraint, string]>([
    [{ url: { schemes: ['https'], host: 'api.example' } }, 'have the host "api.example"'],
    [{ matches: '\\d+' }, 'match the pattern \\d+'],
  ])('%o, in words, because a schema would refuse some of what it allows', (constraint, words) => {
    expect(propertyA({ description: 'Where.' }, constraint)).toMatchObject({
      description: `Where.\nIn this session: it must ${words}.`,
    });
    expect(propertyA({}, constraint)).not.toHaveProperty('pattern');
  });
});

describe("a bound and the server's own schema", () => {
  test('are one keyword where that is possible', () => {
    expect(propertyA({ enum: ['x', 'y', 'z'], default: 'z' }, { oneOf: ['x', 'y', 'w'] })).toEqual({
      enum: ['x', 'y'],
    });
    expect(propertyA({ type: 'integer', maximum: 9 }, { number: { max: 5 } })).toEqual({
      type: 'integer',
      maximum: 5,
    });
    expect(propertyA({ type: ['string', 'null'] }, { length: { max: 5 } })).toEqual({
      type: 'string',
      maxLength: 5,
    });
  });

  test('stand next to each other otherwise', () => {
    expect(propertyA({ type: 'string', pattern: '^x' }, { suffix: 'y' })).toEqual({
      type: 'string',
      pattern: '^x',
      allOf: [{ pattern: 'y$' }],
    });
  });
});

describe('an argument that is not allowed', () => {
  const schema: JsonObject = {
    type: 'object',
    properties: { a: {}, b: { $ref: '#/$defs/secret' }, c: {} },
    required: ['a', 'b'],
    oneOf: [{ required: ['c'] }, { properties: { c: {}, a: { type: 'string' } } }],
    dependentRequired: { a: ['c'], c: ['a'] },
    $defs: { secret: { type: 'string' } },
  };

  test('is shown nowhere, nor required', () => {
    const bounds = boundsOf({ '/b': { absent: true } }, ['a', 'b']);
    const shown = projectSchema(schema, { listed: ['a', 'b', 'c'], bounds });
    expect(shown).toEqual({
      type: 'object',
      properties: { a: {} },
      required: ['a'],
      anyOf: [{ required: [] }, { properties: { a: { type: 'string' } } }],
      dependentRequired: { a: [] },
      additionalProperties: false,
      $defs: schema.$defs,
    });
  });

  test('inside an object is not shown either', () => {
    const nested = {
      type: 'object',
      properties: { o: { type: 'object', properties: { x: {}, y: {} }, required: ['y'] } },
    };
    const shown = projectSchema(nested, { bounds: boundsOf({ '/o/x': { exact: 1 } }) });
    expect(shown.properties).toMatchObject({
      o: {
        properties: { x: { const: 1 } },
        required: ['x'],
        additionalProperties: false,
      },
    });
  });
});

test('follows references within the schema, and stops at one that leads nowhere', () => {
  const root = { $ref: '#/$defs/args', $defs: { args: { properties: { a: {}, b: {} } } } };
  expect(projectSchema(root, { listed: ['a'], bounds: [] })).toEqual({
    properties: { a: {} },
    additionalProperties: false,
    $defs: root.$defs,
  });
  for (const $ref of ['#/$defs/none', '#', 'https://evil.example/schema', '#/%']) {
    const shown = projectSchema({ type: 'object', $ref }, { listed: ['a'], bounds: [] });
    expect(shown).toMatchObject({ additionalProperties: false });
  }
});

test('takes bounded time for a schema whose parts all lead to each other', async () => {
  const names = Array.from({ length: 40 }, (_, index) => `d${index}`);
  const all = names.map((name) => ({ $ref: `#/$defs/${name}` }));
  const $defs = Object.fromEntries(
    names.map((name) => [name, { anyOf: all, properties: { b: {} } }]),
  );
  const milliseconds = await cpuMilliseconds(() =>
    projectSchema({ anyOf: all, $defs }, { listed: ['a'], bounds: [] }),
  );
  expect(milliseconds).toBeLessThan(1_000);
});

test('keeps names that are special in JavaScript as they are', () => {
  const properties = JSON.parse('{"__proto__":{"type":"string"},"constructor":{}}') as JsonObject;
  const bounds: readonly ArgumentBound[] = [
    { kind: 'value', pointer: '/__proto__', isOptional: false, bound: { values: ['x'] } },
  ];
  const shown = projectSchema({ properties }, { listed: ['__proto__'], bounds });
  expect(JSON.stringify(shown)).toBe(
    '{"properties":{"__proto__":{"type":"string","const":"x"}},"additionalProperties":false,"required":["__proto__"]}',
  );
});
