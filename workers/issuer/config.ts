import * as v from 'valibot';
import { checkAudience } from '../../src/capability/index.ts';
import { fromHex } from '../../src/encoding.ts';
import { type IdentityIssuer, readIssuers } from '../../src/identity/index.ts';
import { isPrivateKey } from './keys.ts';
import type { AuditLog } from './objects/audit-log.ts';
import type { RevocationLog } from './objects/revocation-log.ts';
import type { Workflow } from './objects/workflow.ts';

/** Bindings, variables and secrets of the issuer, as wrangler.toml and the deployment give them. */
export interface IssuerEnv {
  readonly WORKFLOW: DurableObjectNamespace<Workflow>;
  readonly REVOCATION_LOG: DurableObjectNamespace<RevocationLog>;
  readonly AUDIT_LOG: DurableObjectNamespace<AuditLog>;
  readonly ISSUER: string;
  readonly AUDIENCES: string;
  readonly IDENTITY_ISSUERS: string;
  readonly MINT_KEY: string;
  readonly MINT_KEY_ID: string;
  readonly FEED_KEY: string;
  readonly OPERATOR_SHA256: string;
  readonly VERIFIER_CREDENTIALS: string | undefined;
}

export interface IssuerConfig {
  /** The issuer's URL, as its tokens and metadata spell it. */
  readonly issuer: string;
  /** The resource servers that tokens may be minted for. */
  readonly audiences: readonly string[];
  readonly identityIssuers: readonly IdentityIssuer[];
  readonly mintKey: string;
  readonly mintKeyId: number;
  /** Not the mint key: whoever can revoke cannot mint. */
  readonly feedKey: string;
  /** SHA-256 of the operator credential, so that the Worker never holds the credential. */
  readonly operatorSha256: Uint8Array<ArrayBuffer>;
  /** Who may introspect tokens, each of one audience; SHA-256 again. */
  readonly verifiers: readonly VerifierCredential[];
}

export interface VerifierCredential {
  readonly audience: string;
  readonly sha256: Uint8Array<ArrayBuffer>;
}

const read = new WeakMap<object, IssuerConfig>();

/** Throws for a configuration that cannot work, naming the variable and never its value. */
export function readConfig(env: IssuerEnv): IssuerConfig {
  let config = read.get(env);
  if (!config) {
    config = parseConfig(env);
    read.set(env, config);
  }
  return config;
}

function parseConfig(env: IssuerEnv): IssuerConfig {
  const must = <T>(name: keyof IssuerEnv, value: T | undefined | false): T => {
    if (value === undefined || value === false) {
      throw new Error(`${name} is missing or malformed: see docs/operations.md, "Configuration"`);
    }
    return value;
  };
  const url = (text: unknown) => typeof text === 'string' && checkAudience(text).ok && text;
  const audiences = v.safeParse(v.pipe(v.array(v.string()), v.minLength(1)), json(env.AUDIENCES));
  const issuers = readIssuers(json(env.IDENTITY_ISSUERS));
  const keyId = Number(env.MINT_KEY_ID);
  const digest = fromHex(env.OPERATOR_SHA256 ?? '');
  const feedKey = must('FEED_KEY', isPrivateKey(env.FEED_KEY ?? '') && env.FEED_KEY);
  return {
    issuer: must('ISSUER', url(env.ISSUER)),
    audiences: must(
      'AUDIENCES',
      audiences.success && audiences.output.every(url) && audiences.output,
    ),
    identityIssuers: must('IDENTITY_ISSUERS', issuers.ok && issuers.value),
    mintKey: must(
      'MINT_KEY',
      isPrivateKey(env.MINT_KEY ?? '') && env.MINT_KEY !== feedKey && env.MINT_KEY,
    ),
    mintKeyId: must('MINT_KEY_ID', /^\d{1,9}$/.test(env.MINT_KEY_ID ?? '') && keyId),
    feedKey,
    operatorSha256: must('OPERATOR_SHA256', digest?.length === 32 && digest),
    verifiers: must('VERIFIER_CREDENTIALS', readVerifiers(env.VERIFIER_CREDENTIALS ?? '[]')),
  };
}

const verifierList = v.array(
  v.strictObject({
    audience: v.pipe(
      v.string(),
      v.check((audience) => checkAudience(audience).ok),
    ),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
);

function readVerifiers(text: string): readonly VerifierCredential[] | undefined {
  const parsed = v.safeParse(verifierList, json(text));
  if (!parsed.success) return undefined;
  return parsed.output.map(({ audience, sha256 }) => ({
    audience,
    sha256: fromHex(sha256) ?? new Uint8Array(32),
  }));
}

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}

// One log of each kind: one tenant, one order.
export const auditLog = (env: IssuerEnv) => env.AUDIT_LOG.getByName('default');
export const revocationLog = (env: IssuerEnv) => env.REVOCATION_LOG.getByName('default');
export const workflowOf = (env: IssuerEnv, id: string) => env.WORKFLOW.getByName(id);
