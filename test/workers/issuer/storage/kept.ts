import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { inject, vi } from 'vitest';
import { serveKeys } from '../../../storage/dump/idp.ts';
import { objects } from '../../../storage/dump/scene.ts';
import type { Kept, KeptObject } from '../../../storage/file.ts';

declare module 'vitest' {
  interface ProvidedContext {
    readonly kept: Kept;
  }
}

/** The names and tokens of the stories. */
export interface Story {
  /** Unix milliseconds. */
  readonly at: number;
  readonly stream: { readonly stream_id: string };
  readonly approvals: Readonly<Record<string, { readonly id: string }>>;
  readonly workflows: Readonly<Record<string, { readonly id: string; readonly token: string }>>;
}

export const RELEASES: readonly string[] = Object.keys(inject('kept'));

export const keptOf = (release: string): readonly KeptObject[] => {
  const kept = inject('kept')[release];
  if (!kept) throw new Error(`no storage of ${release} is kept`);
  return kept.objects;
};

const NAMESPACES = {
  Approvals: 'APPROVALS',
  AuditLog: 'AUDIT_LOG',
  Breaker: 'BREAKER',
  FeedArchive: 'FEED_ARCHIVE',
  ReplayStore: 'REPLAY_STORE',
  RevocationLog: 'REVOCATION_LOG',
  SignalStreams: 'SIGNAL_STREAMS',
  StatusList: 'STATUS_LIST',
  Versions: 'VERSIONS',
  Workflow: 'WORKFLOW',
} as const;

export const stubOf = (object: string, name = 'default'): DurableObjectStub => {
  const binding = NAMESPACES[object as keyof typeof NAMESPACES];
  return (objects[binding] as DurableObjectNamespace).getByName(name);
};

/** Replaces our storage by that of a release, edited by `changed`, and sets the clock. */
export async function open(
  release: string,
  changed: (sql: string, object: string) => string = (sql) => sql,
): Promise<Story> {
  const story = inject('kept')[release]?.story as Story;
  // A second after the dump, when none of its alarms is due.
  vi.useFakeTimers({ toFake: ['Date'], now: story.at + 1_000 });
  globalThis.fetch = serveKeys(globalThis.fetch);
  for (const { object, name, alarm, sql } of keptOf(release)) {
    const stub = stubOf(object, name);
    await runInDurableObject(stub, async (_, { storage }) => {
      await storage.deleteAlarm();
      await storage.deleteAll();
      storage.sql.exec(changed(sql, object));
      if (alarm !== null) await storage.setAlarm(alarm);
    });
    // The constructor opens and migrates the storage.
    await evictDurableObject(stub);
  }
  return story;
}
