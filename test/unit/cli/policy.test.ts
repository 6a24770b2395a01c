import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { caseOf, GIVEN, READS, REQUEST } from './policy-request.ts';
import { emptyFolder, hewn } from './scene.ts';

describe('hewn policy test', () => {
  test("tests this project's policy with its cases, and names the rule that decided", async () => {
    const { code, out } = await hewn(['policy', 'test']);
    expect([code, out.split('\n').at(-1)]).toEqual([0, '18 passed, 0 failed']);
    const source = (await readFile('policy/reports.datalog', 'utf8')).split('\n');
    const [, line] = /on files\/reports {2}\[policy\/reports\.datalog:(\d+)\]/.exec(out) ?? [];
    expect(source[Number(line) - 1]).toBe('allow if');
  });

  test('prints differences as text and as JSON', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('wrong.toml');
    const refused = `refused = [${READS.replace(' }', ', code = "no_rule" }')}]`;
    await writeFile(file, caseOf(`${refused}\nowner = "team:sales"\nlifetime = 60`));
    const { code, out } = await hewn(['policy', 'test', file]);
    expect(code).toBe(1);
    const what = 'read mcp/files/read_text_file on files/reports';
    for (const line of [
      ...[`- ${what}: refused (no_rule)`, `+ ${what}: granted`, '- owner: team:sales'],
      ...['+ owner: team:growth', '- lifetime: 60 s', '+ lifetime: 300 s', '0 passed, 1 failed'],
    ]) {
      expect(out).toContain(line);
    }
    const json = JSON.parse((await hewn(['policy', 'test', file, '--json'])).out);
    expect(json).toMatchObject({ passed: 0, failed: 1, cases: [{ differences: { length: 3 } }] });
  });

  test.each<[string, string, RegExp]>([
    ['broken TOML', '[[case]\n', /wrong\.toml: line 1/],
    ['no case', GIVEN, /case/],
    ['an unknown member', caseOf(`granted = [${READS}]\nallow = true`), /case\.0\.allow/],
    [
      'a principal without issuer',
      caseOf(`given = { user = "alice" }\ngranted = [${READS}]`),
      /ISSUER#SUBJECT/,
    ],
    ['no expectation', caseOf(''), /at least one of granted/],
    ['no task', caseOf(`granted = [${READS}]`).replace(/task.*\n/, ''), /given needs workload/],
    ['an unknown action', caseOf(`granted = [${READS.replace('"read"', '"look"')}]`), /action/],
  ])('explains a file with %s', async (_, text, why) => {
    await using folder = await emptyFolder();
    const file = folder.file('wrong.toml');
    await writeFile(file, text);
    const ran = await hewn(['policy', 'test', file]);
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringMatching(why) });
  });

  test('prints file and line of a policy that fails to parse', async () => {
    await using folder = await emptyFolder();
    const policy = folder.file('broken.datalog');
    await writeFile(policy, 'owner("a");\n\nallow iff tool("x");\n');
    const ran = await hewn(['policy', 'test', '--policy', policy]);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(/broken\.datalog:3: /) });
  });
});

