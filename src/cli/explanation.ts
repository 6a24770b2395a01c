import type { Explanation } from '../explain/index.ts';
import { type Fact, paint, renderFacts, type Screen } from './terminal/index.ts';
import { visible, visibleLine } from './visible.ts';

interface Place {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** An explanation from here, or an answer of the issuer: a member that it lacks is undefined. */
type Shown = Omit<Explanation, 'rule' | 'change' | 'warning'> & {
  readonly rule?: (Place & Pick<ExplainedRule, 'text' | 'words'>) | undefined;
  readonly change?: (Place & Pick<ExplainedChange, 'diff' | 'allows'>) | undefined;
  readonly warning?: string | undefined;
};

type ExplainedRule = NonNullable<Explanation['rule']>;
type ExplainedChange = NonNullable<Explanation['change']>;

/**
 * Renders why a call was denied: the checks in order, whose rule it was, and what would be allowed.
 * The texts contain arguments and names that an agent chose, so hidden characters become visible.
 */
export function renderExplanation(
  screen: Screen,
  { code, summary, checks, rule, allowed_instead: instead, change, warning }: Shown,
): readonly string[] {
  const facts: readonly Fact[] = [
    ...checks.map(({ passed, words }) => ({
      name: passed ? 'passed' : 'failed',
      value: words,
      tone: passed ? undefined : ('bad' as const),
    })),
    ...(rule
      ? [{ name: 'rule', value: [placeOf(rule), rule.words].filter(Boolean).join('  ') }]
      : []),
  ];
  const after: readonly Fact[] = [
    { name: 'instead', value: instead },
    ...(change ? [{ name: 'change', value: changeWords(change) }] : []),
  ];
  return [
    `${paint(screen, 'bad', 'denied')}  ${visibleLine(summary)} (${code})`,
    ...renderFacts(screen, facts),
    ...(rule ? indented(rule.text) : []),
    ...renderFacts(screen, after),
    ...(change ? indented(change.diff.map(({ sign, text }) => `${sign} ${text}`).join('\n')) : []),
    ...(warning === undefined ? [] : renderFacts(screen, [{ name: 'careful', value: warning }])),
  ];
}

const placeOf = ({ file, line }: Place): string =>
  file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}`}`;

/** A change that was not evaluated to allow the call is a beginning, and no answer. */
const changeWords = (change: NonNullable<Shown['change']>): string =>
  `${placeOf(change)}  ${change.allows ? 'With this rule, the policy grants it' : 'A rule to begin with; the policy does not grant it yet'}:`;

/** Policy text keeps its line ends. */
const indented = (text: string): readonly string[] =>
  visible(text)
    .split('\n')
    .map((line) => `      ${line}`.trimEnd());
