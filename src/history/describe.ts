import { HISTORY_SECONDS_MAX } from './declaration.ts';
import type { HistoryRule } from './rule.ts';

const UNITS = [
  [24 * 3_600, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** Returns a number of seconds in words, such as `5 minutes`. */
function describeSeconds(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds % unit === 0) ?? UNITS[3];
  const count = Math.min(seconds, HISTORY_SECONDS_MAX) / size;
  return count === 1 ? `1 ${name}` : `${count} ${name}s`;
}

const SCOPES: Readonly<Record<HistoryRule['scope'], string>> = {
  workflow: 'workflow and everything below it',
  agent: 'agent',
  subject: 'subject',
  owner: 'owner',
};

const listed = (tools: readonly string[]): string => tools.join(' or ');

/** Returns a rule in one sentence, for a person. */
export function describeRule(rule: HistoryRule): string {
  const { tools, scope, within } = rule;
  const time = within === undefined ? '' : ` within ${describeSeconds(within)}`;
  const whose = ` of one ${SCOPES[scope]}`;
  const same = 'same' in rule && rule.same ? ` with the same ${rule.same.here.slice(1)}` : '';
  switch (rule.kind) {
    case 'calls':
      return `At most ${rule.most} calls of ${listed(tools)}${time}${whose}.`;
    case 'sum':
      return `At most ${rule.mostMicros / 1_000_000} in ${argumentOf(rule.argument)} of ${listed(tools)}${time}, over all calls${whose}.`;
    case 'distinct':
      return `At most ${rule.most} different values of ${argumentOf(rule.argument)} in calls of ${listed(tools)}${time}${whose}.`;
    case 'once':
      return `Each value of ${argumentOf(rule.argument)} once in calls of ${listed(tools)}${time}${whose}.`;
    case 'after': {
      const many = rule.least === 1 ? 'a' : `${rule.least}`;
      const ended = rule.result === 'ok' ? ' that succeeded' : '';
      const uses = rule.uses === undefined ? '' : `, each of which permits ${rule.uses} of them`;
      const unless =
        rule.unless === undefined ? '' : `, unless ${listed(rule.unless)} was called since`;
      return `${listed(tools)} only after ${many} call${rule.least === 1 ? '' : 's'} of ${listed(rule.of)}${ended}${time}${same}${uses}${unless}.`;
    }
    case 'not_after': {
      const ended = { any: '', ok: ' that succeeded', failed: ' that failed or was denied' };
      return `${listed(tools)} not after a call of ${listed(rule.of)}${ended[rule.result]}${time}${same}.`;
    }
  }
}

const argumentOf = (argument: string | Readonly<Record<string, string>>): string =>
  typeof argument === 'string' ? argument : [...new Set(Object.values(argument))].join(' or ');
