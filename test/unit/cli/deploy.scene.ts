import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { fromHex, toBase64Url } from '../../../src/encoding.ts';
import { signHead } from '../../../src/feed/log/index.ts';
import { signerOf } from '../../../src/key-file/index.ts';
import { readMintKeys } from '../../../src/keyring/index.ts';
import { type Version, versionId } from '../../../src/version/index.ts';
import { TWO } from '../deployment/scene.ts';
import { seconds } from '../fixtures/log.ts';
import { emptyFolder, type Folder, hewn } from './scene.ts';

/** A deployment folder, a wrangler that records what it is asked, and the Workers that it "runs". */

const NOW = new Date(seconds(1) * 1000);

const POLICY = `owner("team:reports");
allow if workload("okta", "report-agent"), tool("mcp/files/read_text_file"), action("read"), under("files/reports");
`;

const CASES = `[given]
workload = "okta#report-agent"
user = false
task = "report"
audience = "https://gateway.example"
time = 2026-11-23T10:00:00Z

[[case]]
name = "a write is refused"
refused = [{ tool = "mcp/files/read_text_file", action = "write", dataset = "files/reports/q1.md", code = "no_rule" }]
`;

/** Bundles and deploys nothing: it writes down its arguments. */
const WRANGLER = `
const fs = require('node:fs');
const path = require('node:path');
const args = process.argv.slice(2);
const cloud = path.join(__dirname, '../../../cloud');
const flag = (name) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
const file = flag('--config');
const config = JSON.parse(fs.readFileSync(file, 'utf8'));
const main = path.resolve(path.dirname(file), config.main);
if (args.includes('--dry-run')) {
  const out = flag('--outdir');
  fs.mkdirSync(out, { recursive: true });
  fs.copyFileSync(main, path.join(out, path.parse(main).name + '.js'));
  process.exit(0);
}
const secrets = flag('--secrets-file');
const given = secrets ? JSON.parse(fs.readFileSync(secrets, 'utf8')) : {};
const mode = secrets && (fs.statSync(secrets).mode & 0o777).toString(8);
if (fs.existsSync(path.join(cloud, 'fail-' + config.name))) {
  console.error('Authentication error [code: 10000] ' + JSON.stringify(given));
  process.exit(1);
}
const { WRANGLER_SEND_METRICS, CLOUDFLARE_API_TOKEN } = process.env;
const line = { name: config.name, args, mode, secrets: Object.keys(given), WRANGLER_SEND_METRICS };
fs.appendFileSync(path.join(cloud, 'calls.jsonl'), JSON.stringify(line) + '\\n');
fs.writeFileSync(path.join(cloud, config.name + '.json'), JSON.stringify({ config, secrets: given }));
`;

export interface WranglerCall {
  readonly name: string;
  readonly args: readonly string[];
  readonly mode?: string;
  readonly secrets: readonly string[];
  readonly WRANGLER_SEND_METRICS?: string;
}

interface Activation {
  readonly version: string;
  readonly by: string;
}

/** The deployment folder of two environments, and the platform that its Workers run on. */
export class Cloud {
  readonly folder: Folder;
  /** The versions of the one issuer that a test deploys. */
  readonly versions = new Map<string, Version>();
  activations: Activation[] = [];
  /** The keys that the feed should name, as the admin API received them. */
  readonly published: Readonly<Record<string, string>>[] = [];
  /** Paths that are answered with 503, to fail a step. */
  readonly broken = new Set<string>();

  constructor(folder: Folder) {
    this.folder = folder;
  }

  /** Reaches the Workers that are deployed. */
  fetch: typeof fetch = (input, init) => this.#answer(new URL(String(input)), init);

  deploy = (...words: readonly string[]) => this.run('deploy', ...words);

  run = (...words: readonly string[]) =>
    hewn(words, {
      cwd: this.folder.path,
      home: this.folder.path,
      now: () => NOW,
      fetch: this.fetch,
      variable: (name) => ({ CLOUDFLARE_API_TOKEN: 'token' })[name],
    });

