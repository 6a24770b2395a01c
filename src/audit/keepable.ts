import { canonicalJson, isJsonObject, type Json } from '../canonical-json.ts';
import { utf8 } from '../encoding.ts';
import type { AuditRecord } from './record.ts';
import { type Sha256, shortened } from './shortened.ts';
import { writable } from './writable.ts';

const NAME_CHARACTERS_MAX = 256;

/**
 * What the log writes of a record: any value becomes one that can be hashed, is found by its id and
 * has a bounded size. Nothing that it is given keeps it from writing.
 */
export function keepable(record: AuditRecord, sha256: Sha256, now: number): AuditRecord {
  const plain = writable(record) as unknown as Json;
  const given: Readonly<Record<string, Json>> = isJsonObject(plain) ? plain : { value: plain };
  const named = (name: string, other: () => string): string => {
    const value = given[name];
    return typeof value === 'string' && value.length <= NAME_CHARACTERS_MAX ? value : other();
  };
  const { workflow, at, ...rest } = given;
  const isId = typeof workflow === 'string' && workflow.length <= NAME_CHARACTERS_MAX;
  const whole = {
    ...rest,
    // What is no id of a workflow is part of no trail.
    ...(isId && { workflow }),
    event: named('event', () => 'unknown'),
    id: named('id', () => `digest.${sha256(utf8(canonicalJson(given)))}`),
    at: Number.isSafeInteger(at) ? at : now,
  };
  return shortened(whole as unknown as AuditRecord, sha256);
}
