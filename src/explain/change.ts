import { parseCatalogue } from '../catalogue/index.ts';
import { loadPolicy, type NearRule, type PolicyFile, type PolicyInput } from '../policy/index.ts';
import type { ExplainedChange, ExplainedVersion } from './explanation.ts';

/** What a condition of a rule is about: these are stated for the wanted grant instead. */
const OF_GRANT = /^(?:tool|action|dataset|under|constraint|sink|leaves_open|bounded_by)\(/;

/**
 * Returns the rule that would grant the one grant that `input` requests, below the nearest rule of
 * the policy and with its other conditions. Undefined if the policy would not grant it with this
 * rule: the policy is loaded with it and asked again.
 */
export function proposeRule(
  version: ExplainedVersion,
  input: PolicyInput,
  nearest: readonly NearRule[],
): ExplainedChange | undefined {
  const [grant] = input.requests;
  const [first] = version.files;
  if (!grant || !first) return undefined;
  const [near] = nearest;
  const place = near
    ? endOf(version.files, near.at)
    : { file: first.name, line: linesOf(first) + 1 };
  const added = [
    `tool(${text(grant.tool)}), action(${text(grant.action)})`,
    `under(${text(grant.dataset)})`,
  ];
  for (const who of [conditionsOf(near), identityOf(input)]) {
    if (who.length === 0) continue;
    const body = [...who, ...added].map((part) => `  ${part}`).join(',\n');
    const rule = `allow if\n${body};`;
    const change = changeOf(place, version.files, rule);
    if (grants(version, change.files, input)) return { ...change.shown, allows: true };
  }
  return undefined;
}

/** A text as Datalog writes it. */
const text = (value: string): string => JSON.stringify(value);

/** The conditions of the nearest rule about who asks, if the request meets them. */
function conditionsOf(near: NearRule | undefined): readonly string[] {
  const kept = (near?.conditions ?? []).filter((one) => !OF_GRANT.test(one.text));
  // One that reads the tool through a variable would lack what binds it.
  const own = kept.filter((one) => !/\$tool\b|\$action\b|\$dataset\b/.test(one.text));
  return own.every(({ outcome }) => outcome === 'matched') ? own.map((one) => one.text) : [];
}

/** Exactly this agent, and any person of the same identity issuer. */
const identityOf = ({ workload, user }: PolicyInput): readonly string[] => [
  `workload(${text(workload.issuerName)}, ${text(workload.subject)})`,
  ...(user ? [`user(${text(user.issuerName)}, $user)`] : []),
];

interface Place {
  readonly file: string;
  readonly line: number;
}

const linesOf = ({ source }: PolicyFile): number => source.split('\n').length;

/** Returns the line after the end of a statement. */
function endOf(files: readonly PolicyFile[], { file, line }: Place): Place {
  const { source = '' } = files.find(({ name }) => name === file) ?? {};
  const lines = source.split('\n');
  const end = lines.findIndex((one, index) => index >= line - 1 && /;\s*(?:\/\/.*)?$/.test(one));
  return { file, line: (end === -1 ? lines.length : end + 1) + 1 };
}

/** Lines before the change that are shown with it. */
const CONTEXT_LINES = 3;

function changeOf(
  { file, line }: Place,
  files: readonly PolicyFile[],
  rule: string,
): { readonly files: readonly PolicyFile[]; readonly shown: Omit<ExplainedChange, 'allows'> } {
  const { source = '' } = files.find(({ name }) => name === file) ?? {};
  const lines = source.split('\n');
  const added = ['', ...rule.split('\n')];
  const changed = [...lines.slice(0, line - 1), ...added, ...lines.slice(line - 1)].join('\n');
  return {
    files: files.map((one) => (one.name === file ? { name: file, source: changed } : one)),
    shown: {
      file,
      line,
      diff: [
        ...lines
          .slice(Math.max(0, line - 1 - CONTEXT_LINES), line - 1)
          .map((each) => ({ sign: ' ', text: each }) as const),
        ...added.map((each) => ({ sign: '+', text: each }) as const),
      ],
    },
  };
}

/** Loads the changed policy and asks it, as a mint would. */
function grants(
  version: ExplainedVersion,
  files: readonly PolicyFile[],
  input: PolicyInput,
): boolean {
  const catalogue = parseCatalogue(version.catalogue);
  const loaded = catalogue.ok ? loadPolicy(files, catalogue.value) : undefined;
  return loaded?.ok === true && loaded.value.decide(input).granted.length === 1;
}
