import { toSeconds } from '../../clock.ts';
import type { Environment } from '../../deployment/index.ts';
import { fromBase64Url, fromHex, toHex } from '../../encoding.ts';
import { loadWorkerSecrets, prepareStateFolder, workerSecretsFile } from '../../key-file/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  SECRET_CHARACTERS_MAX,
  SECRET_CHARACTERS_MIN,
  sealPublicKey,
  sealSecret,
  secretText,
  tableOf,
} from '../../upstream/index.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { ENVIRONMENT_FLAG, oneEnvironment, openDeploymentFolder } from '../deployment-folder.ts';
import { JSON_FLAG } from '../flags.ts';

const DAYS_DEFAULT = 90;
const DAYS_MAX = 3_660;
const DAY_SECONDS = 86_400;
const PUBLIC_KEY_BYTES = 32;

export const sealCommand = defineCommand({
  name: 'seal',
  summary: 'seal the credential of an upstream to its gateway',
  operands: '[DIR]',
  description: `Reads a secret from standard input and prints it sealed, for "sealed" of a credential in hewn.toml. Only the gateway can open it, and it uses the secret only at the host of the upstream, with these methods and paths, until it expires. A secret is never an argument: other users of the machine see those.

The key is SEAL_KEYS of the gateway, in .hewn/NAME/secrets.json, which is generated if it is missing. --public-key seals to a gateway that has another key, such as that of hewn dev or one that was deployed elsewhere: "x" of the key with "hewn_use":"seal" in its /.well-known/jwks.json, as it stands there or as hex.

--url is for a secret that is sent elsewhere, such as the client secret for a token endpoint.`,
  flags: {
    ...ENVIRONMENT_FLAG,
    upstream: { kind: 'text', value: 'NAME', required: true, description: 'the upstream' },
    gateway: {
      kind: 'text',
      value: 'NAME',
      description: 'the gateway; needed if the file has several',
    },
    url: {
      kind: 'text',
      value: 'URL',
      description: 'where the secret is sent; by default the URL of the upstream',
    },
    method: { kind: 'list', value: 'METHOD', description: 'an allowed method; by default all' },
    path: {
      kind: 'list',
      value: 'PATH',
      description:
        'an allowed path, or the beginning of paths with * at the end; by default those of the URL',
    },
    days: {
      kind: 'text',
      value: 'DAYS',
      description: `how long it is valid; by default ${DAYS_DEFAULT}`,
    },
    'public-key': { kind: 'text', value: 'KEY', description: 'the public key of the gateway' },
    ...JSON_FLAG,
  },
  examples: [
    'hewn seal --upstream crm < crm-token.txt',
    'hewn seal --upstream orders --url https://login.example/token --method POST --days 30 < secret.txt',
  ],
  run: async ({ flags, operands }, context) => {
    const days = Number(flags.days ?? DAYS_DEFAULT);
    if (!Number.isInteger(days) || days < 1 || days > DAYS_MAX) {
      return refuse(`--days must be a whole number from 1 to ${DAYS_MAX}`);
    }
    const opened = await openDeploymentFolder(context, operands);
    if (!opened.ok) return opened;
    const { path: folder, deployment } = opened.value;
    if (!deployment.ok) return refuse('hewn.toml has faults: run hewn check');
    const environment = oneEnvironment(deployment.value, flags.env);
    if (!environment.ok) return environment;
    const found = findUpstream(environment.value, flags);
    if (!found.ok) return found;
    const url = new URL(found.value.url);
    const stated = flags['public-key'];
    const given = stated === undefined ? undefined : hexOf(stated);
    if (stated !== undefined && given === undefined) {
      return refuse('--public-key must be 64 lower-case hex digits, or "x" of the JWK');
    }
    const key = given ?? (await ownKey(folder, environment.value, found.value.role));
    if (typeof key !== 'string') return key;
    const secret = await readSecret(context);
    if (!secret.ok) return secret;
    const terms = {
      hosts: [url.host],
      methods: flags.method.length > 0 ? flags.method : ['*'],
      paths: flags.path.length > 0 ? flags.path : pathsOf(url),
      expires: toSeconds(context.now().getTime()) + days * DAY_SECONDS,
    };
    const sealed = await sealSecret(key, terms, secret.value);
    if (flags.json) {
      const expires = new Date(terms.expires * 1000).toISOString();
      context.out(showJson({ sealed, ...terms, expires }));
      return YES;
    }
    context.out(`sealed = "${sealed}"`);
    context.err(
      `Valid at ${terms.hosts.join(', ')} for ${terms.methods.join(', ')} ${terms.paths.join(', ')}, ${days} days.`,
    );
    return YES;
  },
});

/** Reads a public key as hex, or as a JWK writes it. */
function hexOf(key: string): string | undefined {
  const bytes = /^[0-9a-f]{64}$/.test(key) ? fromHex(key) : fromBase64Url(key);
  return bytes?.length === PUBLIC_KEY_BYTES ? toHex(bytes) : undefined;
}

/** The URL itself, and everything below it. */
function pathsOf({ pathname }: URL): readonly string[] {
  return [pathname, `${pathname.replace(/\/$/, '')}/*`];
}

interface FoundUpstream {
  readonly role: string;
  readonly url: string;
}

function findUpstream(
  { gateways }: Environment,
  flags: {
    readonly upstream: string;
    readonly gateway: string | undefined;
    readonly url: string | undefined;
  },
): Result<FoundUpstream, string> {
  const named = gateways.filter(
    ({ name }) => flags.gateway === undefined || name === flags.gateway,
  );
  const [gateway, ...others] = named;
  if (!gateway) return refuse(`there is no gateway ${JSON.stringify(flags.gateway ?? '')}`);
  if (others.length > 0) {
    return refuse(`choose a gateway with --gateway: ${named.map(({ name }) => name).join(', ')}`);
  }
  const { upstreams, name: role } = gateway;
  const upstream = Object.hasOwn(upstreams, flags.upstream) ? upstreams[flags.upstream] : undefined;
  if (upstream === undefined) {
    return refuse(
      `the gateway has no upstream ${JSON.stringify(flags.upstream)}: ${Object.keys(upstreams).join(', ')}`,
    );
  }
  const url = flags.url ?? tableOf(upstream).url;
  return URL.canParse(url) ? ok({ role, url }) : refuse('--url must be a URL');
}

/** Returns the public half of the gateway's key, or why there is none. */
async function ownKey(folder: string, { name }: Environment, role: string) {
  await prepareStateFolder(folder, name);
  const needs = [{ role, names: ['SEAL_KEYS'], known: {} }];
  const loaded = await loadWorkerSecrets(workerSecretsFile(folder, name), needs);
  if (!loaded.ok) return loaded;
  const [newest = ''] = (loaded.value.secrets.get(role)?.SEAL_KEYS ?? '').split(' ');
  return sealPublicKey(newest);
}

/** The gateway refuses any other secret. */
async function readSecret({ stdin }: CommandContext): Promise<Result<string, string>> {
  const secret = secretText(await stdin());
  return secret === undefined
    ? refuse(
        `the secret on standard input must have at least ${SECRET_CHARACTERS_MIN} characters and at most ${SECRET_CHARACTERS_MAX}, on one line of ASCII, or be a private key in PEM`,
      )
    : ok(secret);
}
