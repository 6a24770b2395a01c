import type { Finding, FindingStatus } from '../../doctor/index.ts';
import {
  padText,
  paint,
  type Screen,
  type Tone,
  textWidth,
  widthOf,
  wrapParts,
} from '../terminal/index.ts';
import { visible, visibleLine } from '../visible.ts';

const MARKS: Readonly<Record<FindingStatus, readonly [string, Tone]>> = {
  ok: ['ok  ', 'good'],
  warn: ['WARN', 'waits'],
  fail: ['FAIL', 'bad'],
  skip: ['skip', 'quiet'],
};

const CHECK_WIDTH = 14;
/** A detail with less space than this has lines of its own. */
const DETAIL_COLUMNS_MIN = 30;
const OWN_LINE_INDENT = 6;

/**
 * Renders the findings as a table. Below each that is not ok: what to do, unless a line above says
 * it. On a terminal, details are wrapped below themselves.
 */
export function renderFindings(screen: Screen, findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => textWidth(subject)), 1);
  const given = new Set<string>();
  const lines = findings.flatMap(({ check, subject, status, detail, advice }) => {
    const [mark, tone] = MARKS[status];
    const start = visibleLine(`  ${check.padEnd(CHECK_WIDTH)}${padText(subject, width)}  `);
    const line = paint(screen, tone, mark) + start;
    const told = beside(screen, line, mark.length + textWidth(start), detail);
    if (advice === undefined || given.has(advice)) return told;
    given.add(advice);
    const indent = ' '.repeat(OWN_LINE_INDENT + CHECK_WIDTH);
    return [...told, ...beside(screen, indent, indent.length, `→ ${advice}`)];
  });
  return [...lines, summary(findings)].join('\n');
}

/** Wraps a text beside its beginning, or below it if there is too little space. */
function beside(
  screen: Screen,
  start: string,
  startWidth: number,
  text: string,
): readonly string[] {
  const columns = widthOf(screen);
  const shown = visible(text);
  if (columns === undefined) return [`${start}${shown}`];
  const isBeside = columns - startWidth >= DETAIL_COLUMNS_MIN;
  const indent = isBeside ? startWidth : OWN_LINE_INDENT;
  const [first = '', ...rest] = wrapParts(shown.split(' '), columns - indent);
  const below = rest.map((line) => ' '.repeat(indent) + line);
  return isBeside
    ? [`${start}${first}`, ...below]
    : [start.trimEnd(), ' '.repeat(indent) + first, ...below];
}

function summary(findings: readonly Finding[]): string {
  const count = (status: FindingStatus): number =>
    findings.filter((one) => one.status === status).length;
  return `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed, ${count('skip')} not examined`;
}

export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ status }) => status !== 'fail');
