import { reset, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, test } from 'vitest';
import type { FeedReplica } from '../../../../src/feed/index.ts';
import type { AdmissionRequest } from '../../../../workers/issuer/feed/denial.ts';
import type { DenyCommand } from '../../../../workers/issuer/feed/scope-commands.ts';
import { DENIALS_MAX } from '../../../../workers/issuer/feed/scope-commands.ts';
import { dueNow, loseAudit } from '../audit-weather.ts';
import { readMerged } from '../merged.ts';
import { archive, env, follow, log, question, restartLog, seconds } from './scene.ts';

afterEach(() => reset());

const AGENT = 'https://idp.example#report-agent';
const TOOL = 'mcp/files/delete_file';
const WHO = { actor: 'operator', reason: 'all is well again' };

const deny = (command: Partial<DenyCommand> = {}) =>
  log().deny({
    id: crypto.randomUUID(),
    scope: 'agent',
    value: AGENT,
    reason: 'it reads what it should not',
    actor: 'operator',
    ...command,
  });
const mint = (more: Partial<AdmissionRequest> = {}): AdmissionRequest => ({
  agent: AGENT,
  subject: 'https://idp.example#alice',
  owner: 'team:growth',
  audience: env.ISSUER,
  issuerKey: 'ab'.repeat(32),
  tools: [TOOL, 'mcp/files/read_text_file'],
  issuedAt: seconds(),
  expires: seconds() + 300,
  ...more,
});
const admit = async (question: AdmissionRequest) => {
  const admitted = await log().admit(question);
  return admitted.ok ? admitted.value.denied : admitted.error.code;
};
const trail = async () =>
  (await readMerged(env, { after: 0 })).flatMap(({ record }) =>
    record.event === 'denial' ? [`${record.change} ${record.scope} by ${record.actor}`] : [],
  );
const hit = async (more: Partial<Parameters<FeedReplica['find']>[0]> = {}) => {
  const { feed } = await follow();
  expect(await feed.refresh()).toMatchObject({ ok: true });
  return feed.find(question('wf_any', { agent: AGENT, grants: [{ tool: TOOL }], ...more }))?.by;
};
/** The state after a point-in-time restore. The archive is another object, and stays. */
const takeBackLog = async () => {
  await runInDurableObject(log(), (_log, { storage }) => {
    storage.sql.exec('DROP TRIGGER log_stays');
    storage.sql.exec('DROP TRIGGER entry_stays');
    storage.sql.exec('DROP TRIGGER denial_stays');
    for (const table of ['entry', 'denial', 'named_scope', 'log']) {
      storage.sql.exec(`DELETE FROM ${table}`);
    }
  });
  await restartLog();
};

describe('a mint', () => {
  test.each([
    ['agent', AGENT],
    ['subject', 'https://idp.example#alice'],
    ['owner', 'team:growth'],
    ['tool', TOOL],
  ] as const)('is refused for a denied %s until the denial is lifted', async (scope, value) => {
    expect(await admit(mint())).toEqual([]);
    expect(await deny({ scope, value })).toMatchObject({ ok: true, value: { recorded: true } });
    expect(await admit(mint())).toEqual([{ scope, value }]);
    await restartLog();
    expect(await admit(mint())).toEqual([{ scope, value }]);
    expect(await log().lift({ scope, value }, WHO)).toMatchObject({ ok: true });
    expect(await admit(mint())).toEqual([]);
    expect(await trail()).toEqual([`set ${scope} by operator`, `lifted ${scope} by operator`]);
  });

  test('is admitted for another agent and for other tools', async () => {
    await deny();
    await deny({ scope: 'tool', value: TOOL });
    const other = mint({ agent: `${AGENT}-2`, tools: ['mcp/files/read_text_file'] });
    expect(await admit(other)).toEqual([]);
  });

  test('is admitted again after the end of the denial, which is recorded', async () => {
    await deny({ until: seconds() + 2 });
    expect(await log().denials()).toMatchObject([{ scope: 'agent', until: expect.any(Number) }]);
    expect(await admit(mint())).toHaveLength(1);
    await expect.poll(() => admit(mint())).toEqual([]);
    expect(await log().denials()).toEqual([]);
    await runDurableObjectAlarm(log());
    await dueNow(log());
    await runDurableObjectAlarm(log());
    expect(await trail()).toEqual(['set agent by operator', 'ended agent by clock']);
  });

  test('waits for a log whose clock is behind, so a later denial stops its token', async () => {
    const issuedAt = seconds() + 1;
    await admit(mint({ issuedAt }));
    expect(seconds()).toBeGreaterThanOrEqual(issuedAt);
    const denied = await deny();
    expect(denied).toMatchObject({ ok: true });
    if (denied.ok) expect(denied.value.before).toBeGreaterThan(issuedAt);
    expect(await admit(mint({ issuedAt: seconds() + 60 }))).toBe('clock_behind');
  });
});

