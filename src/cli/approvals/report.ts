import {
  describeAdditions,
  printableJson,
  type QuestionLine,
  questionLines,
} from '../../approval/index.ts';
import type { Json, JsonObject } from '../../canonical-json.ts';
import { toMilliseconds } from '../../clock.ts';
import type { CommandContext } from '../command.ts';
import {
  type Fact,
  paint,
  partyColumn,
  renderFacts,
  renderTable,
  type Screen,
  showAge,
  showSeconds,
  showTimestamp,
  type Tone,
  widthOf,
  wrapParts,
} from '../terminal/index.ts';
import { visibleLine } from '../visible.ts';
import type { Approval } from './digest.ts';

/** Renders approval requests as a table. */
export function approvalTable(
  context: Pick<CommandContext, 'now'> & Screen,
  approvals: readonly Approval[],
): string {
  const textOf = ({ question }: Approval, name: string): string => {
    const value = (question as Readonly<Record<string, Json>>)[name];
    return typeof value === 'string' ? value : '';
  };
  return renderTable(
    context,
    [
      { head: 'ID', cell: ({ id }) => id },
      {
        head: 'UNTIL',
        cell: ({ deadline }) => showSeconds(context, deadline),
        short: ({ deadline }) => showAge(context.now().getTime(), toMilliseconds(deadline)),
      },
      partyColumn<Approval>('AGENT', (approval) => textOf(approval, 'agent')),
      {
        ...partyColumn<Approval>('FOR', (approval) => textOf(approval, 'subject')),
        isOptional: true,
      },
      {
        head: 'TASK',
        cell: (approval) => JSON.stringify(textOf(approval, 'task')),
        cut: 'end',
        isOptional: true,
      },
      {
        head: 'YOU',
        cell: ({ may_answer: mayAnswer = true }) => (mayAnswer === true ? 'may answer' : 'may not'),
        tone: ({ may_answer: mayAnswer = true }) => answerTone(mayAnswer),
        isOptional: true,
      },
    ],
    approvals,
  );
}

/**
 * Returns the question of a request as typed lines. Their values come from the question, which the
 * digest covers. What the last question of the agent had is known to the issuer only, so the marks
 * of an ordinary question, and the lines that are gone, are its word. Those of a step-up are not.
 */
export function markedLines({ question, lines = [] }: Approval): readonly QuestionLine[] {
  const own = questionLines(question as JsonObject);
  if (Array.isArray((question as JsonObject).adds)) return own;
  return [
    ...own.map((line): QuestionLine => {
      const sent = lines.find(({ name, value }) => name === line.name && value === line.value);
      const tag = sent?.tag === 'same' ? 'same' : 'new';
      return { ...line, tag, ...(sent?.source !== undefined && { source: sent.source }) };
    }),
    ...lines.filter(({ tag }) => tag === 'gone'),
  ];
}

const TONES: Readonly<Record<QuestionLine['tag'], Tone | undefined>> = {
  new: 'waits',
  same: undefined,
  gone: 'quiet',
};

const MARK_COLUMNS = 8;

/**
 * Renders a line with its mark. What is wrapped stays right of the marks, so no value fakes one.
 */
function renderLine(screen: Screen, line: QuestionLine): readonly string[] {
  const { tag, name, value, source, label } = line;
  const width = widthOf(screen);
  const about = label === undefined ? name : `${name} (${label})`;
  const from = source === undefined ? '' : ` (${source})`;
  const text = visibleLine(`${about}: ${value}${from}`);
  const lines = width === undefined ? [text] : wrapParts(text.split(' '), width - MARK_COLUMNS);
  return lines.map((line, index) => {
    const mark = index === 0 ? `  ${tag}` : '';
    return `${mark.padEnd(MARK_COLUMNS)}${paint(screen, TONES[tag], line)}`;
  });
}

/** Renders everything about a request, and the commands that answer it. */
export function renderApproval(screen: Screen, approval: Approval, digest: string): string {
  const { id, state } = approval;
  const { adds, stepUp } = approval.question as JsonObject;
  const lines = [
    `${id}  ${state}`,
    ...markedLines(approval).flatMap((line) => renderLine(screen, line)),
    ...(adds === undefined ? [] : describeAdditions(adds).map((line) => `  ${line}`)),
    ...(stepUp === undefined
      ? []
      : renderFacts(screen, [{ name: 'step-up', value: printableJson(stepUp) }])),
    ...renderFacts(screen, factsOf(screen, approval, digest)),
  ];
  if (state === 'pending') {
    lines.push(
      'To approve exactly this, or to refuse it:',
      `  hewn approvals approve ${id} \\`,
      `    --digest ${digest} --for 10m --by YOU --reason WHY`,
      `  hewn approvals refuse ${id} --by YOU --reason WHY`,
    );
  }
  return lines.join('\n');
}

/** What the question does not say: its times, where its values came from, and its answers. */
function factsOf(screen: Screen, approval: Approval, digest: string): readonly Fact[] {
  const { asked, deadline, came_from: sources = [], last_answer: last, answer } = approval;
  const { may_answer: mayAnswer } = approval;
  const why = last?.reason === undefined ? '' : ` Reason: ${printableJson(last.reason)}.`;
  return [
    { name: 'asked', value: showSeconds(screen, asked) },
    { name: 'until', value: showSeconds(screen, deadline) },
    ...sources.map((value) => ({ name: 'came from', value })),
    ...(last === undefined
      ? []
      : [
          {
            name: 'last answer',
            value: `${last.words}${why} ${showTimestamp(screen, last.at)}, ${last.approval}`,
          },
        ]),
    ...(mayAnswer === undefined
      ? []
      : [{ name: 'may answer', value: answerText(mayAnswer), tone: answerTone(mayAnswer) }]),
    { name: 'digest', value: digest },
    ...(answer === undefined ? [] : [{ name: 'answered', value: printableJson(answer as Json) }]),
  ];
}

type MayAnswer = NonNullable<Approval['may_answer']>;

const answerText = (mayAnswer: MayAnswer): string =>
  mayAnswer === true ? 'you may' : `you may not: ${mayAnswer}`;

const answerTone = (mayAnswer: MayAnswer): Tone | undefined =>
  mayAnswer === true ? undefined : 'waits';