  /** What wrangler was asked to deploy, in order. */
  async calls(): Promise<readonly WranglerCall[]> {
    const text = await readFile(this.folder.file('cloud/calls.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as WranglerCall);
  }

  async names(): Promise<readonly string[]> {
    return (await this.calls()).map(({ name }) => name);
  }

  /** Makes every deployment of a Worker fail. */
  fail = (worker: string) => writeFile(this.folder.file(`cloud/fail-${worker}`), '');

  /** Activates a version as an operator does in an emergency. */
  async operate(version: Version): Promise<string> {
    const id = await versionId(version);
    this.versions.set(id, version);
    this.activations.push({ version: id, by: 'operator' });
    return id;
  }

  #lastBy = (): Record<string, string> =>
    Object.fromEntries(this.activations.map(({ by, version }) => [by, version]));

  async #answer(url: URL, init: RequestInit = {}): Promise<Response> {
    const worker = await this.#workerAt(url.origin);
    if (!worker) throw new TypeError('fetch failed', { cause: { code: 'ENOTFOUND' } });
    if (this.broken.has(url.pathname)) return new Response(null, { status: 503 });
    const headers = { date: NOW.toUTCString() };
    if (url.pathname === '/healthz') return Response.json({ alive: true }, { headers });
    if (url.pathname === '/readyz') return Response.json({ ready: true, checks: [] });
    if (url.pathname.startsWith('/mcp/')) return new Response(null, { status: 401 });
    const { MINT_KEYS = '', FEED_KEY = '', OPERATOR_SHA256 } = worker.secrets;
    if (url.pathname === '/.well-known/jwks.json') return jwks(MINT_KEYS, FEED_KEY);
    if (url.pathname === '/feed/v2/0/head') return headOf(worker.config.vars.ISSUER, FEED_KEY);
    const bearer = new Headers(init.headers).get('authorization')?.replace('Bearer ', '') ?? '';
    if (createHash('sha256').update(bearer).digest('hex') !== OPERATOR_SHA256) {
      return Response.json({ error: 'unauthorized', message: '' }, { status: 401 });
    }
    return this.#admin(url.pathname.replace('/admin/v1', ''), init);
  }

  async #admin(path: string, { body }: RequestInit): Promise<Response> {
    const order = body === undefined ? {} : (JSON.parse(String(body)) as Record<string, never>);
    const [, , id = '', verb] = path.split('/');
    if (path.endsWith('-keys')) {
      const { reason: _, ...facts } = order as Readonly<Record<string, string>>;
      this.published.push(facts);
      const key = { id: this.published.length, until: null, datasets: null, ...facts };
      return Response.json({ key, changed: true, archived: true, recorded: true });
    }
    if (path === '/versions' && body) {
      const version = { policy: order.policy, catalogue: order.catalogue } as unknown as Version;
      this.versions.set(await versionId(version), version);
      const shared = {
        catalogue_hash: '',
        loaded: true,
        recorded: true,
        dropped: [],
        warnings: [],
      };
      return Response.json({ id: await versionId(version), ...shared });
    }
    if (verb === 'activate') {
      const active = this.activations.at(-1)?.version ?? null;
      if (order.expects !== active) {
        return Response.json({ error: 'version_conflict', message: 'differs' }, { status: 409 });
      }
      this.activations.push({ version: id, by: order.by ?? '' });
      return Response.json({ changed: true, activation: this.#activation() });
    }
    if (id === 'active') {
      return Response.json({
        active: this.#activation(),
        recording: null,
        last_by: this.#lastBy(),
      });
    }
    const version = this.versions.get(id);
    if (!version) return Response.json({ error: 'version_unknown', message: '' }, { status: 404 });
    const summary = { id, catalogue_hash: '', files: [], bytes: 1, loaded_at: AT, loaded_by: 'x' };
    const more = { by: 'operator', reason: 'incident', active: true, last_active: null };
    return Response.json({ ...summary, ...more, ...version });
  }

  #activation() {
    const last = this.activations.at(-1);
    if (!last) return null;
    const fixed = { n: 1, before: null, catalogue_hash: '', at: AT, actor: 'operator' };
    return { ...fixed, reason: 'incident 7', state: 'active', in_feed: true, ...last };
  }

  async #workerAt(origin: string): Promise<Running | undefined> {
    for (const name of await readdir(this.folder.file('cloud'))) {
      if (!name.endsWith('.json')) continue;
      const running = JSON.parse(
        await readFile(this.folder.file(`cloud/${name}`), 'utf8'),
      ) as Running;
      const { ISSUER, AUDIENCE } = running.config.vars;
      if ((AUDIENCE ?? ISSUER) === origin) return running;
    }
    return undefined;
  }

