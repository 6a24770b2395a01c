import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Sessions } from '../../../workers/gateway/mcp/session.ts';

const secretOf = (byte: number) => async () => new Uint8Array(32).fill(byte);
const ours = { server: 'files', workflow: 'wf_a' };

describe('a session', () => {
  test('opens for its own workflow at its own server, in every isolate', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\x21-\x7e]{1,1024}$/), async (id) => {
        const sealed = await new Sessions(secretOf(1)).seal(id, ours);
        expect(sealed).toMatch(/^[A-Za-z0-9_-]+$/);
        expect(await new Sessions(secretOf(1)).open(sealed ?? '', ours)).toBe(id);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ['another workflow', { server: 'files', workflow: 'wf_b' }, 1],
    ['another server', { server: 'mail', workflow: 'wf_a' }, 1],
    ['a gateway with another secret', ours, 2],
    // The fields stay separate, whatever they contain.
    [
      'a workflow whose name takes a letter of the server',
      { server: 'file', workflow: 'swf_a' },
      1,
    ],
  ])('of one workflow cannot be used by %s', async (_, owner, byte) => {
    const sealed = await new Sessions(secretOf(1)).seal('session-1', ours);
    expect(await new Sessions(secretOf(byte)).open(sealed ?? '', owner)).toBeUndefined();
  });

  test('does not open with a changed bit, or for the server’s own id', async () => {
    const sessions = new Sessions(secretOf(1));
    const sealed = (await sessions.seal('session-1', ours)) ?? '';
    for (let at = 0; at < sealed.length; at += 3) {
      const other = sealed[at] === 'A' ? 'B' : 'A';
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      expect(await sessions.open(changed, ours)).toBeUndefined();
    }
    for (const none of ['', 'session-1', 'A', sealed.repeat(20), '\ud800']) {
      expect(await sessions.open(none, ours)).toBeUndefined();
    }
  });

  test('hides the id of the server, and seals the same id in the same way', async () => {
    const sessions = new Sessions(secretOf(1));
    const sealed = await sessions.seal('session-1', ours);
    expect(Buffer.from(sealed ?? '', 'base64url').toString('latin1')).not.toContain('session');
    expect(await sessions.seal('session-1', ours)).toBe(sealed);
    expect(await sessions.seal('session-1', { ...ours, workflow: 'wf_b' })).not.toBe(sealed);
  });

  test('belongs to one isolate while no secret is available, and still opens there later', async () => {
    let secret: Uint8Array<ArrayBuffer> | undefined;
    const [one, other] = [new Sessions(async () => secret), new Sessions(async () => secret)];
    const early = (await one.seal('session-1', ours)) ?? '';
    expect(await one.open(early, ours)).toBe('session-1');
    expect(await other.open(early, ours)).toBeUndefined();
    secret = new Uint8Array(32);
    expect(await one.open(early, ours)).toBe('session-1');
    expect(await other.open((await one.seal('session-1', ours)) ?? '', ours)).toBe('session-1');
  });

  test.each(['', 'with space', 'line\nbreak', 'ä', 'x'.repeat(1_025)])(
    'is not sealed if its id is not one of MCP: %j',
    async (id) => {
      expect(await new Sessions(secretOf(1)).seal(id, ours)).toBeUndefined();
    },
  );
});
