import { isJsonObject, type JsonObject } from '../../../../src/canonical-json.ts';
import type { Catalogue, DescribedCall, DescribeError } from '../../../../src/catalogue/index.ts';
import { type Result, refuse } from '../../../../src/result.ts';
import type { NotForwarded } from '../../call/transport.ts';
import type { Incoming } from './method.ts';

/** What a message names, for the record: a tool, a URI, or a prompt. */
const NAMED_LENGTH_MAX = 128;

/** The members of a call that belong to its rounds, and not to what is judged. */
export const ROUND_MEMBERS = ['inputResponses', 'requestState'] as const;

/** How a call is read from the parameters of a message. `why` says what is wrong with them. */
export type ReadCall = (
  params: JsonObject,
  place: { readonly server: string },
) =>
  | { readonly why: string; readonly named?: string }
  | {
      readonly named: string;
      readonly in: (catalogue: Catalogue) => Result<DescribedCall, DescribeError>;
    };

/**
 * Returns the function that describes a call by the catalogue. An earlier catalogue judges reads
 * only: what it does not know may be a read of the new one.
 */
export const describedBy =
  (members: readonly string[], read: ReadCall) =>
  ({ judging, server, message }: Incoming): Result<DescribedCall, NotForwarded> => {
    const params = message.params ?? {};
    const call = read(params, { server });
    const named = call.named?.slice(0, NAMED_LENGTH_MAX) ?? '';
    const tool = `mcp/${server}/${named}`;
    const malformed = (why: string) =>
      refuse({ denial: { code: 'message_malformed', why }, tool } as const);
    if ('why' in call) return malformed(call.why);
    if (message.id === undefined) return malformed('a call without an id');
    const unknown = Object.keys(params).find((name) => name !== '_meta' && !members.includes(name));
    if (unknown !== undefined) return malformed('a member that a call does not have');
    const { catalogue, isCurrent } = judging;
    const described = catalogue && call.in(catalogue);
    if (!described || (!isCurrent && !(described.ok && isRead(described.value)))) {
      return refuse({ denial: { code: 'catalogue_unavailable' }, tool });
    }
    return described.ok ? described : refuse({ denial: described.error, tool });
  };

const isRead = ({ action, tier }: DescribedCall): boolean => action === 'read' && tier < 2;

/** Returns the members of an object of texts; undefined for anything else. */
export function textsOf(value: unknown): Readonly<Record<string, string>> | undefined {
  if (value === undefined) return {};
  if (!isJsonObject(value)) return undefined;
  return Object.values(value).every((one) => typeof one === 'string')
    ? (value as Readonly<Record<string, string>>)
    : undefined;
}
