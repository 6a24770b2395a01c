import { toMilliseconds, toSeconds, type UnixMilliseconds, type UnixSeconds } from '../../clock.ts';
import { span } from '../time.ts';
import type { ShownState } from '../workflow-state.ts';

/**
 * One line of what is asked. Lines are typed, so that a later kind of question adds lines and no
 * page.
 */
export interface QuestionLine {
  /** Compared with what the workflow may do already. */
  readonly tag: 'new' | 'same' | 'gone';
  readonly name: string;
  readonly value: string;
  /** Where the value came from, if the issuer knows it. */
  readonly source?: string | undefined;
  /** The label of that source, such as text from outside. */
  readonly label?: string | undefined;
}

/**
 * Returns the lines of a question that has only words: what a step-up adds is new, and the rest is
 * what it had. Everything is new in a question that begins a workflow.
 */
export function linesOfWords(words: readonly string[], isStepUp: boolean): readonly QuestionLine[] {
  let section = '';
  return words.flatMap((line): readonly QuestionLine[] => {
    const [, name, value] = /^(\S+) {2,}(.+)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      return [{ tag: isStepUp ? 'same' : 'new', name, value }];
    }
    if (!line.startsWith(' ')) {
      section = line;
      return [];
    }
    const tag = !isStepUp || section.startsWith('adds') ? 'new' : 'same';
    return [{ tag, name: section, value: line.trim() }];
  });
}

const TAG_WORDS: Readonly<Record<string, string>> = {
  new: 'new',
  same: 'as before',
  gone: 'no longer',
};

/** Returns the word at the start of a line. A tag of a newer issuer is its own word. */
export const tagWord = (tag: string): string =>
  Object.hasOwn(TAG_WORDS, tag) ? (TAG_WORDS[tag] ?? tag) : tag;

/** Returns the class of a line. What a person may not know is marked as what is new. */
export const tagClass = (tag: string): string => (Object.hasOwn(TAG_WORDS, tag) ? tag : 'new');

/** Returns how much of a question is new, in words. */
export function newWords(lines: readonly QuestionLine[], isStepUp: boolean): string {
  const count = lines.filter(({ tag }) => tag === 'new').length;
  return isStepUp
    ? `${count} of ${lines.length} lines, compared with what the workflow may do already`
    : 'All of it: this would begin a workflow';
}

export type ApprovalState = 'pending' | 'approved' | 'refused' | 'expired' | 'used';

/** Returns how the state of a request is shown. */
export function approvalState(
  state: ApprovalState,
  asked: UnixSeconds,
  now: UnixMilliseconds,
): ShownState {
  switch (state) {
    case 'pending':
      return { mark: 'wait', word: `waits ${span(now - toMilliseconds(asked))}` };
    case 'approved':
      return { mark: 'ok', word: 'approved' };
    case 'used':
      return { mark: 'ok', word: 'approved and used' };
    case 'refused':
      return { mark: 'stop', word: 'refused' };
    case 'expired':
      return { mark: 'ended', word: 'ended without an answer' };
  }
}

/** How long an approval may be used: short first, because that is what one call needs. */
export const APPROVAL_SPANS = [
  { seconds: 5 * 60, words: 'Once, within 5 min' },
  { seconds: 15 * 60, words: 'Once, within 15 min' },
  { seconds: 60 * 60, words: 'Once, within an hour' },
] as const;

/** The answer of a person, as the issuer takes it: with the digest of what the page showed. */
export type ApprovalAnswer = { readonly digest: string; readonly reason: string } & (
  | { readonly decision: 'approve'; readonly until: UnixSeconds }
  | { readonly decision: 'refuse' }
);

/** Returns the answer to send. Returns undefined without a reason, which the trail needs. */
export function answerOf(
  decision: 'approve' | 'refuse',
  form: { readonly digest: string; readonly reason: string; readonly seconds: number },
  now: UnixMilliseconds,
): ApprovalAnswer | undefined {
  const reason = form.reason.trim();
  if (reason === '') return undefined;
  const answer = { digest: form.digest, reason };
  return decision === 'refuse'
    ? { ...answer, decision }
    : { ...answer, decision, until: toSeconds(now) + form.seconds };
}

/** The parts of a question that its title is made of. */
interface Asked {
  readonly task?: unknown;
  readonly stepUp?: unknown;
  readonly grants?: unknown;
  readonly adds?: unknown;
}

/**
 * Returns the title of a question: what would be new in a few words, or the task of the workflow
 * that it would begin.
 */
export function questionTitle({ task, stepUp, grants, adds }: Asked): string {
  const [first, ...others] = listOf(stepUp === undefined ? grants : (adds ?? grants));
  const { action, dataset, tool, pointer } = first ?? {};
  const more = others.length > 0 ? `, and ${others.length} more` : '';
  if (stepUp === undefined) return typeof task === 'string' ? `Begin: ${task}` : 'Begin a workflow';
  if (typeof action === 'string' && typeof dataset === 'string') {
    return `${action === 'read' || action === 'write' ? capital(action) : `${capital(action)} on`} ${dataset}${more}`;
  }
  if (typeof tool === 'string' && typeof dataset === 'string') {
    const what = typeof pointer === 'string' && pointer !== '' ? `${pointer} of ${tool}` : tool;
    return `Other arguments: ${what} on ${dataset}${more}`;
  }
  return 'More than the workflow may do';
}

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

const listOf = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : [];

/** What the page has shown of a question, to notice that it changed. */
export interface Seen {
  readonly id: string;
  readonly digest: string;
}

/**
 * Whether the question differs from the one that the person read first. The answer would carry the
 * new digest, so the person must read the new question before the page takes a yes.
 */
export const hasChanged = (seen: Seen | undefined, now: Seen): boolean =>
  seen !== undefined && seen.id === now.id && seen.digest !== now.digest;
