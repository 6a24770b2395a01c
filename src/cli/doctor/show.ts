import type { Finding, FindingStatus } from '../../doctor/index.ts';
import { visible } from '../visible.ts';

const MARKS: Readonly<Record<FindingStatus, string>> = {
  ok: 'ok  ',
  warn: 'WARN',
  fail: 'FAIL',
  skip: 'skip',
};

const CHECK_WIDTH = 14;

/** The findings as a table. Below each that is not ok: what to do, unless a line above says it. */
export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length), 1);
  const given = new Set<string>();
  const lines = findings.flatMap(({ check, subject, status, detail, advice }) => {
    const line = `${MARKS[status]}  ${check.padEnd(CHECK_WIDTH)}${subject.padEnd(width)}  ${detail}`;
    if (advice === undefined || given.has(advice)) return [line];
    given.add(advice);
    return [line, `${' '.repeat(6 + CHECK_WIDTH)}→ ${advice}`];
  });
  return visible([...lines, summary(findings)].join('\n'));
}

function summary(findings: readonly Finding[]): string {
  const count = (status: FindingStatus): number =>
    findings.filter((one) => one.status === status).length;
  return `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} failed, ${count('skip')} not examined`;
}

export const isHealthy = (findings: readonly Finding[]): boolean =>
  findings.every(({ status }) => status !== 'fail');
