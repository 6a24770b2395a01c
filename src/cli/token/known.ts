import type { TokenClaims } from '../../capability/index.ts';
import type { Known } from '../../explain/index.ts';
import type { PolicyInput } from '../../policy/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { readPolicyTexts } from '../policy/files.ts';
import { readIssuerNames, toPolicyName } from '../policy/record.ts';
import { toPrincipal } from '../policy/request.ts';

/** Flags with which a denial is explained by the policy behind the capability. */
export const POLICY_FLAGS = {
  policy: {
    kind: 'list',
    value: 'PATH',
    description: 'name the rule of this policy file, or folder of them, that refuses',
  },
  identity: {
    kind: 'list',
    value: 'NAME=URL',
    description: 'with --policy: an identity issuer, by the name that the policy has for it',
  },
} as const;

interface PolicyValues {
  readonly policy: readonly string[];
  readonly identity: readonly string[];
  readonly catalogue: string | undefined;
}

/** Returns what is known beside the call: the grants and, with `--policy`, the policy. */
export async function readKnown(
  context: CommandContext,
  { policy: paths, identity, catalogue }: PolicyValues,
  { authority }: TokenClaims,
): Promise<Result<Known, string>> {
  const { grants } = authority;
  if (paths.length === 0) {
    return identity.length > 0 ? refuse('--identity goes with --policy') : ok({ grants });
  }
  const names = readIssuerNames(identity, '--identity');
  if (!names.ok) return names;
  const input = inputOf(authority, names.value);
  if (!input.ok) return input;
  const version = await readPolicyTexts(context, paths, catalogue);
  if (!version.ok) return version;
  if (version.value.files.some(({ source }) => READS_CLAIM.test(source))) {
    context.err('a token has no claims of identities: a rule that reads one matches nothing here');
  }
  return ok({ grants, version: version.value, input: input.value });
}

const READS_CLAIM = /\b(?:workload|user)_claim\(/;

/** Returns what the policy saw at the mint, as far as the token says it. */
function inputOf(
  { agent, subject, owner, task, audience, issuedAt }: TokenClaims['authority'],
  names: ReadonlyMap<string, string>,
): Result<PolicyInput, string> {
  // The subject of a workflow without a user is its owner.
  const user = subject === owner ? undefined : subject;
  const workload = toPolicyName(agent, names);
  const person = user === undefined ? undefined : toPolicyName(user, names);
  if (workload === undefined) return refuse(unnamed(agent));
  if (user !== undefined && person === undefined) return refuse(unnamed(user));
  return ok({
    workload: toPrincipal(workload),
    ...(person !== undefined && { user: toPrincipal(person) }),
    task,
    audience,
    now: issuedAt,
    requests: [],
  });
}

const unnamed = (identity: string): string =>
  `the policy has a name for the issuer of ${JSON.stringify(identity)}: pass --identity NAME=URL`;