describe('hewn policy explain', () => {
  test('explains the same request from flags and from a file', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('request.json');
    const [, refused] = REQUEST.requests;
    await writeFile(file, JSON.stringify({ ...REQUEST, requests: [refused] }));
    const { workload, user, task, audience, time } = REQUEST;
    const flags = Object.entries({ workload, user, task, audience, time, ...refused });
    const byFlags = await hewn(['policy', 'explain', ...flags.flatMap(([k, v]) => [`--${k}`, v])]);
    expect(byFlags).toEqual(await hewn(['policy', 'explain', '--request', file]));
    expect(byFlags.code).toBe(1);
    expect(byFlags.out).toContain('LACKS under("files/reports")');
    expect(byFlags.out).toContain('under("files/summaries")');
  });

  test('names the rule of a grant, as text and as JSON', async () => {
    const stdin = async () =>
      JSON.stringify({ ...REQUEST, requests: REQUEST.requests.slice(0, 1) });
    const ran = await hewn(['policy', 'explain', '--request', '-'], { stdin });
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(/^granted.*\n {2}by policy\/reports\.datalog:\d+\n/);
    expect(ran.out).toContain('owner team:growth, at most 300 s');
    const json = await hewn(['policy', 'explain', '--request', '-', '--json'], { stdin });
    expect(JSON.parse(json.out)).toMatchObject({ grants: [{ decided: { granted: true } }] });
  });

  test.each<[string[], RegExp]>([
    [['--workload', 'agent'], /workload: a principal must be/],
    [['--time', 'noon'], /time|workload/],
    [['files'], /unexpected argument "files"/],
  ])('%j is not a request', async (words, why) => {
    const ran = await hewn(['policy', 'explain', ...words]);
    expect(ran).toMatchObject({ code: 2, err: expect.stringMatching(why) });
  });
});

describe('a file that is not UTF-8', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');
  const notUtf8 = { code: 2, out: '', err: expect.stringContaining('not UTF-8') };

  test('is rejected as a policy, catalogue, case or request, because a deny in it would not match', async () => {
    await using folder = await emptyFolder();
    const file = (name: string, text: string) => {
      const path = folder.file(name);
      return writeFile(path, latin1(text)).then(() => path);
    };
    const policy = await file('a.datalog', 'deny if tool("caf\u00e9"); allow if tool("x");');
    const catalogue = await file('tools.toml', '[[tool]]\nname = "caf\u00e9"');
    const cases = await file(
      'cases.toml',
      caseOf(`granted = [${READS}]`).replace('churn', '\u00e9'),
    );
    const request = await file('request.json', JSON.stringify(REQUEST).replace('churn', '\u00e9'));
    for (const args of [
      ['policy', 'test', '--policy', policy],
      ['policy', 'test', '--catalogue', catalogue],
      ['policy', 'test', cases],
      ['policy', 'explain', '--request', request],
      ['policy', 'diff', 'policy', 'policy', '--requests', request],
      ['policy', 'record', '--issuer', 'a=https://a.example', request],
    ]) {
      expect(await hewn(args)).toMatchObject(notUtf8);
    }
  });
});

describe('claims of an identity', () => {
  const SOURCE = `owner("a"); max_lifetime(60);
    allow if user_claim("groups", "finance"), workload_claim("level", 3);`;
  const given =
    'given = { user_claims = { groups = ["finance"] }, workload_claims = { level = 3 } }';

  test('can be set in a case, in a request and by flags', async () => {
    await using folder = await emptyFolder();
    const policy = folder.file('claims.datalog');
    await writeFile(policy, SOURCE);
    const cases = folder.file('cases.toml');
    const refused = `refused = [${READS.replace(' }', ', code = "no_rule" }')}]`;
    await writeFile(
      cases,
      `${caseOf(`${given}\ngranted = [${READS}]`)}[[case]]\nname = "b"\n${refused}`,
    );
    expect(await hewn(['policy', 'test', cases, '--policy', policy])).toMatchObject({ code: 0 });
    const request = folder.file('request.json');
    const { requests, ...who } = REQUEST;
    const claims = { user_claims: { groups: ['finance'] }, workload_claims: { level: 3 } };
    await writeFile(request, JSON.stringify({ ...who, ...claims, requests: requests.slice(0, 1) }));
    const explained = await hewn(['policy', 'explain', '--policy', policy, '--request', request]);
    expect(explained.code).toBe(0);
    expect(explained.out).toContain('user_claim("groups", "finance")');
    const flags = [
      ...['policy', 'explain', '--policy', policy, '--workload', who.workload, '--user', who.user],
      ...['--task', who.task, '--audience', who.audience, '--tool', 'mcp/files/read_text_file'],
      ...[
        '--action',
        'read',
        '--dataset',
        'files/reports',
        '--user-claims',
        '{"groups":"finance"}',
      ],
    ];
    expect((await hewn([...flags, '--workload-claims', '{"level":3}'])).code).toBe(0);
    expect((await hewn(flags)).code).toBe(1);
    expect(await hewn([...flags, '--workload-claims', '{'])).toMatchObject({ code: 2 });
  });
});

