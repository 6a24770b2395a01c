import { logsBaseOf } from '../../../../src/audit/index.ts';
import { readClock, readSeconds, type UnixSeconds } from '../../../../src/clock.ts';
import { utf8 } from '../../../../src/encoding.ts';
import { type CheckpointValue, feedOrigin } from '../../../../src/feed/log/index.ts';
import { report } from '../../../../src/report.ts';
import { SingleFlight } from '../../../../src/single-flight.ts';
import {
  addSignatures,
  formatNote,
  frontierRoot,
  type NoteSigner,
  noteSigner,
  type Policy,
  proveConsistency,
  proveInclusion,
  readFrontier,
  readNote,
  readPolicy,
  signCheckpoint,
  toBase64,
  verifyCheckpoint,
} from '../../../../src/tlog/index.ts';
import { readConfig } from '../../platform/config.ts';
import { feedArchive, type IssuerEnv } from '../../platform/env.ts';
import { type Asked, askWitness } from '../../platform/witness-client.ts';
import type { FeedArchiveBinding } from '../archive-binding.ts';
import type { TreeState } from '../binding.ts';
import { CHECKPOINT_SIZES } from '../columns.ts';
import { LEAVES_PAGE } from './leaves.ts';
import type { LogTree } from './tree.ts';

/** How long a question waits for the witnesses. A verifier waits 5 s for the answer. */
const WAIT_MILLISECONDS_MAX = 1_000;
const WITNESS_MILLISECONDS_MAX = 2_000; // A witness that is slower is left out of this head.
const ROUND_MILLISECONDS_MAX = 2 * WITNESS_MILLISECONDS_MAX;
/** Each witness is asked once a second at most. */
const FRESH_SECONDS = 1;

/** Who signs checkpoints, and who cosigns them. */
interface WitnessConfig {
  /** See `logsBaseOf`. */
  readonly logsBase: string;
  readonly shard: number;
  readonly logKey: string;
  /** A policy in the form of C2SP tlog-policy. */
  readonly witnesses: string;
}

/** Returns the configuration of a shard. Undefined if the issuer has no witnesses. */
function witnessConfig(env: IssuerEnv, shard: number): WitnessConfig | undefined {
  const { issuer, audit } = readConfig(env);
  const { logKey, witnesses } = audit;
  if (logKey === undefined || witnesses === undefined) return undefined;
  const logsBase = logsBaseOf(issuer, audit.generation);
  return { logsBase, shard, logKey, witnesses };
}

/** The newest checkpoint, and the size that each witness saw last. */
interface Stored {
  readonly size: number;
  readonly note: string;
  readonly sizes: Readonly<Record<string, number>>;
}

interface Covered {
  readonly size: number;
  readonly value: CheckpointValue;
  /** When the quorum saw it; undefined without one. */
  readonly time: UnixSeconds | undefined;
}

/** Signs the tree of a log and has witnesses cosign it. */
export class TreeRounds {
  readonly #sql: SqlStorage;
  readonly #tree: LogTree;
  readonly #config: () => WitnessConfig | undefined;
  readonly #archive: () => DurableObjectStub<FeedArchiveBinding>;
  readonly #keepAlive: (work: Promise<unknown>) => void;
  #covered: Covered | undefined;
  /** How many leaves the archive has; undefined until the two were compared. */
  #archived: number | undefined;
  /** Why nothing is signed: another history was found, and signing would make it worse. */
  #stopped: string | undefined;
  /** Whether the last round brought no quorum: questions do not wait for the next one. */
  #isFailing = false;
  #askedAt = 0;
  /** By witness: why its last answer could not be used. */
  readonly #faults = new Map<string, string>();
  readonly #flight = new SingleFlight(() => this.#round(), ROUND_MILLISECONDS_MAX);

  constructor(
    ctx: DurableObjectState,
    tree: LogTree,
    log: () => { readonly env: IssuerEnv; readonly shard: number },
  ) {
    this.#sql = ctx.storage.sql;
    this.#tree = tree;
    this.#config = () => witnessConfig(log().env, log().shard);
    this.#archive = () => feedArchive(log().env, log().shard);
    this.#keepAlive = (work) => ctx.waitUntil(work);
  }

