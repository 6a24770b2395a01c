import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer, issuerOf } from '../issuer.ts';
import { type Fact, renderFacts, type Screen, showSeconds } from '../terminal/index.ts';

const { showSession } = ADMIN_API.session;
type Shown = RouteAnswer<typeof showSession>;
type Limits = Omit<Shown['roles'][number], 'role'>;

export const whoamiCommand = defineCommand({
  name: 'whoami',
  summary: 'show as whom commands act, and what they may do',
  description: `Shows the operator that commands act as at an issuer: the name that records have, the roles, what they permit and for which owners and tools, and when the session ends. Without a session, that is the operator credential of --file, HEWN_OPERATOR or hewn dev.`,
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn whoami', 'hewn whoami --json | jq .may'],
  run: async ({ flags }, context) => {
    const shown = await callIssuer(context, flags, showSession, {});
    if (!shown.ok) return shown;
    const lines = [
      `${shown.value.name} at ${await issuerOf(context, flags)}`,
      ...operatorFacts(context, shown.value),
    ];
    context.out(flags.json ? showAnswer(showSession, shown.value) : lines.join('\n'));
    return YES;
  },
});

const KINDS: Readonly<Record<Shown['kind'], string>> = {
  session: 'a session of a person',
  access: 'a person whom Cloudflare Access let in',
  capability: 'an operator capability',
  credential: 'an operator credential: no one in person',
};

/** Renders who an operator is and what they may do. */
export function operatorFacts(screen: Screen, shown: Shown): readonly string[] {
  const { name, kind, roles, may, two_people: two, ends_at: ends, waiting } = shown;
  const facts: readonly (Fact | undefined)[] = [
    { name: 'name', value: name },
    { name: 'kind', value: KINDS[kind] },
    ...roles.map(({ role, ...limits }) => ({
      name: 'role',
      value: `${role}${limitsText(limits)}`,
    })),
    { name: 'may', value: mayText(may) },
    two.length === 0 ? undefined : { name: 'two people', value: `${two.join(', ')}` },
    ends === undefined ? undefined : { name: 'until', value: showSeconds(screen, ends) },
    waiting === 0
      ? undefined
      : { name: 'waiting', value: `${waiting} for an answer of yours`, tone: 'waits' },
  ];
  return renderFacts(
    screen,
    facts.filter((fact) => fact !== undefined),
  );
}

function limitsText({ owners, tools }: Limits): string {
  const parts = [
    ...(owners === undefined ? [] : [`for ${owners.join(', ')}`]),
    ...(tools === undefined ? [] : [`with ${tools.join(', ')}`]),
  ];
  return parts.length === 0 ? '' : ` ${parts.join(' ')}`;
}

const mayText = (may: Shown['may']): string =>
  Object.entries(may)
    .map(([permission, limits]) => `${permission}${limits === true ? '' : limitsText(limits)}`)
    .join(', ') || 'nothing';
