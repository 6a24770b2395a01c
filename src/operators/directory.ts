import * as v from 'valibot';
import { checkedText } from '../checked-text.ts';
import { ok, type Result, refuse } from '../result.ts';
import { UNSEEN } from '../unseen.ts';
import type { OperatorClaims, RoleGrant } from './operator.ts';
import { isOpening, PERMISSION_NAMES, type Permission } from './permissions.ts';
import { ROLE_NAMES } from './roles.ts';

/** The name of a provider, which begins the name of each of its people in records. */
const PROVIDER_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The name that rules use for people whom Cloudflare Access has let in. */
export const ACCESS_PROVIDER = 'access';

const PROVIDERS_MAX = 8;
const RULES_MAX = 256;
const VALUES_MAX = 64;

export const SESSION_MINUTES_DEFAULT = 480;
const SESSION_MINUTES_MAX = 1_440; // A role that was taken from a person ends within a day.

const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

/** http exists only on this machine: elsewhere, codes would be readable on the way. */
const issuerUrl = checkedText((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.username || url.password || url.search || text.includes('#')) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname));
}, 'an https URL (http on loopback) without user info, query and fragment');

/** A name that is compared and recorded. A reader must be able to see every character. */
const shown = (what: string) =>
  checkedText(
    (text) =>
      text !== '' &&
      text.length <= 512 &&
      text.isWellFormed() &&
      !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text) &&
      !UNSEEN.test(text),
    what,
  );
const list = (what: string) =>
  v.pipe(
    v.array(shown(what)),
    v.minLength(1, `at least one: ${what}`),
    v.maxLength(VALUES_MAX, `at most ${VALUES_MAX}`),
  );

const provider = v.strictObject({
  issuer: issuerUrl,
  clientId: shown('the client id that the provider gave to this issuer'),
  secret: v.exactOptional(
    checkedText(
      (text) => /^OPERATOR_[A-Z0-9_]{1,40}_SECRET$/.test(text),
      'the name of a secret: OPERATOR_, a name and _SECRET',
    ),
  ),
  scopes: v.exactOptional(
    v.pipe(
      v.array(
        checkedText(
          (text) => /^[\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(text),
          'a scope of OAuth, such as "groups"',
        ),
      ),
      v.maxLength(16, 'at most 16 scopes'),
    ),
  ),
  subjectClaim: v.exactOptional(shown('the name of a claim')),
});

const access = v.strictObject({
  team: checkedText(
    (text) => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text),
    'the team: the first part of TEAM.cloudflareaccess.com',
  ),
  audience: checkedText(
    (text) => /^[0-9a-f]{64}$/.test(text),
    'the audience tag of the application: 64 lower-case hex digits',
  ),
});

const rule = v.strictObject({
  role: v.picklist(ROLE_NAMES, `one of ${ROLE_NAMES.join(', ')}`),
  provider: checkedText((text) => PROVIDER_NAME.test(text), 'the name of a provider'),
  claim: shown('the name of a claim'),
  values: list('a value that the claim has, or contains'),
  owners: v.exactOptional(list('the name of an owner')),
  tools: v.exactOptional(list('the name of a tool, or "mcp/files/*" for all below it')),
});

const OPENING = PERMISSION_NAMES.filter(isOpening);

/** What a second person may be required for. Stopping is not among it. */
const twoPeoplePermissions = v.array(
  v.picklist(OPENING as [Permission, ...Permission[]], `one of ${OPENING.join(', ')}`),
);

const sessionMinutes = v.pipe(
  v.number(),
  v.safeInteger(`a whole number from 5 to ${SESSION_MINUTES_MAX}`),
  v.minValue(5, `a whole number from 5 to ${SESSION_MINUTES_MAX}`),
  v.maxValue(SESSION_MINUTES_MAX, `a whole number from 5 to ${SESSION_MINUTES_MAX}`),
);

/** The parts of `[operators]`, for the file of a deployment and for the variable of the Worker. */
export const OPERATOR_PARTS = {
  providers: v.pipe(
    v.record(
      checkedText(
        (text) => PROVIDER_NAME.test(text) && text !== ACCESS_PROVIDER,
        `lower-case letters, digits and "-", and not "${ACCESS_PROVIDER}"`,
      ),
      provider,
    ),
    v.check((all) => Object.keys(all).length <= PROVIDERS_MAX, `at most ${PROVIDERS_MAX}`),
  ),
  access,
  roles: v.pipe(v.array(rule), v.maxLength(RULES_MAX, `at most ${RULES_MAX} rules`)),
  twoPeople: twoPeoplePermissions,
  sessionMinutes,
  passkeys: v.boolean(),
  credential: v.picklist(['break-glass', 'administrator'], '"break-glass" or "administrator"'),
} as const;

