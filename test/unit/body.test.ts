import { describe, expect, test } from 'vitest';
import { readBounded } from '../../src/body.ts';

/** A body in parts, which counts how many were read. */
function inParts(parts: readonly Uint8Array[]) {
  let partsRead = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const part = parts[partsRead++];
        if (part) controller.enqueue(part);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { response: new Response(stream), partsRead: () => partsRead };
}

describe('a bounded read', () => {
  test('accepts a body of exactly the limit, and no byte more', async () => {
    expect(await readBounded(new Response('x'.repeat(10)), 10)).toEqual({
      ok: true,
      value: 'x'.repeat(10),
    });
    expect(await readBounded(new Response('x'.repeat(11)), 10)).toEqual({
      ok: false,
      error: { code: 'body_too_large' },
    });
    expect((await readBounded(new Response('é'.repeat(6)), 10)).ok).toBe(false);
  });

  test('reads a missing body as an empty one', async () => {
    expect(await readBounded(new Response(null), 0)).toEqual({ ok: true, value: '' });
  });

  test('does not read a body whose content-length is over the limit', async () => {
    const { response, partsRead } = inParts([new Uint8Array(1)]);
    response.headers.set('content-length', '11');
    expect((await readBounded(response, 10)).ok).toBe(false);
    expect(partsRead()).toBe(0);
  });

  test.each(['1', '-1', 'NaN', ''])(
    'stops reading if the content-length %j is a lie',
    async (length) => {
      const { response, partsRead } = inParts(Array(100).fill(new Uint8Array(8)));
      response.headers.set('content-length', length);
      expect(await readBounded(response, 10)).toMatchObject({ error: { code: 'body_too_large' } });
      expect(partsRead()).toBe(2);
    },
  );

  test.each([{}, { 'content-length': '11' }])(
    'gives up on a copy of a body, and leaves the other copy whole: %j',
    async (headers) => {
      const response = new Response('x'.repeat(11), { headers });
      expect(await readBounded(response.clone(), 10)).toMatchObject({ ok: false });
      expect(await response.text()).toBe('x'.repeat(11));
    },
  );

  test('joins a character that is split between two parts', async () => {
    const { response } = inParts([Uint8Array.of(0xc3), Uint8Array.of(0xa9)]);
    expect(await readBounded(response, 10)).toEqual({ ok: true, value: 'é' });
  });

  test('rejects a body that is not UTF-8, and keeps a byte order mark', async () => {
    expect(await readBounded(new Response(Uint8Array.of(0xff)), 10)).toEqual({
      ok: false,
      error: { code: 'body_not_utf8' },
    });
    expect(await readBounded(new Response('\uFEFF{}'), 10)).toEqual({
      ok: true,
      value: '\uFEFF{}',
    });
  });
});