  [Symbol.asyncDispose] = () => this.folder[Symbol.asyncDispose]();
}

const AT = NOW.toISOString();

interface Running {
  readonly config: { readonly vars: { readonly ISSUER: string; readonly AUDIENCE?: string } };
  readonly secrets: Readonly<Record<string, string>>;
}

const publicKeyOf = async (privateKey: string): Promise<string> => {
  const { createPrivateKey, createPublicKey } = await import('node:crypto');
  const prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
  const seed = Buffer.from(privateKey.replace('ed25519-private/', ''), 'hex');
  const key = createPrivateKey({
    key: Buffer.concat([prefix, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  return createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex');
};

async function jwks(mintKeys: string, feedKey: string): Promise<Response> {
  const x = async (key: string) => toBase64Url(fromHex(await publicKeyOf(key)) ?? new Uint8Array());
  const read = readMintKeys(mintKeys);
  const published = read.ok ? read.value.published : [];
  const mint = published.map(async ({ key }) => ({
    kty: 'OKP',
    x: await x(key),
    hewn_use: 'mint',
  }));
  const feed = { kty: 'OKP', x: await x(feedKey), hewn_use: 'feed' };
  return Response.json({ keys: [...(await Promise.all(mint)), feed] });
}

async function headOf(issuer: string, feedKey: string): Promise<Response> {
  const { headOver } = await import('../fixtures/log.ts');
  return Response.json(await signHead(await headOver([], 1, { issuer }), signerOf(feedKey)));
}

export async function cloud(): Promise<Cloud> {
  const folder = await emptyFolder();
  await mkdir(folder.file('policy/cases'), { recursive: true });
  await mkdir(folder.file('node_modules/wrangler/bin'), { recursive: true });
  await mkdir(folder.file('cloud'));
  const manifest = {
    name: 'wrangler',
    version: '4.999.0',
    exports: { './package.json': './package.json' },
  };
  await writeFile(folder.file('node_modules/wrangler/package.json'), JSON.stringify(manifest));
  await writeFile(folder.file('node_modules/wrangler/bin/wrangler.js'), WRANGLER);
  await cp('policy/tools.toml', folder.file('policy/tools.toml'));
  const toml = TWO.replace('\n[issuer]', 'catalogue = "policy/tools.toml"\n\n[issuer]');
  await writeFile(folder.file('hewn.toml'), toml);
  await writeFile(folder.file('issuer.ts'), ISSUER_ENTRY);
  await writeFile(folder.file('gateway.ts'), GATEWAY_ENTRY);
  await writeFile(folder.file('policy/reports.datalog'), POLICY);
  await writeFile(folder.file('policy/cases/reports.toml'), CASES);
  return new Cloud(folder);
}

const ISSUER_ENTRY = `import { createIssuer } from 'hewn/issuer';
export * from 'hewn/issuer/objects';
export default createIssuer();
`;
const GATEWAY_ENTRY = `import { createGateway } from 'hewn/gateway';
export default createGateway();
`;
