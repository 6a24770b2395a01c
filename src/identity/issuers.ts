import * as v from 'valibot';
import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { ok, type Result, refuse } from '../result.ts';
import { excludeEachOther } from './entry-choice.ts';
import { ALGORITHMS, type IdentityIssuer } from './issuer.ts';
import { fromTemplate, isTemplate, TEMPLATE_OPTIONS } from './providers/index.ts';
import { endpoint, entryName, exactText, exactTexts, publicKeySet } from './schema.ts';
import { isTrustDomain, readBundle } from './spiffe/index.ts';

export interface IssuersError {
  readonly code: 'issuers_invalid';
  /** Where in the configuration, as in `0.jwksUri`. */
  readonly where: string;
  readonly why: string;
}

const algorithms = v.pipe(v.array(v.picklist(ALGORITHMS)), v.minLength(1));

const oidc = v.strictObject({
  kind: v.exactOptional(v.literal('oidc')),
  name: entryName,
  issuer: endpoint,
  jwksUri: endpoint,
  audience: exactText,
  algorithms,
  tokenTypes: v.exactOptional(exactTexts),
  idTokens: v.exactOptional(v.boolean()),
  subjectClaim: v.exactOptional(exactText),
  subjects: v.exactOptional(exactTexts),
  requiredClaims: v.exactOptional(
    v.pipe(
      // A record schema accepts `[]` as an empty record, which would be a guard without conditions.
      v.custom<JsonObject>(isJsonObject, 'not an object'),
      v.record(exactText, v.union([exactText, v.boolean()])),
    ),
  ),
  allowedActors: v.exactOptional(exactTexts),
  claims: v.exactOptional(v.array(exactText)),
});

/** Require exactly one key source: merging two is ambiguous, and zero authenticates no one. */
const exactlyOne = (...sources: readonly unknown[]): boolean =>
  sources.filter((source) => source !== undefined).length === 1;

const spiffe = v.pipe(
  v.strictObject({
    kind: v.literal('spiffe'),
    name: entryName,
    trustDomain: v.pipe(v.string(), v.check(isTrustDomain, 'not a valid trust domain name')),
    audience: exactText,
    bundleUri: v.exactOptional(endpoint),
    bundle: v.exactOptional(
      v.custom<JsonObject>((bundle) => readBundle(bundle).ok, 'not a SPIFFE bundle'),
    ),
  }),
  v.check(
    ({ bundleUri, bundle }) => exactlyOne(bundleUri, bundle),
    'not exactly one of bundleUri and bundle',
  ),
);

const client = v.pipe(
  v.strictObject({
    kind: v.literal('client'),
    name: entryName,
    clientId: v.pipe(exactText, v.regex(/^[\x21-\x7e]{1,255}$/, 'not visible ASCII')),
    algorithms,
    jwksUri: v.exactOptional(endpoint),
    jwks: v.exactOptional(publicKeySet),
  }),
  v.check(({ jwksUri, jwks }) => exactlyOne(jwksUri, jwks), 'not exactly one of jwksUri and jwks'),
);

const entries = v.pipe(v.array(v.looseObject({})), v.minLength(1));

/** Reads the configured issuers from parsed JSON. Strict, so that a misspelt guard is an error. */
export function readIssuers(json: unknown): Result<readonly IdentityIssuer[], IssuersError> {
  const listed = v.safeParse(entries, json, { abortEarly: true });
  if (!listed.success) return refuse(toError(listed.issues[0], ''));
  const read: IdentityIssuer[] = [];
  for (const [index, entry] of listed.output.entries()) {
    const expanded = isTemplate(entry.kind) ? fromTemplate(entry.kind, entry) : ok(entry);
    if (!expanded.ok) return refuse(toError(expanded.error, `${index}.`));
    const parsed = v.safeParse(schemaOf(entry.kind), expanded.value, { abortEarly: true });
    if (!parsed.success) return refuse(toError(parsed.issues[0], `${index}.`));
    read.push(parsed.output as IdentityIssuer);
  }
  const conflict = findConflict(read);
  return conflict ? refuse({ code: 'issuers_invalid', ...conflict }) : ok(read);
}

const schemaOf = (kind: unknown): v.GenericSchema =>
  kind === 'spiffe' ? spiffe : kind === 'client' ? client : oidc;

/** The schema of an entry, by its `kind`: for a reader that reports all faults of an entry. */
export const ENTRY_SCHEMAS: Readonly<Record<string, v.GenericSchema>> = {
  oidc,
  spiffe,
  client,
  ...TEMPLATE_OPTIONS,
};

function toError(issue: v.BaseIssue<unknown>, prefix: string): IssuersError {
  const path = issue.path?.map((item) => String(item.key)).join('.') ?? '';
  return { code: 'issuers_invalid', where: `${prefix}${path}`, why: issue.message };
}

/** If one token could match two entries, the weaker of them would decide. */
function findConflict(
  issuers: readonly IdentityIssuer[],
): Pick<IssuersError, 'where' | 'why'> | undefined {
  for (const member of ['name', 'trustDomain', 'clientId'] as const) {
    const seen = new Set<unknown>();
    for (const [index, issuer] of issuers.entries()) {
      const value = (issuer as Partial<Record<typeof member, string>>)[member];
      if (value !== undefined && seen.has(value))
        return { where: `${index}.${member}`, why: 'duplicate' };
      seen.add(value);
    }
  }
  const oidc = [...issuers.entries()].flatMap(([index, entry]) =>
    'issuer' in entry ? [{ index, entry }] : [],
  );
  for (const { index, entry } of oidc) {
    const before = oidc.filter((one) => one.index < index && one.entry.issuer === entry.issuer);
    const where = `${index}.issuer`;
    if (before.some((one) => !excludeEachOther(one.entry, entry))) {
      const why =
        'duplicate, and one token could match both entries: give them a different audience, required claim or subjects';
      return { where, why };
    }
    if (before.some((one) => one.entry.jwksUri !== entry.jwksUri)) {
      return { where: `${index}.jwksUri`, why: 'differs from another entry of the same issuer' };
    }
  }
  return undefined;
}