describe('a case with a misspelt name', () => {
  const refused = (tool: string, dataset = 'files/reports', code = 'no_rule') =>
    `refused = [{ tool = "${tool}", action = "read", dataset = "${dataset}", code = "${code}" }]`;

  test.each<[string, string, string]>([
    ['a tool', refused('mcp/files/read_text_fiel'), 'did you mean "mcp/files/read_text_file"?'],
    ['a tool of no server', refused('mcp/files/unlink'), 'the catalogue has no tool'],
    ['a dataset', refused('mcp/files/read_text_file', 'fils/x'), 'did you mean "files"?'],
    [
      'an identity issuer',
      `given = { workload = "lokal-idp#report-agent" }\n${refused('mcp/files/read_text_file')}`,
      'did you mean "local-idp"?',
    ],
  ])('does not pass: %s', async (_, lines, why) => {
    await using folder = await emptyFolder();
    const file = folder.file('cases.toml');
    await writeFile(file, caseOf(lines));
    const ran = await hewn(['policy', 'test', file]);
    expect(ran).toMatchObject({ code: 2, out: '', err: expect.stringContaining(why) });
    expect(ran.err).toContain('the case "one"');
  });

  test('is checked against the issuers of --issuer', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('cases.toml');
    const given = 'given = { user = "github#alice" }';
    await writeFile(file, caseOf(`${given}\n${refused('mcp/files/read_text_file')}`));
    expect(await hewn(['policy', 'test', file])).toMatchObject({ code: 0 });
    const issuers = ['local-idp', 'acme', 'nightly-report'].flatMap((name) => ['--issuer', name]);
    expect(await hewn(['policy', 'test', file, ...issuers])).toMatchObject({
      code: 2,
      err: expect.stringContaining('unknown identity issuer "github"'),
    });
    expect(await hewn(['policy', 'test', file, ...issuers, '--issuer', 'github'])).toMatchObject({
      code: 0,
    });
  });

  test('may be about an invalid name on purpose', async () => {
    await using folder = await emptyFolder();
    const file = folder.file('cases.toml');
    await writeFile(
      file,
      caseOf(refused('mcp/files/read_text_file', 'fils/../x', 'grant_invalid')),
    );
    expect(await hewn(['policy', 'test', file])).toMatchObject({ code: 0 });
  });
});

test('a vacuous rule loads with a warning', async () => {
  await using folder = await emptyFolder();
  const policy = folder.file('open.datalog');
  await writeFile(policy, 'owner("a");\nmax_lifetime(60);\nallow if true;');
  const cases = folder.file('cases.toml');
  await writeFile(cases, caseOf(`granted = [${READS}]`));
  const ran = await hewn(['policy', 'test', cases, '--policy', policy]);
  expect(ran.code).toBe(0);
  expect(ran.err).toMatch(/^warning: .*open\.datalog:3: it allows every grant/);
});

describe('hewn policy test reports a file with a deny that would be skipped', () => {
  test.each([
    ['in a subfolder', 'more/deny.datalog'],
    ['with another letter case of the ending', 'deny.DATALOG'],
  ])('%s', async (_, name) => {
    await using folder = await emptyFolder();
    await copyFile('policy/reports.datalog', folder.file('reports.datalog'));
    await mkdir(folder.file('more'));
    const test = ['policy', 'test', '--policy', folder.path];
    expect((await hewn(test)).code).toBe(0);
    await writeFile(folder.file(name), 'deny if true;');
    const { code, err } = await hewn(test);
    expect(code).toBe(2);
    expect(err).toContain(`${name} would be skipped`);
  });
});
