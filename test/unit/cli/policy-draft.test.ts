import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { emptyFolder, hewn } from './scene.ts';

const CATALOGUE = 'templates/mcp/catalogue/tools.toml';
const DRAFT = ['policy', 'draft', '--agent', 'login#assistant', '--owner', 'team:notes'];

test('hewn policy draft prints a policy with a reason above each line', async () => {
  const { code, out, err } = await hewn([...DRAFT, '--catalogue', CATALOGUE]);
  expect(code).toBe(0);
  expect(err).toBe('11 statements; write it with --out FILE');
  expect(out).toContain(
    '// This team answers for what the agent does.\nowner("team:notes");\n\n// A capability',
  );
});

test('hewn policy draft prints statements, cases and files as JSON', async () => {
  const { out } = await hewn([...DRAFT, '--catalogue', CATALOGUE, '--json']);
  const { statements, policy, cases, files } = JSON.parse(out);
  expect(statements).toContainEqual({
    tool: 'mcp/notes/read_note',
    why: expect.stringContaining('Reads notes (tier 1).'),
    text: 'may_read("mcp/notes/read_note", "notes");',
  });
  expect([policy, cases, files]).toEqual([
    expect.stringContaining('owner('),
    expect.stringContaining('[[case]]'),
    [],
  ]);
});

test('what hewn policy draft writes passes hewn check in a new project', async () => {
  await using folder = await emptyFolder();
  await hewn(['init', 'new', '--hewn', '^1.0.0'], { cwd: folder.path });
  const cwd = folder.file('new');
  await writeFile(`${cwd}/policy/notes.datalog`, '// The draft replaces it.\n');
  await writeFile(
    `${cwd}/policy/cases/notes.toml`,
    (await readFile(`${cwd}/policy/cases/notes.toml`, 'utf8'))
      .split('[[case]]')
      .slice(0, 2)
      .join('[[case]]'),
  );
  const ran = await hewn([...DRAFT, '--out', 'policy/drafted.datalog'], { cwd });
  expect(ran).toMatchObject({
    code: 0,
    out: 'wrote policy/drafted.datalog\nwrote policy/cases/drafted.toml',
  });
  expect(await hewn(['check'], { cwd })).toMatchObject({
    code: 0,
    out: expect.stringMatching(/ok: no fault, and \d+ policy cases passed/),
  });
});

test.each(['policy/notes.datalog', 'policy/cases/notes.toml'])(
  'hewn policy draft writes nothing if %s exists',
  async (name) => {
    await using folder = await emptyFolder();
    await mkdir(dirname(folder.file(name)), { recursive: true });
    await writeFile(folder.file(name), 'mine');
    const catalogue = `${process.cwd()}/${CATALOGUE}`;
    const words = [...DRAFT, '--catalogue', catalogue, '--out', 'policy/notes.datalog'];
    const { code, err } = await hewn(words, { cwd: folder.path });
    expect([code, err]).toEqual([
      2,
      `hewn policy draft: ${name} exists, and no file is replaced: name a new file with --out`,
    ]);
    expect(await readFile(folder.file(name), 'utf8')).toBe('mine');
  },
);

test('hewn policy draft does not write through a broken link', async () => {
  await using folder = await emptyFolder();
  await symlink(folder.file('elsewhere.datalog'), folder.file('draft.datalog'));
  const words = [...DRAFT, '--catalogue', `${process.cwd()}/${CATALOGUE}`];
  const ran = await hewn([...words, '--out', 'draft.datalog'], { cwd: folder.path });
  expect(ran).toMatchObject({ code: 2, err: expect.stringContaining('exists') });
});

test.each<[string, readonly string[], string]>([
  ['without an agent', ['--owner', 'team:x'], '--agent ISSUER#SUBJECT is required'],
  ['with half an agent', ['--agent', 'login', '--owner', 'x'], '(got login)'],
  ['with no such tool', [...DRAFT.slice(2), '--tool', 'mcp/note/'], 'begins with mcp/note/.'],
  ['with another file', [...DRAFT.slice(2), '--out', 'x.txt'], '--out must end in .datalog'],
  [
    'with no catalogue',
    [...DRAFT.slice(2), '--catalogue', 'none.toml'],
    'none.toml does not exist',
  ],
])('hewn policy draft says what is wrong %s', async (_, words, why) => {
  const catalogue = words.includes('--catalogue') ? [] : ['--catalogue', CATALOGUE];
  const { code, err } = await hewn(['policy', 'draft', ...words, ...catalogue]);
  expect(code).toBe(2);
  expect(err).toContain(why);
});

test('hewn policy draft takes only the tools that begin with a prefix', async () => {
  const words = [...DRAFT, '--catalogue', CATALOGUE, '--tool', 'mcp/notes/list', '--json'];
  const { statements } = JSON.parse((await hewn(words)).out);
  const named = statements.flatMap(({ tool = [] }) => tool);
  expect(named).toEqual(['mcp/notes/list_notes']);
});

test('hewn policy draft refuses more tools than one policy can name', async () => {
  await using folder = await emptyFolder();
  const entries = Array.from(
    { length: 800 },
    (_, n) =>
      `[[tool]]\nname = "mcp/crm/get_number_${n}"\naction = "read"\ntier = 1\narguments = []\ndatasets = [{ fixed = "crm/number-${n}" }]\n`,
  );
  await writeFile(folder.file('many.toml'), entries.join('\n'));
  const words = [...DRAFT, '--catalogue', 'many.toml'];
  const { code, err } = await hewn(words, { cwd: folder.path });
  expect([code, err]).toEqual([2, expect.stringContaining('one server at a time with --tool')]);
  const some = await hewn([...words, '--tool', 'mcp/crm/get_number_1'], { cwd: folder.path });
  expect(some).toMatchObject({ code: 0, err: expect.stringMatching(/^\d+ statements/) });
});
