/** Counts, inside the issuer's Worker, what is billed for its objects and its bucket. */
import { statementsOf } from './statements.ts';
import { emptyTally, type Tallies, type Tally } from './tally.ts';

const tallies = new Map<string, Tally>();
/** A cursor counts while it is read, so its rows are added at the end. */
let cursors: { readonly tally: string; readonly cursor: SqlStorageCursor<never> }[] = [];

function tally(name: string): Tally {
  let found = tallies.get(name);
  if (!found) {
    found = emptyTally();
    tallies.set(name, found);
  }
  return found;
}

/** Returns the tallies by class, and starts again at 0. */
export function takeTallies(): Tallies {
  for (const { tally: name, cursor } of cursors) {
    tally(name).rowsRead += cursor.rowsRead;
    tally(name).rowsWritten += cursor.rowsWritten;
  }
  cursors = [];
  const taken = Object.fromEntries(tallies);
  tallies.clear();
  return taken;
}

/** By how much the clock of the Worker is ahead: a workflow is closed hours after its mint. */
let ahead = 0;
const now = Date.now.bind(Date);
Date.now = () => now() + ahead;

export function moveClock(milliseconds: number): void {
  ahead += milliseconds;
}

/** What the bench calls of each object, besides its own methods. */
export interface CountedObject extends Rpc.DurableObjectBranded {
  /** Runs the alarm, as the platform would at this time of the moved clock. */
  wake(): Promise<void>;
}

type ObjectClass = new (ctx: DurableObjectState, env: never) => { alarm?(): unknown };

/** Returns the class with counting instances. */
export function counted<Class extends ObjectClass>(name: string, Base: Class): Class {
  const Counted = class extends (Base as ObjectClass) {
    constructor(ctx: DurableObjectState, env: never) {
      watchStorage(name, ctx.storage);
      super(ctx, countedEnv(env) as never);
    }

    async wake(): Promise<void> {
      await this.alarm?.();
    }
  };
  if (Base.prototype.alarm) {
    Counted.prototype.alarm = function (this: object): unknown {
      tally(name).alarms += 1;
      return Base.prototype.alarm?.apply(this as never);
    };
  }
  return Counted as unknown as Class;
}

function watchStorage(name: string, storage: DurableObjectStorage): void {
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  const setAlarm = storage.setAlarm.bind(storage);
  const countedExec = (text: string, ...values: readonly unknown[]) => {
    const statements = statementsOf(text);
    let last: SqlStorageCursor<never> | undefined;
    for (const statement of statements) {
      last = exec(statement, ...values) as SqlStorageCursor<never>;
      cursors.push({ tally: name, cursor: last });
      tally(name).statements += 1;
    }
    return last ?? exec(text, ...values);
  };
  Object.defineProperty(sql, 'exec', { value: countedExec });
  Object.defineProperty(storage, 'setAlarm', {
    value: (at: number | Date) => {
      tally(name).alarmsSet += 1;
      return setAlarm(at);
    },
  });
}

const countedEnvs = new WeakMap<object, object>();

/** Returns the bindings with objects and buckets that count. The same for the same bindings. */
export function countedEnv<Env extends object>(env: Env): Env {
  let found = countedEnvs.get(env);
  if (!found) {
    found = Object.fromEntries(
      Object.entries(env).map(([name, binding]) => [name, countedBinding(name, binding)]),
    );
    countedEnvs.set(env, found);
  }
  return found as Env;
}

function countedBinding(name: string, binding: unknown): unknown {
  if (typeof binding !== 'object' || binding === null) return binding;
  if ('getByName' in binding) return countedNamespace(name, binding as DurableObjectNamespace);
  return 'createMultipartUpload' in binding ? countedBucket(name, binding as R2Bucket) : binding;
}

const countedNamespace = (name: string, namespace: DurableObjectNamespace) =>
  new Proxy(namespace, {
    get: (target, member) => {
      const value = Reflect.get(target, member, target) as unknown;
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...given: readonly unknown[]) => unknown;
      const isStub = member === 'getByName' || member === 'get';
      return isStub
        ? (...given: readonly unknown[]) => countedStub(name, method(...given) as object)
        : method;
    },
  });

const countedStub = (name: string, stub: object): object =>
  new Proxy(stub, {
    get: (target, member) => {
      const value = Reflect.get(target, member, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]) => {
        tally(name).calls += 1;
        return (target as Record<PropertyKey, (...rest: readonly unknown[]) => unknown>)[member]?.(
          ...given,
        );
      };
    },
  });

/** The sizes of the objects of buckets, by the binding and the key. */
const stored = new Map<string, number>();

/** An object that is replaced takes no more room than before. */
function noteStored(name: string, key: string, bytes: number): void {
  const object = `${name} ${key}`;
  tally(name).bytesStored += bytes - (stored.get(object) ?? 0);
  stored.set(object, bytes);
}

const CLASS_A = new Set(['put', 'list', 'createMultipartUpload']);
const CLASS_B = new Set(['get', 'head']);

const countedBucket = (name: string, bucket: R2Bucket): object =>
  new Proxy(bucket, {
    get: (target, member) => {
      const value = Reflect.get(target, member, target) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: readonly unknown[]) => {
        if (CLASS_A.has(String(member))) tally(name).classA += 1;
        if (CLASS_B.has(String(member))) tally(name).classB += 1;
        if (member === 'put') noteStored(name, String(given[0]), sizeOf(given[1]));
        return (value as (...rest: readonly unknown[]) => unknown).apply(target, [...given]);
      };
    },
  });

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? value.byteLength : 0;
}
