import { describe, expect, test } from 'vitest';
import { atIssuer } from './issuer-scene.ts';

const TARGET = {
  name: 'pager',
  kind: 'webhook',
  events: ['breaker.tripped', 'drill.failed'],
  queued: 2,
  dropped: 1,
  failures: 3,
  fault: 'answered_500\u001b[2J',
  delivered_at: '2026-11-23T09:55:00.000Z',
};

describe('hewn notifications list', () => {
  test('shows what waits, what was lost and the last failure', async () => {
    const { code, out } = await atIssuer(['notifications', 'list'], { targets: [TARGET] });
    expect(code).toBe(0);
    const [head = '', row = ''] = out.split('\n');
    expect(head.split(/ {2,}/)).toEqual([
      ...['NAME', 'KIND', 'WAITING', 'LOST', 'LAST FAILURE', 'DELIVERED', 'EVENTS'],
    ]);
    expect(row).toContain('answered_500\\u{1b}[2J ×3');
    expect(row).toContain('2026-11-23T09:55:00Z');
    expect(row).toContain('breaker.tripped, drill.failed');
  });

  test('fits a terminal of 80 columns', async () => {
    const screen = { outIsTerminal: true, columns: 80 };
    const { out } = await atIssuer(['notifications', 'list'], { targets: [TARGET] }, screen);
    for (const line of out.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test('says where targets are set if there is none', async () => {
    const { out } = await atIssuer(['notifications', 'list'], { targets: [] });
    expect(out).toContain('[notify.NAME]');
  });
});

describe('hewn notifications test', () => {
  test('queues a message for one target', async () => {
    const ran = await atIssuer(['notifications', 'test', 'pager', '--json']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ran.out)).toEqual({ queued: 'pager' });
    expect(ran.sent).toEqual([{ call: 'POST /admin/v1/notifications/pager/test' }]);
  });

  test('needs exactly one name', async () => {
    for (const names of [[], ['a', 'b']]) {
      const ran = await atIssuer(['notifications', 'test', ...names]);
      expect(ran).toMatchObject({ code: 2, sent: [] });
      expect(ran.err).toContain('hewn notifications list');
    }
  });
});
