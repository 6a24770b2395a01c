import type { JsonObject } from '../canonical-json.ts';
import { toMilliseconds } from '../clock.ts';
import type { Proposal } from './admin/index.ts';
import type { CallFault } from './call.ts';
import { PROBLEMS, type ProblemCode } from './problems.ts';

/** Returns why a call has no answer, and what to do, as a sentence for a person. */
export function describeCallFault(fault: CallFault, url: string): string {
  switch (fault.kind) {
    case 'url_unsafe':
      return `refusing to send the operator credential to a non-HTTPS URL: ${url}`;
    case 'unreachable':
      return `cannot reach ${url}: ${fault.why}`;
    case 'unreadable':
      return fault.status < 300
        ? `the issuer accepted the request (HTTP ${fault.status}), but this version does not understand its answer`
        : `the issuer returned HTTP ${fault.status} without a reason. See its log`;
    case 'proposed':
      return describeWaiting(fault.proposal);
    case 'problem': {
      const { code, message, detail } = fault;
      if (code === 'not_for_your_role') return `${message} ${describeRoles(detail)}`;
      const isKnown = Object.hasOwn(PROBLEMS, code);
      return isKnown ? `${message} ${PROBLEMS[code as ProblemCode].advice}` : message;
    }
  }
}

/** Returns that an order waits for a second person, who confirms it how, and until when. */
export function describeWaiting(
  { id, permission, expires }: Proposal,
  until = new Date(toMilliseconds(expires)).toISOString(),
): string {
  return `Nothing changed yet: the order ${id} waits for a second person until ${until}. Another person with the permission ${permission} confirms it with hewn proposals confirm ${id} --reason WHY.`;
}

/** Returns which roles allow what was refused, and which the caller has. */
function describeRoles(detail: JsonObject | undefined): string {
  const names = (value: unknown): string =>
    (Array.isArray(value) ? value : [])
      .map((one: unknown) => {
        const { role, owners, tools } = Object(one) as Readonly<Record<string, unknown>>;
        const limits = `${limitOf('for', owners)}${limitOf('with', tools)}`;
        return typeof role === 'string' ? `${role}${limits}` : String(one);
      })
      .join(', ');
  const needs = names(detail?.needs) || 'another role';
  return `It needs ${needs}; you have ${names(detail?.have) || 'no role'}.`;
}

const limitOf = (word: string, names: unknown): string =>
  Array.isArray(names) ? ` ${word} ${names.join(', ')}` : '';
