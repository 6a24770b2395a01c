import { reset, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { AdmissionRequest } from '../../../../workers/issuer/feed/denial.ts';
import type { WatermarkDraft } from '../../../../workers/issuer/feed/entry-draft.ts';
import { follow, log, question, restartLog, seconds, watermarkRecord } from './scene.ts';

afterEach(() => reset());

const draft = (value: string, before = seconds() + 30): WatermarkDraft => ({
  kind: 'watermark',
  scope: 'owner',
  value,
  before,
  at: seconds(),
  expires: seconds() + 3_600,
});
let n = 0;
const record = (value: string) => ({ ...watermarkRecord(value), id: `watermark.${value}.${n++}` });
const stop = (value: string, before?: number) =>
  log().appendWatermark(draft(value, before), record(value));
const withdraw = (value: string) =>
  log().withdrawWatermark({ scope: 'owner', value }, { ...record(value), withdrawn: true });
const mint = (owner: string): AdmissionRequest => ({
  agent: 'agent',
  subject: 'user',
  owner,
  audience: 'https://gateway.example',
  issuerKey: 'ab'.repeat(32),
  tools: [],
  issuedAt: seconds(),
  expires: seconds() + 300,
});
const owners = async () => (await log().watermarks()).map(({ value }) => value);

describe('a watermark', () => {
  test('that no token matches can be withdrawn, which frees its place in the head', async () => {
    await stop('growht');
    await stop('growth');
    expect(await withdraw('growht')).toMatchObject({ ok: true, value: { seq: 3, recorded: true } });
    expect(await owners()).toEqual(['growth']);
    await restartLog();
    expect(await owners()).toEqual(['growth']);
    const { feed } = await follow();
    expect(await feed.refresh()).toMatchObject({ ok: true });
    expect(feed.head?.watermarks.map(({ value }) => value)).toEqual(['growth']);
    expect(feed.find(question('wf_any', { owner: 'growth' }))).toMatchObject({ by: 'watermark' });
  });

  test('that an unexpired token may name cannot be withdrawn', async () => {
    expect(await log().admit(mint('growth'))).toMatchObject({ value: { denied: [] } });
    await stop('growth');
    const refused = await withdraw('growth');
    expect(refused).toMatchObject({ ok: false, error: { code: 'watermark_needed' } });
    if (!refused.ok && refused.error.code === 'watermark_needed') {
      expect(refused.error.until).toBeGreaterThanOrEqual(seconds() + 300);
    }
    expect(await owners()).toEqual(['growth']);
  });

  test('on all cannot be withdrawn while any token is unexpired', async () => {
    await log().admit(mint('growth'));
    const all = { ...draft(''), scope: 'all' } as const;
    await log().appendWatermark(all, record(''));
    const refused = await log().withdrawWatermark({ scope: 'all', value: '' }, record(''));
    expect(refused).toMatchObject({ ok: false, error: { code: 'watermark_needed' } });
  });

  test('cannot be withdrawn while a token of the previous release may be unexpired', async () => {
    await stop('growth');
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec("INSERT INTO named_scope VALUES ('all', '', unixepoch() + 3660)");
    });
    expect(await withdraw('growth')).toMatchObject({ error: { code: 'watermark_needed' } });
  });

  test('is withdrawn once, and is in force again if it is set again', async () => {
    const before = seconds() + 1;
    await stop('growth', before);
    expect(await withdraw('growth')).toMatchObject({ ok: true, value: { seq: 2 } });
    expect(await withdraw('growth')).toMatchObject({ error: { code: 'watermark_unknown' } });
    expect(await stop('growth', before)).toMatchObject({ ok: true, value: { seq: 3 } });
    expect(await owners()).toEqual(['growth']);
    expect(await withdraw('growth')).toMatchObject({ ok: true, value: { seq: 4 } });
    expect(await owners()).toEqual([]);
  });

  test('of one scope and value takes one place, however often it is set', async () => {
    const start = seconds();
    for (let i = 1; i <= 70; i++) {
      expect(await stop('growth', seconds() - i)).toMatchObject({ ok: true });
    }
    expect(await owners()).toEqual(['growth']);
    expect((await log().watermarks())[0]?.before).toBeGreaterThanOrEqual(start - 1);
  });
});