describe('a verifier', () => {
  test('denies the tokens of a denied agent, even after the lift', async () => {
    const issuedAt = new Date();
    await deny();
    expect(await hit({ issuedAt })).toBe('watermark');
    await log().lift({ scope: 'agent', value: AGENT }, WHO);
    expect(await hit({ issuedAt })).toBe('watermark');
    expect(await hit({ issuedAt: new Date((seconds() + 2) * 1000) })).toBeUndefined();
  });

  test('denies only the calls of a denied tool, and none after the lift', async () => {
    await deny({ scope: 'tool', value: TOOL });
    expect(await hit({ tool: TOOL })).toBe('denial');
    expect(await hit({ tool: 'mcp/files/read_text_file' })).toBeUndefined();
    await log().lift({ scope: 'tool', value: TOOL }, WHO);
    expect(await hit({ tool: TOOL })).toBeUndefined();
  });
});

describe('a denial', () => {
  test('is in force while the audit log fails, and is recorded later', async () => {
    await loseAudit(log(), env, 'fails');
    expect(await deny()).toMatchObject({ ok: true, value: { recorded: false } });
    expect(await admit(mint())).toHaveLength(1);
    await restartLog();
    await dueNow(log());
    await runDurableObjectAlarm(log());
    expect(await trail()).toEqual(['set agent by operator']);
  });

  test('is not lifted while the audit log fails, because a lift is recorded first', async () => {
    await deny();
    await loseAudit(log(), env, 'fails');
    const refused = { ok: false, error: { code: 'audit_unavailable' } };
    expect(await log().lift({ scope: 'agent', value: AGENT }, WHO)).toEqual(refused);
    expect(await admit(mint())).toHaveLength(1);
    await restartLog();
    expect(await log().lift({ scope: 'agent', value: AGENT }, WHO)).toMatchObject({ ok: true });
    expect(await trail()).toEqual(['set agent by operator', 'lifted agent by operator']);
  });

  test('survives a restore of the log, and so does its lift', async () => {
    await deny();
    await deny({ scope: 'tool', value: TOOL });
    await log().lift({ scope: 'agent', value: AGENT }, WHO);
    await takeBackLog();
    expect(await log().denials()).toMatchObject([{ scope: 'tool', value: TOOL }]);
    expect(await admit(mint())).toEqual([{ scope: 'tool', value: TOOL }]);
    expect(await hit({ tool: TOOL, agent: 'another' })).toBe('denial');
  });

  test('of a denied scope replaces its reason and its end', async () => {
    await deny({ until: seconds() + 600 });
    await deny({ reason: 'for good' });
    const [denial, ...others] = await log().denials();
    expect(others).toEqual([]);
    expect(denial).toMatchObject({ reason: 'for good' });
    expect(denial?.until).toBeUndefined();
    await log().lift({ scope: 'agent', value: AGENT }, WHO);
    expect(await admit(mint())).toEqual([]);
    await takeBackLog();
    expect(await log().denials()).toEqual([]);
  });

  test('is refused when there are too many', async () => {
    await runInDurableObject(log(), (_log, { storage }) => {
      for (let i = 0; i < DENIALS_MAX; i++) {
        storage.sql.exec(
          "INSERT INTO denial VALUES ('tool', ?, ?, 1, 1, NULL, 'test')",
          ...[`t${i}`, `denial tool ${i} t${i}`],
        );
      }
    });
    expect(await deny()).toEqual({ ok: false, error: { code: 'denials_full' } });
  });

  test('of a tool takes a place in the head, and is refused if no place is left', async () => {
    const codes: string[] = [];
    for (let i = 0; i < 65; i++) {
      const denied = await deny({ scope: 'tool', value: `tool-${i}` });
      codes.push(denied.ok ? 'ok' : denied.error.code);
    }
    expect(codes.filter((code) => code === 'ok')).toHaveLength(64);
    expect(codes.at(-1)).toBe('watermarks_full');
  });

  test('leaves only its lift in log and archive after it is lifted', async () => {
    await deny({ scope: 'tool', value: TOOL });
    await log().lift({ scope: 'tool', value: TOOL }, WHO);
    const kinds = async () => (await archive().since(0, 0)).map(({ kind }) => kind);
    expect(await kinds()).toEqual(['denial', 'lift']);
    await runDurableObjectAlarm(archive());
    expect(await kinds()).toEqual(['lift']);
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE log SET delta_from = seq');
      storage.sql.exec("DELETE FROM entry WHERE kind = 'denial'");
      expect(() => storage.sql.exec("DELETE FROM entry WHERE kind = 'lift'")).toThrow(/stays/);
    });
  });

  test('cannot be deleted while it is in force', async () => {
    await deny({ scope: 'tool', value: TOOL });
    await runDurableObjectAlarm(archive());
    expect(await archive().since(0, 0)).toHaveLength(1);
    await runInDurableObject(log(), (_log, { storage }) => {
      storage.sql.exec('UPDATE log SET delta_from = seq');
      expect(() => storage.sql.exec("DELETE FROM entry WHERE kind = 'denial'")).toThrow(/denied/);
    });
  });

  test('cannot be lifted twice, or without being set', async () => {
    const unknown = { ok: false, error: { code: 'denial_unknown' } };
    expect(await log().lift({ scope: 'agent', value: AGENT }, WHO)).toEqual(unknown);
    await deny();
    await log().lift({ scope: 'agent', value: AGENT }, WHO);
    expect(await log().lift({ scope: 'agent', value: AGENT }, WHO)).toEqual(unknown);
  });
});
