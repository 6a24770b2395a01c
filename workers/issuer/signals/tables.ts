import { flag, integer, json, nullable, table, text } from '../platform/table.ts';
import { CHANGE, CLAIMS } from './columns.ts';

export const streamTable = table('stream', {
  id: text('16 random characters.'),
  audience: text('The receiver, as `aud` in its events.'),
  method: text('`urn:ietf:rfc:8935` (push) or `urn:ietf:rfc:8936` (poll).'),
  url: nullable(text('The URL that events are pushed to; null if the receiver polls.')),
  authorization: nullable(
    text(
      "**Secret**: the header that the endpoint requires, which a push must send unchanged. No route, record or log line contains it. Anyone with access to the object's storage can read it.",
    ),
  ),
  receiver: text("SHA-256 of the receiver's token, in hex."),
  status: text('`enabled`, `paused` or `disabled`.'),
  reason: nullable(text("The operator's reason for the last change; null before any.")),
  dropped: integer('How many events the stream has lost.'),
  failures: integer('Failed pushes in a row, which determine the wait.'),
  fault: nullable(text('The code of the last failure; null if the last push succeeded.')),
  due: integer('Unix milliseconds before which nothing is pushed.'),
  verified: integer(
    'Unix seconds of the last verification event: a receiver gets one every 30 s at most.',
  ),
});

export const heardTable = table('heard', {
  change: text('The id of the change: a change that is reported again makes no second event.'),
  at: integer('Unix seconds. The row is deleted after a day, when none of its events is left.'),
});

export const eventTable = table('event', {
  seq: integer('The order of arrival.'),
  stream: text('The stream.'),
  jti: text('The id, unique in the stream, with which the receiver acknowledges the event.'),
  claims: json(CLAIMS, 'The event as JSON, unsigned: it is signed each time it is sent.'),
  at: integer('Unix seconds. The row is deleted after a day.'),
  refusals: integer('How often the receiver has rejected it. The fifth time drops it.'),
  due: integer('Unix milliseconds before which it is not pushed.'),
  always: flag(
    "1 for an event that is sent whatever the stream's status is: that the status has changed.",
  ),
});

/** In the object of each workflow. */
export const untoldTable = table('untold', {
  n: integer('The order of the changes.'),
  id: text('The id of the change, by which a repeated report is recognised.'),
  change: json(CHANGE, 'The change as JSON: workflow, state, time, initiator, subject.'),
});

export const listTable = table('list', {
  id: text('Its name in the URI. Random: a number would tell everyone how many workflows exist.'),
  opened: integer('Unix seconds. A day later the next list takes the new workflows.'),
  taken: integer(
    'How many of its 65,536 places are taken. It is full at three quarters, so that a random draw finds a free place.',
  ),
  ends: integer('Unix seconds: the latest end of its places. The list is deleted after that.'),
  signed: integer('Unix seconds of its newest token. Written before signing, and never goes back.'),
});

export const placeTable = table('place', {
  workflow: text('The workflow. It keeps one place for all of its life.'),
  list: text('The list.'),
  idx: integer('The place in the list; drawn at random, unique with `list`.'),
  ends: integer(
    'Unix seconds after which no workflow of its age is active: then it is invalid in any case.',
  ),
});

export const namedTable = table('named', {
  workflow: text('The workflow.'),
  list: text('The list of its place.'),
  idx: integer('Its place in the list.'),
});

export const standingTable = table('standing', {
  workflow: text('The workflow.'),
  status: text('`valid`, `invalid` or `suspended`, after the last change that counts.'),
  at: integer(
    'Unix milliseconds of that change: an older one that arrives later changes nothing. The row is deleted when no place can need it.',
  ),
});
