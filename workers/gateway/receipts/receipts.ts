import type { ArgumentNode } from '../../../src/capability/index.ts';
import { type CatalogueTool, sinkMarkAt } from '../../../src/catalogue/index.ts';
import { readSeconds, type UnixSeconds } from '../../../src/clock.ts';
import { type Head, type ReceiptKey, receiptKeysOf } from '../../../src/feed/index.ts';
import { LEDGER_MILLISECONDS_MAX } from '../../../src/limits.ts';
import type { Attached, AttachedPrompt } from '../../../src/provenance/index.ts';
import { scalarOf } from '../../../src/provenance/index.ts';
import {
  CALL_LEAVES_MAX,
  CALL_RECEIPTS_MAX,
  fittingLeaves,
  type IssuedReceipts,
  issueReceipts,
  type KeptReceipt,
  keepNewest,
  type ReceiptClient,
  type ServedAnswer,
} from '../../../src/receipts/index.ts';
import { report } from '../../../src/report.ts';
import { publicHex, signingKey } from '../../../src/signing-keys.ts';
import { within } from '../../../src/within.ts';

/** Of an isolate, the last used: each keeps at most 64 KiB. */
const WORKFLOWS_MAX = 128;
/** Between two questions about the same values, which nothing attested the first time. */
const ASK_SECONDS = 2;
/** Values that are alike so far are asked about as if they were the same. */
const OPEN_CHARACTERS_MAX = 1_024;

/** What an isolate knows of one workflow. */
interface Known {
  readonly prompt: AttachedPrompt | undefined;
  readonly receipts: readonly KeptReceipt[];
  /** When the issuer was asked last; 0 for never. */
  readonly askedAt: UnixSeconds;
  /** The values in sinks that nothing attested after that, as text. */
  readonly open: string;
  /** Whether a token of the workflow asks where values come from. */
  readonly isAsking: boolean;
}

const NOTHING: Known = { prompt: undefined, receipts: [], askedAt: 0, open: '', isAsking: false };

export interface ReceiptsOptions {
  /** The audience of the gateway. */
  readonly gateway: string;
  /** Without it, the gateway signs no receipts. */
  readonly privateKey: string | undefined;
  /** Shard 0, whose head names the keys. */
  readonly feed: { readonly head: Head | undefined };
  readonly client: ReceiptClient;
}

/** A call whose values are to be attested. */
export interface CallToAttest {
  readonly workflow: string;
  readonly nodes: readonly ArgumentNode[];
  readonly tool: CatalogueTool | undefined;
  /** What the agent brings. Unverified. */
  readonly sent: Attached | undefined;
}

