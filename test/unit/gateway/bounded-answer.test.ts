import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/canonical-json.ts';
import type { AnswerBounds } from '../../../src/catalogue/index.ts';
import { boundedAnswer } from '../../../workers/gateway/mcp/tools/bounded-answer.ts';

const TOOL = 'mcp/crm/find';
const schema: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    tags: { type: 'array', items: { type: 'object', properties: { id: { type: 'number' } } } },
  },
  required: ['name'],
};
const text = (value: unknown) => ({
  type: 'text',
  text: typeof value === 'string' ? value : JSON.stringify(value),
});
const bounded = (result: JsonObject, bounds: AnswerBounds): JsonObject =>
  boundedAnswer({ jsonrpc: '2.0', id: 1, result }, TOOL, bounds).result as JsonObject;
const faultOf = (result: JsonObject, bounds: AnswerBounds): unknown => {
  const { isError, _meta, structuredContent } = bounded(result, bounds);
  expect(structuredContent).toBeUndefined();
  return isError === true
    ? (_meta as { readonly 'hewn.dev/answer'?: unknown })['hewn.dev/answer']
    : undefined;
};

describe('structured content', () => {
  test('that fits the schema passes unchanged', () => {
    const given = { name: 'Ada' };
    const result = { content: [text(given)], structuredContent: given };
    expect(bounded(result, { schema })).toEqual(result);
  });

  test.each<[string, JsonObject]>([
    ['is of another type', { structuredContent: { name: 7 } }],
    ['lacks a member', { structuredContent: {} }],
    ['is a list', { structuredContent: [] }],
    ['is not there', { content: [text('plain text')] }],
    ['hides in the second text', { content: [text('x'), text({ name: 'Ada' })] }],
  ])('that %s is withheld', (_, result) => {
    expect(faultOf(result, { schema })).toMatchObject({ code: 'answer_schema', tool: TOOL });
  });

  test('of a server that sends it as its only text is compared as well', () => {
    expect(faultOf({ content: [text({ name: 7 })] }, { schema })).toMatchObject({
      code: 'answer_schema',
    });
    const result = { content: [text({ name: 'Ada' })] };
    expect(bounded(result, { schema })).toEqual(result);
  });

  test('loses members that the schema does not list, in the text too', () => {
    const given = { name: 'Ada', secret: 's', tags: [{ id: 1, secret: 's' }] };
    const kept = { name: 'Ada', tags: [{ id: 1 }] };
    const result = { content: [text(given)], structuredContent: given };
    expect(bounded(result, { schema, unlisted: 'remove' })).toEqual({
      content: [text(kept)],
      structuredContent: kept,
    });
    expect(bounded({ content: [text(given)] }, { schema, unlisted: 'remove' })).toEqual({
      content: [text(kept)],
    });
  });

  test('with an unlisted member is withheld on wish', () => {
    const result = { structuredContent: { name: 'Ada', secret: 's' } };
    expect(faultOf(result, { schema, unlisted: 'deny' })).toMatchObject({ code: 'answer_schema' });
  });

  test('of an error is removed, and its text stays', () => {
    const result = { content: [text('no such contact')], structuredContent: {}, isError: true };
    expect(bounded(result, { schema })).toEqual({
      content: [text('no such contact')],
      isError: true,
    });
  });

  test('is withheld if the schema of the catalogue cannot be applied', () => {
    const broken: JsonObject = { type: 'object', $ref: '#/$defs/none' };
    expect(faultOf({ structuredContent: {} }, { schema: broken })).toBeDefined();
  });
});

describe('media types', () => {
  const image = { type: 'image', data: 'AA==', mimeType: 'image/PNG; x=1' };
  test.each<[readonly string[], JsonObject, boolean]>([
    [['text/plain'], text('x'), true],
    [['text/plain'], image, false],
    [['image/*'], image, true],
    [['image/png'], image, true],
    [['text/plain'], { type: 'resource', resource: { uri: 'x:y', text: 'x' } }, true],
    [['text/plain'], { type: 'resource', resource: { uri: 'x:y', blob: 'AA==' } }, false],
    [['text/plain'], { type: 'resource_link', uri: 'x:y', mimeType: 'text/html' }, false],
    [['text/plain'], { type: 'unheard of' }, false],
  ])('of %o: %o', (mediaTypes, block, isAllowed) => {
    const fault = faultOf(
      { content: [text('x'), block] },
      { mediaTypes: ['text/plain', ...mediaTypes] },
    );
    expect(fault === undefined).toBe(isAllowed);
  });
});

test('an answer over its bound is withheld, and says that the call was made', () => {
  const result = bounded({ content: [text('é'.repeat(60))] }, { bytes: 100 });
  expect(result).toMatchObject({ isError: true });
  expect(JSON.stringify(result.content)).toContain(
    'mcp/crm/find was called, and its answer is withheld',
  );
});

test('an error of the protocol and a question of the server pass', () => {
  const error = { jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } };
  expect(boundedAnswer(error, TOOL, { bytes: 1 })).toBe(error);
  const question = { id: 1, result: { resultType: 'input_required', inputRequests: {} } };
  expect(boundedAnswer(question, TOOL, { schema })).toBe(question);
});
