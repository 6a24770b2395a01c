import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { narrow } from '../../../src/agent/index.ts';
import { type Grant, grantReads } from '../../../src/capability/index.ts';
import { call, GRANTS, obtain, read, send } from '../agent.ts';
import { openReleases, PREVIOUS, type ReleaseStage } from './stage.ts';

/** What today's issuer and agents write that the previous release does not know. */
let stage: ReleaseStage;
afterAll(() => stage?.close());

const READING = [
  'read_text_file',
  'read_multiple_files',
  'list_directory',
  'list_directory_with_sizes',
  'directory_tree',
  'search_files',
  'get_file_info',
].map((name) => `mcp/files/${name}`);
/** 49 grants, more than one capability had in the previous release. */
const MANY = ['', '/a', '/b', '/c', '/d', '/e', '/f'].flatMap((folder) =>
  grantReads(READING, `files/reports${folder}`),
);
const [, , WRITE] = GRANTS;
if (!WRITE) throw new Error('a grant is missing');

const report = () => read(stage.documents.reports[0] ?? '');
const secret = () => read(stage.documents.secret);
const write = () => call('write_file', { path: 'summaries/churn.md', content: 'x' });
const searching = (excludePatterns?: unknown) =>
  call('search_files', { path: 'reports', pattern: 'q', excludePatterns });

const EACH = { '/excludePatterns': { each: { name: { oneOf: ['a', 'b'] } } } } as const;
const SHAPE = { arguments: ['path', 'pattern', 'excludePatterns'], constraints: EACH };
const SEARCH: Grant = {
  tool: 'mcp/files/search_files',
  action: 'read',
  dataset: 'files/reports',
};

describe.each([
  { gateway: 'current', isNew: true },
  { gateway: PREVIOUS, isNew: false },
] as const)('a capability of today at a gateway of $gateway', ({ gateway, isNew }) => {
  beforeAll(async () => {
    stage ??= await openReleases();
    await stage.run({ issuer: 'current', gateway });
  }, 120_000);

  test(`with more than 32 grants ${isNew ? 'reads' : 'does not read'} what they name, and nothing else`, async () => {
    const { token } = await obtain(stage, [...MANY, WRITE]);
    expect(await send(stage, token, report())).toMatchObject(
      isNew ? { status: 200 } : { code: 'no_grant' },
    );
    expect(await send(stage, token, secret())).toMatchObject({ code: 'no_grant' });
    expect(await send(stage, token, write())).toMatchObject({ status: 200 });
    const other = call('write_file', { path: 'reports/q3.md', content: 'x' });
    expect(await send(stage, token, other)).toMatchObject({ code: 'no_grant' });
  });

  test(`with nothing but more than 32 reads is ${isNew ? 'accepted' : 'denied whole'}`, async () => {
    const { token } = await obtain(stage, MANY);
    const answer = await send(stage, token, report());
    expect(answer.status).toBe(isNew ? 200 : 401);
    expect((await send(stage, token, write())).status).not.toBe(200);
  });

  test(`with a grant on an encoded name is ${isNew ? 'accepted' : 'denied whole'}`, async () => {
    const named = { ...SEARCH, dataset: 'files/reports/Q3~3A~ draft' };
    const { token } = await obtain(stage, [...GRANTS, named]);
    expect((await send(stage, token, report())).status).toBe(isNew ? 200 : 401);
    expect((await send(stage, token, write())).status).toBe(isNew ? 200 : 401);
    // What a reader that does not know the encoding would take for the name.
    const spelt = call('search_files', { path: 'reports/Q3~3A~ draft', pattern: 'q' });
    expect((await send(stage, token, spelt)).status).not.toBe(200);
  });

  test('whose grant constrains members of objects allows no others', async () => {
    const { token } = await obtain(stage, [{ ...SEARCH, constraints: SHAPE }]);
    const listed = await send(stage, token, searching([{ name: 'a' }, { name: 'b' }]));
    if (isNew) expect(listed).toMatchObject({ status: 200 });
    for (const wider of [undefined, [{ name: 'c' }], [{ name: 'a', more: 1 }], ['a'], 'a', [{}]]) {
      const { status, text } = await send(stage, token, searching(wider));
      expect({ wider, status, text }).toMatchObject({ status: 403 });
    }
  });

  test('that its agent narrowed to members of objects allows no others', async () => {
    const { token } = await obtain(stage, [SEARCH]);
    const narrowed = await narrow(token, { constraints: EACH });
    if (!narrowed.ok) throw new Error(JSON.stringify(narrowed.error));
    const listed = await send(stage, narrowed.value, searching([{ name: 'a' }]));
    if (isNew) expect(listed).toMatchObject({ status: 200 });
    const { status } = await send(stage, narrowed.value, searching([{ name: 'c' }]));
    expect(status).toBe(403);
  });
});