const directory = v.strictObject({
  providers: v.exactOptional(OPERATOR_PARTS.providers, {}),
  access: v.exactOptional(OPERATOR_PARTS.access),
  roles: v.exactOptional(OPERATOR_PARTS.roles, []),
  twoPeople: v.exactOptional(OPERATOR_PARTS.twoPeople, []),
  sessionMinutes: v.exactOptional(OPERATOR_PARTS.sessionMinutes, SESSION_MINUTES_DEFAULT),
  passkeys: v.exactOptional(OPERATOR_PARTS.passkeys, false),
  credential: v.exactOptional(OPERATOR_PARTS.credential, 'break-glass'),
});

/** Where operators sign in, and which roles they have. */
export type Directory = v.InferOutput<typeof directory>;

export type ProviderSettings = Directory['providers'][string];

export interface DirectoryFault {
  /** Where in the configuration, such as `roles`, `2`, `provider`. */
  readonly path: readonly (string | number)[];
  readonly found: string;
  readonly allowed: string;
}

/** Reads the directory from parsed JSON. Strict, so that a misspelt limit is an error. */
export function readDirectory(json: unknown): Result<Directory, DirectoryFault> {
  const read = v.safeParse(directory, json, { abortEarly: true });
  if (!read.success) {
    const [issue] = read.issues;
    const path = (issue.path ?? []).map(({ key }) => key as string | number);
    return refuse({ path, found: 'not valid', allowed: issue.message });
  }
  const [fault] = directoryFaults(read.output);
  return fault ? refuse(fault) : ok(read.output);
}

/** What must hold between the values of a directory. */
export function directoryFaults({
  providers = {},
  access,
  roles = [],
  twoPeople = [],
}: Partial<Directory>): readonly DirectoryFault[] {
  const names = [...Object.keys(providers), ...(access ? [ACCESS_PROVIDER] : [])];
  const unknown = roles.flatMap(({ provider: name }, index) =>
    names.includes(name)
      ? []
      : [
          {
            path: ['roles', index, 'provider'],
            found: `no provider ${JSON.stringify(name)}`,
            allowed: names.join(', ') || 'none: there is no provider',
          },
        ],
  );
  const seen = new Map<string, string>();
  const shared = Object.entries(providers).flatMap(([name, { issuer, clientId }]) => {
    const key = JSON.stringify([issuer, clientId]);
    const other = seen.get(key);
    seen.set(key, name);
    const found = `the same issuer and client as ${JSON.stringify(other)}`;
    // One person would have two names, and could be the second person of their own order.
    return other === undefined
      ? []
      : [{ path: ['providers', name, 'clientId'], found, allowed: 'each client once' }];
  });
  // One person with two providers could second their own order as well.
  const isAmbiguous = twoPeople.length > 0 && names.length > 1;
  const several: DirectoryFault = {
    path: ['twoPeople'],
    found: `set, with ${names.length} providers: one person could sign in at two of them`,
    allowed: 'one provider, whose people have one name each',
  };
  return [...unknown, ...shared, ...(isAmbiguous ? [several] : [])];
}

/** Returns the claims of a provider's people that the rules read. */
export const claimsRead = ({ roles }: Directory, name: string): readonly string[] => [
  ...new Set(roles.filter((each) => each.provider === name).map(({ claim }) => claim)),
];

/** Returns the roles of a person, by what the provider says about them. */
export const rolesOf = (
  { roles }: Directory,
  { provider: name, claims }: { readonly provider: string; readonly claims: OperatorClaims },
): readonly RoleGrant[] =>
  roles
    .filter((each) => each.provider === name)
    .filter(({ claim, values }) =>
      (Object.hasOwn(claims, claim) ? (claims[claim] ?? []) : []).some((value) =>
        values.includes(value),
      ),
    )
    .map(({ role, owners, tools }) => ({
      role,
      ...(owners && { owners }),
      ...(tools && { tools }),
    }));
