// cspell:ignore datasetss dryrun isuer ndatasetss
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sealPublicKey, sealSecret } from '../../../src/upstream/index.ts';
import { VALID } from '../deployment/scene.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

const FILE = VALID.replace('\n[issuer]', 'catalogue = "policy/tools.toml"\n\n[issuer]').replace(
  '[providers.okta]',
  '[providers.idp]',
);

const POLICY = `owner("team:reports");
allow if workload("idp", "report-agent"), tool("mcp/files/read_text_file"), action("read"), under("files/reports");
`;

const CASES = `[given]
workload = "idp#report-agent"
user = false
task = "report"
audience = "https://gateway.example"
time = 2026-11-23T10:00:00Z

[[case]]
name = "a write is refused"
refused = [{ tool = "mcp/files/read_text_file", action = "write", dataset = "files/reports/q1.md", code = "no_rule" }]
`;

/** A deployment folder whose policy has one case. */
async function deploymentFolder(): Promise<Folder> {
  const folder = await emptyFolder();
  await mkdir(folder.file('policy/cases'), { recursive: true });
  await cp('policy/tools.toml', folder.file('policy/tools.toml'));
  await writeFile(folder.file('hewn.toml'), FILE);
  await writeFile(
    folder.file('issuer.ts'),
    "export * from 'hewn/issuer/objects';\nexport default createIssuer();\n",
  );
  await writeFile(folder.file('gateway.ts'), 'export default createGateway();\n');
  await writeFile(folder.file('policy/reports.datalog'), POLICY);
  await writeFile(folder.file('policy/cases/reports.toml'), CASES);
  return folder;
}

const check = (folder: Folder, ...words: readonly string[]) =>
  hewn(['check', ...words], { cwd: folder.path });

test('exits with 0 for the example of the repository, and names its Workers', async () => {
  const { code, out } = await hewn(['check', 'examples/reports']);
  expect(out).toContain('staging: reports-staging-issuer, reports-staging-gateway');
  expect(code).toBe(0);
});

test('exits with 2 without a file, and for a file in place of a folder', async () => {
  await using folder = await emptyFolder();
  expect(await check(folder)).toMatchObject({
    code: 2,
    err: 'hewn check: there is no hewn.toml: name the folder that contains hewn.toml',
  });
  await writeFile(folder.file('hewn.toml'), FILE);
  const named = await check(folder, 'hewn.toml');
  expect(named).toMatchObject({ code: 2, err: expect.stringContaining('is a file') });
});

test('exits with 2 for an unknown environment, and suggests one', async () => {
  const { code, err } = await hewn(['check', 'examples/reports', '--env', 'Staging']);
  expect(err).toContain('Did you mean "staging"?');
  expect(code).toBe(2);
});

test('exits with 1 for a fault of the file, with its place', async () => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('hewn.toml'), FILE.replace('jwksUri', 'jwksUrl'));
  const { code, out } = await check(folder);
  expect(out).toContain('hewn.toml:9:1: providers.idp.jwksUrl: unknown key.');
  expect(out).toContain('Did you mean "jwksUri"?');
  expect(code).toBe(1);
});

test('reports faults of the policy, the catalogue, the cases and the entry files together', async () => {
  await using folder = await deploymentFolder();
  const entry = FILE.replace('[issuer]', '[issuer]\nentry = "workers/issuer.js"');
  await writeFile(folder.file('hewn.toml'), entry);
  await writeFile(folder.file('policy/one.datalog'), 'allow if tool("mcp/files/read_text_fil");\n');
  await writeFile(folder.file('policy/two.datalog'), 'allow if workload("ipd", $s);\n');
  const { code, out } = await check(folder);
  expect(out).toContain('workers/issuer.js: the entry file of the issuer cannot be read');
  expect(out).toContain('policy/one.datalog:1: the catalogue has no tool');
  expect(out).toContain('policy/two.datalog:1: unknown identity issuer "ipd"');
  expect(code).toBe(1);
  await writeFile(folder.file('policy/tools.toml'), '[[tool]]\nname = 7\n');
  expect((await check(folder)).out).toContain('policy/tools.toml:2: tool.0.name:');
});

