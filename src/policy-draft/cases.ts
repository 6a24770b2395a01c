import type { ArgumentConstraints, Constraint, Grant } from '../capability/index.ts';
import { type Catalogue, type CatalogueTool, datasetRoots, tools } from '../catalogue/index.ts';
import { EACH_ELEMENT, pointerTo, readPointer } from '../json-pointer.ts';
import type { Policy, PolicyInput, RefusalReason } from '../policy/index.ts';
import { tomlValue } from '../toml-text.ts';
import type { PolicyDraftOptions } from './draft.ts';

export interface DraftCaseOptions extends Pick<PolicyDraftOptions, 'agent' | 'userIssuer'> {
  readonly audience: string;
  readonly time: Date;
}

const GRANTS_OF_A_CASE_MAX = 16; // A person reads them.
const SAMPLE = 'example'; // Stands for any value that a workflow pins.

const HEAD =
  '# What the drafted policy decides: npx hewn policy test. Keep the cases that say what you mean.';

/**
 * Returns cases for a drafted policy as TOML: what it grants to a workflow that begins, what it
 * asks a person about, and what it refuses.
 */
export function draftCases(
  catalogue: Catalogue,
  policy: Policy,
  { agent, userIssuer, audience, time }: DraftCaseOptions,
): string {
  const user = { issuerName: userIssuer, subject: 'someone' };
  const begun: PolicyInput = {
    workload: agent,
    user,
    task: 'any',
    audience,
    now: time,
    requests: [],
  };
  const later: PolicyInput = { ...begun, stepUp: true };
  const all = tools(catalogue);
  const plain = all.flatMap((tool) => requestsOf(tool));
  const pinned = all.flatMap((tool) => requestsOf(tool, pinsOf(tool)));
  const sensitive = all.filter(({ action, secret }) => action !== 'read' || secret);
  const wanted = sensitive.flatMap((tool) => requestsOf(tool, pinsOf(tool)));
  const given = [
    `workload = ${tomlValue(`${agent.issuerName}#${agent.subject}`)}`,
    `user = ${tomlValue(`${userIssuer}#someone`)}`,
    'task = "any"',
    `audience = ${tomlValue(audience)}`,
    `time = ${time.toISOString()}`,
  ];
  const anyone = plain.slice(0, GRANTS_OF_A_CASE_MAX);
  const other = { ...agent, subject: `not-${agent.subject}` };
  const { user: _, ...alone } = begun;
  return [
    `${HEAD}\n\n[given]\n${given.join('\n')}\n`,
    ...casesOf('with nothing pinned', policy, begun, plain),
    ...casesOf('with its sinks pinned when it begins', policy, begun, pinned.filter(hasPins)),
    ...casesOf('asked for later', policy, later, wanted, 'step_up = true'),
    ...casesOf('for no person', policy, alone, anyone, 'user = false'),
    ...casesOf(
      'for another agent',
      policy,
      { ...begun, workload: other },
      anyone,
      `workload = ${tomlValue(`${other.issuerName}#${other.subject}`)}`,
    ),
  ].join('\n');
}

const hasPins = ({ constraints }: Grant): boolean =>
  Object.keys(constraints?.constraints ?? {}).length > 0;

function requestsOf(tool: CatalogueTool, constraints?: ArgumentConstraints): readonly Grant[] {
  const { name, action } = tool;
  return datasetRoots(tool).map((dataset) => ({
    tool: name,
    action,
    dataset,
    ...(constraints && { constraints }),
  }));
}

/** Pins each sink that is an argument, the elements of one, or a member of objects in one. */
function pinsOf({ arguments: names, sinks }: CatalogueTool): ArgumentConstraints | undefined {
  const constraints: Record<string, Constraint> = {};
  const members = new Map<string, Record<string, { readonly exact: string }>>();
  for (const sink of sinks) {
    const [name = '', each, member, ...deeper] = readPointer(sink) ?? [];
    if (deeper.length > 0 || (each !== undefined && each !== EACH_ELEMENT)) continue;
    const pointer = pointerTo('', name);
    if (each === undefined) constraints[pointer] = { exact: SAMPLE };
    else if (member === undefined) constraints[pointer] = { subsetOf: [SAMPLE] };
    else {
      members.set(pointer, { ...members.get(pointer), [member]: { exact: SAMPLE } });
      constraints[pointer] = { eachHas: { ...members.get(pointer) } };
    }
  }
  const isPinned = Object.keys(constraints).length > 0;
  return isPinned ? { arguments: [...names], constraints } : undefined;
}

const NAMES = {
  granted: 'granted without a question',
  asked: 'granted once a person approves',
  refused: 'refused',
} as const;
type Kind = keyof typeof NAMES;

/** Returns a case for each way in which the policy decides the requests. */
function casesOf(
  when: string,
  policy: Policy,
  input: PolicyInput,
  requests: readonly Grant[],
  given?: string,
): readonly string[] {
  const decided = requests.map((grant) => decideOne(policy, input, grant));
  return (Object.keys(NAMES) as Kind[]).flatMap((kind) => {
    const lines = decided.filter((one) => one.kind === kind).map(({ line }) => line);
    return chunks(lines).map((part) =>
      [
        '[[case]]',
        `name = ${tomlValue(`${when}: ${NAMES[kind]}`)}`,
        ...(given === undefined ? [] : [`given = { ${given} }`]),
        `${kind === 'refused' ? 'refused' : 'granted'} = [`,
        ...part.map((line) => `  ${line},`),
        ']\n',
      ].join('\n'),
    );
  });
}

function decideOne(
  policy: Policy,
  input: PolicyInput,
  grant: Grant,
): { readonly kind: Kind; readonly line: string } {
  const { granted, refused } = policy.decide({ ...input, requests: [grant] });
  const [given] = granted;
  if (!given) {
    const code: RefusalReason['code'] = refused[0]?.code ?? 'no_rule';
    return { kind: 'refused', line: tomlValue({ ...grant, code }) };
  }
  const open = given.openSinks.map(({ pointer }) => pointer).sort();
  const constrained = given.grant.constraints?.constraints;
  const line = tomlValue({
    ...grant,
    ...(open.length > 0 && { open }),
    ...(constrained && { constrained }),
    ...(given.approvalRequired && { approval: true }),
  });
  return { kind: given.approvalRequired ? 'asked' : 'granted', line };
}

function chunks(lines: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let at = 0; at < lines.length; at += GRANTS_OF_A_CASE_MAX) {
    parts.push(lines.slice(at, at + GRANTS_OF_A_CASE_MAX));
  }
  return parts;
}