/**
 * The receipts of an isolate: it signs them for what it serves, keeps them, and attaches them to
 * later calls of the workflow. Most clients attach nothing.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  /** By workflow, the one that was used last at the end. */
  readonly #known = new Map<string, Known>();
  /** Receipts that the object of their workflow does not have yet. */
  readonly #unkept = new Map<string, readonly KeptReceipt[]>();

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /**
   * Returns what attests the values of a call: the request of the user, the receipts that this
   * gateway knows, and what the agent brings. Asks the issuer if a sink has a value that nothing
   * here attests, because another isolate may have served it.
   */
  async attachedTo({ workflow, nodes, tool, sent }: CallToAttest): Promise<Attached> {
    const values = nodes.flatMap((node) => scalarOf(node) ?? []);
    let known = this.#set(workflow, { ...this.#of(workflow), isAsking: true });
    const isNew = known.askedAt === 0;
    if (isNew) known = await this.#ask(workflow);
    let leaves = await fittingLeaves(known.receipts, values);
    const found = new Set([...leaves, ...(sent?.leaves ?? [])].map(({ value }) => value));
    const open = nodes.flatMap((node) => {
      const value = scalarOf(node);
      const isOpen = value !== undefined && !found.has(value);
      return isOpen && tool && sinkMarkAt(tool, node.pointer) ? [value] : [];
    });
    if (open.length > 0) {
      const text = JSON.stringify(open).slice(0, OPEN_CHARACTERS_MAX);
      const wasAsked = known.open === text && known.askedAt + ASK_SECONDS > readSeconds();
      if (!isNew && !wasAsked) {
        known = await this.#ask(workflow);
        leaves = await fittingLeaves(known.receipts, values);
      }
      this.#set(workflow, { ...this.#of(workflow), open: text });
    }
    const prompt = known.prompt ?? sent?.prompt;
    return { ...(prompt && { prompt }), leaves: joined(leaves, sent?.leaves ?? []) };
  }

  /** Whether an answer of this tool gets receipts at all. */
  isIssuing(tool: CatalogueTool | undefined): boolean {
    return this.#options.privateKey !== undefined && (tool?.field?.length ?? 0) > 0;
  }

  /**
   * Signs receipts for an answer, and keeps them. None while the head does not name the key. The
   * object of the workflow has them before the answer is served if a token of the workflow asks
   * where values come from: its next call may reach another isolate.
   */
  async issue(answer: Omit<ServedAnswer, 'known'>, tool: CatalogueTool): Promise<IssuedReceipts> {
    const now = readSeconds();
    const key = await this.#key(now);
    const { privateKey, gateway } = this.#options;
    if (!key || privateKey === undefined) return { receipts: [], left: 0 };
    const { workflow } = answer;
    const before = this.#of(workflow);
    const { prompt, receipts } = before.askedAt === 0 ? await this.#ask(workflow) : before;
    const named = new Set(
      receipts
        .filter((one) => one.named && one.exp > now)
        .flatMap(({ leaves }) => leaves.map(({ value }) => value)),
    );
    const known = {
      prompt: prompt?.text,
      isNamedValue: (value: string | number) => named.has(value),
      kindAt: (pointer: string) => sinkMarkAt(tool, pointer)?.kind,
    };
    const sign = async (bytes: Uint8Array<ArrayBuffer>) =>
      new Uint8Array(await crypto.subtle.sign('Ed25519', await signingKey(privateKey), bytes));
    const signer = { gateway, keyId: key.id, sign };
    const issued = await issueReceipts({ ...answer, known }, signer, now);
    this.#add(workflow, issued.receipts);
    const unkept = this.#unkept.get(workflow) ?? [];
    if (issued.receipts.length > 0) this.#unkept.set(workflow, [...unkept, ...issued.receipts]);
    if (before.isAsking) await this.#keep(workflow);
    return issued;
  }

  /** After an answer: gives the objects of the workflows what they do not have yet. */
  async keep(): Promise<void> {
    await Promise.all([...this.#unkept.keys()].map((workflow) => this.#keep(workflow)));
  }

  async #keep(workflow: string): Promise<void> {
    const receipts = this.#unkept.get(workflow);
    if (!receipts) return;
    this.#unkept.delete(workflow);
    const keeping = async () => await this.#options.client.attachments(workflow, receipts);
    await within(keeping(), LEDGER_MILLISECONDS_MAX).catch((error: unknown) => {
      report('receipts.unkept', { code: error instanceof Error ? error.name : typeof error });
    });
  }

  #of(workflow: string): Known {
    return this.#known.get(workflow) ?? NOTHING;
  }

  #set(workflow: string, known: Known): Known {
    this.#known.delete(workflow);
    this.#known.set(workflow, known);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= WORKFLOWS_MAX) break;
      this.#known.delete(oldest);
    }
    return known;
  }

  #add(workflow: string, added: readonly KeptReceipt[]): Known {
    const known = this.#of(workflow);
    const receipts = keepNewest(known.receipts, added, readSeconds());
    return this.#set(workflow, { ...known, receipts });
  }

  /** Asks the object of the workflow what it keeps. An issuer that does not answer adds nothing. */
  async #ask(workflow: string): Promise<Known> {
    const asking = async () => await this.#options.client.attachments(workflow, []);
    try {
      const { prompt, receipts } = await within(asking(), LEDGER_MILLISECONDS_MAX);
      const { prompt: before } = this.#add(workflow, receipts);
      const known = { ...this.#of(workflow), prompt: prompt ?? before, askedAt: readSeconds() };
      return this.#set(workflow, known);
    } catch (error) {
      report('receipts.unasked', { code: error instanceof Error ? error.name : typeof error });
      return this.#of(workflow);
    }
  }

  /** The key of this gateway in the newest head. */
  async #key(now: UnixSeconds): Promise<ReceiptKey | undefined> {
    const { privateKey, gateway, feed } = this.#options;
    if (privateKey === undefined || !feed.head) return undefined;
    const own = await publicHex(privateKey);
    return receiptKeysOf(feed.head).find(
      (key) => key.public_key === own && key.gateway === gateway && (key.until ?? now + 1) > now,
    );
  }
}

/** The gateway's own leaves first, and of the agent's those that a call may bring beside them. */
function joined(
  own: NonNullable<Attached['leaves']>,
  sent: NonNullable<Attached['leaves']>,
): NonNullable<Attached['leaves']> {
  const receipts = new Set(own.map(({ receipt }) => receipt));
  const fitting = sent.filter(({ receipt }) => {
    receipts.add(receipt);
    return receipts.size <= CALL_RECEIPTS_MAX;
  });
  return [...own, ...fitting].slice(0, CALL_LEAVES_MAX);
}