test('reports a case that fails, and a policy without cases', async () => {
  await using folder = await deploymentFolder();
  expect(await check(folder)).toMatchObject({ code: 0 });
  const file = folder.file('policy/cases/reports.toml');
  await writeFile(file, CASES.replace('no_rule', 'denied'));
  const failed = await check(folder);
  expect(failed.out).toContain('the case "a write is refused" failed');
  expect(failed.code).toBe(1);
  await rm(folder.file('policy/cases'), { recursive: true });
  expect((await check(folder)).out).toContain('the policy has no test case');
});

test('prints the same as JSON', async () => {
  await using folder = await deploymentFolder();
  const { out, code } = await check(folder, '--json');
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    faults: [],
    workers: [{ environment: 'production', issuer: 'reports-production-issuer' }],
  });
  expect(code).toBe(0);
});

test.each<[string, string, string]>([
  ['is empty', '', 'has no default export'],
  ['has its export in a comment', '// export default createIssuer();\n', 'has no default export'],
  ['lacks the objects', 'export default createIssuer();\n', 'does not export Workflow, '],
  ['is that of a gateway', 'export default createGateway();\n', 'is the entry file of a gateway'],
])('reports an entry file of the issuer that %s', async (_, source, found) => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('issuer.ts'), source);
  const { code, out } = await check(folder);
  expect([code, out]).toEqual([1, expect.stringContaining(`issuer.ts: ${found}`)]);
});

test('warns of a policy file that the entry file of the issuer does not import', async () => {
  await using folder = await deploymentFolder();
  const source = `import one from './policy/one.datalog';
export * from 'hewn/issuer/objects';
export default createIssuer({ policy: { 'policy/one.datalog': one }, catalogue });
`;
  await writeFile(folder.file('issuer.ts'), source);
  const { code, err } = await check(folder);
  expect([code, err]).toEqual([0, expect.stringContaining('does not import reports.datalog')]);
});

test('warns of a server behind a gateway whose tools the catalogue lacks', async () => {
  await using folder = await deploymentFolder();
  expect((await check(folder)).err).not.toContain('is denied');
  await writeFile(
    folder.file('policy/tools.toml'),
    (await readFile('policy/tools.toml', 'utf8')).replaceAll('"mcp/mail/', '"mcp/post/'),
  );
  await writeFile(
    folder.file('hewn.toml'),
    FILE.replace('upstreams = {', 'upstreams = { mail = "https://mail.example/mcp",'),
  );
  const { code, err } = await check(folder);
  expect([code, err]).toEqual([
    0,
    expect.stringContaining('no tool mcp/mail/… although hewn.toml'),
  ]);
});

test('warns of an HTTP API whose tools the catalogue has as those of an MCP server', async () => {
  await using folder = await deploymentFolder();
  const mail = 'upstreams = { mail = { url = "https://mail.example/v1", kind = "http" },';
  await writeFile(folder.file('hewn.toml'), FILE.replace('upstreams = {', mail));
  expect((await check(folder)).err).toContain(
    'no tool http/mail/… although hewn.toml has the HTTP API "mail"',
  );
});

test.each([
  ['the upstream', 'kind = "bearer"', 'files.example'],
  [
    'the token endpoint',
    'kind = "client-credentials", clientId = "a", tokenEndpoint = "https://login.example/token"',
    'login.example',
  ],
  ['GitHub', 'kind = "github-app", appId = "1", installationId = "2"', 'api.github.com'],
])('warns of a secret that is sealed for another host than that of %s', async (_, kind, host) => {
  await using folder = await deploymentFolder();
  const key = await sealPublicKey(`x25519-private/${'11'.repeat(32)}`);
  const warningsFor = async (sealedHost: string) => {
    const terms = { hosts: [sealedHost], methods: ['*'], paths: ['/*'], expires: 2_000_000_000 };
    const sealed = await sealSecret(key, terms, 'sk-live-0123456789');
    const credential = `credential = { ${kind}, sealed = "${sealed}" }`;
    const files = `{ url = "https://files.example/mcp", ${credential} }`;
    await writeFile(
      folder.file('hewn.toml'),
      FILE.replace('"https://files.internal.example/mcp"', files),
    );
    const { code, err } = await check(folder);
    return [code, err.split('\n').filter((line) => line.includes('sealed'))];
  };
  expect(await warningsFor(host)).toEqual([0, []]);
  expect(await warningsFor('old.example')).toEqual([
    0,
    [expect.stringContaining(`the upstream "files" is not sealed for ${host}`)],
  ]);
});

