import type { UnixMilliseconds, UnixSeconds } from '../../clock.ts';
import { toMilliseconds } from '../../clock.ts';
import { shortIdentity } from '../identity-words.ts';
import { plural } from '../plural.ts';
import type { ProposedChange } from './proposed-change.ts';

/** What one person has approved again and again, as the issuer answers. */
export interface Suggestion {
  readonly agent: string;
  readonly tool: string;
  readonly pointer: string;
  readonly by: string;
  readonly count: number;
  readonly last: UnixSeconds;
  /** As JSON. */
  readonly value?: string | undefined;
  readonly line: string;
}

/** A suggestion as the page shows it. */
export interface ShownSuggestion {
  readonly key: string;
  /** Who asked for what. */
  readonly title: string;
  readonly argument: string;
  /** As JSON; undefined where the issuer no longer has it. */
  readonly value: string | undefined;
  /** How often, and by whom it was approved. */
  readonly answered: string;
  readonly last: UnixMilliseconds;
  readonly line: string;
  /** What the draft gets. */
  readonly change: ProposedChange;
}

/** How the issuer writes a value that it no longer has. */
const LOST = '"=<the value that was approved>"';

/** Returns a suggestion as the page shows it, with the change of the policy that it means. */
export function shownSuggestion(suggestion: Suggestion): ShownSuggestion {
  const { agent, tool, pointer, by, count, last, value, line } = suggestion;
  const isLost = value === undefined && line.includes(LOST);
  const answered = `Approved ${plural(count, 'time')} by ${by}`;
  return {
    key: JSON.stringify([agent, tool, pointer, by, line]),
    title: `${shortIdentity(agent)} with ${tool}`,
    argument: pointer,
    value,
    answered,
    last: toMilliseconds(last),
    line,
    change: {
      what: 'a line for what was approved again and again',
      from: `${answered}, for ${agent}.`,
      file: undefined,
      diff: [
        { sign: '+', text: '' },
        { sign: '+', text: line },
      ],
      warning:
        'It holds for every run of this agent, for any person. What else limits the argument still holds as well: take away the rule that makes the issuer ask, if this line is to replace it.',
      ...(isLost && { blank: { text: LOST, form: 'origin' as const, pointer } }),
    },
  };
}
