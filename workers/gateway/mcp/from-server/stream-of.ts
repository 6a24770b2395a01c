import type { ServerRequest } from '../../../../src/upstream/index.ts';
import type { SessionOwner, Sessions } from '../session.ts';
import type { CallOfTask, Tasks } from '../tasks.ts';

/** The request on whose stream a server sends its messages. */
export interface StreamOf {
  readonly sessions: Sessions;
  readonly tasks: Tasks;
  readonly owner: SessionOwner;
  /** The server's own id of the session. */
  readonly session?: string | undefined;
  /** Whether the revision lets a client resume the stream. */
  readonly hasEventIds: boolean;
  /** What the server may ask of the client. */
  readonly allowed: readonly ServerRequest[];
  /** The requests that the server sent on the stream, with the ids that the agent knows. */
  readonly asked: Map<string | number, string>;
  /** The request that the server answers on the stream; absent for a stream of its own. */
  readonly request?: StreamedRequest | undefined;
}

export interface StreamedRequest {
  /** The id under which the server knows the request, and its progress. */
  readonly id: string;
  readonly agentId: string | number;
  readonly method: string;
  /** The call that made the task that the request is about. */
  readonly call?: CallOfTask | undefined;
  /** The tool, prompt or resource, by which its answer is judged. */
  readonly target?: string | undefined;
  /** The agent's own token for the progress of the request, if it asked for it. */
  readonly progressToken?: string | number | undefined;
}

/** Where something that an agent may use later is valid. */
type Place = Pick<StreamOf, 'sessions' | 'owner' | 'session'>;

/** A request of a server. Its id is sealed: an agent can answer only what it was asked. */
export interface AskedRequest {
  readonly id: string | number;
  readonly method: string;
}

/** Seals the id of a server's request for the agent. */
export const sealRequestId = (
  { sessions, owner, session }: Place,
  { id, method }: AskedRequest,
): Promise<string> => sessions.sealAs('request', JSON.stringify([id, method]), owner, session);

/** Returns the request that an agent answers; undefined if it was not asked in this session. */
export async function openRequestId(
  { sessions, owner, session }: Place,
  sealed: string,
): Promise<AskedRequest | undefined> {
  const opened = await sessions.openAs('request', sealed, owner, session);
  if (opened === undefined) return undefined;
  const [id, method] = JSON.parse(opened) as readonly [string | number, string];
  return { id, method };
}

/** A position in a stream, and the request whose answer is still to come on it. */
export interface Position {
  readonly eventId: string;
  readonly request?: StreamedRequest | undefined;
}

const POSITION_LENGTH_MAX = 2_048; // Fits in a header when it is sealed.

/**
 * Seals a position with what is needed to continue there, in whichever isolate. Returns undefined
 * for a position that no header can carry.
 */
export async function sealPosition(
  { sessions, owner, session, request }: Place & Pick<StreamOf, 'request'>,
  eventId: string,
): Promise<string | undefined> {
  const position: Position = { eventId, request };
  const text = JSON.stringify(position);
  return text.length > POSITION_LENGTH_MAX
    ? undefined
    : sessions.sealAs('event', text, owner, session);
}

/** Returns the position; undefined if it is not one of this workflow and session. */
export async function openPosition(
  { sessions, owner, session }: Place,
  sealed: string,
): Promise<Position | undefined> {
  const opened = await sessions.openAs('event', sealed, owner, session);
  return opened === undefined ? undefined : (JSON.parse(opened) as Position);
}