  get isOn(): boolean {
    return this.#config() !== undefined;
  }

  /** The newest checkpoint and its proofs, if it is of the whole tree. */
  get covering(): Covered | undefined {
    return this.#covered?.size === this.#tree.leaves.size ? this.#covered : undefined;
  }

  /** Compares the leaves with the archive, and takes back what a restored log has lost. */
  async compare(): Promise<void> {
    if (!this.isOn || this.#archived !== undefined) return;
    const archived = await this.#archive().leafCount();
    for (let { size } = this.#tree.leaves; size < archived; { size } = this.#tree.leaves) {
      const page = await this.#archive().leaves(size);
      if (page.length === 0) break;
      this.#tree.restore(page);
    }
    this.#archived = archived;
  }

  /**
   * Asks the witnesses if they have not seen the tree within the last second. Waits for them for a
   * bounded time, and not at all while they do not answer.
   */
  async freshen(): Promise<void> {
    const time = this.covering?.time ?? 0;
    if (!this.isOn || this.#stopped || readSeconds() - time < FRESH_SECONDS) return;
    const isNew = this.covering === undefined;
    if (!isNew && readClock() - this.#askedAt < FRESH_SECONDS * 1000) return;
    const round = (isNew ? this.#flight.joinNext() : this.#flight.join()).catch((error: unknown) =>
      report('feed.tree.failed', { shard: this.#config()?.shard, error: (error as Error).name }),
    );
    this.#keepAlive(round);
    if (this.#isFailing) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const waited = new Promise((resolve) => {
      timer = setTimeout(resolve, WAIT_MILLISECONDS_MAX);
    });
    await Promise.race([round, waited]);
    clearTimeout(timer);
  }

  async #round(): Promise<void> {
    const config = this.#config();
    const policy = config && readPolicy(config.witnesses);
    if (!config || !policy?.ok || this.#tree.leaves.size === 0) return;
    this.#askedAt = readClock();
    const { size } = this.#tree.leaves;
    await this.#archiveUpTo(size);
    if (this.#stopped) return;
    const { logsBase, shard, logKey } = config;
    const stored = this.#stored;
    const signer = await noteSigner(feedOrigin(logsBase, shard), 'log', logKey);
    const { readTile } = this.#tree.leaves;
    const root = frontierRoot(await readFrontier(size, readTile));
    const signed = await signCheckpoint({ origin: signer.name, size, root }, signer);
    const [text] = signed.split('\n\n', 1);
    const isSame = stored?.note.startsWith(`${text}\n\n`) === true;
    const note = readNote(isSame ? stored.note : signed);
    if (!note.ok) throw new Error('the checkpoint of the log is malformed');
    const prove = (oldSize: number) => proveConsistency(oldSize, size, readTile);
    const offered = { note: signed, text: note.value.text, size, prove };
    const how = { milliseconds: WITNESS_MILLISECONDS_MAX };
    const sizes = { ...stored?.sizes };
    const lines = await Promise.all(
      policy.value.witnesses
        .filter(({ url }) => url !== undefined)
        .map(async (witness) => {
          const { name } = witness;
          const { answer } = await askWitness(witness, offered, sizes[name] ?? 0, how);
          if (answer.kind === 'cosigned') {
            sizes[name] = size;
            this.#faults.delete(name);
            return answer.signatures.map(({ line }) => line);
          }
          const fork = forkIn(answer, size);
          if (fork !== undefined) this.#stopped = fork;
          const event = fork === undefined ? 'feed.witness.failed' : 'feed.witness.forked';
          const why = fork ?? failureOf(answer);
          this.#faults.set(name, why);
          report(event, { shard, witness: name, why });
          return [];
        }),
    );
    const cosigned = formatNote(addSignatures(note.value, lines.flat()));
    this.#store(size, cosigned, sizes);
    this.#covered = await this.#cover(size, cosigned, policy.value, signer);
    const isSeen = this.#covered.time !== undefined;
    this.#isFailing = !isSeen || readSeconds() - (this.#covered.time ?? 0) > 2 * FRESH_SECONDS;
  }

  /** Nothing is signed before two objects have it: a restored log could not know it otherwise. */
  async #archiveUpTo(size: number): Promise<void> {
    await this.compare();
    while ((this.#archived ?? 0) < size) {
      const from = this.#archived ?? 0;
      const page = this.#tree.leaves.page(from, LEAVES_PAGE);
      const kept = await this.#archive().keepLeaves(from, page);
      if (kept === undefined) {
        this.#stopped = 'the archive has other leaves';
        report('feed.tree.forked', { shard: this.#config()?.shard, from });
        return;
      }
      this.#archived = kept;
    }
  }

  async #cover(size: number, note: string, policy: Policy, key: NoteSigner): Promise<Covered> {
    const { readTile } = this.#tree.leaves;
    const prove = async (index: number) =>
      (await proveInclusion(index, size, readTile)).map(toBase64);
    const value = {
      note,
      first: this.#tree.first ?? 0,
      opening: await prove(0),
      newest: await prove(size - 1),
    };
    return { size, value, time: await seenByQuorum(note, policy, key) };
  }

  get #stored(): Stored | undefined {
    const [row] = this.#sql.exec('SELECT size, note, sizes FROM checkpoint').toArray();
    if (!row) return undefined;
    const sizes = { ...CHECKPOINT_SIZES.read(row.sizes) };
    return { size: Number(row.size), note: String(row.note), sizes };
  }

  /** Returns the newest checkpoint or a part of its tree, for outsiders who watch the log. */
  file(path: string): Uint8Array<ArrayBuffer> | undefined {
    const stored = this.#stored;
    if (!stored) return undefined;
    if (path === 'checkpoint') return utf8(stored.note);
    return this.#tree.leaves.part(path, stored.size);
  }

  /** Returns what each witness has cosigned. Undefined if the issuer has no witnesses. */
  async state(): Promise<TreeState | undefined> {
    const config = this.#config();
    const policy = config && readPolicy(config.witnesses);
    if (!config || !policy?.ok) return undefined;
    const { size = 0, sizes = {}, note = '' } = this.#stored ?? {};
    const { logsBase, shard, logKey } = config;
    const key = await noteSigner(feedOrigin(logsBase, shard), 'log', logKey);
    const seenAt = await seenByQuorum(note, policy.value, key);
    return {
      size,
      ...(seenAt !== undefined && { seenAt }),
      ...(this.#stopped !== undefined && { stopped: this.#stopped }),
      witnesses: policy.value.witnesses.map(({ name }) => {
        const fault = this.#faults.get(name);
        return { name, size: sizes[name] ?? 0, ...(fault !== undefined && { fault }) };
      }),
    };
  }

  #store(size: number, note: string, sizes: Readonly<Record<string, number>>): void {
    this.#sql.exec(
      `INSERT INTO checkpoint (one, size, note, sizes) VALUES (1, ?, ?, ?)
       ON CONFLICT (one) DO UPDATE SET size = excluded.size, note = excluded.note,
         sizes = excluded.sizes WHERE excluded.size >= size`,
      ...[size, note, CHECKPOINT_SIZES.write(sizes)],
    );
  }
}

/** Returns when a quorum saw a checkpoint of the log; undefined if too few witnesses did. */
async function seenByQuorum(
  note: string,
  policy: Policy,
  key: NoteSigner,
): Promise<UnixSeconds | undefined> {
  const verified = await verifyCheckpoint(note, { ...policy, logs: [{ name: key.name, key }] });
  return verified.ok ? verified.value.quorumTime : undefined;
}

/** It has seen a larger tree, or another one: this log has lost leaves, or its key is stolen. */
function forkIn(answer: Asked['answer'], size: number): string | undefined {
  if (answer.kind === 'inconsistent') return answer.kind;
  const isAhead = answer.kind === 'elsewhere' && answer.size > size;
  return isAhead ? `it has seen ${answer.size} leaves` : undefined;
}

function failureOf(answer: Asked['answer']): string {
  if (answer.kind === 'unreachable') {
    return answer.error instanceof Error ? answer.error.name : 'error';
  }
  return answer.kind === 'unusable' ? `${answer.kind} (HTTP ${answer.status})` : answer.kind;
}