test('reports faults of the policy and of the catalogue together', async () => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('policy/tools.toml'), '[[tool]]\nname = 7\n');
  await writeFile(folder.file('policy/one.datalog'), 'allow if (');
  const { out } = await check(folder);
  expect(out).toContain('policy/tools.toml:2: tool.0.name');
  expect(out).toContain('policy/one.datalog:1');
  expect(out).not.toContain('has no tool');
});

test.each<[string, Uint8Array, string]>([
  ['empty', new Uint8Array(), 'missing'],
  ['not UTF-8', Uint8Array.of(0x6e, 0xff), 'not UTF-8'],
  ['huge', new Uint8Array(300 * 1024).fill(0x23), 'is this the right file?'],
  ['twice the same key', new TextEncoder().encode('name = "a"\nname = "b"\n'), 'hewn.toml:2'],
])('reports a file that is %s', async (_, bytes, found) => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('hewn.toml'), bytes);
  const { code, out } = await check(folder);
  expect([code, out]).toEqual([1, expect.stringContaining(found)]);
});

test.each([
  ['a byte order mark', `\ufeff${FILE}`],
  ['line ends of Windows', FILE.replaceAll('\n', '\r\n')],
])('accepts a file with %s', async (_, file) => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('hewn.toml'), file);
  expect(await check(folder)).toMatchObject({ code: 0 });
});

test('says what a misspelt key and value of the catalogue probably mean', async () => {
  await using folder = await deploymentFolder();
  const tools = '[[tool]]\nname = "a"\naction = "raed"\ntier = 1\narguments = []\ndatasetss = []\n';
  await writeFile(folder.file('policy/tools.toml'), tools);
  const { out } = await hewn(['check'], { cwd: folder.path });
  expect(out).toContain('tools.toml:3: tool.0.action: is "raed". Allowed: read, ');
  expect(out).toContain('Did you mean "read"?');
  expect(out).toContain('tools.toml:6: tool.0.datasetss: unknown key. Allowed: name, ');
  expect(out).toContain('Did you mean "datasets"?');
});

test('suggests the flag that was probably meant', async () => {
  const { code, err } = await hewn(['deploy', '--dryrun']);
  expect([code, err]).toEqual([
    2,
    'hewn deploy: unknown option --dryrun. Did you mean --dry-run? See --help',
  ]);
});

test('names a missing file once', async () => {
  await using folder = await deploymentFolder();
  await rm(folder.file('policy/tools.toml'));
  const { out } = await hewn(['check'], { cwd: folder.path });
  expect(out).toContain('policy/tools.toml: does not exist.');
});

test('reports the faults of the policy and the catalogue beside those of hewn.toml', async () => {
  await using folder = await deploymentFolder();
  await writeFile(folder.file('hewn.toml'), FILE.replace('[issuer]', '[isuer]'));
  await writeFile(folder.file('policy/reports.datalog'), `${POLICY}\nallow if tol("x");\n`);
  const { code, out } = await check(folder);
  expect(code).toBe(1);
  expect(out).toContain('isuer');
  expect(out).toContain('policy/reports.datalog:4');
});

test('reports no missing file that only a faulty hewn.toml could have named', async () => {
  await using folder = await emptyFolder();
  await writeFile(folder.file('hewn.toml'), 'name = "a');
  const { out } = await check(folder);
  expect(out).toContain('not TOML');
  expect(out).toContain('1 fault');
});
