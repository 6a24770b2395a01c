import { readBytes } from '../body.ts';
import type { Json } from '../canonical-json.ts';
import { fromUtf8 } from '../encoding.ts';
import { type JsonBodyError, readJsonBody } from '../json-body.ts';
import { within } from '../within.ts';
import { type Field, readFields } from './query.ts';

/** A body as far as it was read before its route is known. */
export type ReceivedBody =
  | { readonly form: 'none' }
  | { readonly form: 'json'; readonly value: Json; readonly contentType: string }
  | { readonly form: 'form'; readonly fields: readonly Field[] }
  /** Of another media type: still unread. */
  | {
      readonly form: 'bytes';
      readonly contentType: string;
      /** As the request claims; undefined if it does not. */
      readonly length: number | undefined;
    }
  | { readonly form: 'refused'; readonly error: JsonBodyError };

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json *(?:;|$)/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded *(?:; *charset="?utf-8"? *)?$/i;

const refused = (error: JsonBodyError): ReceivedBody => ({ form: 'refused', error });
const malformed = (why: string): ReceivedBody => refused({ code: 'body_invalid', why });

/** Whether the body of a request is read to judge it, and not passed on as bytes. */
export function isBodyRead(headers: Headers): boolean {
  const contentType = headers.get('content-type') ?? '';
  return FORM_TYPE.test(contentType) || JSON_TYPE.test(contentType);
}

/** How much of a body is read, and for how long. */
export interface BodyBounds {
  readonly bytesMax: number;
  readonly millisecondsMax: number;
}

/**
 * Reads the body of a request if its type is JSON or a form, within a size and a time. Whether the
 * route may have such a body is not decided here.
 */
export async function receiveBody(
  request: Request,
  { bytesMax, millisecondsMax }: BodyBounds,
): Promise<ReceivedBody> {
  const { headers } = request;
  const contentType = headers.get('content-type') ?? '';
  if (!request.body || headers.get('content-length') === '0') return { form: 'none' };
  // Checks would read other bytes than the server does.
  if (headers.has('content-encoding')) {
    return refused({ code: 'body_type_unsupported', header: 'content-encoding' });
  }
  if (!isBodyRead(headers)) {
    const length = headers.get('content-length');
    return { form: 'bytes', contentType, length: length === null ? undefined : Number(length) };
  }
  const reading = FORM_TYPE.test(contentType)
    ? receiveForm(request, bytesMax)
    : receiveJson(request, bytesMax);
  return within(reading, millisecondsMax).catch(() => malformed('not complete in time'));
}

async function receiveJson(request: Request, bytesMax: number): Promise<ReceivedBody> {
  const read = await readJsonBody(request, bytesMax);
  if (read.ok) {
    const contentType = request.headers.get('content-type') ?? '';
    if (read.value === undefined) return { form: 'none' };
    return { form: 'json', value: read.value, contentType };
  }
  return refused(read.error);
}

async function receiveForm(request: Request, bytesMax: number): Promise<ReceivedBody> {
  // The read fails if the client is gone before the body is complete.
  const bytes = await readBytes(request, bytesMax).catch(() => undefined);
  if (!bytes) return malformed('incomplete');
  if (!bytes.ok) return refused({ code: 'body_too_large', bytesMax });
  const text = fromUtf8(bytes.value);
  if (text === undefined) return malformed('not UTF-8');
  const fields = readFields(text);
  return fields.ok ? { form: 'form', fields: fields.value } : malformed(fields.error);
}
