import { appendFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { cloud } from './deploy.scene.ts';

const STAGING = ['--env', 'staging'];

describe('hewn deploy --dry-run', () => {
  test.each(['staging', 'production'])(
    'shows every step for %s, and changes nothing',
    async (env) => {
      await using at = await cloud();
      const { code, out, err } = await at.deploy('--env', env, '--dry-run');
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain(`generate .hewn/${env}/keys.json`);
      expect(out).toContain(
        `$ wrangler deploy --config .hewn/${env}/workers/issuer/wrangler.json --secrets-file (hidden: MINT_KEYS, FEED_KEY, LOG_KEY, OPERATOR_SHA256, APPROVER_KEY)`,
      );
      expect(out).toContain(`bound to reports-${env}-issuer`);
      expect(out).toContain(`$ hewn doctor --env ${env}`);
      expect(await at.calls()).toEqual([]);
      expect(await readdir(at.folder.file(`.hewn/${env}`))).toEqual(['workers']);
      const config = at.folder.file(`.hewn/${env}/workers/gateway/wrangler.json`);
      const other = env === 'staging' ? 'production' : 'staging';
      expect(await readFile(config, 'utf8')).not.toContain(`reports-${other}-`);
    },
  );

  test('prints the same as JSON', async () => {
    await using at = await cloud();
    const { out } = await at.deploy(...STAGING, '--dry-run', '--json');
    const { steps } = JSON.parse(out) as { steps: readonly { kind: string }[] };
    expect(steps.map(({ kind }) => kind)).toEqual([
      ...['keys', 'upload', 'compare', 'upload', 'version', 'publish', 'doctor'],
    ]);
  });
});

describe('hewn deploy', () => {
  test('deploys the issuer with its secrets, then the gateway, then the version', async () => {
    await using at = await cloud();
    const { code, out, err } = await at.deploy(...STAGING);
    expect(err).toBe('');
    expect(code).toBe(0);
    expect(await at.names()).toEqual(['reports-staging-issuer', 'reports-staging-gateway']);
    const [issuer, gateway] = await at.calls();
    expect(issuer).toMatchObject({
      mode: '600',
      secrets: ['MINT_KEYS', 'FEED_KEY', 'LOG_KEY', 'OPERATOR_SHA256', 'APPROVER_KEY'],
      WRANGLER_SEND_METRICS: 'false',
    });
    expect(gateway).toMatchObject({ secrets: ['RECEIPT_KEY', 'CALLER_KEY'] });
    expect(gateway?.args.join(' ')).not.toContain('temporary');
    expect(at.activations).toMatchObject([{ by: 'deploy' }]);
    expect(at.published).toMatchObject([
      {
        gateway: expect.stringMatching(/^https:/),
        public_key: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      { approver: expect.stringMatching(/^https:/) },
    ]);
    expect((await stat(at.folder.file('.hewn/staging/keys.json'))).mode & 0o777).toBe(0o600);
    const left = await readdir(at.folder.file('.hewn/staging'));
    expect(left.sort()).toEqual(['deployed.json', 'keys.json', 'secrets.json', 'workers']);
    const keys = JSON.parse(await readFile(at.folder.file('.hewn/staging/keys.json'), 'utf8'));
    for (const secret of [keys.feed.privateKey, keys.mint[0].privateKey, keys.operator]) {
      expect(out).not.toContain(secret);
    }
  });

  test('changes nothing that is already so', async () => {
    await using at = await cloud();
    await at.deploy(...STAGING);
    const calls = await at.names();
    const { code, out } = await at.deploy(...STAGING);
    expect(code).toBe(0);
    expect(out.match(/^unchanged/gm)).toHaveLength(4);
    expect(await at.names()).toEqual(calls);
    expect(at.activations).toHaveLength(1);
  });

  test('uploads only the Worker whose code changed, and a new version', async () => {
    await using at = await cloud();
    await at.deploy(...STAGING);
    await appendFile(at.folder.file('gateway.ts'), '// changed\n');
    await appendFile(at.folder.file('policy/reports.datalog'), '// changed\n');
    expect(await at.deploy(...STAGING)).toMatchObject({ code: 0 });
    expect((await at.names()).slice(2)).toEqual(['reports-staging-gateway']);
    expect(at.activations).toHaveLength(2);
  });

  test('stops at the first step that fails, hides secrets, and continues from there', async () => {
    await using at = await cloud();
    await at.fail('reports-staging-issuer');
    const failed = await at.deploy(...STAGING);
    expect(failed.code).toBe(2);
    expect(failed.out).toContain('Authentication error');
    expect(failed.out).toContain('(hidden)');
    expect(failed.out).not.toContain('ed25519-private');
    expect(await readdir(at.folder.file('.hewn/staging'))).toEqual([
      'keys.json',
      'secrets.json',
      'workers',
    ]);
    await rm(at.folder.file('cloud/fail-reports-staging-issuer'));
    await at.fail('reports-staging-gateway');
    expect((await at.deploy(...STAGING)).code).toBe(2);
    expect(at.activations).toEqual([]);
    await rm(at.folder.file('cloud/fail-reports-staging-gateway'));
    expect((await at.deploy(...STAGING)).code).toBe(0);
    expect(await at.names()).toEqual(['reports-staging-issuer', 'reports-staging-gateway']);
    expect(at.activations).toHaveLength(1);
  });

  test('fails at the version and at the examination, which a repeated run continues', async () => {
    await using at = await cloud();
    at.broken.add('/admin/v1/versions');
    const failed = await at.deploy(...STAGING);
    expect([failed.code, failed.err]).toEqual([2, expect.stringContaining('"version" failed')]);
    at.broken.clear();
    at.broken.add('/readyz');
    const examined = await at.deploy(...STAGING);
    expect(examined.code).toBe(1);
    expect(examined.out).toContain('FAIL  ready');
    at.broken.clear();
    expect((await at.deploy(...STAGING)).code).toBe(0);
    expect(at.activations).toHaveLength(1);
  });

  test('stops if an operator activated another version, and shows the difference', async () => {
    await using at = await cloud();
    await at.deploy(...STAGING);
    const [version] = at.versions.values();
    if (!version) throw new Error('no version');
    const name = 'policy/reports.datalog';
    const policy = { ...version.policy, [name]: `${version.policy[name]}deny if tool("x");\n` };
    const id = await at.operate({ ...version, policy });
    await appendFile(at.folder.file(name), 'deny if tool("mcp/files/write_file");\n');
    const stopped = await at.deploy(...STAGING);
    expect(stopped.code).toBe(1);
    expect(stopped.out).toContain('-deny if tool("x");');
    expect(stopped.out).toContain('+deny if tool("mcp/files/write_file");');
    expect(stopped.out).toContain(`--replace-version ${id.slice(0, 12)}`);
    expect(at.activations).toHaveLength(2);
    expect((await at.deploy(...STAGING, '--replace-version', 'ab'.repeat(6))).code).toBe(1);
    const replaced = await at.deploy(...STAGING, '--replace-version', id.slice(0, 12));
    expect(replaced.code).toBe(0);
    expect(at.activations).toHaveLength(3);
  });

  test('generates no keys on a new checkout of a deployment that exists', async () => {
    await using at = await cloud();
    await at.deploy(...STAGING);
    await rm(at.folder.file('.hewn'), { recursive: true });
    const { code, err } = await at.deploy(...STAGING);
    expect(code).toBe(2);
    expect(err).toContain('an issuer answers at https://issuer.staging.example');
    expect(err).toContain('.hewn/staging/keys.json does not exist');
    expect(await at.names()).toHaveLength(2);
  });

  test('deploys nothing while a file has a fault', async () => {
    await using at = await cloud();
    await appendFile(at.folder.file('policy/reports.datalog'), 'allow if tool("mcp/nothing/x");\n');
    const { code, out } = await at.deploy(...STAGING);
    expect([code, out]).toEqual([1, expect.stringContaining('policy/reports.datalog:3')]);
    expect(await at.calls()).toEqual([]);
  });

  test('refuses two deployments of one environment at once', async () => {
    await using at = await cloud();
    await at.deploy(...STAGING, '--dry-run');
    await writeFile(at.folder.file('.hewn/staging/deploy.lock'), '');
    const { code, err } = await at.deploy(...STAGING);
    expect([code, err]).toEqual([2, expect.stringContaining('is locked')]);
  });
});

describe('hewn deploy refuses in one line', () => {
  test.each<[string, readonly string[], string]>([
    ['no environment, of two', [], 'choose an environment with --env: staging, production'],
    ['an unknown environment', ['--env', 'Staging'], 'Did you mean "staging"?'],
    ['a short id', [...STAGING, '--replace-version', 'ab'], 'at least 8 digits'],
  ])('%s', async (_, words, message) => {
    await using at = await cloud();
    const { code, err } = await at.deploy(...words);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    expect(err).not.toContain('\n');
  });

  test('a folder without wrangler of the right version', async () => {
    await using at = await cloud();
    const manifest =
      '{"name":"wrangler","version":"3.0.0","exports":{"./package.json":"./package.json"}}';
    await writeFile(at.folder.file('node_modules/wrangler/package.json'), manifest);
    const { code, err } = await at.deploy(...STAGING, '--dry-run');
    expect([code, err]).toEqual([2, expect.stringContaining('npm i -D wrangler')]);
  });

  test('a machine without a credential for Cloudflare', async () => {
    await using at = await cloud();
    const { hewn } = await import('./scene.ts');
    const { code, err } = await hewn(['deploy', ...STAGING], { cwd: at.folder.path });
    expect([code, err]).toEqual([2, expect.stringContaining('set CLOUDFLARE_API_TOKEN')]);
  });
});
